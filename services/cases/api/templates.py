"""The routes of plan templates: read, written in a new version, filled in for a case."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query
from pydantic import BaseModel

from services.cases.api.doors import (
    CasesDep,
    MayRead,
    MayWork,
    MayWriteTemplates,
    PlansDep,
    TasksDep,
    TemplatesDep,
    router,
)
from services.cases.domain import Current, FillIn, PlanForm, PlanTemplate, TemplateContent, fill_in
from services.cases.domain.template import Texts
from shared.clock import local_date
from shared.cursors import Page, PagingDep
from shared.errors import NotFound, StaleVersion
from shared.ids import new_id
from shared.requests import ClockDep, IfMatchSaid, Tag

CodePath = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_-]{0,63}$", description="Code of the template")]


class TemplateSummary(BaseModel):
    """A template in a list."""

    code: str
    version: int
    shipped: bool
    title: Texts

    @classmethod
    def of(cls, template: PlanTemplate) -> "TemplateSummary":
        is_shipped = template.organisation is None
        return cls(code=template.code, version=template.version, shipped=is_shipped, title=template.content.title)


@router.get("/plan-templates")
async def list_templates(templates: TemplatesDep, paging: PagingDep, caller: MayRead) -> Page[TemplateSummary]:
    """The templates of plans in their newest version, by code: those shipped and the organisation's own."""
    rows = await templates.page(caller.organisation, paging.limit, paging.after[0] if paging.after else None)
    return paging.page([TemplateSummary.of(row) for row in rows], [(row.code,) for row in rows])


@router.get("/plan-templates/{code}")
async def read_template(
    code: CodePath,
    templates: TemplatesDep,
    caller: MayRead,
    tag: Tag,
    version: Annotated[int | None, Query(ge=1, le=100_000, description="The newest where not said")] = None,
) -> PlanTemplate:
    """One template, in its newest version or in an earlier one."""
    found = await templates.find(caller.organisation, code, version)
    if found is None:
        raise NotFound
    return PlanTemplate.model_validate(tag(found), from_attributes=True)


@router.put("/plan-templates/{code}")
async def write_template(
    code: CodePath,
    body: TemplateContent,
    templates: TemplatesDep,
    seen: IfMatchSaid,
    clock: ClockDep,
    tag: Tag,
    caller: MayWriteTemplates,
) -> PlanTemplate:
    """Write the next version of a template for the caller's organisation; a change needs If-Match (412 when stale)."""
    body.check()
    newest = await templates.find(caller.organisation, code)
    if newest is not None:
        seen.check(newest)
    written = PlanTemplate(
        id=new_id(),
        organisation=caller.organisation,
        code=code,
        version=newest.version + 1 if newest else 1,
        content=body,
        written_by=caller.subject,
        written_at=clock.now(),
    )
    if not await templates.add(written):
        raise StaleVersion
    return tag(written)


@router.post("/{case_id:uuid}/plan/from-template")
async def fill_in_template(
    case_id: UUID,
    body: FillIn,
    cases: CasesDep,
    plans: PlansDep,
    tasks: TasksDep,
    templates: TemplatesDep,
    clock: ClockDep,
    caller: MayWork,
) -> PlanForm:
    """A plan to edit, from a template, behind the case's plan of now. Nothing is stored: send it as a draft."""
    case = await cases.get(case_id, caller)
    template = await templates.find(caller.organisation, body.template, body.version)
    if template is None:
        raise NotFound
    plan = await plans.find(case.id, case.plan_version)
    return fill_in(template.content, body, Current(plan, await tasks.of(case.id)), local_date(clock))
