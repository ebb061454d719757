"""Single creates: a request for a person whom we know from the caller, a wish on its Task, a sheet, a message.

`If-None-Exist` comes as a header or, as one stock client sends it, as the query of the POST; either is a condition on
the resource's own identifier, never a silent create.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Request, Response

from services.referrals.api.fhir.doors import (
    fhir_answer,
    fhir_body,
    instant,
    language_in,
    prefers,
    refuse_parameters,
    router,
    version_headers,
)
from services.referrals.api.fhir.receiving import Desk, DeskDep, Receipt, add_person, condition_of, referral_named
from services.referrals.api.fhir.views import Views, ViewsDep
from services.referrals.api.push import MayPush
from services.referrals.api.steps import MayWrite, actor_of
from services.referrals.domain import Referral
from services.referrals.domain.states import Actor, State
from services.referrals.formats.fhir.inbound import Inbound, read_referral, read_sheet, said
from services.referrals.formats.fhir.keeping import kept_one, merged
from services.referrals.formats.fhir.outbound import find
from services.referrals.formats.fhir.outcome import BadRequest, RefusedResource, issue_of, outcome
from services.referrals.formats.fhir.reading import raise_for
from services.referrals.formats.fhir.resources import (
    Communication,
    QuestionnaireResponse,
    ServiceRequest,
    Task,
)
from services.referrals.formats.fhir.resources.exchange import IssueSeverity
from services.referrals.formats.fhir.rules import check_resources
from services.referrals.formats.fhir.sketch import Sketch
from services.referrals.formats.fhir.submission import Entry, Submission, single
from services.referrals.store import ReferralRow
from shared.access import May
from shared.auth import Caller
from shared.errors import Fault

MayCancel = Annotated[Caller, Depends(May("referral:cancel", "Task.c"))]
MayCorrect = Annotated[Caller, Depends(May("referral:correct", "QuestionnaireResponse.c"))]


@dataclass(frozen=True)
class One:
    """A resource to create, its place in the body, and its condition with the place of that."""

    value: Any
    place: str
    condition: str | None
    condition_place: str


@dataclass(frozen=True)
class Made:
    """What became of a create: which resource, in which version, and whether it is new."""

    kind: str
    id: str
    version: int
    at: datetime
    is_new: bool = True

    @property
    def location(self) -> str:
        """Where this version of it is, under our base."""
        return f"{self.kind}/{self.id}/_history/{self.version}"

    def response(self) -> dict[str, Any]:
        """As the answer to a batch entry."""
        return {
            "status": "201 Created" if self.is_new else "200 OK",
            "location": self.location,
            "etag": f'W/"{self.version}"',
            "lastModified": instant(self.at),
        }


async def create(desk: Desk, caller: Caller, one: One) -> Made:
    """Create one resource; raises what is wrong with it."""
    submission = single(one.value, one.place, desk.base)
    entry = replace(submission.entries[0], condition=one.condition, condition_place=one.condition_place)
    if entry.kind not in CREATED:
        raise RefusedResource(faults=[Fault(f"{one.place}.resourceType", "type-not-taken")])
    submission.entries = submission.places = [entry]
    check_resources(submission)
    await desk.confirm(submission, caller)
    return await CREATED[entry.kind](desk, caller, submission, entry)


async def create_request(desk: Desk, caller: Caller, submission: Submission, entry: Entry) -> Made:
    """A new demand for somebody whom an earlier referral of the caller is about."""
    request = entry.resource
    assert isinstance(request, ServiceRequest)
    condition = condition_of(entry)
    known = condition and await desk.existing_request(condition, caller.organisation, entry.condition_place)
    if known:
        return Made("ServiceRequest", str(known.id), 1, known.received_at, is_new=False)
    inbound = read_referral(submission, entry, request)
    await add_person(desk, caller, submission, inbound, request.subject)
    receipt = await desk.take(submission, inbound, caller)
    return Made("ServiceRequest", str(receipt.referral_id), 1, receipt.at)


async def create_task(desk: Desk, caller: Caller, submission: Submission, entry: Entry) -> Made:
    """`fulfill` on an own request: its Task is there already. `abort`: the wish to cancel it."""
    task = entry.resource
    assert isinstance(task, Task)
    condition = condition_of(entry)
    referral = await referral_named(desk, caller, task.focus, "ServiceRequest", "Task")
    if referral is None and not submission.faults:
        submission.fail(f"{entry.place}.focus", "unknown-reference")
    raise_for(submission.faults)
    assert referral
    known = condition and await desk.existing("Task", condition, caller.organisation, entry.condition_place)
    if known:
        return Made("Task", known.resource_id, known.version, known.at, is_new=False)
    if "abort" not in [each.code for each in (task.code.coding if task.code else [])]:
        return Made("Task", str(referral.id), referral.version, referral.updated_at, is_new=False)
    at = desk.now
    claimed = await claim(desk, caller, entry, referral, str(referral.id))
    if claimed:
        return claimed
    reason = words_of_task(task)
    await desk.referrals.record(referral, referral.cancel(actor_of(caller), at, reason))
    return Made("Task", str(referral.id), referral.version, at)


def words_of_task(task: Task) -> str:
    """Why the sender takes it back, in the words it gave."""
    reason = (task.status_reason and task.status_reason.text) or (task.reason_code and task.reason_code.text)
    notes = " ".join(note.text for note in task.note)
    return (reason or task.description or notes or "not stated")[:2000]


async def claim(desk: Desk, caller: Caller, entry: Entry, referral: Referral, resource_id: str) -> Made | None:
    """Take the identifiers of a resource; what they were first used for where that was the same."""
    receipt = Receipt(referral.id, desk.now, True, {entry.place: resource_id})
    first = await desk.name(entry, receipt, caller.organisation, referral.version + 1)
    return (
        Made(entry.kind, first.resource_id, first.version, first.at, is_new=entry.condition is None) if first else None
    )


async def create_response(desk: Desk, caller: Caller, submission: Submission, entry: Entry) -> Made:
    """One more sheet for an own referral, while nothing is decided (`basedOn` its request)."""
    response = entry.resource
    assert isinstance(response, QuestionnaireResponse)
    condition = condition_of(entry)
    referral = None
    for reference in response.based_on:
        referral = referral or await referral_named(desk, caller, reference, "ServiceRequest")
    if referral is None:
        submission.fail(f"{entry.place}.basedOn", "unknown-reference" if response.based_on else "required")
    raise_for(submission.faults)
    assert referral
    known = condition and await desk.existing(entry.kind, condition, caller.organisation, entry.condition_place)
    if known:
        return Made(entry.kind, known.resource_id, known.version, known.at, is_new=False)
    resource_id = f"{referral.id}.{len(referral.document.sheets) + 1}"
    claimed = await claim(desk, caller, entry, referral, resource_id)
    if claimed:
        return claimed
    return await add_sheet(desk, caller, submission, referral, resource_id)


async def add_sheet(
    desk: Desk, caller: Caller, submission: Submission, referral: ReferralRow, resource_id: str
) -> Made:
    """Correct the referral by one sheet, and keep the response as received."""
    [entry] = submission.entries
    number = len(referral.document.sheets)
    sketch = Sketch(entry.place)
    sketch.value = referral.document.model_dump(mode="json")
    assert isinstance(entry.resource, QuestionnaireResponse)
    read_sheet(sketch, submission, entry, entry.resource, number)
    document = await desk.checked(Inbound(sketch, entry, submission.faults))
    checked = all([await desk.instruments.find(each.instrument, each.edition) for each in document.sheets])
    await desk.referrals.record(referral, referral.correct(actor_of(caller), document, checked))
    known = await desk.received.of(referral.id)
    await desk.received.keep(referral.id, merged(known, [kept_one(submission, entry, {entry.place: resource_id})]))
    return Made(entry.kind, resource_id, referral.version, desk.now)


async def create_message(desk: Desk, caller: Caller, submission: Submission, entry: Entry) -> Made:
    """A message on a referral; in answer to the open question (`inResponseTo`) it is the answer that was awaited."""
    message = entry.resource
    assert isinstance(message, Communication)
    condition = condition_of(entry)
    referral = None
    for reference in (*message.based_on, *message.about, *message.in_response_to, *message.part_of):
        found = await referral_named(desk, caller, reference, "ServiceRequest", "Task", "Communication")
        referral = referral or found
    if referral is None and not submission.faults:
        submission.fail(f"{entry.place}.about", "unknown-reference" if message.about else "required")
    raise_for(submission.faults)
    assert referral
    known = condition and await desk.existing(entry.kind, condition, caller.organisation, entry.condition_place)
    if known:
        return Made(entry.kind, known.resource_id, known.version, known.at, is_new=False)
    resource_id = f"{referral.id}.{len(referral.messages) + 1}"
    claimed = await claim(desk, caller, entry, referral, resource_id)
    if claimed:
        return claimed
    by, at, text = actor_of(caller), desk.now, said(message)
    if by is Actor.SENDER and referral.state is State.INFORMATION_REQUESTED and message.in_response_to:
        await desk.referrals.record(referral, referral.inform(by, at, text, None))
    else:
        await desk.referrals.record(referral, referral.write(by, at, text))
    known_resources = await desk.received.of(referral.id)
    kept = kept_one(submission, entry, {entry.place: resource_id})
    await desk.received.keep(referral.id, merged(known_resources, [kept]))
    return Made(entry.kind, resource_id, referral.version, at)


Creator = Callable[[Desk, Caller, Submission, Entry], Awaitable[Made]]
CREATED: Mapping[str, Creator] = {
    "ServiceRequest": create_request,
    "Task": create_task,
    "QuestionnaireResponse": create_response,
    "Communication": create_message,
}
"""The types that can be created one by one."""


async def created(kind: str, request: Request, desk: Desk, views: Views, caller: Caller) -> Response:
    """Answer a single create: 201, or 200 for what its condition found."""
    value = await fhir_body(request)
    if not isinstance(value, dict) or not isinstance(value.get("resourceType"), str):
        raise BadRequest(faults=[Fault(kind, "not-a-resource")])
    if value["resourceType"] != kind:
        raise BadRequest(faults=[Fault(f"{kind}.resourceType", "wrong-resource-type")])
    made = await create(desk, caller, One(value, kind, condition_in(request), "http.header.if-none-exist"))
    headers = {**version_headers(made.version, made.at), "location": f"{desk.base}/{made.location}"}
    status = 201 if made.is_new else 200
    wanted = prefers(request)
    if wanted == "minimal":
        return fhir_answer(None, status, headers)
    if wanted == "OperationOutcome":
        done = issue_of("done", "", language_in(request), IssueSeverity.INFORMATION)
        return fhir_answer(outcome([done]), status, headers)
    return fhir_answer(find(await views.get(made.id, caller), kind, made.id), status, headers)


def condition_in(request: Request) -> str | None:
    """The condition of a create: the header, or what is left of the query; two that differ are refused."""
    header = request.headers.get("if-none-exist")
    query = "&".join(
        part for part in request.url.query.split("&") if part and part.split("=")[0] not in ("_format", "_pretty")
    )
    if header and query:
        refuse_parameters(request)
    return header if header is not None else query or None


@router.post("/ServiceRequest", name="fhir_create_ServiceRequest")
async def post_request(request: Request, desk: DeskDep, views: ViewsDep, caller: MayPush) -> Response:
    """Refer again somebody whom you referred before: `subject` is the Patient of that referral."""
    return await created("ServiceRequest", request, desk, views, caller)


@router.post("/Task", name="fhir_create_Task")
async def post_task(request: Request, desk: DeskDep, views: ViewsDep, caller: MayCancel) -> Response:
    """Ask to cancel (`code` abort, `focus` your Task or ServiceRequest)."""
    return await created("Task", request, desk, views, caller)


@router.post("/QuestionnaireResponse", name="fhir_create_QuestionnaireResponse")
async def post_response(request: Request, desk: DeskDep, views: ViewsDep, caller: MayCorrect) -> Response:
    """Add a filled sheet to your referral (`basedOn` its ServiceRequest) before it is decided."""
    return await created("QuestionnaireResponse", request, desk, views, caller)


@router.post("/Communication", name="fhir_create_Communication")
async def post_message(request: Request, desk: DeskDep, views: ViewsDep, caller: MayWrite) -> Response:
    """Tell the other side something, or answer its question (`inResponseTo`)."""
    return await created("Communication", request, desk, views, caller)
