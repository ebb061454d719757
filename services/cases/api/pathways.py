"""The routes of the common pathway: each organisation's version of it, and where a case stands on it."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Path
from pydantic import BaseModel, Field

from services.cases.api.doors import (
    CasesDep,
    MayConfigurePathway,
    MayRead,
    MayReadPathway,
    MayWork,
    OrganisationsDep,
    PathwaysDep,
    SettingsDep,
    router,
)
from services.cases.api.stepping import StepDep
from services.cases.domain import refuse_unknown
from services.cases.domain.pathway import (
    Deviation,
    Explanation,
    Model,
    PathwayContent,
    PathwayStep,
    PathwayVersion,
    StepStanding,
    explain,
    in_force,
    next_version,
    standings,
)
from services.cases.domain.words import Code
from services.cases.events import DeviationReason, PathwayStepCode
from services.cases.store import PathwayRow
from services.cases.store.pathways import shipped
from shared.access import Scope
from shared.auth import Caller
from shared.clock import local_date
from shared.cursors import Page, PagingDep
from shared.errors import NotFound
from shared.requests import ClockDep, IfMatchSaid, Tag

OrganisationCode = Annotated[Code, Path(description="Code of the organisation")]


class VersionView(BaseModel):
    """One version of a pathway. The shipped one has no number, and no day from which it is valid."""

    number: int | None
    protocol_version: str
    model: Model
    valid_from: date | None
    steps: tuple[PathwayStep, ...]
    recorded_by: str | None
    recorded_at: datetime | None

    @classmethod
    def of(cls, version: PathwayVersion | None, shipped_name: str) -> "VersionView":
        if version is None:
            nothing = dict.fromkeys(("number", "valid_from", "recorded_by", "recorded_at"))
            return cls.model_validate({**dict(shipped()), **nothing, "protocol_version": shipped_name})
        return cls.model_validate(version, from_attributes=True)


class PathwayView(BaseModel):
    """The pathway of an organisation: the version in force today, and all its versions, the newest first."""

    organisation: str
    in_force: VersionView
    versions: list[VersionView]


class CasePathwayView(BaseModel):
    """Where a case stands on the pathway that was in force when it was requested."""

    case_id: UUID
    organisation: str = Field(description="The organisation that leads the case now")
    protocol_version: str
    model: Model
    steps: list[StepStanding]


class DeviationView(BaseModel):
    """Why a step of the pathway did not go as it should."""

    id: UUID
    case_id: UUID
    step: PathwayStepCode
    reason: DeviationReason
    note: str | None
    by: str
    at: datetime

    @classmethod
    def of(cls, deviation: Deviation) -> "DeviationView":
        return cls.model_validate(deviation, from_attributes=True)


def refuse_foreign(organisation: str, caller: Caller) -> None:
    """Raise NotFound where a caller looks at another organisation's pathway."""
    if caller.scope != Scope.ALL and caller.organisation != organisation:
        raise NotFound


@router.get("/pathways/{organisation}")
async def read_pathway(
    organisation: OrganisationCode,
    pathways: PathwaysDep,
    settings: SettingsDep,
    clock: ClockDep,
    tag: Tag,
    caller: MayReadPathway,
) -> PathwayView:
    """An organisation's pathway; the shipped one where it has none of its own."""
    refuse_foreign(organisation, caller)
    tag(await pathways.find(organisation) or PathwayRow(organisation=organisation))
    versions = await pathways.versions(organisation)
    name = settings.protocol_version
    return PathwayView(
        organisation=organisation,
        in_force=VersionView.of(in_force(versions, local_date(clock)), name),
        versions=[VersionView.of(each, name) for each in versions],
    )


@router.put("/pathways/{organisation}")
async def write_pathway(
    organisation: OrganisationCode,
    body: PathwayContent,
    pathways: PathwaysDep,
    organisations: OrganisationsDep,
    settings: SettingsDep,
    clock: ClockDep,
    seen: IfMatchSaid,
    tag: Tag,
    caller: MayConfigurePathway,
) -> VersionView:
    """Add a version of an organisation's pathway: it holds for requests from its day on, never for earlier cases."""
    refuse_foreign(organisation, caller)
    known = await organisations.active_among([organisation])
    refuse_unknown({"/organisation": organisation}, known | {settings.organisation})
    row = await pathways.find(organisation)
    if row is not None:
        seen.check(row)
    row = row or PathwayRow(organisation=organisation)
    by = (caller.subject, clock.now(), local_date(clock))
    made, fact = next_version(organisation, body, await pathways.versions(organisation), row.id, by)
    await pathways.record(row, fact)
    pathways.add(made)
    tag(row)
    return VersionView.of(made, settings.protocol_version)


@router.get("/{case_id:uuid}/pathway")
async def read_case_pathway(
    case_id: UUID, cases: CasesDep, pathways: PathwaysDep, clock: ClockDep, caller: MayRead
) -> CasePathwayView:
    """Each step of a case's pathway: expected by when, done on which day, and how far that is apart."""
    case = await cases.get(case_id, caller)
    pathway = (await pathways.of([case]))[case.pathway_id]
    told = (await pathways.told([case.id])).get(case.id, [])
    return CasePathwayView(
        case_id=case.id,
        organisation=case.organisation,
        protocol_version=case.protocol_version,
        model=pathway.model,
        steps=standings(case, pathway.steps, told, local_date(clock)),
    )


@router.post("/{case_id:uuid}/pathway/deviations", status_code=201)
async def explain_deviation(body: Explanation, step: StepDep, pathways: PathwaysDep, caller: MayWork) -> DeviationView:
    """Say why a step of the pathway came late, too soon or not at all; the coded reason goes into the report."""
    case = await step.case(caller)
    pathway = (await pathways.of([case]))[case.pathway_id]
    made, fact = explain(case, body, pathway.steps, (caller.subject, step.now))
    await step.keep(case, caller, fact)
    pathways.add(made)
    return DeviationView.of(made)


@router.get("/{case_id:uuid}/pathway/deviations")
async def list_deviations(
    case_id: UUID, cases: CasesDep, pathways: PathwaysDep, paging: PagingDep, caller: MayRead
) -> Page[DeviationView]:
    """The explanations given on a case, the newest first."""
    case = await cases.get(case_id, caller)
    rows = await pathways.deviations_page(case.id, paging.limit, paging.after)
    return paging.page([DeviationView.of(row) for row in rows], [(row.at.isoformat(), row.id) for row in rows])
