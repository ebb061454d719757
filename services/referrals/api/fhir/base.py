"""The base of the FHIR door: transactions and batches, answered byte for byte alike for 30 days, and the dry run."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from fastapi import Request, Response

from services.referrals.api.fhir.creates import CREATED, One, create
from services.referrals.api.fhir.doors import (
    fhir_answer,
    fhir_body,
    instant,
    language_in,
    prefers,
    refuse_parameters,
    router,
)
from services.referrals.api.fhir.receiving import Desk, DeskDep, Receipt, add_person, condition_of
from services.referrals.api.push import MayPush
from services.referrals.formats.fhir.inbound import read_whole
from services.referrals.formats.fhir.keeping import kept_one
from services.referrals.formats.fhir.outcome import BadRequest, RefusedResource, issue_of, outcome
from services.referrals.formats.fhir.reading import raise_for, read_as
from services.referrals.formats.fhir.resources import Bundle, Parameters
from services.referrals.formats.fhir.resources.exchange import BundleEntry, BundleType, IssueSeverity
from services.referrals.formats.fhir.rules import check_transaction
from services.referrals.formats.fhir.submission import (
    Entry,
    Submission,
    check_request_of,
    read_bundle,
    read_transaction,
    sent_content,
)
from shared.auth import Caller
from shared.errors import DomainError, Fault
from shared.kept import answered_once
from shared.problems import Kind, Problem

KEEP = timedelta(days=30)
"""How long a Bundle.identifier gets its first answer again."""
MESSAGE_REUSED = Kind(
    409,
    "message-id-reused",
    {
        "fr": "Bundle.identifier déjà employé pour un autre contenu",
        "nl": "Bundle.identifier al gebruikt voor een andere inhoud",
        "de": "Bundle.identifier bereits für anderen Inhalt verwendet",
        "en": "Bundle.identifier already used for other content",
    },
)


@router.post("", name="fhir_transaction")
@router.post("/", name="fhir_transaction_with_slash", include_in_schema=False)
async def submit_bundle(request: Request, desk: DeskDep, caller: MayPush) -> Response:
    """Submit a transaction (all or nothing) or a batch (each entry for itself)."""
    refuse_parameters(request)
    value = await fhir_body(request)
    bundle = read_bundle(value)

    async def answer() -> Response:
        if bundle.type is BundleType.BATCH:
            return await answer_batch(request, desk, caller, value, bundle)
        submission, receipt = await take_transaction(desk, caller, value, bundle)
        return fhir_answer(transaction_response(submission, receipt, prefers(request), language_in(request)))

    if bundle.identifier is None or not bundle.identifier.value:
        return await answer()
    named = f"{bundle.identifier.system or ''}|{bundle.identifier.value}"
    key = "bundle:" + hashlib.sha256(named.encode()).hexdigest()
    fingerprint = hashlib.sha256(f"{prefers(request)}\n{sent_content(value)}".encode()).digest()
    on_other = Problem(MESSAGE_REUSED, faults=[Fault("Bundle.identifier", "message-id-reused")])
    transaction = desk.referrals.transaction
    return await answered_once(transaction, caller.organisation, key, fingerprint, answer, KEEP, on_other)


async def take_transaction(
    desk: Desk, caller: Caller, value: Mapping[str, Any], bundle: Bundle
) -> tuple[Submission, Receipt]:
    """Receive a transaction; raises one error with every fault."""
    submission = read_transaction(value, bundle, desk.base)
    raise_for(submission.faults)
    request = check_transaction(submission)
    await desk.confirm(submission, caller)
    if request is None:
        raise RefusedResource(faults=submission.faults)
    for entry in submission.entries:
        condition = condition_of(entry)
        if condition and entry is request[0]:
            await desk.existing_request(condition, caller.organisation, entry.condition_place)
    inbound = read_whole(submission, *request)
    if submission.target(request[1].subject) is None and not submission.faults:
        await add_person(desk, caller, submission, inbound, request[1].subject)
    return submission, await desk.take(submission, inbound, caller)


def transaction_response(submission: Submission, receipt: Receipt, wanted: str, language: str) -> dict[str, Any]:
    """The answer, entry by entry in the order of the request. It depends on the content and the receipt alone."""
    entries = [entry_response(submission, entry, receipt, wanted, language) for entry in submission.places]
    return {"resourceType": "Bundle", "type": "transaction-response", "entry": entries}


def entry_response(
    submission: Submission, entry: Entry, receipt: Receipt, wanted: str, language: str
) -> dict[str, Any]:
    """What became of one entry; 200 for what its condition found, else 201, also when it is a repeat."""
    found = entry.condition is not None and not receipt.is_new
    response: dict[str, Any] = {
        "status": "200 OK" if found else "201 Created",
        "location": f"{entry.kind}/{receipt.ids[entry.place]}/_history/1",
        "etag": 'W/"1"',
        "lastModified": instant(receipt.at),
    }
    if wanted == "OperationOutcome":
        response["outcome"] = all_done(receipt.warnings, entry.place, language)
    if wanted != "representation":
        return {"response": response}
    resource = kept_one(submission, entry, receipt.ids)
    meta = {"versionId": "1", "lastUpdated": instant(receipt.at), **resource.get("meta", {})}
    return {"resource": {**resource, "meta": meta}, "response": response}


def all_done(warnings: Sequence[Fault], place: str, language: str) -> dict[str, Any]:
    """An OperationOutcome without complaint, but for what looks odd in this entry."""
    odd = [each for each in warnings if each.pointer.startswith(place)]
    issues = [issue_of(each.code, each.pointer, language, IssueSeverity.WARNING) for each in odd]
    return outcome([*issues, issue_of("done", "", language, IssueSeverity.INFORMATION)]).wire()


async def answer_batch(
    request: Request, desk: Desk, caller: Caller, value: Mapping[str, Any], bundle: Bundle
) -> Response:
    """Each entry by itself, in a savepoint of its own: one that fails leaves no trace."""
    entries = []
    for number, entry in enumerate(bundle.entry):
        at = f"Bundle.entry[{number}]"
        raw = value["entry"][number].get("resource")
        faults: list[Fault] = []
        try:
            check_batch_entry(entry, at, raw, faults)
            raise_for(faults)
            condition = entry.request.if_none_exist if entry.request else None
            one = One(raw, f"{at}.resource", condition, f"{at}.request.ifNoneExist")
            async with desk.referrals.session.begin_nested():
                made = await create(desk, caller, one)
            entries.append({"response": made.response()})
        except DomainError as error:
            status, told = await judged(request, error)
            line = f"{status} {HTTPStatus(status).phrase}"
            entries.append({"response": {"status": line, "outcome": told}})
    return fhir_answer({"resourceType": "Bundle", "type": "batch-response", "entry": entries})


def check_batch_entry(entry: BundleEntry, at: str, raw: Any, faults: list[Fault]) -> None:
    """A batch takes the creates that stand by themselves."""
    check_request_of(entry, at, raw if isinstance(raw, dict) else {}, faults)
    if entry.resource is None:
        faults.append(Fault(f"{at}.resource", "required"))
    elif raw.get("resourceType") not in CREATED:
        faults.append(Fault(f"{at}.resource.resourceType", "type-not-taken"))


async def judged(request: Request, error: Exception) -> tuple[int, dict[str, Any]]:
    """An error as the status and the OperationOutcome that it would have had on its own."""
    handlers = request.app.exception_handlers
    answer = next(handlers[each] for each in type(error).__mro__ if each in handlers)
    response: Response = await answer(request, error)
    told: dict[str, Any] = json.loads(bytes(response.body))
    told.pop("id", None)
    return response.status_code, told


@router.post("/$validate", name="fhir_validate")
@router.post("/Bundle/$validate", name="fhir_validate_bundle", include_in_schema=False)
@router.post("/ServiceRequest/$validate", name="fhir_validate_request", include_in_schema=False)
@router.post("/Task/$validate", name="fhir_validate_task", include_in_schema=False)
@router.post("/QuestionnaireResponse/$validate", name="fhir_validate_response", include_in_schema=False)
@router.post("/Communication/$validate", name="fhir_validate_message", include_in_schema=False)
async def validate(request: Request, desk: DeskDep, caller: MayPush) -> Response:
    """Dry run: the checks of a real submission, and nothing stored. 200 with the verdict, also a bad one."""
    refuse_parameters(request)
    value = asked_for(await fhir_body(request))
    language = language_in(request)
    try:
        async with desk.referrals.transaction.rehearsal():
            odd = await submit_anything(desk, caller, value)
    except BadRequest:
        raise
    except DomainError as error:
        return fhir_answer((await judged(request, error))[1])
    issues = [issue_of(each.code, each.pointer, language, IssueSeverity.WARNING) for each in odd]
    return fhir_answer(outcome([*issues, issue_of("all-good", "", language, IssueSeverity.INFORMATION)]).wire())


def asked_for(value: Any) -> Any:
    """The resource to look at: the body itself, or the `resource` parameter of Parameters."""
    if not isinstance(value, dict) or value.get("resourceType") != "Parameters":
        return value
    faults: list[Fault] = []
    parameters = read_as(Parameters, value, "Parameters", faults)
    raise_for(faults)
    found = [each.resource for each in (parameters.parameter if parameters else []) if each.name == "resource"]
    if not found or found[0] is None:
        raise BadRequest(faults=[Fault("Parameters.parameter", "required")])
    return found[0]


async def submit_anything(desk: Desk, caller: Caller, value: Any) -> Sequence[Fault]:
    """Submit a transaction or a single resource; what looks odd in it."""
    if isinstance(value, dict) and value.get("resourceType") == "Bundle":
        _, receipt = await take_transaction(desk, caller, value, read_bundle(value))
        return receipt.warnings
    kind = value.get("resourceType") if isinstance(value, dict) else None
    await create(desk, caller, One(value, kind if isinstance(kind, str) else "", None, ""))
    return ()
