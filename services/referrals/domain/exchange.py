"""The shared state table with roles exchanged: we ask, an organisation of the network answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from services.referrals.domain.document import Address, Day, Gender, Part, Person, Practitioner
from services.referrals.domain.history import Kept, Move
from services.referrals.domain.identifiers import Niss
from services.referrals.domain.states import MOVES, STANDING, Actor, State
from services.referrals.events import Confirmer, Evidence, ServiceStatus
from shared.errors import DomainError, Fault


class Party(StrEnum):
    """The two sides of an outgoing referral, by the words of FHIR workflow."""

    PLACER = "placer"
    FULFILLER = "fulfiller"


PLAYS: Mapping[Party, tuple[Actor, ...]] = {
    Party.PLACER: (Actor.SENDER,),
    Party.FULFILLER: (Actor.COORDINATOR, Actor.LINE_NURSE, Actor.SYSTEM),
}
"""Which parts of the one state table each side plays. With us, cases move a referral that led to one: there the
organisation itself says what it has begun and ended, so it plays the system's part too."""

EXCHANGED: frozenset[tuple[State, State, Party]] = frozenset(
    (start, end, party) for start, end, actor in MOVES for party, parts in PLAYS.items() if actor in parts
)
"""The table of an outgoing referral: every allowed cell (from, to, by)."""


def part_of(party: Party, start: State, end: State) -> Actor | None:
    """The part of the table in which a side makes this move; None where it may not."""
    return next((actor for actor in PLAYS[party] if (start, end, actor) in MOVES), None)


def waits_for(state: State) -> Party | None:
    """Which side acts next."""
    actor = STANDING[state].waits_for
    return None if actor is None else next(party for party, parts in PLAYS.items() if actor in parts)


class Means(StrEnum):
    """How something was said between people."""

    PHONE = "phone"
    EMAIL = "email"
    LETTER = "letter"
    MEETING = "meeting"
    OTHER = "other"


class Hearsay(Part):
    """How our staff heard what they record for an organisation."""

    how: Means
    on: Day
    told_by: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)] | None = Field(
        None, description="The function or desk that said it"
    )


class Recorded(Kept):
    """A step that our staff recorded for an organisation without a system: who, when it was said, how."""

    by: str
    how: Means
    on: date
    told_by: str | None = None


@dataclass(frozen=True)
class Hand:
    """Whose step it is, and who recorded it where that is somebody else."""

    party: Party
    recorded: Recorded | None = None

    @classmethod
    def heard(cls, hearsay: Hearsay, subject: str, today: date) -> "Hand":
        """An organisation's step by the hand of our staff; raises OutgoingFaults for a day to come."""
        if hearsay.on > today:
            raise OutgoingFaults(faults=[Fault("/heard/on", "in-future")])
        return cls(Party.FULFILLER, Recorded(by=subject, **dict(hearsay)))


PLACER, FULFILLER = Hand(Party.PLACER), Hand(Party.FULFILLER)
"""Each side's own hand."""


class OutgoingMove(Move):
    """One step on an outgoing referral. `actor` is the part of the table, `party` the side that made it."""

    party: Party
    recorded: Recorded | None = None


class Confirmation(Kept):
    """On whose word, and with which evidence, a service status stands; `recorded_by` is the subject of a token."""

    status: ServiceStatus
    confirmed_by: Confirmer
    evidence: Evidence | None = None
    on: date
    recorded_by: str


class StatusReport(Part):
    """How far the person has come with the service: confirmed by somebody, or by evidence that is named."""

    status: ServiceStatus
    confirmed_by: Confirmer
    evidence: Evidence | None = Field(None, description="What shows it; needed where evidence confirms it")
    on: Day

    def refuse_future(self, today: date) -> None:
        """Raise OutgoingFaults for a day to come."""
        if self.on > today:
            raise OutgoingFaults(faults=[Fault("/on", "in-future")])

    @model_validator(mode="after")
    def named_evidence(self) -> "StatusReport":
        """Evidence that confirms is named."""
        if self.confirmed_by is Confirmer.EVIDENCE and self.evidence is None:
            raise PydanticCustomError("evidence_missing", "name the evidence")
        return self


class Disclosed(Part):
    """What an organisation may read of the person. Send what it needs to help, and no more."""

    niss: Niss | None = None
    family_name: Annotated[str, Field(min_length=1, max_length=200)]
    given_names: Annotated[str, Field(min_length=1, max_length=200)]
    birth_date: Day | None = None
    gender: Gender | None = None
    language: Annotated[str, Field(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")] | None = None
    phones: Annotated[list[Annotated[str, Field(min_length=3, max_length=40)]], Field(max_length=10)] = []
    address: Address | None = None
    general_practitioner: Practitioner | None = None

    @classmethod
    def least_of(cls, person: Person) -> "Disclosed":
        """What goes along when an incoming referral is redirected: enough to reach the person, no number."""
        names = ("family_name", "given_names", "birth_date", "gender", "language", "phones", "address")
        return cls(**{name: getattr(person, name) for name in names})


class OutgoingFaults(DomainError):
    """Some values cannot be right."""


class AlreadyReferred(DomainError):
    """This contact was oriented to that organisation already; see `outgoing_id`."""
