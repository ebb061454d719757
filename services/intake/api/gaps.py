"""Routes of the figures: gaps, the line, demand, equity, offer; as JSON, as CSV, and as a page to print."""

import asyncio
import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from io import StringIO
from typing import Annotated

from fastapi import Depends, Query, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field, ValidationError

from services.intake.api.doors import MayLoadPopulation, MayReadFigures, router
from services.intake.domain.figures import (
    ContinuityFigure,
    DemandFigure,
    EquityFigure,
    GapFigure,
    GapTable,
    LineFigure,
    OfferFigure,
    Report,
    continuity_figures,
    demand_figures,
    equity_figures,
    gap_table,
    is_offered,
    line_figures,
    offer_figures,
)
from services.intake.domain.gap import (
    CONTINUITY_LEVELS,
    DEMAND_LEVELS,
    EQUITY_LEVELS,
    EQUITY_TABLES,
    GAP_LEVELS,
    GAP_TABLES,
    LINE_LEVELS,
    Dimension,
    ImpossiblePopulation,
    Population,
    UntoldTable,
    protected,
)
from services.intake.domain.suppression import Level, Protected, Record, Table
from services.intake.formats.report import POLICY, Language, as_csv, page
from services.intake.store import Figures, Gaps
from shared.auth import Caller
from shared.clock import BRUSSELS, local_date
from shared.errors import Fault
from shared.requests import ClockDep, opened

MOST_COMMUNES = 2000

GapsDep = Annotated[Gaps, Depends(opened(Gaps))]
FiguresDep = Annotated[Figures, Depends(opened(Figures))]
By = Annotated[list[Dimension], Query(max_length=4, description="One, two, or topic, commune, reason and year at once")]
Period = Annotated[
    str | None, Query(pattern=r"^20[0-9]{2}(-(0[1-9]|1[0-2]))?$", description="A month that is over, or a year")
]


class PopulationView(BaseModel):
    """A population file that is loaded."""

    as_of: date
    communes: int
    inhabitants: int = Field(description="Of all of them together")


@dataclass(frozen=True)
class Whole:
    """Whole months only: those before the present one."""

    before: date

    @property
    def begin(self) -> datetime:
        """The local midnight at which the present month began."""
        return datetime.combine(self.before, time(), BRUSSELS)


async def whole_months(clock: ClockDep) -> Whole:
    """The months that are over."""
    return Whole(local_date(clock).replace(day=1))


WholeDep = Annotated[Whole, Depends(whole_months)]


async def safe(
    counts: Mapping[Record, int], levels: tuple[tuple[Level, ...], ...], tables: tuple[Table, ...] | None = None
) -> Protected:
    """The counts that may be told; found out beside the event loop."""
    return await asyncio.to_thread(protected, frozenset(counts.items()), levels, tables)


async def gaps_of(gaps: Gaps, caller: Caller, whole: Whole) -> Protected:
    """The gaps that may be told."""
    return await safe(await gaps.counts(caller.organisation, f"{whole.before:%Y-%m}"), GAP_LEVELS, GAP_TABLES)


async def line_of(figures: Figures, caller: Caller, whole: Whole) -> list[LineFigure]:
    """What the line solved."""
    return list(line_figures(await safe(await figures.line(caller.organisation, whole.begin), LINE_LEVELS)))


async def continuity_of(figures: Figures, caller: Caller, whole: Whole) -> list[ContinuityFigure]:
    """Who found the same worker again."""
    counts = await figures.continuity(caller.organisation, whole.begin)
    return list(continuity_figures(await safe(counts, CONTINUITY_LEVELS)))


async def demand_of(figures: Figures, caller: Caller, whole: Whole) -> list[DemandFigure]:
    """Who turned to the line."""
    counts = await safe(await figures.demand(caller.organisation, whole.begin), DEMAND_LEVELS)
    _, inhabitants = await figures.population(caller.organisation)
    return list(demand_figures(counts, inhabitants))


async def equity_of(figures: Figures, caller: Caller, whole: Whole) -> list[EquityFigure]:
    """How demands fared."""
    decided = await figures.equity(caller.organisation, whole.begin)
    counts: dict[Record, int] = {}
    for each in decided:
        counts[each.record()] = counts.get(each.record(), 0) + 1
    days = [(each.record(), each.days) for each in decided if each.days is not None]
    return equity_figures(await safe(counts, EQUITY_LEVELS, EQUITY_TABLES), days)


async def offer_of(counts: Protected, figures: Figures) -> list[OfferFigure]:
    """Unmet demand, from the gaps that may be told, beside what is offered."""
    offers = [(row.domains, row.capacity) for row in await figures.offers()]
    return list(offer_figures(counts, offers))


def kept(name: str, kind: type[BaseModel], rows: Sequence[BaseModel]) -> Response:
    """A CSV to keep."""
    headers = {"content-disposition": f'attachment; filename="{name}.csv"', "cache-control": "no-store"}
    return Response(as_csv(kind, rows), media_type="text/csv; charset=utf-8", headers=headers)


def refuse_table(by: Sequence[Dimension], period: str | None) -> None:
    """Raise Invalid for a table that is not told."""
    if not is_offered(by, period, GAP_TABLES):
        raise UntoldTable(faults=[Fault("/by", "not-together")])


@router.get("/analytics/gaps")
async def report_gaps(
    gaps: GapsDep,
    whole: WholeDep,
    caller: MayReadFigures,
    by: By = [Dimension.TOPIC],  # noqa: B006
    period: Period = None,
) -> GapTable:
    """Demands that nobody could help with, at the line and as referrals tells of them, of whole months."""
    refuse_table(by, period)
    return gap_table(await gaps_of(gaps, caller, whole), by, period)


@router.get("/analytics/gaps.csv", response_class=Response)
async def report_gaps_as_csv(
    gaps: GapsDep,
    whole: WholeDep,
    caller: MayReadFigures,
    by: By = [Dimension.TOPIC],  # noqa: B006
    period: Period = None,
) -> Response:
    """The same as CSV."""
    refuse_table(by, period)
    return kept("gaps", GapFigure, gap_table(await gaps_of(gaps, caller, whole), by, period).rows)


@router.get("/analytics/line")
async def report_line(figures: FiguresDep, whole: WholeDep, caller: MayReadFigures) -> list[LineFigure]:
    """The share solved at the line: of all contacts, by topic, and by month."""
    return await line_of(figures, caller, whole)


@router.get("/analytics/line.csv", response_class=Response)
async def report_line_as_csv(figures: FiguresDep, whole: WholeDep, caller: MayReadFigures) -> Response:
    """The same as CSV."""
    return kept("line", LineFigure, await line_of(figures, caller, whole))


@router.get("/analytics/continuity")
async def report_continuity(figures: FiguresDep, whole: WholeDep, caller: MayReadFigures) -> list[ContinuityFigure]:
    """The share of people turning to the line again who found the same worker: by discipline and by month."""
    return await continuity_of(figures, caller, whole)


@router.get("/analytics/continuity.csv", response_class=Response)
async def report_continuity_as_csv(figures: FiguresDep, whole: WholeDep, caller: MayReadFigures) -> Response:
    """The same as CSV."""
    return kept("continuity", ContinuityFigure, await continuity_of(figures, caller, whole))


@router.get("/analytics/demand")
async def report_demand(figures: FiguresDep, whole: WholeDep, caller: MayReadFigures) -> list[DemandFigure]:
    """Contacts by source and commune, and per 1,000 inhabitants where a population file is loaded."""
    return await demand_of(figures, caller, whole)


@router.get("/analytics/demand.csv", response_class=Response)
async def report_demand_as_csv(figures: FiguresDep, whole: WholeDep, caller: MayReadFigures) -> Response:
    """The same as CSV."""
    return kept("demand", DemandFigure, await demand_of(figures, caller, whole))


@router.get("/analytics/equity")
async def report_equity(figures: FiguresDep, whole: WholeDep, caller: MayReadFigures) -> list[EquityFigure]:
    """Acceptance, refusal and delay by complexity, commune and language."""
    return await equity_of(figures, caller, whole)


@router.get("/analytics/equity.csv", response_class=Response)
async def report_equity_as_csv(figures: FiguresDep, whole: WholeDep, caller: MayReadFigures) -> Response:
    """The same as CSV."""
    return kept("equity", EquityFigure, await equity_of(figures, caller, whole))


@router.get("/analytics/offer")
async def report_offer(
    gaps: GapsDep, figures: FiguresDep, whole: WholeDep, caller: MayReadFigures
) -> list[OfferFigure]:
    """Unmet demand per need beside the services of the directory for it, and their room."""
    return await offer_of(await gaps_of(gaps, caller, whole), figures)


@router.get("/analytics/report", response_class=HTMLResponse)
async def print_report(
    gaps: GapsDep,
    figures: FiguresDep,
    whole: WholeDep,
    caller: MayReadFigures,
    lang: Language = Language.FRENCH,
) -> HTMLResponse:
    """All figures with plots, as a page to print that needs nothing else."""
    counts = await gaps_of(gaps, caller, whole)
    report = Report(
        before=whole.before,
        population_as_of=(await figures.population(caller.organisation))[0],
        gaps=[gap_table(counts, [by]) for by in Dimension],
        line=await line_of(figures, caller, whole),
        continuity=await continuity_of(figures, caller, whole),
        demand=await demand_of(figures, caller, whole),
        equity=await equity_of(figures, caller, whole),
        offer=await offer_of(counts, figures),
    )
    headers = {"content-security-policy": POLICY, "cache-control": "no-store", "content-language": lang.value}
    return HTMLResponse(page(report, lang), headers=headers)


@router.put(
    "/analytics/populations/{as_of}",
    openapi_extra={"requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}}},
)
async def load_population(
    as_of: date, request: Request, figures: FiguresDep, caller: MayLoadPopulation
) -> PopulationView:
    """Load the inhabitants per commune on a day: a CSV with `nis_code` and `inhabitants`. Again replaces it."""
    people = read_population(await request.body(), as_of)
    await figures.load_population(caller.organisation, as_of, people)
    return PopulationView(as_of=as_of, communes=len(people), inhabitants=sum(each.inhabitants for each in people))


def read_population(body: bytes, as_of: date) -> list[Population]:
    """The rows of the file; raises ImpossiblePopulation pointing at each wrong line, the heading being line 1."""
    try:
        rows = list(csv.DictReader(StringIO(body.decode("utf-8-sig"))))
    except (UnicodeDecodeError, csv.Error):
        raise ImpossiblePopulation(faults=[Fault("", "wrong-format")]) from None
    if not rows or len(rows) > MOST_COMMUNES or not {"nis_code", "inhabitants"} <= rows[0].keys():
        raise ImpossiblePopulation(faults=[Fault("", "wrong-format")])
    found: dict[str, Population] = {}
    faults = []
    for number, row in enumerate(rows, start=2):
        try:
            one = Population.model_validate(
                {"nis_code": row["nis_code"], "inhabitants": row["inhabitants"], "as_of": as_of}
            )
        except ValidationError:
            faults.append(Fault(f"/{number}", "wrong-format"))
            continue
        if one.nis_code in found:
            faults.append(Fault(f"/{number}", "repeated"))
        found[one.nis_code] = one
    if faults:
        raise ImpossiblePopulation(faults=faults[:100])
    return list(found.values())
