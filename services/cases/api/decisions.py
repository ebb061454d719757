"""The routes of the decision log: what organisations decided on a case together, and the rules for that."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, Field

from services.cases.api.doors import (
    CasesDep,
    DecisionsDep,
    MayLogDecisions,
    MayRead,
    MayReadRecord,
    OrganisationsDep,
    router,
)
from services.cases.api.stepping import StepDep
from services.cases.domain import (
    RULES,
    Act,
    Answer,
    Decision,
    DecisionReport,
    DecisionRules,
    answer_decision,
    record_decision,
    refuse,
    refuse_unknown,
)
from services.cases.domain.share import Right
from services.cases.events import DecisionKind, DecisionStatus, DecisionSubject
from shared.cursors import Page, PagingDep
from shared.errors import Fault


class DecisionView(BaseModel):
    """An entry of the decision log."""

    id: UUID
    case_id: UUID
    kind: DecisionKind
    subject: DecisionSubject
    status: DecisionStatus = Field(description="A joint decision is in force once every needed organisation said yes")
    on: date
    text: str
    organisations: list[str]
    needed: list[str] = Field(description="Organisations whose yes it needs")
    acts: list[Act]
    answers: list[Answer]
    amends: UUID | None
    amendment_reason: str | None
    amended_by: UUID | None = Field(description="The entry that corrects this one")
    rules_version: str
    recorded_by: str
    recorded_at: datetime

    @classmethod
    def of(cls, decision: Decision) -> "DecisionView":
        return cls.model_validate(decision, from_attributes=True)


@router.get("/decision-rules")
async def read_decision_rules(caller: MayRead) -> DecisionRules:
    """The rules for shared cases: per subject, whose yes a joint decision needs before it is in force."""
    return RULES


@router.get("/{case_id:uuid}/decisions")
async def list_decisions(
    case_id: UUID, cases: CasesDep, decisions: DecisionsDep, paging: PagingDep, caller: MayReadRecord
) -> Page[DecisionView]:
    """The decision log of a case, the latest day first; corrected entries stay in it."""
    case = await cases.get(case_id, caller)
    rows = await decisions.page(case.id, paging.limit, paging.after)
    return paging.page([DecisionView.of(row) for row in rows], [(row.on.isoformat(), row.id) for row in rows])


@router.post("/{case_id:uuid}/decisions", status_code=201)
async def log_decision(
    body: DecisionReport,
    step: StepDep,
    decisions: DecisionsDep,
    organisations: OrganisationsDep,
    caller: MayLogDecisions,
) -> DecisionView:
    """Note a joint decision, a remark or a disagreement, or correct an earlier entry with `amends`."""
    case = await step.case(caller, Right.RECORD_DECISIONS)
    known = await organisations.active_among(body.organisations) | {case.organisation}
    foreign = caller.organisation != case.organisation
    refuse(
        [
            Fault(f"/answers/{number}/organisation", "not-yours")
            for number, each in enumerate(body.answers)
            if foreign and each.organisation != caller.organisation
        ]
    )
    amended = await decisions.find(case.id, body.amends)
    decision, fact = record_decision(case, body, amended, caller.subject, step.now)
    refuse_unknown(body.named(), known)
    await step.keep(case, caller, fact, words={"text": body.text, "amendment_reason": body.amendment_reason})
    decisions.add(decision)
    return DecisionView.of(decision)


@router.post("/{case_id:uuid}/decisions/{decision_id:uuid}/answers", status_code=201)
async def answer_joint_decision(
    decision_id: UUID, body: Answer, step: StepDep, decisions: DecisionsDep, caller: MayLogDecisions
) -> DecisionView:
    """Note an organisation's yes or no. Only the organisation that answers for the case speaks for others too."""
    case = await step.case(caller, Right.RECORD_DECISIONS)
    decision = await decisions.get(case.id, decision_id)
    foreign = caller.organisation not in (case.organisation, body.organisation)
    refuse([Fault("/organisation", "not-yours")] if foreign else [])
    fact = answer_decision(case, decision, body, step.today)
    await step.keep(case, caller, fact, words={"note": body.note})
    return DecisionView.of(decision)
