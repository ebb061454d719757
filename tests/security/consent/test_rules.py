"""Which word counts: the last one said, by its own time, however late, often or mixed up it is told."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.consent import texts
from services.intake.events import ConsentChannel, Purpose
from shared.agreements import Decision, Rule, Statement, allows, latest, rules
from shared.testing.harness import UnderTest
from tests.security.consent.saying import hear

BEGAN = datetime(2026, 11, 20, 9, tzinfo=UTC)
WHO = UUID(int=1)
LANGUAGES = {"fr", "nl", "de", "en"}


def said(decision: Decision, minutes: int = 0, source: int = 1) -> Statement:
    """A word of one person on one thing."""
    return Statement(UUID(int=source), WHO, "sharing", "centre", decision, BEGAN + timedelta(minutes=minutes))


words = st.builds(said, st.sampled_from(Decision), st.integers(0, 5), st.integers(1, 4))


@given(st.lists(words, min_size=1, max_size=7), st.randoms(use_true_random=False))
def test_words_in_any_order_and_number_make_the_same_state(told: list[Statement], chance: object) -> None:
    mixed = told + told[: len(told) // 2]
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert latest(mixed) == latest(told)


@given(st.lists(words, min_size=1, max_size=7))
def test_the_last_word_counts_and_of_two_at_once_the_one_that_protects(told: list[Statement]) -> None:
    word = latest(told)
    assert word is not None
    newest = max(each.since for each in told)
    at_last = {each.decision for each in told if each.since == newest}
    assert word.since == newest
    assert (word.decision is Decision.GIVEN) is (at_last == {Decision.GIVEN})


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_consent_a_withdrawal_and_a_new_consent_told_in_any_order(order: tuple[int, ...]) -> None:
    told = [said(Decision.GIVEN), said(Decision.WITHDRAWN, 1), said(Decision.GIVEN, 2, source=2)]
    assert latest(told[each] for each in order) == told[2]
    assert latest(told[each] for each in order if each < 2) == told[1]


def test_what_needs_a_yes_and_what_is_barred_by_a_no_alone() -> None:
    opened = {name: allows(name, None) for name in rules().purposes}
    assert {name for name, is_open in opened.items() if not is_open} == {"case-management", "sharing"}
    for name in rules().purposes:
        assert allows(name, said(Decision.GIVEN))
        assert not allows(name, said(Decision.REFUSED))
        assert not allows(name, said(Decision.WITHDRAWN))


def test_each_purpose_has_its_rule_its_source_and_its_text_in_four_languages() -> None:
    published = rules()
    assert set(published.purposes) == {each.value for each in Purpose}
    assert set(published.channels) == {each.value for each in ConsentChannel}
    for name, rule in published.purposes.items():
        assert rule.source
        assert set(rule.labels) == LANGUAGES
        for version in texts().values():
            assert set(version[Purpose(name)]) == LANGUAGES
    page = (Path(__file__).parents[3] / "shared" / "docs" / "security" / "consent.md").read_text()
    assert Counter(f"`{name}` | {rule.rule}" in page for name, rule in published.purposes.items()) == {True: 5}
    assert {rule.rule for rule in published.purposes.values()} == set(Rule)


async def test_a_service_keeps_each_word_once_and_reads_by_time(scheduler: UnderTest) -> None:
    consent_id = UUID(int=7)
    for decision, minutes in (("withdrawn", 5), ("given", 0), ("withdrawn", 5), ("given", 0)):
        await hear(scheduler, WHO, "channel", decision, about="sms", minutes=minutes, consent_id=consent_id)
    async with scheduler.app.state.database.raw() as connection:
        rows = await connection.fetch("SELECT decision FROM agreement ORDER BY decision")
    assert [row["decision"] for row in rows] == ["given", "withdrawn"]
