"""What may be told of a sheet that could not be read."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.assessment.domain import FilledAnswers, RefusedSheet, announced, load_content, score_answers
from shared.errors import Fault
from tests.assessment.sheets import CODES, ELADEB, UNHURRIED

CONTENT = load_content()
NAMES = st.sampled_from([*CODES, "difficulty", "need", "level", "sources", "absent", "jean_martin", "Jean Martin"])
ODD = st.none() | st.booleans() | st.integers(-1, 9) | st.sampled_from(["P", "?", "refused", "secret"])
ANYTHING = st.recursive(ODD, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4))
ENTRIES = st.builds(lambda card, rest: {**rest, "domain": card}, NAMES, st.dictionaries(NAMES, ANYTHING, max_size=4))
SENT = st.dictionaries(NAMES, ANYTHING, max_size=8) | st.lists(ENTRIES, max_size=8)


def refused(answers: Any) -> list[Fault]:
    """All that is wrong with these answers."""
    try:
        score_answers(ELADEB, FilledAnswers(instrument="eladeb-r", edition="2011", answers=answers))
    except RefusedSheet as refusal:
        return list(refusal.faults)
    return []


@UNHURRIED
@given(SENT)
def test_no_pointer_leads_to_a_sensitive_card_or_repeats_an_unknown_name(answers: Any) -> None:
    faults = refused(answers)
    told = announced(CONTENT, answers, faults)

    assert {fault.code for fault in told} == {fault.code for fault in faults}
    for fault in told:
        steps = fault.pointer.split("/")[2:]
        assert not CONTENT.sensitive_cards.intersection(steps)
        assert "jean_martin" not in steps
        if isinstance(answers, list) and steps:
            assert answers[int(steps[0])]["domain"] not in CONTENT.sensitive_cards


@pytest.mark.parametrize(
    ("answers", "pointer"),
    [({"work": {"difficulty": 9}}, "/answers/work/difficulty"), ([{}, {"domain": "work"}], "/answers/1/need/level")],
)
def test_a_pointer_to_an_open_card_stays_whole(answers: Any, pointer: str) -> None:
    [told] = announced(CONTENT, answers, [Fault(pointer, "level_out_of_range")])

    assert told.pointer == pointer


def test_faults_that_read_alike_are_told_once() -> None:
    faults = [Fault(f"/answers/{card}/need", "level_out_of_range") for card in ("addiction", "sexuality")]

    assert [fault.pointer for fault in announced(CONTENT, {}, faults)] == ["/answers"]
