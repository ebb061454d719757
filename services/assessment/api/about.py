"""Whom a list is about: a person, a referral, or both; a list about everybody does not exist."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from services.assessment.store import About
from shared.errors import DomainError, Fault


class AboutNobody(DomainError):
    """A list of sheets or advice is about a person or a referral; name one."""


async def _about(person_id: UUID | None = None, referral_id: UUID | None = None) -> About:
    if person_id is None and referral_id is None:
        raise AboutNobody(faults=[Fault("/query/person_id", "required")])
    return About(person_id, referral_id)


AboutDep = Annotated[About, Depends(_about)]
