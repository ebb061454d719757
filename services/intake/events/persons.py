"""What intake tells of people and of who they are."""

from typing import ClassVar
from uuid import UUID

from pydantic import Field

from services.intake.events.codes import Certainty, Decision
from shared.events import Event


class PersonRegistered(Event):
    """A person is new in the index."""

    type: ClassVar[str] = "intake.person-registered.v1"
    person_id: UUID
    language: str | None = Field(default=None, description="Code of the language, null where unknown", examples=["fr"])


class PersonUpdated(Event):
    """What is known of a person has changed."""

    type: ClassVar[str] = "intake.person-updated.v1"
    person_id: UUID
    language: str | None = Field(default=None, description="Code of the language, null where unknown", examples=["fr"])


class PersonIdentified(Event):
    """It is known whom a referral is about."""

    type: ClassVar[str] = "intake.person-identified.v1"
    referral_id: UUID
    person_id: UUID
    certainty: Certainty


class IdentityReviewNeeded(Event):
    """Whom a referral is about is for a person to decide."""

    type: ClassVar[str] = "intake.identity-review-needed.v1"
    review_id: UUID
    referral_id: UUID
    candidates: int = Field(description="How many known people it could be")


class IdentityReviewDecided(Event):
    """A reviewer has decided."""

    type: ClassVar[str] = "intake.identity-review-decided.v1"
    review_id: UUID
    referral_id: UUID
    decision: Decision


PERSONS = (PersonRegistered, PersonUpdated, PersonIdentified, IdentityReviewNeeded, IdentityReviewDecided)
