"""The retention policy: nothing ends before its time, whatever the rules, and the law's times cannot be undercut."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.retention import (
    DEFAULT,
    Held,
    ImpossiblePolicy,
    LawBinds,
    Policy,
    Rule,
    decisions,
    due,
    kept_until,
    refuse_unlawful,
    years_after,
)
from services.intake.events import RecordType, Then

DAYS = st.dates(date(1980, 1, 1), date(2050, 12, 31))
KINDS = st.frozensets(st.sampled_from(RecordType), min_size=1)
HELD = st.builds(Held, st.sampled_from(("relais", "asbl")), KINDS, DAYS)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """Any lawful policy."""
    rules = []
    for kind in RecordType:
        for bound in (True, False):
            is_law = kind is RecordType.CARE_RECORD and bound
            years = draw(st.integers(30, 50) if is_law else st.integers(0, 60))
            then = draw(st.sampled_from(Then))
            rules.append(Rule(record_type=kind, bound=bound, years=years, then=then, source="a rule"))
    return Policy(binds_others=draw(st.booleans()), binds={"asbl": draw(st.booleans())}, rules=tuple(rules)).checked()


@given(HELD, policies(), DAYS)
def test_nothing_ends_before_the_time_of_each_kind_of_record(held: Held, policy: Policy, today: date) -> None:
    if due(held, policy, today):
        for kind in held.record_types:
            years = policy.rule(kind, held.organisation).years
            assert years_after(held.last_contact, years) <= today


@given(HELD, policies(), DAYS)
def test_the_mildest_end_counts(held: Held, policy: Policy, today: date) -> None:
    order = [Then.KEEP, Then.RESTRICT, Then.PSEUDONYMISE, Then.ERASE]
    then = due(held, policy, today)
    if then:
        assert all(
            order.index(then) <= order.index(policy.rule(kind, held.organisation).then) for kind in held.record_types
        )


@given(HELD, policies(), DAYS)
def test_a_care_record_that_the_law_binds_is_erased_by_nobody_in_its_thirty_years(
    held: Held, policy: Policy, today: date
) -> None:
    binds = policy.binds_organisation(held.organisation) and RecordType.CARE_RECORD in held.record_types
    if binds and today < years_after(held.last_contact, 30):
        assert due(held, policy, today) is None
        with pytest.raises(LawBinds) as refused:
            refuse_unlawful(held, policy, Then.ERASE, today)
        assert refused.value.facts["offers"] == ["pseudonymise"]
        assert str(refused.value.facts["until"]) >= years_after(held.last_contact, 30).isoformat()
    refuse_unlawful(held, policy, Then.PSEUDONYMISE, today)


@given(HELD, policies())
def test_all_is_due_on_the_day_and_not_the_day_before(held: Held, policy: Policy) -> None:
    until = kept_until(held, policy)
    assert due(held, policy, until)
    if until > held.last_contact:
        assert due(held, policy, until - timedelta(days=1)) is None


@pytest.mark.parametrize("years", [0, 10, 29, 51])
def test_a_bound_care_record_is_kept_from_thirty_to_fifty_years(years: int) -> None:
    rules = [rule for rule in DEFAULT.rules if rule.record_type is not RecordType.CARE_RECORD]
    rule = Rule(record_type=RecordType.CARE_RECORD, years=years, then=Then.ERASE, source="wished")
    with pytest.raises(ImpossiblePolicy):
        Policy(rules=(*rules, rule)).checked()


def test_every_kind_of_record_has_one_rule() -> None:
    assert DEFAULT.checked() == DEFAULT
    with pytest.raises(ImpossiblePolicy):
        Policy(rules=DEFAULT.rules[1:]).checked()
    with pytest.raises(ImpossiblePolicy):
        Policy(rules=(*DEFAULT.rules, DEFAULT.rules[0])).checked()


def test_the_audit_is_kept_whatever_ends() -> None:
    held = Held("relais", frozenset({RecordType.CARE_RECORD}), date(1990, 1, 1))
    told = {each.record_type: each.then for each in decisions(held, DEFAULT, Then.ERASE, date(2026, 11, 20))}
    assert told == {
        RecordType.AUDIT: Then.KEEP,
        RecordType.CARE_RECORD: Then.ERASE,
        RecordType.IDENTITY: Then.ERASE,
    }
    assert years_after(date(2024, 2, 29), 1) == date(2025, 3, 1)
