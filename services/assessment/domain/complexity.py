"""The complexity profile and the admission advice: dated policy read against answers and factors, never a decision."""

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, JsonValue, ValidationError, model_validator

from services.assessment.domain.answers import CardAnswer, ScaleAnswer, expected_cards, is_administered
from services.assessment.domain.instrument import SHIPPED, Card, Dimension, Frozen, Instrument, Labels, ScaleCode
from services.assessment.domain.scoring import answers_on

ADMISSION_POLICY = SHIPPED / "policies" / "admission.json"


class InvalidPolicy(Exception):
    """The policy file contradicts itself, leaves a case open, or is not an admission policy."""


class NoPolicyInForce(Exception):
    """No version of the policy is in force on that day."""


class DimensionState(StrEnum):
    """How complex one dimension is, as far as the answers tell."""

    NOT_ASSESSED = "not_assessed"
    NONE = "none"
    PRESENT = "present"
    DOMINANT = "dominant"


class Advice(StrEnum):
    """The rungs of the ladder, lowest first (after the 2015 joint plan)."""

    SELF_MANAGEMENT = "self_management"
    INFORMATION_ONLY = "information_only"
    ORIENTATION = "orientation"
    CASE_MANAGEMENT = "case_management"


class NamedDimension(Frozen):
    """A dimension with its labels."""

    code: Dimension
    labels: Labels


class Factor(Frozen):
    """A circumstance that ELADEB has no card for, sent as a code with a referral."""

    code: str
    dimension: Dimension
    labels: Labels


class Measure(Frozen):
    """A crossed cut-off of another instrument (LACE, INTERMED ...) as evidence for a dimension."""

    instrument: str
    threshold: str
    dimension: Dimension


class DimensionRule(Frozen):
    """One row of the decision table of a dimension.

    `cards`: at least so many cards reach `min_level`; `factors`, `measures`: at least so many factors, or crossed
    cut-offs; `every_card_clear`: every expected card answered 0; `nothing`: the last resort, holds always.
    """

    code: str
    state: DimensionState
    reads: Literal["cards", "factors", "measures", "every_card_clear", "nothing"]
    min_level: int | None = Field(default=None, ge=1, le=3)
    at_least: int = Field(ge=1)
    explanation: Labels


class NamedAdvice(Frozen):
    """A rung of the ladder with its labels; below case management it says where the person can turn instead."""

    code: Advice
    labels: Labels
    onward: Labels | None = None


class Condition(Frozen):
    """So many of the five dimensions are in one of these states. Rules can read nothing else."""

    states: frozenset[DimensionState]
    at_least: int = Field(default=0, ge=0, le=5)
    at_most: int = Field(default=5, ge=0, le=5)


class AdviceRule(Frozen):
    """One row of the admission table: when all its conditions hold, it speaks for its rung."""

    code: str
    advice: Advice
    when: tuple[Condition, ...] = Field(min_length=1)
    explanation: Labels


class AdmissionPolicy(Frozen):
    """One version of the programme's rule, in force from `valid_from` to `valid_to`, both days included."""

    rule_version: str
    valid_from: date
    valid_to: date | None
    source: str
    scales: tuple[ScaleCode, ...] = Field(min_length=1)
    dimensions: tuple[NamedDimension, ...]
    factors: tuple[Factor, ...]
    measures: tuple[Measure, ...] = ()
    dimension_rules: tuple[DimensionRule, ...]
    advice: tuple[NamedAdvice, ...]
    advice_rules: tuple[AdviceRule, ...]

    @model_validator(mode="after")
    def _leaves_no_case_open(self) -> Self:
        if [named.code for named in self.dimensions] != list(Dimension):
            raise ValueError("the five dimensions are not all named, in their order")
        if [named.code for named in self.advice] != list(Advice):
            raise ValueError("the four rungs are not all named, from the lowest")
        if any(named.onward is None for named in self.advice if named.code is not Advice.CASE_MANAGEMENT):
            raise ValueError("a rung below case management has no onward path")
        if [rule.code for rule in self.dimension_rules if rule.reads == "nothing"] != [self.dimension_rules[-1].code]:
            raise ValueError("the last dimension rule, and only it, must hold always")
        if any((rule.reads == "cards") is (rule.min_level is None) for rule in self.dimension_rules):
            raise ValueError("a rule has a min_level exactly when it reads cards")
        for rows in (self.factors, self.dimension_rules, self.advice_rules):
            if len({row.code for row in rows}) != len(rows):
                raise ValueError("a code is given twice")
        return self


class AdmissionPolicies(Frozen):
    """Every version of the rule, oldest first; a decision keeps the version in force on its date."""

    code: str
    versions: tuple[AdmissionPolicy, ...]

    def on(self, day: date) -> AdmissionPolicy:
        """The version in force on that day; raises NoPolicyInForce."""
        for policy in self.versions:
            if policy.valid_from <= day and (policy.valid_to is None or day <= policy.valid_to):
                return policy
        raise NoPolicyInForce(day.isoformat())

    @model_validator(mode="after")
    def _never_overlap(self) -> Self:
        for policy in self.versions:
            if policy.valid_to is not None and policy.valid_to < policy.valid_from:
                raise ValueError(f"{policy.rule_version} ends before it begins")
        for earlier, later in zip(self.versions, self.versions[1:], strict=False):
            if earlier.valid_to is None or earlier.valid_to >= later.valid_from:
                raise ValueError(f"{later.rule_version} begins before {earlier.rule_version} ends")
        if len({policy.rule_version for policy in self.versions}) != len(self.versions):
            raise ValueError("a rule version is given twice")
        return self


class Signs(Frozen):
    """What is known beside the cards: named factors, and the cut-offs (instrument, threshold) that were crossed."""

    factors: frozenset[str] = frozenset()
    crossed: frozenset[tuple[str, str]] = frozenset()


class FiredRule(Frozen):
    """A rule that held, in words."""

    code: str
    explanation: Labels


class DimensionFinding(Frozen):
    """One dimension: its state, the rules that gave it, and the evidence.

    `cards` are the flagged cards, sensitive ones included: they stay inside the service. On a partial sheet only the
    lower bound counts: a card flagged without level stands for level 1, an unanswered card for nothing.
    """

    dimension: Dimension
    state: DimensionState
    rules: tuple[FiredRule, ...]
    cards: tuple[str, ...]
    factors: tuple[str, ...]
    measures: tuple[str, ...] = ()
    answered_n: int
    expected_n: int


class ComplexityProfile(Frozen):
    """Five findings and one advice under one rule version. People decide, with a reason; this only explains.

    `advice` is the highest rung among the rules that fired, null when nothing at all was assessed.
    `unrecognised_factors_n` counts factor codes the policy does not know; they are not repeated and weigh nothing.
    """

    assessed_on: date
    rule_version: str
    dimensions: tuple[DimensionFinding, ...]
    advice: Advice | None
    advice_rules: tuple[FiredRule, ...]
    onward: Labels | None = Field(default=None, description="Where the person can turn, below case management")
    unrecognised_factors_n: int


def load_policies(source: Path | str | Mapping[str, JsonValue] = ADMISSION_POLICY) -> AdmissionPolicies:
    """Read and check the dated policy, from the path of a JSON file or its parsed content.

    Raises InvalidPolicy; OSError when the file cannot be read.
    """
    try:
        if isinstance(source, Mapping):
            return AdmissionPolicies.model_validate(source)
        return AdmissionPolicies.model_validate_json(Path(source).read_bytes())
    except ValidationError as error:
        raise InvalidPolicy(str(error)) from error


def assess_complexity(
    instrument: Instrument,
    answers: Sequence[CardAnswer],
    signs: Signs,
    policies: AdmissionPolicies,
    on: date,
) -> ComplexityProfile:
    """The profile under the policy in force on that day; no answers at all means that no sheet was filled.

    Neither diagnosis nor age is an argument, so no rule can read them. Raises NoPolicyInForce.
    Source: instruments page, section 4.
    """
    policy = policies.on(on)
    known = [factor for factor in policy.factors if factor.code in signs.factors]
    remarkable = [measure for measure in policy.measures if (measure.instrument, measure.threshold) in signs.crossed]
    findings = tuple(
        _finding(
            policy,
            dimension,
            _answers_of(instrument, answers, policy.scales, dimension),
            _Codes(
                factors=tuple(factor.code for factor in known if factor.dimension is dimension),
                measures=tuple(
                    f"{each.instrument}.{each.threshold}" for each in remarkable if each.dimension is dimension
                ),
            ),
        )
        for dimension in Dimension
    )
    states = [finding.state for finding in findings]
    fired = [rule for rule in policy.advice_rules if all(_holds(condition, states) for condition in rule.when)]
    advice = max((rule.advice for rule in fired), key=list(Advice).index, default=None)
    return ComplexityProfile(
        assessed_on=on,
        rule_version=policy.rule_version,
        dimensions=findings,
        advice=advice,
        onward=next((named.onward for named in policy.advice if named.code is advice), None),
        advice_rules=tuple(FiredRule(code=rule.code, explanation=rule.explanation) for rule in fired),
        unrecognised_factors_n=len(signs.factors) - len(known),
    )


def _holds(condition: Condition, states: Sequence[DimensionState]) -> bool:
    count = sum(state in condition.states for state in states)
    return condition.at_least <= count <= condition.at_most


def _answers_of(
    instrument: Instrument, answers: Sequence[CardAnswer], scales: Sequence[ScaleCode], dimension: Dimension
) -> dict[Card, list[ScaleAnswer]]:
    """What each expected card of the dimension says on the scales that the policy reads and that were given."""
    cards = [card for card in expected_cards(instrument, answers) if card.dimension is dimension]
    asked = [answers_on(cards, answers, scale) for scale in scales if is_administered(answers, scale)]
    return {card: [given[card] for given in asked] for card in cards}


class _Codes(Frozen):
    """What speaks for a dimension beside the cards."""

    factors: tuple[str, ...]
    measures: tuple[str, ...]


def _finding(
    policy: AdmissionPolicy, dimension: Dimension, given: dict[Card, list[ScaleAnswer]], codes: _Codes
) -> DimensionFinding:
    levels = {card.code: max((answer.at_least or 0 for answer in said), default=0) for card, said in given.items()}
    answered = [card for card, said in given.items() if said and all(answer.value is not None for answer in said)]
    is_clear = bool(given) and len(answered) == len(given) and not any(levels.values())
    fired = [rule for rule in policy.dimension_rules if _fires(rule, levels, codes, is_clear=is_clear)]
    state = max((rule.state for rule in fired), key=list(DimensionState).index)
    return DimensionFinding(
        dimension=dimension,
        state=state,
        rules=tuple(FiredRule(code=rule.code, explanation=rule.explanation) for rule in fired if rule.state is state),
        cards=tuple(code for code, level in levels.items() if level >= 1),
        factors=codes.factors,
        measures=codes.measures,
        answered_n=len(answered),
        expected_n=len(given),
    )


def _fires(rule: DimensionRule, levels: Mapping[str, int], codes: _Codes, *, is_clear: bool) -> bool:
    match rule.reads:
        case "cards":
            return sum(level >= (rule.min_level or 1) for level in levels.values()) >= rule.at_least
        case "factors":
            return len(codes.factors) >= rule.at_least
        case "measures":
            return len(codes.measures) >= rule.at_least
        case "every_card_clear":
            return is_clear
        case "nothing":
            return True
