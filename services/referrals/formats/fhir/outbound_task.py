"""The Tasks of a referral: the one that carries the shared state, and one for each question to the sender.

The shape is that of Gravity's SDOH Task for referral management: order, fulfil, focus, for, requester; the status
within its subset, the fine step in `businessStatus`, results in `output`.
"""

from collections.abc import Iterator
from datetime import datetime

from services.referrals.domain.history import Message, MessageKind, Move
from services.referrals.domain.labels import FINE_STEPS, STATES
from services.referrals.domain.states import STANDING, State
from services.referrals.formats.fhir import codes, outbound_codes
from services.referrals.formats.fhir.outbound_care import care_outputs
from services.referrals.formats.fhir.outbound_sheets import score_outputs
from services.referrals.formats.fhir.outside import Outside, Resource, concept, filled, instant, organisation
from services.referrals.formats.fhir.primitives import moment_of

FROM_SENDER = (
    *("identifier", "groupIdentifier", "code", "description", "priority"),
    *("authoredOn", "requester", "note", "input"),
)
"""What the sender's own Task says of itself: it stays as it was sent."""

ALWAYS_WITH_REASON = frozenset({"rejected", "cancelled", "on-hold", "failed"})
"""Task.status values for which Gravity expects a reason in words."""


def tasks(outside: Outside) -> Iterator[Resource]:
    """The main Task, then one per question."""
    yield main_task(outside)
    for message in outside.referral.messages:
        if message.kind is MessageKind.QUESTION:
            yield question_task(outside, message)


def main_task(outside: Outside) -> Resource:
    """The Task that both sides share."""
    referral = outside.referral
    status = STANDING[referral.state].task_status
    own = outside.sent("Task", None, {})
    made = filled(
        **outside.start("Task"),
        identifier=[placer_identifier(outside)],
        status=status,
        statusReason=status_reason(outside, status, referral.moves[-1]),
        businessStatus=business_status(outside),
        intent="order",
        priority=referral.urgency.value,
        code=outbound_codes.FULFILL,
        focus=outside.reference("ServiceRequest"),
        authoredOn=instant(referral.received_at),
        lastModified=instant(referral.updated_at),
        requester=outside.sender,
        owner=outside.programme,
        output=[*redirection(referral.moves[-1]), *score_outputs(outside), *care_outputs(outside)],
    )
    made["for"] = outside.patient
    made |= {name: own[name] for name in FROM_SENDER if name in own}
    if is_ahead(made["authoredOn"], referral.updated_at):
        made.pop("lastModified")
    return made


def is_ahead(authored: str, at: datetime) -> bool:
    """Whether the sender's clock was ahead of ours: a Task is never modified before it was authored (inv-1)."""
    return "T" in authored and moment_of(authored) > at


def business_status(outside: Outside) -> Resource | None:
    """The fine step, coded and in words."""
    step = outside.fine_step
    return concept(codes.BUSINESS_STATUS, step, outside.label(FINE_STEPS[step])) if step else None


def status_reason(outside: Outside, status: str, move: Move) -> Resource | None:
    """Why it stands so; always in words where Gravity expects them."""
    if move.state is State.IN_TRIAGE:
        return None
    if not (move.reason or move.note or status in ALWAYS_WITH_REASON):
        return None
    code = move.reason or ""
    label = FINE_STEPS.get(code) or STATES[move.state]
    text = move.note or outside.label(label)
    if move.state is State.REDIRECTED:
        return concept(codes.ORGANISATION, code, text) if code else {"text": text}
    if code in FINE_STEPS and status != "entered-in-error":
        return concept(codes.BUSINESS_STATUS, code, text)
    return {"text": text}


def redirection(move: Move) -> Iterator[Resource]:
    """Where the person was sent instead."""
    if move.state is State.REDIRECTED and move.reason:
        kind = concept(outbound_codes.TASK_OUTPUT, "redirected-to")
        yield {"type": kind, "valueReference": organisation(move.reason)}


def placer_identifier(outside: Outside) -> Resource:
    """The sender's own identifier of the referral."""
    return {
        "type": {"coding": [{"system": codes.IDENTIFIER_TYPE, "code": "PLAC"}]},
        "system": outside.referral.identifier_system,
        "value": outside.referral.identifier_value,
    }


def question_task(outside: Outside, question: Message) -> Resource:
    """A question to the sender as a Task of its own: completed by the answer, cancelled when the referral ends."""
    answer = next((each for each in outside.referral.messages if each.answers == question.number), None)
    status = question_status(outside, answer)
    made = filled(
        **outside.start("Task", f"q{question.number}"),
        basedOn=[outside.reference("ServiceRequest")],
        partOf=[outside.reference("Task")],
        status=status,
        statusReason={"text": outside.label(STATES[outside.referral.state])} if status == "cancelled" else None,
        intent="order",
        code=concept(outbound_codes.TASK_KIND, "information-request"),
        description=question.text,
        focus=outside.reference("ServiceRequest"),
        authoredOn=instant(question.at),
        lastModified=instant(answer.at if answer else question.at),
        requester=outside.programme,
        owner=outside.sender,
        input=[{"type": concept(outbound_codes.TASK_OUTPUT, "question"), "valueString": question.text}],
        output=[{"type": concept(outbound_codes.TASK_OUTPUT, "answer"), "valueString": answer.text}]
        if answer and answer.text
        else None,
    )
    made["for"] = outside.patient
    return made


def question_status(outside: Outside, answer: Message | None) -> str:
    """Requested until it is answered, or until nobody waits for the answer any more."""
    if answer:
        return "completed"
    return "requested" if outside.referral.state is State.INFORMATION_REQUESTED else "cancelled"
