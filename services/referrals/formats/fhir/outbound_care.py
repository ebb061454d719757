"""The case as the sender may follow it: episode, plan, team and messages; nothing of it without the person's consent.

No name and no content of the plan leaves here: the case's own service never told us.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from services.referrals.domain.history import Message, MessageKind
from services.referrals.domain.states import Actor, State
from services.referrals.formats.fhir import codes, outbound_codes
from services.referrals.formats.fhir.outside import Outside, Resource, concept, filled, instant, organisation
from shared.clock import BRUSSELS

EPISODE_STATUS = {
    State.PAUSED: "onhold",
    State.CLOSED: "finished",
    State.NOT_ACHIEVED: "finished",
    State.CANCELLED: "cancelled",
}
PLAN_STATUS = {
    State.PAUSED: "on-hold",
    State.CLOSED: "completed",
    State.NOT_ACHIEVED: "revoked",
    State.CANCELLED: "revoked",
}


def episodes(outside: Outside) -> Iterator[Resource]:
    """The case as an EpisodeOfCare."""
    if not outside.is_open_to_sender:
        return
    care = outside.referral.care
    yield filled(
        **outside.start("EpisodeOfCare"),
        identifier=[{"system": outbound_codes.UUIDS, "value": f"urn:uuid:{outside.referral.case_id}"}],
        status=EPISODE_STATUS.get(outside.referral.state, "active"),
        statusHistory=list(episode_history(outside)),
        patient=outside.patient,
        managingOrganization=organisation(care.organisation) if care.organisation else outside.programme,
        period=filled(start=opened_at(outside), end=closed_at(outside)),
        referralRequest=[outside.reference("ServiceRequest")],
        team=[outside.reference("CareTeam")] if care.organisation else None,
    )


def episode_history(outside: Outside) -> Iterator[Resource]:
    """Since when the case has been active, on hold or ended."""
    seen: list[tuple[str, str]] = []
    for move in outside.referral.moves:
        status = EPISODE_STATUS.get(move.state) or ("active" if move.state in FOLLOWED else None)
        if status and (not seen or seen[-1][0] != status):
            seen.append((status, instant(move.at)))
    for number, (status, start) in enumerate(seen):
        end = seen[number + 1][1] if number + 1 < len(seen) else None
        yield {"status": status, "period": filled(start=start, end=end)}


FOLLOWED = frozenset({State.CASE_OPENED, State.FIRST_CONTACT, State.HOME_VISIT_DONE, State.CARE_PLAN_SHARED})


def opened_at(outside: Outside) -> str | None:
    """The day on which the case was opened: a moment could not be compared with the day on which it was closed."""
    opened = next((move for move in outside.referral.moves if move.state is State.CASE_OPENED), None)
    return day(opened.at) if opened else None


def closed_at(outside: Outside) -> str | None:
    """The day on which it ended."""
    if outside.referral.care.closed_on:
        return outside.referral.care.closed_on.isoformat()
    ended = outside.referral.moves[-1]
    return day(ended.at) if ended.state in (State.CLOSED, State.NOT_ACHIEVED, State.CANCELLED) else None


def day(at: datetime) -> str:
    """The day of a moment in Belgium."""
    return at.astimezone(BRUSSELS).date().isoformat()


def plans(outside: Outside) -> Iterator[Resource]:
    """The agreed plan: that there is one, in which version, and which life domains it touches."""
    care = outside.referral.care
    if not outside.is_open_to_sender or care.plan_version is None:
        return
    status = PLAN_STATUS.get(outside.referral.state, "active")
    activities: list[Any] = [
        {"detail": {"code": concept(codes.CARD, domain), "status": "in-progress" if status == "active" else "unknown"}}
        for domain in care.plan_domains
    ]
    yield filled(
        **outside.start("CarePlan"),
        identifier=[{"system": outbound_codes.PLAN_VERSION, "value": str(care.plan_version)}],
        basedOn=None,
        status=status,
        intent="plan",
        subject=outside.patient,
        period=filled(start=instant(care.plan_agreed_at) if care.plan_agreed_at else None),
        created=instant(care.plan_agreed_at) if care.plan_agreed_at else None,
        author=organisation(care.organisation) if care.organisation else outside.programme,
        careTeam=[outside.reference("CareTeam")] if care.organisation else None,
        activity=activities,
    )


def teams(outside: Outside) -> Iterator[Resource]:
    """Who is responsible: organisation and discipline, never a name."""
    care = outside.referral.care
    if not outside.is_open_to_sender or not care.organisation:
        return
    member = organisation(care.organisation)
    role = [concept(outbound_codes.DISCIPLINE, care.discipline)] if care.discipline else None
    has_ended = outside.referral.state in (State.CLOSED, State.NOT_ACHIEVED, State.CANCELLED)
    yield filled(
        **outside.start("CareTeam"),
        status="inactive" if has_ended else "active",
        subject=outside.patient,
        period=filled(start=instant(care.assigned_at) if care.assigned_at else None),
        participant=[filled(role=role, member=member)],
        managingOrganization=[member],
    )


def care_outputs(outside: Outside) -> Iterator[Resource]:
    """What the Task tells of the case: references, how it ended, and the calls afterwards."""
    if not outside.is_open_to_sender:
        return
    for kind, made, name in (
        ("EpisodeOfCare", episodes, "episode-of-care"),
        ("CarePlan", plans, "care-plan"),
        ("CareTeam", teams, "care-team"),
    ):
        if next(made(outside), None) is not None:
            yield output(name, valueReference=outside.reference(kind))
    yield from ending(outside)
    for message in outside.referral.messages:
        if message.kind is MessageKind.FOLLOW_UP:
            yield output("follow-up", valueReference=outside.reference("Communication", message.number))
            yield output("followed-up-at", valueDateTime=instant(message.at))


def ending(outside: Outside) -> Iterator[Resource]:
    """The short closing summary: why and when."""
    last, closed_on = outside.referral.moves[-1], outside.referral.care.closed_on
    if outside.referral.state not in (State.CLOSED, State.NOT_ACHIEVED):
        return
    if last.reason:
        label = outbound_codes.ENDINGS.get(last.reason)
        words = outside.label(label) if label else last.reason
        yield output("closing-reason", valueCodeableConcept=concept(outbound_codes.CLOSING_REASON, last.reason, words))
    if closed_on:
        yield output("closed-on", valueDate=closed_on.isoformat())


def output(name: str, **value: Any) -> Resource:
    """One output of a Task."""
    return {"type": concept(outbound_codes.TASK_OUTPUT, name), **value}


def communications(outside: Outside) -> Iterator[Resource]:
    """What both sides told each other; a follow-up result only within consent."""
    for message in outside.referral.messages:
        if message.kind is not MessageKind.FOLLOW_UP or outside.is_open_to_sender:
            made = communication(outside, message)
            yield {**made, **outside.sent("Communication", message.number, made)}


def communication(outside: Outside, message: Message) -> Resource:
    """One message (Belgian profile: a text of at most 320 characters per payload)."""
    by_sender = message.actor is Actor.SENDER
    answered = outside.reference("Communication", message.answers) if message.answers else None
    text = message.text or ", ".join(message.codes)
    return filled(
        **outside.start("Communication", message.number),
        basedOn=[outside.reference("ServiceRequest")],
        partOf=[outside.reference("Task")],
        inResponseTo=[answered] if answered else None,
        status="completed",
        category=[concept(outbound_codes.MESSAGE_KIND, message.kind.value)],
        subject=outside.patient,
        about=[outside.reference("Task")],
        sent=instant(message.at),
        recipient=[outside.programme if by_sender else outside.sender],
        sender=outside.sender if by_sender else outside.programme,
        payload=payload(text),
    )


def payload(text: str) -> list[Resource]:
    """The words of a message, in parts."""
    return [{"contentString": text[place : place + 320]} for place in range(0, len(text), 320)]
