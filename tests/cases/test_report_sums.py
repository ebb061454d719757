"""Totals of reports are the sum of their lines, to the cent and to the minute, however they are broken down."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cases.domain import (
    About,
    Activity,
    ActivityCorrection,
    ActivityEntry,
    ActivityNotCurrent,
    ActivityStatus,
    ActivityWithdrawal,
    Dimension,
    Entered,
    Question,
    Rate,
    RateTable,
    Tally,
    Tariffs,
    Work,
    days_of,
    months_touched,
)
from services.cases.events import ActivityKind, Discipline, VisitStatus
from shared.ids import new_id

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
CASES = [new_id() for _ in range(4)]
ENTERED = Entered("anne", "relais", datetime(2026, 11, 20, 12, tzinfo=UTC))

days = st.dates(FIRST, LAST)
kms = st.decimals(0, 500, places=2)
minutes = st.integers(0, 600)
euros = st.decimals(0, 200, places=2)
rates = st.builds(
    Rate,
    valid_from=days,
    discipline=st.sampled_from([None, *Discipline]),
    direct_hour=euros,
    travel_hour=euros,
    km=st.decimals(0, 2, places=4),
)


@st.composite
def lines(draw: st.DrawFn) -> list[Activity]:
    """A year's lines as people leave them: some corrected, some of these again, some withdrawn."""
    found: list[Activity] = []
    for _ in range(draw(st.integers(0, 25))):
        line = Activity.of(draw(entries), draw(st.sampled_from([None, *CASES])), ENTERED, draw(disciplines))
        found.append(line)
        for _ in range(draw(st.integers(0, 2))):
            line, _ = line.correct(ActivityCorrection(reason="Erreur", values=draw(entries)), ENTERED)
            found.append(line)
        if draw(st.booleans()):
            line.withdraw(ActivityWithdrawal(reason="Doublon"))
    return found


disciplines = st.sampled_from([None, *Discipline])
entries = st.builds(
    ActivityEntry,
    kind=st.sampled_from(ActivityKind),
    on=days,
    direct_minutes=minutes,
    travel_minutes=minutes,
    km=kms,
    worker=st.sampled_from(["anne", "bert", "=cmd"]),
    nis_code=st.sampled_from([None, "62063", "62096"]),
    result=st.none(),
    source=st.none(),
    participants=st.none(),
    note=st.none(),
    discipline=disciplines,
)


def tallied(found: Sequence[Activity], group_by: Sequence[Dimension], tariffs: Tariffs) -> Tally:
    tally = Tally(Question(FIRST, LAST, "relais", None, tuple(group_by)), tariffs)
    for line in found:
        if line.status is ActivityStatus.CURRENT:
            about = About(
                line.worker, line.case_id, None, line.organisation, line.nis_code, line.discipline, line.kind, line.on
            )
            tally.add(about, Work(line.direct_minutes, line.travel_minutes, line.km, None, False))
    return tally


def cents(line: Activity, tariffs: Tariffs) -> int:
    """The amount of a line in cents, by exact fractions: rounded half-even once."""
    rate, _ = tariffs.on(line.organisation, line.on, line.discipline)
    if rate is None:
        return 0
    hours = Fraction(rate.direct_hour) * line.direct_minutes + Fraction(rate.travel_hour) * line.travel_minutes
    return round((hours / 60 + Fraction(rate.km) * Fraction(line.km)) * 100)


@given(lines(), st.lists(st.sampled_from(Dimension), unique=True, max_size=4), st.lists(rates, max_size=6))
def test_groups_and_totals_are_the_sum_of_the_lines_that_count(
    found: list[Activity], group_by: list[Dimension], own: list[Rate]
) -> None:
    tariffs = Tariffs({"relais": tuple(own)})
    tally = tallied(found, group_by, tariffs)
    funding, activity = tally.funding(), tally.activity()
    counted = [line for line in found if line.status is ActivityStatus.CURRENT]

    totals = funding.totals
    assert totals.amount * 100 == sum(cents(line, tariffs) for line in counted)
    assert totals.direct_minutes == sum(line.direct_minutes for line in counted)
    assert totals.travel_minutes == sum(line.travel_minutes for line in counted)
    assert totals.km == sum((line.km for line in counted), Decimal(0))
    assert totals.activities == len(counted)
    for name in ("amount", "direct_minutes", "travel_minutes", "total_minutes", "km", "activities", "without_rate"):
        assert sum((Decimal(getattr(row.figures, name)) for row in funding.rows), Decimal(0)) == getattr(totals, name)
    for name in ("accompaniments", "home_visits", "total_minutes"):
        assert sum(getattr(row.figures, name) for row in activity.rows) == getattr(activity.totals, name)


@given(lines())
def test_only_the_newest_line_of_a_chain_counts_and_it_cannot_be_corrected_twice(found: list[Activity]) -> None:
    for line in found:
        newer = [other for other in found if other.replaces == line.id]
        assert (line.status is ActivityStatus.CORRECTED) == bool(newer)
        assert [other.id for other in newer] == ([line.replaced_by] if line.replaced_by else [])
        if line.status is not ActivityStatus.CURRENT:
            with pytest.raises(ActivityNotCurrent):
                line.withdraw(ActivityWithdrawal(reason="Encore"))


@given(st.lists(rates, max_size=6), rates, days, disciplines)
def test_a_new_rate_never_changes_a_day_before_it(
    own: list[Rate], new: Rate, day: date, discipline: Discipline | None
) -> None:
    table = RateTable(())
    for rate in own:
        table = table.with_rate(rate)
    before, after = table.on(day, discipline), table.with_rate(new).on(day, discipline)

    if day < new.valid_from:
        assert after == before
    until = table.until(new)
    if until and day >= until and discipline is new.discipline:
        assert after == before
    begun = [(rate.discipline, rate.valid_from) for rate in table.with_rate(new).rates]
    assert len(begun) == len(set(begun))


def test_a_line_is_rounded_half_even_once_over_its_three_parts() -> None:
    rate = Rate(valid_from=FIRST, direct_hour=Decimal("0.30"), travel_hour=Decimal("0.30"), km=Decimal("0"))

    assert rate.amount(1, 0, Decimal(0)) == Decimal("0.00")
    assert rate.amount(3, 0, Decimal(0)) == Decimal("0.02")
    assert rate.amount(1, 1, Decimal(0)) == Decimal("0.01")
    assert rate.amount(5, 0, Decimal(0)) == Decimal("0.02")


@given(minutes, minutes, kms, rates)
def test_the_amount_is_that_of_exact_fractions(direct: int, travel: int, km: Decimal, rate: Rate) -> None:
    exact = Fraction(rate.direct_hour) * direct / 60 + Fraction(rate.travel_hour) * travel / 60
    exact += Fraction(rate.km) * Fraction(km)
    assert rate.amount(direct, travel, km) * 100 == round(exact * 100)


def test_a_discipline_without_a_rate_of_its_own_has_the_one_of_every_discipline_and_examples_come_last() -> None:
    def rate(day: date, euro: int, discipline: Discipline | None = None) -> Rate:
        return Rate(valid_from=day, discipline=discipline, direct_hour=Decimal(euro), travel_hour=0, km=0)

    march, june = date(2026, 3, 1), date(2026, 6, 1)
    table = RateTable((rate(march, 50), rate(june, 70, Discipline.NURSE)), (rate(FIRST, 9, Discipline.NURSE),))

    found = [table.on(day, Discipline.NURSE) for day in (FIRST, march, june - timedelta(days=1), june)]
    assert [(each.direct_hour, example) for each, example in found if each] == [
        (Decimal(9), True),
        (Decimal(50), False),
        (Decimal(50), False),
        (Decimal(70), False),
    ]
    assert table.on(FIRST, Discipline.SOCIAL_WORKER) == (None, False)


@pytest.mark.parametrize(
    ("first", "until", "touched"),
    [
        (date(2026, 1, 15), None, ["2026-01", "2026-02"]),
        (date(2026, 2, 1), None, ["2026-02"]),
        (date(2026, 3, 1), None, []),
        (date(2025, 12, 1), date(2026, 1, 1), []),
        (date(2025, 12, 1), date(2026, 1, 2), ["2026-01"]),
    ],
)
def test_a_rate_touches_the_closed_months_that_it_has_a_day_in(
    first: date, until: date | None, touched: list[str]
) -> None:
    assert months_touched(["2026-01", "2026-02"], first, until) == touched


@pytest.mark.parametrize(
    ("period", "found"),
    [
        ("2026", (date(2026, 1, 1), date(2026, 12, 31))),
        ("2026-Q4", (date(2026, 10, 1), date(2026, 12, 31))),
        ("2028-02", (date(2028, 2, 1), date(2028, 2, 29))),
        ("2026-Q5", None),
        ("2026-13", None),
        ("26", None),
    ],
)
def test_a_period_is_a_year_a_quarter_or_a_month(period: str, found: tuple[date, date] | None) -> None:
    assert days_of(period) == found


def test_continuity_is_the_share_of_the_worker_that_each_person_sees_most() -> None:
    tally = Tally(Question(FIRST, LAST, "relais", None, ()), Tariffs({}))

    def about(case: int, worker: str, kind: ActivityKind = ActivityKind.PHONE) -> About:
        return About(worker, CASES[case], None, "relais", None, None, kind, FIRST)

    for case, worker in ((0, "anne"), (0, "anne"), (0, "bert"), (1, "bert")):
        tally.add(about(case, worker), Work(10, 0, Decimal(0), None, False))
    tally.add(about(0, "carl", ActivityKind.ADMINISTRATION), Work(10, 0, Decimal(0), None, False))
    tally.add(about(1, "bert", ActivityKind.HOME_VISIT), Work(60, 0, Decimal(0), None, True))
    tally.add_visit(about(1, "bert", ActivityKind.HOME_VISIT), VisitStatus.DONE)
    tally.add_visit(about(1, "anne", ActivityKind.HOME_VISIT), VisitStatus.MISSED)

    totals = tally.activity().totals
    assert totals.continuity == Decimal("0.8000")
    assert (totals.home_visits, totals.visits_missed, totals.activities) == (1, 1, 6)
