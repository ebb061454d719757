"""What intake tells of the end of a person's data: ids and codes, to be carried out by every service."""

from datetime import date
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.erasure.ended import EndState
from shared.erasure.ending import DataEnded
from shared.events import Event


class RecordType(StrEnum):
    """Kinds of records that have a time to be kept of their own."""

    CARE_RECORD = "care-record"
    CONTACT_WITHOUT_CARE = "contact-without-care"
    ANONYMOUS_CALL = "anonymous-call"
    REFERRAL_NOT_ACCEPTED = "referral-not-accepted"
    IDENTITY = "identity"
    IMPORT_ROW = "import-row"
    AUDIT = "audit"


class Then(StrEnum):
    """What happens to a record when its time is over."""

    RESTRICT = "restrict"
    PSEUDONYMISE = "pseudonymise"
    ERASE = "erase"
    KEEP = "keep"


class Ground(StrEnum):
    """Why data end: asked for (GDPR art. 17), their time is over, or consent was their only ground and is withdrawn."""

    REQUEST = "request"
    RETENTION = "retention"
    CONSENT_WITHDRAWN = "consent-withdrawn"


class Decided(BaseModel):
    """What the policy says of one kind of record of one person."""

    model_config = ConfigDict(frozen=True)

    record_type: RecordType
    then: Then
    until: date | None = Field(default=None, description="Until when it is kept, where it is")


class PersonRestricted(Event):
    """A person's data are kept and nothing else (GDPR art. 18). `subjects` are all ids that stand for the person."""

    type: ClassVar[str] = "intake.person-restricted.v1"
    restriction_id: UUID
    person_id: UUID
    subjects: tuple[UUID, ...]


class RestrictionLifted(Event):
    """The restriction is over: everything is as before."""

    type: ClassVar[str] = "intake.restriction-lifted.v1"
    restriction_id: UUID
    person_id: UUID


class _Ended(Event):
    erasure_id: UUID
    person_id: UUID
    subjects: tuple[UUID, ...] = Field(description="All ids that stand for the person")
    ground: Ground
    decisions: tuple[Decided, ...]


class PersonPseudonymised(_Ended):
    """Nobody can say any more who this was; what was done stays under the id."""

    type: ClassVar[str] = "intake.person-pseudonymised.v1"


class PersonErased(_Ended):
    """All of a person is to be gone, everywhere, and nothing of it comes back."""

    type: ClassVar[str] = "intake.person-erased.v1"


class PersonDataErased(DataEnded):
    """What intake has ended of a person."""

    type: ClassVar[str] = "intake.person-data-erased.v1"


class LegalHoldPlaced(Event):
    """A person's data must be kept as they are: nothing of them is erased or made a pseudonym."""

    type: ClassVar[str] = "intake.legal-hold-placed.v1"
    hold_id: UUID
    person_id: UUID
    review_on: date


class LegalHoldEnded(Event):
    """A legal hold is over."""

    type: ClassVar[str] = "intake.legal-hold-ended.v1"
    hold_id: UUID
    person_id: UUID


class ErasureAsked(Event):
    """Somebody asks for an end that another must confirm."""

    type: ClassVar[str] = "intake.erasure-asked.v1"
    erasure_id: UUID
    person_id: UUID
    ground: Ground


class ErasureRefused(Event):
    """The other did not confirm it."""

    type: ClassVar[str] = "intake.erasure-refused.v1"
    erasure_id: UUID
    person_id: UUID


class ErasureAnswered(Event):
    """A service has answered that it is done; `answered` counts the services that have.

    `ended` are the ids of all that it kept of the person alone: nobody takes in anything that names one of them.
    """

    type: ClassVar[str] = "intake.erasure-answered.v1"
    erasure_id: UUID
    service: str
    answered: int
    state: EndState
    ended: tuple[UUID, ...]


class RetentionPolicySet(Event):
    """The installation keeps records for other times from now on; they are to be read at /intake/retention-policies."""

    type: ClassVar[str] = "intake.retention-policy-set.v1"
    policy_id: UUID


ENDINGS = (
    PersonRestricted,
    RestrictionLifted,
    PersonPseudonymised,
    PersonErased,
    PersonDataErased,
    LegalHoldPlaced,
    LegalHoldEnded,
    ErasureAsked,
    ErasureRefused,
    ErasureAnswered,
    RetentionPolicySet,
)
