"""A referral as its parties see it over FHIR: ids, references, meta, and which resources the sender sent itself."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from services.referrals.domain.history import Care, Move
from services.referrals.domain.labels import FINE_STEPS, Label
from services.referrals.domain.referral import CANCELLATION_REQUESTED, Referral
from services.referrals.domain.states import IN_CARE, OPEN_CASE, State
from services.referrals.events import CancellationCode

Resource = dict[str, Any]
"""A resource as JSON: the models check it on the way in and, in tests, on the way out."""

REASONED = frozenset({State.REFUSED, State.PAUSED, State.NOT_ACHIEVED, State.CANCELLED})
"""States whose fine step is the reason of the move."""


@dataclass(frozen=True)
class Outside:
    """One referral seen from outside, in a language.

    `received` is what the sender sent, by `Type/id`; `cards` the order of an instrument's cards, by code and edition.
    """

    referral: Referral
    owner: str
    language: str = "fr"
    received: Mapping[str, Resource] = field(default_factory=dict)
    cards: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)

    def id(self, number: int | str | None = None) -> str:
        """A resource's id: the referral's own, or with a number where a type repeats."""
        return str(self.referral.id) if number is None else f"{self.referral.id}.{number}"

    def meta(self) -> Resource:
        """Version and time of the referral: every part of it changes with it."""
        return {"versionId": str(self.referral.version), "lastUpdated": instant(self.referral.updated_at)}

    def start(self, kind: str, number: int | str | None = None) -> Resource:
        """The beginning of a resource."""
        return {"resourceType": kind, "id": self.id(number), "meta": self.meta()}

    def reference(self, kind: str, number: int | str | None = None) -> Resource:
        """A reference to another resource of the same referral."""
        return {"reference": f"{kind}/{self.id(number)}"}

    @property
    def patient(self) -> Resource:
        """The reference to whom it is about."""
        return self.reference("Patient")

    @property
    def sender(self) -> Resource:
        """The reference to the organisation that sent it."""
        return organisation(self.referral.sender)

    @property
    def programme(self) -> Resource:
        """The reference to the organisation that it was sent to."""
        return organisation(self.owner)

    def sent(self, kind: str, number: int | str | None, made: Resource) -> Resource:
        """The resource as its sender sent it, under our id and version; as made from the document otherwise."""
        own = self.received.get(f"{kind}/{self.id(number)}")
        if own is None:
            return made
        meta = {name: value for name, value in own.get("meta", {}).items() if name not in ("versionId", "lastUpdated")}
        told: Resource = self.told(own)
        return {**told, "resourceType": kind, "id": self.id(number), "meta": {**meta, **self.meta()}}

    def told(self, value: Any) -> Any:
        """A part of what was sent, its references to what we do not serve told by identifier and name instead."""
        if isinstance(value, list):
            return [self.told(part) for part in value]
        if not isinstance(value, dict):
            return value
        literal = value.get("reference")
        target = self.received.get(literal) if isinstance(literal, str) else None
        if target is not None and target["resourceType"] in NOT_SERVED:
            return logical(target) | {name: value[name] for name in ("display", "identifier") if name in value}
        return {name: self.told(part) for name, part in value.items()}

    def sent_numbers(self, kind: str) -> list[int]:
        """The numbers under which the sender's own resources of a repeated type are kept."""
        start = f"{kind}/{self.referral.id}."
        ends = (name.removeprefix(start) for name in self.received if name.startswith(start))
        return sorted(int(end) for end in ends if end.isdigit())

    def label(self, label: Label) -> str:
        """A label in the reader's language."""
        return label.in_language(self.language)

    @property
    def is_open_to_sender(self) -> bool:
        """Whether the sender may follow the case: it has one, and the person agreed."""
        return self.referral.consent_given and self.referral.case_id is not None

    @property
    def fine_step(self) -> str | None:
        """The code of `Task.businessStatus`."""
        referral = self.referral
        if referral.cancellation_requested and referral.state in OPEN_CASE:
            return CANCELLATION_REQUESTED
        if referral.state is State.VOIDED:
            return None
        reason = referral.moves[-1].reason
        if referral.state in REASONED and reason in FINE_STEPS:
            return reason
        return referral.state.value

    @property
    def is_revoked(self) -> bool:
        """Whether the sender itself took its wish back; what we decide never shows on the sender's request."""
        taken_back = any(move.reason == CancellationCode.BY_SENDER for move in self.referral.moves)
        return taken_back or self.referral.cancellation_requested

    def at(self, move: Move) -> "Outside":
        """The same referral as it stood after one of its moves."""
        kept = {name: getattr(self.referral, name) for name in Referral.model_fields}
        past = Referral.model_construct(**kept)
        past.moves = tuple(each for each in past.moves if each.version <= move.version)
        past.state, past.version, past.updated_at = move.state, move.version, move.at
        past.cancellation_requested = any(each.reason == CANCELLATION_REQUESTED for each in past.moves)
        past.messages = tuple(each for each in past.messages if each.at <= move.at)
        past.totals = ()
        had_case = any(each.state in IN_CARE for each in past.moves)
        past.case_id = past.case_id if had_case else None
        past.care = care_at(past.care, move) if had_case else Care()
        return replace(self, referral=past)


def care_at(care: Care, move: Move) -> Care:
    """What was known of the case after a move."""
    hidden: dict[str, Any] = {}
    if care.plan_agreed_at is None or care.plan_agreed_at > move.at:
        hidden |= {"plan_version": None, "plan_agreed_at": None, "plan_domains": ()}
    if care.assigned_at is not None and care.assigned_at > move.at:
        hidden |= {"organisation": None, "discipline": None, "assigned_at": None}
    if move.state not in (State.CLOSED, State.NOT_ACHIEVED):
        hidden["closed_on"] = None
    return care.model_copy(update=hidden)


NOT_SERVED = frozenset({"Organization", "PractitionerRole"})
"""Types that belong to the directory: what a sender sent of them along with a referral is not an entry of it."""


def logical(resource: Mapping[str, Any]) -> Resource:
    """A reference by identifier and name."""
    identifiers = resource.get("identifier") or []
    name = resource.get("name") or next((each["text"] for each in resource.get("code", []) if "text" in each), None)
    made = filled(type=resource["resourceType"], identifier=identifiers[0] if identifiers else None, display=name)
    return made if len(made) > 1 else {**made, "display": resource["resourceType"]}


def organisation(code: str) -> Resource:
    """The reference to an organisation of the directory: its code is its id."""
    return {"reference": f"Organization/{code}"}


def concept(system: str, code: str, text: str | None = None) -> Resource:
    """A coded meaning, in words too where they are given."""
    made: Resource = {"coding": [{"system": system, "code": code}]}
    return {**made, "text": text} if text else made


def instant(at: datetime) -> str:
    """A FHIR instant, to the microsecond: so that `_lastUpdated=gt` skips nothing."""
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")


def filled(**parts: Any) -> Resource:
    """The parts of a resource that are there: FHIR knows neither null nor empty."""
    return {name: value for name, value in parts.items() if value not in (None, "", [], {})}


def repeated(outside: Outside, kind: str, made: list[Resource]) -> Iterator[Resource]:
    """The sender's own resources of a repeated type where there are any, else those made from the document."""
    numbers = outside.sent_numbers(kind)
    if not numbers:
        yield from made
    for number in numbers:
        yield outside.sent(kind, number, {})
