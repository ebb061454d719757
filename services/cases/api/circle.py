"""The routes of the circle of care: who belongs to it, who was told, and who else follows the person."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from services.cases.api.circle_views import (
    AskedView,
    CaseToInform,
    CircleView,
    InformationView,
    MemberView,
    MemberWithHistory,
    OtherCaseView,
    OverlapLine,
    OverlapView,
    ProviderView,
)
from services.cases.api.doors import (
    CasesDep,
    CirclesDep,
    MayDoTasks,
    MayRead,
    MayWork,
    OrganisationsDep,
    OverlapsDep,
    router,
)
from services.cases.api.stepping import StepDep
from services.cases.domain import refuse_unknown
from services.cases.domain.circle import GeneralPractitioner
from services.cases.domain.informing import InformationGiven, inform
from services.cases.domain.membership import Leave, MemberTerms, NewMember
from services.cases.domain.purposes import SHARING
from services.cases.domain.words import Day, Subject
from shared.agreements import Agreements
from shared.cursors import Page, PagingDep
from shared.requests import Tag


@router.get("/{case_id:uuid}/circle")
async def read_circle(
    case_id: UUID,
    cases: CasesDep,
    circles: CirclesDep,
    caller: MayRead,
    tag: Tag,
    on: Annotated[Day | None, Query(description="Only those who belonged on this day")] = None,
) -> CircleView:
    """The person, everybody around, past members included, and who is still to be told of what."""
    case = tag(await cases.get(case_id, caller))
    circle = await circles.of(case)
    return CircleView.whole(circle, on, await circles.gp(case.id), await circles.informed(case.id))


@router.get("/{case_id:uuid}/circle/{member_id:uuid}")
async def read_circle_member(
    case_id: UUID, member_id: UUID, cases: CasesDep, circles: CirclesDep, caller: MayRead, tag: Tag
) -> MemberWithHistory:
    """One member with the terms of before. The ETag is the case's."""
    case = tag(await cases.get(case_id, caller))
    return MemberWithHistory.of(await circles.get(case.id, member_id))


@router.post("/{case_id:uuid}/circle", status_code=201)
async def add_circle_member(
    body: NewMember, step: StepDep, circles: CirclesDep, organisations: OrganisationsDep, caller: MayWork
) -> MemberView:
    """Take somebody into the circle. Who that is stays in intake; here there are ids, codes and the mission."""
    case = await step.case(caller)
    circle = await circles.of(case)
    named = body.organisations()
    known = await organisations.active_among(named.values())
    member, facts = circle.add(body)
    refuse_unknown(named, known | {case.organisation})
    circles.add(member)
    await step.keep(case, caller, *facts, words={"mission": body.mission, "note": body.note})
    return MemberView.of(member)


@router.post("/{case_id:uuid}/circle/{member_id:uuid}/terms", status_code=201)
async def change_circle_member(
    member_id: UUID,
    body: MemberTerms,
    step: StepDep,
    circles: CirclesDep,
    organisations: OrganisationsDep,
    caller: MayWork,
) -> MemberWithHistory:
    """Put other terms in place of a member's: all of them, what is left out is gone. What was stays in the history."""
    case = await step.case(caller)
    member = await circles.get(case.id, member_id)
    before = member.terms.organisations()
    named = {pointer: code for pointer, code in body.organisations().items() if before.get(pointer) != code}
    circle = await circles.of(case)
    refuse_unknown(named, await organisations.active_among(named.values()) | {case.organisation})
    facts = circle.change(member, body, caller.subject, step.now)
    if facts:
        await step.keep(case, caller, *facts, words={"mission": body.mission, "note": body.note})
    else:
        step.tag(case)
    return MemberWithHistory.of(member)


@router.post("/{case_id:uuid}/circle/{member_id:uuid}/end", status_code=201)
async def end_circle_member(
    member_id: UUID, body: Leave, step: StepDep, circles: CirclesDep, caller: MayWork
) -> MemberView:
    """Note that somebody has left the circle, and why. The assignments and the closing end theirs by themselves."""
    case = await step.case(caller)
    member = await circles.get(case.id, member_id)
    facts = (await circles.of(case)).end(member, body)
    await step.keep(case, caller, *facts, words={"note": body.note})
    return MemberView.of(member)


@router.post("/{case_id:uuid}/general-practitioner", status_code=201)
async def identify_general_practitioner(
    body: GeneralPractitioner, step: StepDep, circles: CirclesDep, organisations: OrganisationsDep, caller: MayDoTasks
) -> CircleView:
    """Note who the general practitioner is, that there is none, or that the person will not say."""
    case = await step.case(caller)
    circle = await circles.of(case)
    named = {"/organisation": body.organisation} if body.organisation else {}
    known = await organisations.active_among(named.values())
    member, facts = circle.identify_gp(body)
    refuse_unknown(named, known)
    circles.add(*[member] if member else [])
    await step.keep(case, caller, *facts)
    circle = await circles.of(case)
    return CircleView.whole(circle, None, await circles.gp(case.id), await circles.informed(case.id))


@router.post("/{case_id:uuid}/information", status_code=201)
async def inform_member(
    body: InformationGiven, step: StepDep, circles: CirclesDep, caller: MayDoTasks
) -> InformationView:
    """Note that the general practitioner or another member was told of the opening, the plan or the closing."""
    case = await step.case(caller)
    information, fact = inform(await circles.of(case), body, caller.subject, step.now)
    for organisation in (await circles.get(case.id, information.member_id)).known_to():
        await Agreements(step.transaction).refuse_denied(case.person_id, SHARING, organisation)
    circles.inform(information)
    await step.keep(case, caller, fact, words={"note": body.note})
    return InformationView.of(information)


@router.get("/{case_id:uuid}/information")
async def list_information(
    case_id: UUID, cases: CasesDep, circles: CirclesDep, paging: PagingDep, caller: MayRead
) -> Page[InformationView]:
    """Who was told of what, the latest first."""
    case = await cases.get(case_id, caller)
    rows = await circles.informations(case.id, paging.limit, paging.after)
    return paging.page([InformationView.of(row) for row in rows], [(row.on.isoformat(), row.id) for row in rows])


@router.get("/gp-to-inform")
async def list_gp_to_inform(
    circles: CirclesDep,
    paging: PagingDep,
    caller: MayRead,
    worker: Annotated[Subject | None, Query(description="Cases of this owner")] = None,
    mine: Annotated[bool, Query(description="Cases of the caller; goes before `worker`")] = False,
) -> Page[CaseToInform]:
    """Opened cases whose general practitioner is not identified, or was not told of a key step; the oldest first."""
    rows = await circles.to_inform(caller, caller.subject if mine else worker, paging.limit, paging.after)
    keys = [(case.opened_at.isoformat(), case.id) for case, _ in rows]
    return paging.page([CaseToInform.of(case, gp) for case, gp in rows], keys)


@router.get("/{case_id:uuid}/overlap")
async def read_overlap(
    case_id: UUID, cases: CasesDep, circles: CirclesDep, overlaps: OverlapsDep, caller: MayRead
) -> OverlapView:
    """Who follows the person already, with what mission: to be looked at before opening. It blocks nothing."""
    case = await cases.get(case_id, caller)
    others, asked = await overlaps.cases(case, caller), await overlaps.asked(case)
    providers = [member for member in (await circles.of(case)).current() if member.role and not member.worker]
    return OverlapView(
        case_id=case.id,
        overlap=bool(others or asked),
        cases=[OtherCaseView.of(other) for other in others],
        asked=[AskedView.of(row) for row in asked],
        providers=[ProviderView.of(member) for member in providers],
    )


@router.get("/overlaps")
async def list_overlaps(overlaps: OverlapsDep, paging: PagingDep, caller: MayRead) -> Page[OverlapLine]:
    """Running cases whose person another case or another organisation follows too; the oldest first."""
    rows = await overlaps.page(caller, paging.limit, paging.after)
    keys = [(case.opened_at.isoformat(), case.id) for case, _ in rows]
    return paging.page([OverlapLine.of(case, others) for case, others in rows], keys)
