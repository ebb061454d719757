"""What is kept of a referral's life: its moves, its messages, its sheets' verdicts, its care; and the rules' errors."""

from datetime import date, datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from services.referrals.domain.states import Actor, State
from shared.errors import DomainError, Fault


class IllegalMove(DomainError):
    """The referral is not in a state that allows this move."""


class NotYourMove(DomainError):
    """This move belongs to somebody else."""


class MissingConsent(DomainError):
    """The person has not agreed: a referral is received without consent, and accepted only with it."""


class IdentifierReused(DomainError):
    """Your identifier already names a referral with other content; correct the referral instead of sending it again."""


CONSENT_MISSING = "The sender recorded no consent; accept with an emergency reason or ask for the consent."


class Door(StrEnum):
    """The road by which a referral came in. All roads lead to the same commands."""

    JSON = "json"
    FHIR = "fhir"
    HL7V2 = "hl7v2"
    IMPORT = "import"


class Kept(BaseModel):
    """A frozen entry of the history."""

    model_config = ConfigDict(frozen=True)


class Move(Kept):
    """One step. `version` is the referral's version that the step made: its ETag then."""

    state: State
    at: datetime
    actor: Actor
    reason: str | None = None
    note: str | None = None
    version: int = 1


class MessageKind(StrEnum):
    """What a message is for."""

    QUESTION = "question"
    ANSWER = "answer"
    MESSAGE = "message"
    FOLLOW_UP = "follow-up"


class Message(Kept):
    """Something that one side told the other on a referral; numbered from 1.

    `answers` is the number of the question that an answer belongs to. A follow-up message carries codes, no text.
    """

    number: int
    kind: MessageKind
    at: datetime
    actor: Actor
    text: str | None = None
    answers: int | None = None
    codes: tuple[str, ...] = ()


class Rejection(Kept):
    """A sheet that assessment could not take; the referral itself stands."""

    sheet_number: int
    faults: tuple[Fault, ...]


class Care(Kept):
    """What the sender may know of the case that its referral led to: no name, no content of the plan."""

    organisation: str | None = None
    discipline: str | None = None
    assigned_at: datetime | None = None
    first_contact_on: date | None = None
    home_visit_on: date | None = None
    plan_version: int | None = None
    plan_agreed_at: datetime | None = None
    plan_domains: tuple[str, ...] = ()
    paused_until: date | None = None
    closed_on: date | None = None
