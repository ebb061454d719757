"""A filled sheet: who filled what and when, read by its instrument and scored. Its answers never change.

A correction is a new sheet that leaves the old one amended; a sheet that should not exist is entered in error.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field, JsonValue

from services.assessment.domain.answers import CardAnswer, InvalidAnswers, SheetStatus, check_sheet, status_of_push
from services.assessment.domain.comparison import (
    ComparedSheet,
    IncomparableSheets,
    PairType,
    SheetComparison,
    compare,
)
from services.assessment.domain.content import Content, RefusedSheet
from services.assessment.domain.form import Form
from services.assessment.domain.form_scoring import FormScore, ItemAnswer, missing, parse_form, score_form
from services.assessment.domain.instrument import Frozen, Instrument, RaterType, ScoringParameters
from services.assessment.domain.reading import parse_answers
from services.assessment.domain.scoring import SheetScore, score, urgent_needs_without_sensitive
from services.assessment.domain.threshold import Crossed
from services.assessment.events import SheetAmended, SheetCompleted, SheetEnteredInError, SheetRescored, SheetState
from shared.clock import BRUSSELS
from shared.errors import DomainError, Fault
from shared.ids import new_id

MOST_FAULTS = 100

Name = Annotated[str, Field(min_length=1, max_length=200)]
Day = Annotated[date, Field(ge=date(1900, 1, 1), le=date(2199, 12, 31))]
OpenAnswer = Annotated[str, Field(min_length=1, max_length=2000)]
Answers = tuple[CardAnswer, ...] | dict[str, ItemAnswer]
Result = SheetScore | FormScore


class Assistance(StrEnum):
    """Whether the person filled the sheet alone."""

    ALONE = "alone"
    HELPED = "helped"


class SheetOver(DomainError):
    """The sheet was amended or entered in error: nothing more happens to it."""


class FilledAnswers(Frozen):
    """Answers as they were sent, and which edition of which instrument they answer."""

    instrument: Name = Field(examples=["eladeb-r"])
    edition: Name = Field(examples=["2011"])
    answers: JsonValue = Field(
        description="Cards: the compact map per card, or the long list. Items: a map per item",
        examples=[{"housework": {"difficulty": 2, "need": 1, "sources": ["P"]}, "children": {"absent": "refused"}}],
    )
    status: Literal[SheetStatus.COMPLETED, SheetStatus.STOPPED] | None = Field(
        default=None, description="Null: completed when each expected answer is there or excused, else stopped"
    )


class FilledSheet(FilledAnswers):
    """A whole sheet as it was sent. The two open questions of ELADEB are sensitive free text."""

    filled_on: Day = Field(description="The day the person answered, in Belgium")
    rater: RaterType
    assistance: Assistance | None = Field(default=None, description="For the person's own sheet: alone, or helped")
    language: Annotated[str, Field(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")] | None = None
    main_problem: OpenAnswer | None = Field(default=None, description="The main problem now, in the person's words")
    single_wish: OpenAnswer | None = Field(default=None, description="The one thing to be done")
    sender_totals: dict[Name, float] | None = Field(
        default=None, description="What the sender computed itself, per scale; a difference is a warning"
    )


class Origin(Frozen):
    """Where a sheet comes from: a referral with the sender's identifier of the sheet, or a case manager."""

    organisation: str
    referral_id: UUID | None = None
    identifier: str | None = None
    person_id: UUID | None = None
    recorded_by: str | None = None


@dataclass(frozen=True)
class ScoredAnswers:
    """Answers in their stored form with what they come to."""

    answers: Answers
    status: SheetStatus
    result: Result

    @property
    def cards(self) -> tuple[CardAnswer, ...]:
        """The cards; none for an instrument with items."""
        return self.answers if isinstance(self.answers, tuple) else ()


def definition_of(content: Content, filled: FilledAnswers) -> Instrument | Form:
    """The newest definition of the edition that was answered; raises RefusedSheet (see `Content.edition`)."""
    return content.form(filled.instrument, filled.edition) or content.edition(filled.instrument, filled.edition)


def score_answers(
    definition: Instrument | Form,
    filled: FilledAnswers,
    parameters: ScoringParameters | None = None,
    faults: Sequence[Fault] = (),
) -> ScoredAnswers:
    """Read and score what was sent; raises RefusedSheet with all that is wrong, `faults` found before included."""
    try:
        scored = _scored(definition, filled, parameters)
    except InvalidAnswers as invalid:
        found = [*faults, *(Fault(f"/answers{error.pointer}", error.code) for error in invalid.errors)]
        raise RefusedSheet(faults=found[:MOST_FAULTS]) from None
    if faults:
        raise RefusedSheet(faults=faults)
    return scored


def _scored(
    definition: Instrument | Form, filled: FilledAnswers, parameters: ScoringParameters | None
) -> ScoredAnswers:
    if isinstance(definition, Form):
        items = parse_form(definition, filled.answers, filled.status)
        full = SheetStatus.STOPPED if missing(definition, items) else SheetStatus.COMPLETED
        return ScoredAnswers(items, filled.status or full, score_form(definition, items))
    cards = parse_answers(definition, filled.answers, filled.status)
    status = filled.status or status_of_push(definition, cards)
    return ScoredAnswers(cards, status, score(definition, cards, parameters))


def known_results(answers: Answers, result: Result) -> dict[str, Decimal]:
    """Every number that a cut-off may read; of a partial sum the lower bound (instruments page, 2.3)."""
    if isinstance(result, SheetScore):
        sums = {"difficulty": result.difficulty.total.sum_lower, "need": result.need.total.sum_lower}
        return {code: Decimal(value) for code, value in sums.items() if value is not None}
    scales = {
        code: number
        for code, scale in result.scales.items()
        if (number := scale.lower if scale.value is None else scale.value) is not None and scale.answered_n
    }
    items = answers.items() if isinstance(answers, dict) else ()
    return {**{code: answer.value for code, answer in items if answer.value is not None}, **scales}


def differing_totals(sent: Mapping[str, float] | None, answers: Answers, result: Result) -> tuple[Fault, ...]:
    """The sender's own totals that are not ours: `total-differs`, or `unknown-total` for a scale we do not have."""
    ours = known_results(answers, result)
    return tuple(
        Fault("/sender_totals", "total-differs" if code in ours else "unknown-total")
        for code, value in (sent or {}).items()
        if ours.get(code) != Decimal(str(value))
    )


class Sheet(BaseModel):
    """One filled sheet. The person is linked later, when the referral's person is identified."""

    id: UUID
    organisation: str
    referral_id: UUID | None
    identifier: str | None
    person_id: UUID | None
    recorded_by: str | None
    instrument: str
    edition: str
    spec_version: str
    scoring_version: str
    rater: RaterType
    assistance: Assistance | None
    filled_on: date
    language: str | None
    status: SheetStatus
    answers: Answers
    main_problem: str | None
    single_wish: str | None
    result: Result
    thresholds: tuple[Crossed, ...]
    warnings: tuple[Fault, ...]
    amends: UUID | None
    amended_by: UUID | None
    error_reason: str | None
    recorded_at: datetime

    @classmethod
    def fill(
        cls, content: Content, filled: FilledSheet, origin: Origin, at: datetime, sheet_id: UUID | None = None
    ) -> tuple[Self, SheetCompleted]:
        """Take in a sheet received at this instant; raises RefusedSheet."""
        definition = definition_of(content, filled)
        late = check_sheet(definition, definition.spec_version, filled.filled_on, at.astimezone(BRUSSELS))
        faults = [Fault("/filled_on", error.code) for error in late]
        if filled.rater not in {rater.code for rater in definition.rater_types}:
            faults.append(Fault("/rater", "not-one-of"))
        if filled.assistance and filled.rater is not RaterType.SELF:
            faults.append(Fault("/assistance", "assistance-of-another"))
        scored = score_answers(definition, filled, faults=faults)
        known = known_results(scored.answers, scored.result)
        sheet = cls(
            id=sheet_id or new_id(),
            **origin.model_dump(),
            **filled.model_dump(include=_KEPT),
            spec_version=definition.spec_version,
            scoring_version=definition.scoring_version,
            status=scored.status,
            answers=scored.answers,
            result=scored.result,
            thresholds=content.thresholds.judge(definition.code, definition.edition, known, filled.filled_on),
            warnings=differing_totals(filled.sender_totals, scored.answers, scored.result),
            amends=None,
            amended_by=None,
            error_reason=None,
            recorded_at=at,
        )
        return sheet, sheet._completed(definition)

    def amend(self, correction: "Sheet") -> SheetAmended:
        """Give way to a correction; raises SheetOver when that has happened before or the sheet was an error."""
        self._refuse_over()
        self.status, self.amended_by = SheetStatus.AMENDED, correction.id
        correction.amends = self.id
        return SheetAmended(sheet_id=self.id, referral_id=self.referral_id, amended_by=correction.id)

    def enter_in_error(self, reason: str) -> SheetEnteredInError:
        """Declare that this sheet should not exist (wrong person, test entry); raises SheetOver."""
        self._refuse_over()
        self.status, self.error_reason = SheetStatus.ENTERED_IN_ERROR, reason
        return SheetEnteredInError(sheet_id=self.id, referral_id=self.referral_id)

    def says_the_same(self, other: "Sheet") -> bool:
        """Whether another sheet holds the same answers of the same day and rater."""
        compared = {*_KEPT, "answers"}
        return self.model_dump(include=compared) == other.model_dump(include=compared)

    def _refuse_over(self) -> None:
        if self.status not in (SheetStatus.COMPLETED, SheetStatus.STOPPED):
            raise SheetOver(facts={"status": self.status.value})

    @property
    def cards(self) -> tuple[CardAnswer, ...]:
        """The cards; none for an instrument with items."""
        return self.answers if isinstance(self.answers, tuple) else ()

    def _completed(self, definition: Instrument | Form) -> SheetCompleted:
        urgent: tuple[str, ...] = ()
        if isinstance(definition, Instrument) and isinstance(self.result, SheetScore):
            urgent = urgent_needs_without_sensitive(definition, self.result)
        return SheetCompleted(
            sheet_id=self.id,
            referral_id=self.referral_id,
            person_id=self.person_id,
            instrument=self.instrument,
            edition=self.edition,
            spec_version=self.spec_version,
            scoring_version=self.scoring_version,
            state=SheetState(self.status),
            urgent_cards=list(urgent),
        )

    def compare_with(self, other: "Sheet", content: Content) -> SheetComparison:
        """This sheet beside another of the same person: a later one of the same rater, or one of another rater.

        Raises IncomparableSheets, with `incomparable_persons` when they are not known to be about one person.
        """
        instrument = content.version(self.instrument, self.spec_version)
        if instrument is None:
            raise IncomparableSheets("incomparable_editions")
        if not self._is_about_the_person_of(other):
            raise IncomparableSheets("incomparable_persons")
        pair_type = PairType.FOLLOW_UP if self.rater is other.rater else PairType.RATER
        return compare(instrument, self._compared(), other._compared(), pair_type)

    def _is_about_the_person_of(self, other: "Sheet") -> bool:
        pairs = ((self.person_id, other.person_id), (self.referral_id, other.referral_id))
        return any(mine is not None and mine == theirs for mine, theirs in pairs)

    def _compared(self) -> ComparedSheet:
        return ComparedSheet(
            instrument=self.instrument,
            edition=self.edition,
            rater_type=self.rater,
            assessed_on=self.filled_on,
            answers=self.cards,
        )


def rescore(
    content: Content, sheet: Sheet, spec_version: str | None, parameters: ScoringParameters | None
) -> tuple[Result, SheetRescored]:
    """One more result of a sheet: never in the place of the first. Raises RefusedSheet for an unknown version."""
    newest = content.form(sheet.instrument, sheet.edition) or content.edition(sheet.instrument, sheet.edition)
    definition = content.definition(sheet.instrument, spec_version) if spec_version else newest
    if definition is None or definition.edition != sheet.edition:
        raise RefusedSheet(faults=[Fault("/spec_version", "unknown_version")])
    if isinstance(definition, Form):
        result: Result = score_form(definition, sheet.answers if isinstance(sheet.answers, dict) else {})
    else:
        result = score(definition, sheet.cards, parameters)
    fact = SheetRescored(
        sheet_id=sheet.id, spec_version=definition.spec_version, scoring_version=definition.scoring_version
    )
    return result, fact


_KEPT: Any = {
    "instrument",
    "edition",
    "rater",
    "assistance",
    "filled_on",
    "language",
    "main_problem",
    "single_wish",
}
