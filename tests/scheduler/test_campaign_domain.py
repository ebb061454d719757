"""Campaigns without any database: the days of the batches, the order of the people, the steps, the report."""

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scheduler.domain import (
    Calendar,
    CallOrder,
    Campaign,
    CampaignStatus,
    CampaignStepRefused,
    Member,
    NobodyToCall,
    Standing,
    Tally,
    WrongInput,
    lay_out,
    risk_of,
)
from services.scheduler.domain.campaign import CAMPAIGN_NEXT, RISKS
from services.scheduler.domain.campaign_report import ALL, SMALLEST, hidden_cells, report

TODAY = date(2026, 11, 20)
DAYS = st.dates(date(2026, 1, 1), date(2030, 12, 31))
CLOSED = st.frozensets(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=20)
NOBODY = Tally(counts={})
TWO = Tally(counts={Standing.REACHED: 1, Standing.PLANNED: 1})


def campaign(**given: object) -> Campaign:
    return Campaign.model_validate({"organisation": "relais", "per_day": 3, **given})


def running() -> Campaign:
    one = campaign()
    one.start(TODAY, TODAY, Calendar(), 2)
    return one


@given(st.integers(0, 120), st.integers(1, 30), DAYS, CLOSED)
def test_everybody_gets_a_working_day_and_no_day_more_than_its_size(
    count: int, per_day: int, first: date, closed: frozenset[date]
) -> None:
    calendar = Calendar(closed_days=closed)
    days = lay_out(count, per_day, first, calendar, {})
    assert len(days) == count
    assert all(calendar.is_working_day(day) and day >= first for day in days)
    assert max(Counter(days).values(), default=0) <= per_day
    assert all(one <= two for one, two in pairwise(days))
    assert len(set(days)) == -(-count // per_day)


@given(st.integers(1, 60), st.integers(1, 10), DAYS, st.lists(st.integers(0, 10), max_size=10))
def test_what_is_on_a_day_already_counts(count: int, per_day: int, first: date, there: list[int]) -> None:
    calendar = Calendar()
    taken = {first + timedelta(days=place): known for place, known in enumerate(there)}
    laid = Counter(lay_out(count, per_day, first, calendar, taken))
    assert sum(laid.values()) == count
    assert all(laid[day] + taken.get(day, 0) <= per_day for day in laid)


@given(st.integers(1, 60), st.integers(1, 8), st.integers(0, 30), DAYS)
def test_a_pause_loses_nobody_and_keeps_the_order(count: int, per_day: int, called: int, first: date) -> None:
    calendar = Calendar()
    people = list(range(count))
    before = dict(zip(people, lay_out(count, per_day, first, calendar, {}), strict=True))
    rest = people[min(called, count) :]
    anew = dict(zip(rest, lay_out(len(rest), per_day, first + timedelta(days=40), calendar, {}), strict=True))
    after = {**before, **anew}
    assert set(after) == set(people)
    assert [after[one] for one in people] == sorted(after.values()) or max(before.values()) > min(anew.values())
    assert all(anew[one] <= anew[two] for one, two in pairwise(rest))


REASONS = st.lists(st.sampled_from([*RISKS, "unheard-of"]), max_size=5, unique=True).map(tuple)


@given(st.lists(st.tuples(REASONS, st.none() | DAYS), min_size=1, max_size=30), st.sampled_from(CallOrder))
def test_open_safety_issues_always_come_first(
    known: list[tuple[tuple[str, ...], date | None]], order: CallOrder
) -> None:
    one = campaign(order=order)
    members = [
        Member(campaign_id=one.id, person_id=uuid4(), rank=rank, risk=risk_of(reasons), reasons=reasons, since=since)
        for rank, (reasons, since) in enumerate(known, 1)
    ]
    ordered = sorted(members, key=one.place)
    safe = ["open-safety-issue" not in each.reasons for each in ordered]
    assert safe == sorted(safe)
    for risky in (True, False):
        part = [each for each in ordered if ("open-safety-issue" in each.reasons) is risky]
        if order is CallOrder.RISK:
            assert [each.rank for each in part] == sorted(each.rank for each in part)
        else:
            since = [each.since or date.min for each in part]
            assert since == sorted(since)


def test_an_open_safety_issue_is_the_highest_risk_and_the_unknown_is_routine() -> None:
    assert risk_of(("recent-need", "open-safety-issue")) == 0
    assert risk_of(()) == risk_of(("unheard-of",)) == 5


def test_every_state_is_in_the_table_and_two_are_the_end() -> None:
    assert set(CAMPAIGN_NEXT) == set(CampaignStatus)
    ends = {state for state, following in CAMPAIGN_NEXT.items() if not following}
    assert ends == {CampaignStatus.COMPLETED, CampaignStatus.CLOSED}


def test_a_campaign_starts_on_a_working_day() -> None:
    one = campaign()
    fact = one.start(date(2026, 12, 25), TODAY, Calendar(), 7)
    assert (fact.first_on, fact.people, fact.per_day) == (date(2026, 12, 28), 7, 3)
    assert one.status is CampaignStatus.RUNNING


def test_a_campaign_is_started_once_and_with_somebody() -> None:
    with pytest.raises(NobodyToCall):
        campaign().start(TODAY, TODAY, Calendar(), 0)
    with pytest.raises(CampaignStepRefused) as refused:
        running().start(TODAY, TODAY, Calendar(), 2)
    assert refused.value.facts == {"state": "running", "allowed": ["closed", "completed", "paused"]}


@pytest.mark.parametrize(("days", "code"), [(-1, "in-past"), (367, "out-of-range")])
def test_a_start_that_cannot_be_is_refused(days: int, code: str) -> None:
    one = campaign()
    with pytest.raises(WrongInput) as refused:
        one.start(TODAY + timedelta(days=days), TODAY, Calendar(), 2)
    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [("/first_on", code)]
    assert one.status is CampaignStatus.DRAFT


def test_only_a_running_campaign_is_paused_and_only_a_paused_one_goes_on() -> None:
    for one in (campaign(), campaign(status=CampaignStatus.COMPLETED), campaign(status=CampaignStatus.PAUSED)):
        with pytest.raises(CampaignStepRefused):
            one.pause(TWO)
    for one in (campaign(), running()):
        with pytest.raises(CampaignStepRefused):
            one.resume(TODAY, Calendar(), TWO)


def test_a_paused_campaign_goes_on_with_the_next_working_day() -> None:
    one = running()
    assert one.pause(TWO).open == 1
    fact = one.resume(TODAY, Calendar(), TWO)
    assert (fact.first_on, fact.open) == (date(2026, 11, 23), 1)


def test_a_campaign_is_done_when_all_who_were_announced_are_on_it_and_none_is_open() -> None:
    done = Tally(counts={Standing.REACHED: 2, Standing.UNREACHABLE: 1, Standing.RESTORED: 1})
    assert campaign().is_done(done)
    assert campaign(expected=4).is_done(done)
    assert not campaign(expected=5).is_done(done)
    assert not campaign().is_done(TWO)
    assert not campaign().is_done(NOBODY)
    fact = running().finish(CampaignStatus.COMPLETED, TODAY, done)
    assert (fact.ended, fact.people, fact.reached, fact.unreachable, fact.restored) == ("all-done", 4, 2, 1, 1)


def test_a_campaign_that_is_over_is_not_closed_again() -> None:
    one = running()
    assert one.finish(CampaignStatus.CLOSED, TODAY, TWO).ended == "closed"
    for status in CampaignStatus:
        with pytest.raises(CampaignStepRefused):
            one.finish(status, TODAY, TWO)


CELLS = st.dictionaries(
    st.tuples(st.sampled_from(Standing), st.sampled_from([*RISKS, "none"])), st.integers(1, 20), min_size=1
)


@given(CELLS)
def test_no_small_number_is_shown_and_no_difference_gives_one_away(cells: dict[tuple[Standing, str], int]) -> None:
    rows = {(row.outcome, row.reason): row.people for row in report(cells, hide_small=True)}
    assert all(people is None or people >= SMALLEST for people in rows.values())
    for place in (0, 1):
        for other in {cell[1 - place] for cell in rows}:
            total = rows[(ALL, other) if place == 0 else (other, ALL)]
            parts = [people for cell, people in rows.items() if cell[1 - place] == other and cell[place] != ALL]
            hidden = [people for people in parts if people is None]
            if total is not None and hidden:
                assert len(hidden) > 1
                assert total - sum(people or 0 for people in parts) >= SMALLEST
            if total is None and parts:
                assert hidden


@given(CELLS)
def test_whoever_may_see_the_people_is_hidden_nothing(cells: dict[tuple[Standing, str], int]) -> None:
    rows = {(row.outcome, row.reason): row.people for row in report(cells, hide_small=False)}
    assert rows[ALL, ALL] == sum(cells.values())
    assert all(rows[standing.value, reason] == count for (standing, reason), count in cells.items())


def test_an_empty_report_hides_its_zero() -> None:
    assert hidden_cells({(ALL, ALL): 0}) == {(ALL, ALL)}
    assert [row.people for row in report({}, hide_small=False)] == [0]


def test_two_members_of_the_same_rank_have_one_order() -> None:
    one = campaign()
    a, b = (Member(campaign_id=one.id, person_id=UUID(int=each), rank=0) for each in (1, 2))
    assert sorted([b, a], key=one.place) == [a, b]
