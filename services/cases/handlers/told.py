"""What of the other services' facts belongs on a timeline: ids, codes and days, each as a narrow reading.

One line a fact: its type, the field that names the record it is about, what that record belongs to, and the fields
that the entry holds. A role is what the other record is to this one, with the field that names it.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from pydantic import create_model

from shared.events import Reading


class Told(Reading):
    """A fact about one record, for the timelines of the cases that the record belongs to."""

    record: ClassVar[str]
    belongs: ClassVar[Mapping[str, str]]

    def about(self) -> UUID:
        """The record that it is about."""
        found: UUID = getattr(self, self.record)
        return found

    def ties(self) -> Iterator[tuple[str, UUID]]:
        """What the record belongs to, as (role, id), as far as the fact says."""
        for role, name in self.belongs.items():
            subject = getattr(self, name)
            if subject is not None:
                yield role, subject

    def facts(self) -> dict[str, Any]:
        """What the entry holds."""
        return self.model_dump(mode="json", exclude_none=True)


NOTHING: Mapping[str, str] = {}
PERSON = {"person": "person_id"}


def told(event_type: str, record: str, belongs: Mapping[str, str] = NOTHING, /, **fields: Any) -> type[Told]:
    """The reading of one fact; a field given as (type, default) need not be there."""
    shapes: dict[str, Any] = {name: kind if isinstance(kind, tuple) else (kind, ...) for name, kind in fields.items()}
    name = "".join(word.title() for word in event_type.split(".")[1].split("-"))
    reading = create_model(f"{name}Told", __base__=Told, **{record: (UUID, ...), **shapes})
    reading.type, reading.record, reading.belongs = event_type, record, belongs
    return reading


SENT = {"case": "case_id", "person": "person_id", "referral": "based_on", "replaced": "replaces"}
MAYBE = UUID | None
CALLED = {"case": "case_id", **PERSON}
WHOSE: Mapping[str, Any] = {"case_id": MAYBE, "person_id": MAYBE}

REFERRALS = (
    told("referrals.referral-received.v1", "referral_id", sender=str, urgency=str),
    told("referrals.referral-triaged.v1", "referral_id"),
    told("referrals.referral-waitlisted.v1", "referral_id"),
    told("referrals.referral-accepted.v1", "referral_id", PERSON, person_id=MAYBE, urgency=str),
    told("referrals.referral-refused.v1", "referral_id", reason=str),
    told("referrals.referral-redirected.v1", "referral_id", organisation=str),
    told("referrals.referral-progressed.v1", "referral_id", state=str),
    told("referrals.referral-closed.v1", "referral_id", achieved=bool),
    told("referrals.referral-cancelled.v1", "referral_id", code=(str | None, None)),
    told("referrals.cancellation-requested.v1", "referral_id"),
    told("referrals.information-requested.v1", "referral_id"),
    told("referrals.information-given.v1", "referral_id"),
    told("referrals.message-sent.v1", "referral_id", number=int, kind=str, by=str),
    told("referrals.person-linked.v1", "referral_id", PERSON, person_id=UUID),
)
OUTGOING = (
    told(
        "referrals.outgoing-sent.v1",
        "outgoing_id",
        SENT,
        organisation=str,
        origin=str,
        urgency=str,
        case_id=(MAYBE, None),
        person_id=(MAYBE, None),
        based_on=MAYBE,
        replaces=MAYBE,
    ),
    told("referrals.outgoing-person-linked.v1", "outgoing_id", PERSON, person_id=UUID),
    told("referrals.outgoing-answered.v1", "outgoing_id", organisation=str, state=str, reason=(str | None, None)),
    told("referrals.outgoing-progressed.v1", "outgoing_id", organisation=str, state=str),
    told("referrals.outgoing-closed.v1", "outgoing_id", organisation=str, achieved=bool),
    told("referrals.outgoing-cancelled.v1", "outgoing_id", organisation=str, code=str),
    told("referrals.outgoing-overdue.v1", "outgoing_id", organisation=str, waits_for=str, reminders=int),
    told("referrals.outgoing-expired.v1", "outgoing_id", organisation=str),
    told("referrals.outgoing-message-sent.v1", "outgoing_id", organisation=str, number=int, kind=str, by=str),
    told("referrals.service-status-changed.v1", "outgoing_id", organisation=str, status=str, on=date),
)
ASSESSMENT = (
    told(
        "assessment.complexity-assessed.v1",
        "assessment_id",
        {"referral": "referral_id", **PERSON},
        referral_id=MAYBE,
        person_id=MAYBE,
        advice=str | None,
    ),
    told(
        "assessment.admission-decided.v1",
        "assessment_id",
        {"referral": "referral_id"},
        referral_id=MAYBE,
        decided=str,
        differs=bool,
    ),
    told("assessment.outcome-recorded.v1", "case_id", outcome_id=UUID, point=str, measured=list[str]),
)
SCHEDULER = (
    told("scheduler.follow-up-planned.v1", "follow_up_id", CALLED, **WHOSE, kind=str, due_on=date),
    told("scheduler.follow-up-due.v1", "follow_up_id", CALLED, **WHOSE, kind=str, due_on=date),
    told(
        "scheduler.attempt-recorded.v1",
        "follow_up_id",
        {"case": "case_id"},
        case_id=MAYBE,
        kind=str,
        number=int,
        outcome=str,
        next_on=date | None,
    ),
    told("scheduler.follow-up-completed.v1", "follow_up_id", CALLED, **WHOSE, kind=str),
    told("scheduler.follow-up-refused.v1", "follow_up_id", CALLED, **WHOSE, kind=str),
    told("scheduler.follow-up-cancelled.v1", "follow_up_id", {"case": "case_id"}, case_id=MAYBE),
    told("scheduler.person-unreachable.v1", "follow_up_id", CALLED, **WHOSE),
    told("scheduler.contact-restored.v1", "person_id"),
)
INTAKE = (
    told("intake.topic-repeated.v1", "contact_id", PERSON, person_id=UUID, topic=str, count=int),
    told("intake.contact-recorded.v1", "contact_id", PERSON, person_id=MAYBE, direction=str, outcome=str),
    told("intake.case-management-requested.v1", "request_id", PERSON, person_id=UUID, urgency=str),
    told("intake.relay-repeated.v1", "request_id", PERSON, person_id=UUID, contact_id=UUID, urgency=str),
    told("intake.relay-withdrawn.v1", "request_id", PERSON, person_id=UUID),
    told("intake.person-died.v1", "person_id", on=date),
    told("intake.death-withdrawn.v1", "person_id"),
    told("intake.orientation-requested.v1", "contact_id", PERSON, person_id=MAYBE, organisation=str),
    told("intake.person-identified.v1", "referral_id", PERSON, person_id=UUID, certainty=str),
)
TOLD: tuple[type[Told], ...] = (*REFERRALS, *OUTGOING, *ASSESSMENT, *SCHEDULER, *INTAKE)
