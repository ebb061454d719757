"""Changing a referral by its Task or its ServiceRequest: the same commands as the JSON door's steps.

Only the sender changes the request; the Task moves by the state table. Of a Task nothing but its status, the reason and
the fine step can be written.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Request, Response

from services.referrals.api.doors import InstrumentsDep, OrganisationsDep, ReferralsDep
from services.referrals.api.fhir.doors import PATCH_MEDIA, fhir_answer, fhir_body, router
from services.referrals.api.fhir.moves import NOT_STATED, Mover
from services.referrals.api.fhir.partner import PartnerDep, part
from services.referrals.api.fhir.read import found, headers_of
from services.referrals.api.fhir.views import (
    RESOURCE_ID,
    MayMove,
    MayMoveRequest,
    SearchDep,
    Views,
    ViewsDep,
    referral_of,
)
from services.referrals.api.push import check_at_door
from services.referrals.api.steps import actor_of
from services.referrals.domain import Actor, IllegalMove, NotYourMove
from services.referrals.formats.fhir.correction import completed, corrected
from services.referrals.formats.fhir.keeping import merged
from services.referrals.formats.fhir.outside import Outside, Resource
from services.referrals.formats.fhir.patches import STATUS_FIELDS, patched
from services.referrals.formats.fhir.question_wish import PATCHABLE, answer_of
from services.referrals.formats.fhir.reading import raise_for, read_as
from services.referrals.formats.fhir.resources import ServiceRequest, Task
from services.referrals.formats.fhir.task_wish import WishRefused, wish_of
from services.referrals.store import Instruments, Organisations, ReferralRow, Referrals
from services.referrals.store.received import Received
from services.referrals.store.referral_search import ReferralSearch
from shared.auth import Caller
from shared.clock import Clock
from shared.errors import Fault, StaleVersion
from shared.events import Event
from shared.problems import IF_MATCH_REQUIRED, LANGUAGES, Problem
from shared.requests import ClockDep, IfMatch, SeenVersion, opened

ReceivedDep = Annotated[Received, Depends(opened(Received))]


@dataclass(frozen=True)
class Change:
    """One change of one resource: who, on what, in which version."""

    referrals: Referrals
    organisations: Organisations
    instruments: Instruments
    views: Views
    found: ReferralSearch
    received: Received
    clock: Clock

    async def load(self, resource_id: str, caller: Caller, seen: SeenVersion | None) -> ReferralRow:
        """The referral, locked until the answer: without If-Match the state table alone is the guard."""
        referral_id = referral_of(resource_id)
        await self.found.lock(referral_id)
        return await self.referrals.get(referral_id, caller, seen)

    async def show(self, referral: ReferralRow) -> Outside:
        """The referral as it stands now."""
        [outside] = await self.views.of([referral])
        return outside

    async def keep(self, referral: ReferralRow, request: Resource) -> None:
        """Keep the corrected request as its sender wrote it."""
        known = await self.received.of(referral.id)
        await self.received.keep(referral.id, merged(known, [request]))

    async def answer(self, referral: ReferralRow, kind: str, resource_id: str) -> Response:
        """The resource after the change."""
        resource = found(await self.show(referral), kind, resource_id)
        return fhir_answer(resource, 200, headers_of(resource))

    async def wanted(self, referral: ReferralRow, before: Resource, after: Resource, by: Actor) -> Event | None:
        """The fact that a changed Task leads to; None where nothing has changed. Raises what the domain raises."""
        question = question_number(str(before["id"]))
        if question is None:
            wish = wish_of(before, after, referral.state)
            return await Mover(by, self.clock.now(), self.organisations).move(referral, wish) if wish else None
        given = answer_of(before, after)
        if given is None:
            return None
        if referral.open_question() != question:
            raise IllegalMove(facts={"state": referral.state, "allowed": [each.value for each in referral.allowed()]})
        return referral.inform(by, self.clock.now(), given.text, given.consent_given)


def declared(referral: ReferralRow, status: str, at: datetime) -> Event:
    """What the sender declares of its request by its status: taken back, or never meant."""
    if status == "revoked":
        return referral.cancel(Actor.SENDER, at, NOT_STATED)
    if status == "entered-in-error":
        return referral.void(Actor.SENDER, at, NOT_STATED)
    raise WishRefused(faults=[Fault("ServiceRequest.status", "wrong-status")])


def check_shape(kind: type[Task] | type[ServiceRequest], value: Any) -> None:
    """Raise every fault of a resource by its own model."""
    faults: list[Fault] = []
    read_as(kind, value, kind.__name__, faults)
    raise_for(faults)


def check_unchanged(kind: str, before: Resource, after: Resource, allowed: frozenset[str]) -> None:
    """Refuse a difference in what cannot be written; what is left out is left as it is."""
    tolerated = allowed | {"meta", "text", "lastModified"}
    changed = [name for name in after if name not in tolerated and after[name] != before.get(name)]
    if changed:
        raise WishRefused(faults=[Fault(f"{kind}.{name}", "not-changeable") for name in changed])


def as_read(outside: Outside, resource_id: str, after: Resource) -> Resource:
    """The Task in the language in which the client must have read it: words differ by language, codes do not."""
    told = [found(replace(outside, language=each), "Task", resource_id) for each in (outside.language, *LANGUAGES)]
    named = ("output", "statusReason")
    return next((each for each in told if all(each.get(name) == after.get(name) for name in named)), told[0])


def without_meta(resource: Resource) -> Resource:
    """What a resource says, without what a server adds."""
    return {name: part for name, part in resource.items() if name not in ("meta", "text")}


async def _change(
    referrals: ReferralsDep,
    organisations: OrganisationsDep,
    instruments: InstrumentsDep,
    views: ViewsDep,
    found: SearchDep,
    received: ReceivedDep,
    clock: ClockDep,
) -> Change:
    return Change(referrals, organisations, instruments, views, found, received, clock)


ChangeDep = Annotated[Change, Depends(_change)]


def question_number(resource_id: str) -> int | None:
    """The number of the question that an information-request Task stands for; None for the main Task."""
    match = RESOURCE_ID.fullmatch(resource_id)
    return int(match[2][1:]) if match and match[2] and match[2].startswith("q") else None


def seen_if_told(request: Request) -> SeenVersion | None:
    """The version in If-Match, if the client sent one; it must be the present one then."""
    tag = request.headers.get("if-match")
    if tag is None:
        return None
    number = tag.strip().removeprefix("W/").strip('"')
    if not number.isascii() or not number.isdigit() or len(number) > 9:
        raise StaleVersion
    return SeenVersion(int(number))


@router.patch("/Task/{resource_id}", name="fhir_patch_Task")
async def patch_task(
    resource_id: str, request: Request, change: ChangeDep, partner: PartnerDep, caller: MayMove
) -> Response:
    """Change a Task's status by JSON Patch, FHIRPath Patch or a merge body. Staff name the version that they saw."""
    body = await fhir_body(request, PATCH_MEDIA)
    by, seen = actor_of(caller), seen_if_told(request)
    if addressed := await partner.find(resource_id, caller, seen):
        after = patched(part(addressed, "Task", resource_id), body, STATUS_FIELDS)
        check_shape(Task, after)
        moved = await partner.move(addressed, after, change.clock.now())
        return fhir_answer(moved, 200, headers_of(moved))
    referral = await change.load(resource_id, caller, seen)
    before = found(await change.show(referral), "Task", resource_id)
    if seen is None and by is not Actor.SENDER:
        raise Problem(IF_MATCH_REQUIRED)
    after = patched(before, body, STATUS_FIELDS if question_number(resource_id) is None else PATCHABLE)
    check_shape(Task, after)
    if fact := await change.wanted(referral, before, after, by):
        await change.referrals.record(referral, fact)
    return await change.answer(referral, "Task", resource_id)


@router.put("/Task/{resource_id}", name="fhir_update_Task")
async def update_task(
    resource_id: str, request: Request, seen: IfMatch, change: ChangeDep, partner: PartnerDep, caller: MayMove
) -> Response:
    """Put a Task back with another status; whatever else differs from ours is refused, never ignored."""
    after = await fhir_body(request)
    if addressed := await partner.find(resource_id, caller, seen):
        check_shape(Task, after)
        check_unchanged("Task", part(addressed, "Task", resource_id), after, frozenset(STATUS_FIELDS))
        moved = await partner.move(addressed, after, change.clock.now())
        return fhir_answer(moved, 200, headers_of(moved))
    referral = await change.load(resource_id, caller, seen)
    check_shape(Task, after)
    before = as_read(await change.show(referral), resource_id, after)
    allowed = STATUS_FIELDS if question_number(resource_id) is None else PATCHABLE
    check_unchanged("Task", before, after, frozenset(allowed))
    if fact := await change.wanted(referral, before, after, actor_of(caller)):
        await change.referrals.record(referral, fact)
    return await change.answer(referral, "Task", resource_id)


@router.put("/ServiceRequest/{resource_id}", name="fhir_update_ServiceRequest")
async def update_request(
    resource_id: str, request: Request, seen: IfMatch, change: ChangeDep, caller: MayMoveRequest
) -> Response:
    """The sender's own request: correct it before a decision, revoke it, or declare it entered in error."""
    after = await fhir_body(request)
    referral = await change.load(resource_id, caller, seen)
    outside = await change.show(referral)
    before = found(outside, "ServiceRequest", resource_id)
    check_shape(ServiceRequest, after)
    after = completed(before, after)
    by, at = actor_of(caller), change.clock.now()
    if by is not Actor.SENDER:
        raise NotYourMove
    fact: Event | None = None
    if after["status"] != before["status"]:
        fact = declared(referral, str(after["status"]), at)
    elif without_meta(after) != without_meta(before):
        document = corrected(outside, after)
        checked = await check_at_door(document, change.instruments, change.clock)
        fact = referral.correct(by, document, checked)
        await change.keep(referral, after)
    if fact:
        await change.referrals.record(referral, fact)
    return await change.answer(referral, "ServiceRequest", resource_id)
