"""The person's agreement that one organisation may read the shared needs profile: given, limited, taken back."""

from datetime import date, datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from pydantic import BaseModel

from services.assessment.events import ProfileConsentGiven, ProfileConsentRevoked
from shared.clock import BRUSSELS
from shared.errors import DomainError, Fault
from shared.ids import new_id


class GivenBy(StrEnum):
    """Who agreed."""

    PERSON = "person"
    LEGAL_REPRESENTATIVE = "legal-representative"


class How(StrEnum):
    """In which way the agreement was given."""

    ORAL = "oral"
    WRITTEN = "written"
    ELECTRONIC = "electronic"


class ConsentOver(DomainError):
    """This agreement was taken back before."""


class EndsInThePast(DomainError):
    """An agreement ends today or later."""


class ProfileConsent(BaseModel):
    """One agreement: `audience` may read the shared profile up to and including `until`. Without it, nothing."""

    id: UUID
    organisation: str
    person_id: UUID
    audience: str
    given_by: GivenBy
    how: How
    until: date
    recorded_by: str
    recorded_at: datetime
    revoked_by: str | None
    revoked_at: datetime | None

    @classmethod
    def give(
        cls, person_id: UUID, audience: str, agreed: tuple[GivenBy, How, date], by: tuple[str, str], at: datetime
    ) -> tuple[Self, ProfileConsentGiven]:
        """Note an agreement; `by` is the organisation and the subject that recorded it. Raises EndsInThePast."""
        given_by, how, until = agreed
        if until < at.astimezone(BRUSSELS).date():
            raise EndsInThePast(faults=[Fault("/until", "out-of-range")])
        organisation, recorded_by = by
        consent = cls(
            id=new_id(),
            organisation=organisation,
            person_id=person_id,
            audience=audience,
            given_by=given_by,
            how=how,
            until=until,
            recorded_by=recorded_by,
            recorded_at=at,
            revoked_by=None,
            revoked_at=None,
        )
        return consent, ProfileConsentGiven(consent_id=consent.id, person_id=person_id, audience=audience, until=until)

    def revoke(self, by: str, at: datetime) -> ProfileConsentRevoked:
        """Take the agreement back, from now on; raises ConsentOver when that was done before."""
        if self.revoked_at is not None:
            raise ConsentOver
        self.revoked_by, self.revoked_at = by, at
        return ProfileConsentRevoked(consent_id=self.id, person_id=self.person_id, audience=self.audience)
