"""Made-up sheets for the tests of this service: worked examples, whole sheets with one exception, random ones."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from services.assessment.domain import (
    CardAnswer,
    ComplexityProfile,
    NeedAnswer,
    ScaleAnswer,
    ScaleScore,
    ScoringParameters,
    SheetScore,
    Signs,
    assess_complexity,
    load_instrument,
    load_policies,
    parse_answers,
    score,
)
from services.assessment.domain.instrument import AbsentReason

EXAMPLES = json.loads(Path(__file__).with_name("eladeb_examples.json").read_text(encoding="utf-8"))
SCORED = {example["id"]: example for example in EXAMPLES["scored_examples"]}
ELADEB = load_instrument()
POLICIES = load_policies()
CODES = [card.code for card in ELADEB.cards]
CORE = [card.code for card in ELADEB.cards if not card.optional]
NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
TODAY = NOW.date()

Change = Callable[[dict[str, Any]], None]
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

Compact = dict[str, dict[str, JsonValue]]

LEVELS = st.none() | st.integers(0, 3)
ANSWERED = st.integers(0, 3)
WHY_NOT = st.sampled_from(["refused", "unknown", "not-applicable"])
SOURCES = st.one_of(st.just(["?"]), st.lists(st.sampled_from(["P", "F", "E"]), max_size=4))


@st.composite
def compact_item(draw: st.DrawFn, levels: st.SearchStrategy[int | None] = LEVELS) -> dict[str, JsonValue]:
    """One card as a hospital pushes it."""
    difficulty, need = draw(levels), draw(levels)
    item: dict[str, JsonValue] = {"difficulty": difficulty, "need": need}
    if need:
        item["sources"] = list(draw(SOURCES))
    if (difficulty is None or need is None) and draw(st.booleans()):
        item["absent"] = draw(WHY_NOT)
    return item


def compact_sheets(levels: st.SearchStrategy[int | None] = LEVELS) -> st.SearchStrategy[Compact]:
    """A compact map over any part of the cards."""
    return st.dictionaries(st.sampled_from(CODES), compact_item(levels))


def full_sheets() -> st.SearchStrategy[Compact]:
    """A compact map that answers every core card on both scales, and the optional one or not."""
    item = compact_item(ANSWERED)
    return st.fixed_dictionaries(dict.fromkeys(CORE, item), optional={"sexuality": item})


def scale_answers() -> st.SearchStrategy[ScaleAnswer]:
    """Any answer the long form can hold, a flag without level included."""
    return st.one_of(
        st.just(ScaleAnswer(presence=False)),
        st.builds(ScaleAnswer, presence=st.just(True), level=st.none() | st.integers(1, 3)),
        st.builds(ScaleAnswer, absent_reason=st.none() | st.sampled_from(AbsentReason)),
    )


def stored_card(code: str) -> st.SearchStrategy[CardAnswer]:
    """One card in the stored form."""
    needs = scale_answers().map(lambda answer: NeedAnswer(**answer.model_dump()))
    return st.builds(CardAnswer, domain=st.just(code), difficulty=scale_answers(), need=needs)


STORED_SHEETS = st.fixed_dictionaries({}, optional={code: stored_card(code) for code in CODES})


def stored_sheets() -> st.SearchStrategy[list[CardAnswer]]:
    """A stored sheet in any state, over any part of the cards."""
    return STORED_SHEETS.map(lambda cards: list(cards.values()))


def parameters() -> st.SearchStrategy[ScoringParameters]:
    """Every reading of the disputed points."""
    return st.builds(
        ScoringParameters,
        sexuality_group=st.sampled_from(["health", "relationships"]),
        include_sexuality=st.sampled_from(["if_administered", "never"]),
    )


def both(result: SheetScore) -> list[ScaleScore]:
    """The two scales of a score."""
    return [result.difficulty, result.need]


def compact(**given: Any) -> Any:
    """A compact sheet with 0 on both scales of every core card, except what the test says."""
    sheet: dict[str, Any] = {code: {"difficulty": 0, "need": 0} for code in CORE}
    return {**sheet, **given}


def scored(raw: Any, **parameters: Any) -> SheetScore:
    """The score of a sheet as it was sent."""
    return score(ELADEB, parse_answers(ELADEB, raw), ScoringParameters(**parameters))


def profile(answers: Sequence[CardAnswer], *factors: str) -> ComplexityProfile:
    """The profile under the newest policy."""
    return assess_complexity(ELADEB, answers, Signs(factors=frozenset(factors)), POLICIES, TODAY)


def completed(answers: list[CardAnswer], levels: list[int]) -> list[CardAnswer]:
    """The same sheet with every unknown value of an expected card filled in; what was said stays as it is."""
    given_answers = {answer.domain: answer for answer in answers}
    with_optional = any(answer.domain == "sexuality" and answer.is_used for answer in answers)
    filler = iter(levels)
    whole = []
    for code in CODES if with_optional else CORE:
        card = given_answers.get(code, CardAnswer(domain=code))
        filled = {"difficulty": fill(card.on("difficulty"), next(filler)), "need": fill(card.on("need"), next(filler))}
        need = NeedAnswer(**filled["need"].model_dump())
        whole.append(CardAnswer(domain=code, difficulty=filled["difficulty"], need=need))
    return whole


def fill(answer: ScaleAnswer, level: int) -> ScaleAnswer:
    """One answer made known; a flag can only become a level of 1 or more."""
    if answer.value is not None:
        return answer
    chosen = max(level, 1) if answer.flagged else level
    return ScaleAnswer(presence=chosen > 0, level=chosen or None)


def sent(answers: Sequence[CardAnswer]) -> JsonValue:
    """The long list as a sender writes it."""
    return [answer.model_dump(mode="json") for answer in answers]
