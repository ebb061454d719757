"""The figures of the line and its region, made of counts that may be told; what is not told is none or hidden."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum

from pydantic import BaseModel, Field

from services.intake.domain.gap import GAP_LEVELS, PLACES, Dimension, median_days, table_of, wilson
from services.intake.domain.suppression import ALL, SMALLEST, Protected, Record

HIDDEN = "Null is hidden, none, or not known"


class GapFigure(BaseModel):
    """Unmet demands of one kind; the dimensions that were not asked for are null."""

    topic: str | None = None
    commune: str | None = None
    reason: str | None = None
    month: str | None = Field(default=None, description="A month, or a year where years were asked for")
    count: int


class GapTable(BaseModel):
    """Unmet demands, the most frequent first; combinations that are not listed are none or hidden."""

    by: list[Dimension]
    smallest: int = Field(default=SMALLEST, description="Counts below this are hidden")
    total: int | None = Field(description=HIDDEN)
    rows: list[GapFigure]


class LineFigure(BaseModel):
    """What was solved at the line, of one topic or of all."""

    topic: str | None
    month: str | None = None
    contacts: int = Field(description="Contacts about it; one about two topics counts under both")
    solved: int | None = Field(description=HIDDEN)
    share: float | None = Field(description=HIDDEN)


class ContinuityFigure(BaseModel):
    """How often somebody who turns to the line again finds the worker of the time before; of one discipline or all."""

    discipline: str | None
    month: str | None = None
    repeats: int = Field(description="Contacts that came in within a year of the person's contact before")
    same: int | None = Field(description=HIDDEN)
    share: float | None = Field(description=HIDDEN)


class DemandFigure(BaseModel):
    """Contacts that came in, by what brought people to the line and by commune."""

    source: str | None
    commune: str | None
    contacts: int
    inhabitants: int | None = Field(description="Null where no population is loaded")
    per_1000: float | None = Field(description="Contacts per 1,000 inhabitants; null where no population is loaded")


class Group(StrEnum):
    """What equity is looked at by."""

    COMPLEXITY = "complexity"
    COMMUNE = "commune"
    LANGUAGE = "language"


class EquityFigure(BaseModel):
    """How demands for case management fared, of one group or of all."""

    by: Group | None
    group: str | None
    demands: int
    accepted: int | None = Field(description=HIDDEN)
    refused: int | None = Field(description=HIDDEN)
    acceptance: float | None = Field(description="Accepted of all demands")
    refusal: float | None = Field(description="Refused of all demands")
    interval: tuple[float, float] | None = Field(description="The acceptance's 95 % interval (Wilson)")
    differs: bool = Field(description="Whether the acceptance of everybody lies outside that interval")
    median_days: float | None = Field(description="Days from the demand to its decision; only where both are told")
    refusals: dict[str, int] = Field(description="Per reason; what is missing is none or hidden")


class OfferFigure(BaseModel):
    """Demand beside what the directory offers for it."""

    topic: str
    unmet: int | None = Field(description=HIDDEN)
    services: int = Field(description="Services of the directory for this need")
    with_room: int = Field(description="Those that say they have room")


def gap_table(counts: Protected, by: Sequence[Dimension], period: str | None = None) -> GapTable:
    """The gaps by these dimensions, of all the time or of one month or year."""
    asked = {*by}
    if period:
        asked.add(Dimension.MONTH if len(period) > 4 else Dimension.YEAR)
    table = table_of(asked)
    names = ("topic", "commune", "reason", "month")
    found = [(key, n) for key, n in counts.rows(table).items() if period in (None, key[3])]
    rows = [
        GapFigure(**{name: part for name, part in zip(names, key, strict=True) if part != ALL}, count=n)
        for key, n in sorted(found, key=lambda each: (-each[1], each[0]))
    ]
    whole = table_of([Dimension.MONTH if len(period) > 4 else Dimension.YEAR] if period else [])
    total = counts.rows(whole).get((ALL, ALL, ALL, period or ALL))
    return GapTable(by=[each for each in Dimension if each in asked], total=total, rows=rows)


def is_offered(by: Iterable[Dimension], period: str | None, tables: Iterable[Record | tuple[int, ...]]) -> bool:
    """Whether such a table is told: each place once, and none that would give others away."""
    asked = {*by}
    if period:
        asked.add(Dimension.MONTH if len(period) > 4 else Dimension.YEAR)
    places = [PLACES[each][0] for each in asked]
    return len(places) == len({*places}) <= len(GAP_LEVELS) and table_of(asked) in tables


def line_figures(counts: Protected) -> Iterator[LineFigure]:
    """The share solved at the line: of all topics, of each root and leaf, and month by month."""
    for topics, months in ((2, 2), (1, 2), (0, 2), (2, 0)):
        solved = counts.rows((topics, 0, months))
        for (topic, _, month), number in counts.rows((topics, 1, months)).items():
            part = solved.get((topic, "solved", month))
            yield LineFigure(
                topic=told(topic),
                month=told(month),
                contacts=number,
                solved=part,
                share=None if part is None else round(part / number, 4),
            )


def continuity_figures(counts: Protected) -> Iterator[ContinuityFigure]:
    """The share that found the same worker again: of all, of each discipline, and month by month."""
    for disciplines, months in ((1, 2), (0, 2), (1, 0)):
        same = counts.rows((disciplines, 0, months))
        for (discipline, _, month), number in counts.rows((disciplines, 1, months)).items():
            part = same.get((discipline, "same", month))
            yield ContinuityFigure(
                discipline=told(discipline),
                month=told(month),
                repeats=number,
                same=part,
                share=None if part is None else round(part / number, 4),
            )


def told(part: str) -> str | None:
    """A value; None where it is summed up."""
    return None if part == ALL else part


def demand_figures(counts: Protected, inhabitants: Mapping[str, int]) -> Iterator[DemandFigure]:
    """Contacts by source, by commune, and by both."""
    for table in ((1, 1, 2), (0, 1, 2), (1, 0, 2), (0, 0, 2)):
        for (source, commune, _), number in counts.rows(table).items():
            people = inhabitants.get(commune)
            yield DemandFigure(
                source=told(source),
                commune=told(commune),
                contacts=number,
                inhabitants=people,
                per_1000=round(1000 * number / people, 3) if people else None,
            )


def equity_figures(counts: Protected, days: Sequence[tuple[Record, int]]) -> list[EquityFigure]:
    """Everybody first, then each group; `days` are those to the decision of each decided demand."""
    everybody = list(_equity(counts, None, days, None))
    overall = everybody[0].acceptance if everybody else None
    return everybody + [row for by in Group for row in _equity(counts, by, days, overall)]


def _equity(
    counts: Protected, by: Group | None, days: Sequence[tuple[Record, int]], overall: float | None
) -> Iterator[EquityFigure]:
    levels = tuple(0 if each is by else 1 for each in Group)
    place = list(Group).index(by) if by else None
    decisions, reasons = counts.rows((*levels, 1)), counts.rows((*levels, 0))
    for key, number in counts.rows((*levels, 2)).items():
        group = key[:-1]
        accepted, refused = decisions.get((*group, "accepted")), decisions.get((*group, "refused"))
        interval = None if accepted is None else wilson(accepted, number)
        own = [n for record, n in days if place is None or record[place] == group[place]]
        yield EquityFigure(
            by=by,
            group=None if place is None else group[place],
            demands=number,
            accepted=accepted,
            refused=refused,
            acceptance=None if accepted is None else round(accepted / number, 4),
            refusal=None if refused is None else round(refused / number, 4),
            interval=interval,
            differs=bool(interval and overall is not None and not interval[0] <= overall <= interval[1]),
            median_days=median_days(own) if accepted is not None and refused is not None else None,
            refusals={r.partition(".")[2]: n for (*g, r), n in reasons.items() if tuple(g) == group and "." in r},
        )


def offer_figures(counts: Protected, offers: Sequence[tuple[Sequence[str], str | None]]) -> Iterator[OfferFigure]:
    """Unmet demand per need beside the services for it; `offers` are the domains and the room of each service."""
    unmet = {key[0]: n for key, n in counts.rows(table_of([Dimension.TOPIC])).items()}
    offered = {f"need.{domain}" for domains, _ in offers for domain in domains}
    for topic in sorted(unmet.keys() | offered):
        rooms = [room for domains, room in offers if topic.removeprefix("need.") in domains]
        yield OfferFigure(topic=topic, unmet=unmet.get(topic), services=len(rooms), with_room=rooms.count("available"))


class Report(BaseModel):
    """All figures of the line and its region, of the months before one."""

    before: date
    population_as_of: date | None = Field(description="The day of the population file; null where none is loaded")
    gaps: list[GapTable]
    line: list[LineFigure]
    continuity: list[ContinuityFigure]
    demand: list[DemandFigure]
    equity: list[EquityFigure]
    offer: list[OfferFigure]
