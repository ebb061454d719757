"""The routes of shared cases: sharing with consent, ending a share, and the rules as data."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, Field

from services.cases.api.doors import (
    CasesDep,
    MayRead,
    MayShare,
    OrganisationsDep,
    SharesDep,
    router,
)
from services.cases.api.stepping import StepDep
from services.cases.domain import refuse_unknown
from services.cases.domain.purposes import SHARING
from services.cases.domain.share import (
    RIGHTS,
    Consent,
    Ending,
    NotByThisShare,
    Right,
    Share,
    Sharing,
    share,
)
from services.cases.events import ShareEnd, ShareRule
from shared.acting import SERVICE
from shared.agreements import Agreements
from shared.cursors import Page, PagingDep
from shared.errors import NotFound


class RuleView(BaseModel):
    """What an organisation may do on a case that is shared with it by this rule."""

    rule: ShareRule
    rights: list[Right]


class SharingRules(BaseModel):
    """The rules by which cases are shared. What no rule lists stays with the organisation that leads the case."""

    rules: list[RuleView]


class ShareView(BaseModel):
    """A share of a case."""

    id: UUID
    case_id: UUID
    leader: str = Field(description="The organisation that leads the case")
    organisation: str = Field(description="The organisation that it is shared with")
    rule: ShareRule
    rights: list[Right]
    purpose: str
    consent: Consent
    begins_on: date
    until: date | None
    is_live: bool
    shared_by: str
    shared_at: datetime
    ended_on: date | None
    end_reason: ShareEnd | None

    @classmethod
    def of(cls, share: Share, leader: str) -> "ShareView":
        return cls.model_validate({**dict(share), "rights": share.rights, "leader": leader})


@router.get("/sharing-rules")
async def read_sharing_rules(caller: MayRead) -> SharingRules:
    """What each rule of sharing allows."""
    return SharingRules(
        rules=[RuleView(rule=rule, rights=[each for each in Right if each in RIGHTS[rule]]) for rule in ShareRule]
    )


@router.post("/{case_id:uuid}/shares", status_code=201)
async def share_case(
    body: Sharing, step: StepDep, shares: SharesDep, organisations: OrganisationsDep, caller: MayShare
) -> ShareView:
    """Share a case with another organisation, by a rule. Only its leader may.

    The consent to share with that organisation is on record in intake; `consent` is what the organisation reads of it.
    """
    case = await step.case(caller)
    known = await organisations.active_among([body.organisation])
    made, fact = share(case, body, await shares.standing(case.id), (caller.subject, step.now), step.today)
    refuse_unknown({"/organisation": body.organisation}, known)
    await Agreements(step.transaction).refuse(case.person_id, SHARING, body.organisation)
    await step.keep(case, caller, fact)
    shares.add(made)
    return ShareView.of(made, case.organisation)


@router.get("/{case_id:uuid}/shares")
async def list_shares(
    case_id: UUID, cases: CasesDep, shares: SharesDep, paging: PagingDep, caller: MayRead
) -> Page[ShareView]:
    """The shares of a case, ended ones too, the newest first."""
    case = await cases.get(case_id, caller)
    rows = await shares.page(case.id, paging.limit, paging.after)
    keys = [(row.shared_at.isoformat(), row.id) for row in rows]
    return paging.page([ShareView.of(row, case.organisation) for row in rows], keys)


@router.post("/{case_id:uuid}/shares/{share_id:uuid}/end", status_code=201)
async def end_share(share_id: UUID, body: Ending, step: StepDep, shares: SharesDep, caller: MayShare) -> ShareView:
    """Close the case to an organisation again. The leader may, and the organisation itself when it leaves."""
    case = await step.case(caller, Right.READ)
    found = await shares.get(case.id, share_id)
    if caller.organisation != case.organisation:
        if caller.organisation != found.organisation:
            raise NotFound
        if body.reason is not ShareEnd.ORGANISATION_LEFT:
            raise NotByThisShare
    # Who leaves does not see the case any more once the share has ended.
    async with step.transaction.in_name_of(SERVICE):
        await step.keep(case, caller, found.end(body.reason, step.today))
        await step.transaction.session.flush()
    return ShareView.of(found, case.organisation)
