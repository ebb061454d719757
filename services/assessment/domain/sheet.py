"""A filled sheet: who filled what and when, read by its instrument, scored once, and never changed afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field, JsonValue

from services.assessment.domain.answers import (
    CardAnswer,
    InvalidAnswers,
    SheetStatus,
    check_sheet,
    status_of_push,
)
from services.assessment.domain.comparison import (
    ComparedSheet,
    IncomparableSheets,
    PairType,
    SheetComparison,
    compare,
)
from services.assessment.domain.content import Content, RefusedSheet
from services.assessment.domain.instrument import Frozen, Instrument, RaterType, ScoringParameters
from services.assessment.domain.reading import parse_answers
from services.assessment.domain.scoring import SheetScore, score, urgent_needs_without_sensitive
from services.assessment.events import SheetCompleted, SheetState
from shared.clock import BRUSSELS
from shared.errors import Fault
from shared.ids import new_id

MOST_FAULTS = 100

Name = Annotated[str, Field(min_length=1, max_length=200)]
Day = Annotated[date, Field(ge=date(1900, 1, 1), le=date(2199, 12, 31))]


class FilledAnswers(Frozen):
    """Answers as they were sent, and which edition of which instrument they answer."""

    instrument: Name = Field(examples=["eladeb-r"])
    edition: Name = Field(examples=["2011"])
    answers: JsonValue = Field(
        description="The compact map per card, or the long list",
        examples=[{"housework": {"difficulty": 2, "need": 1, "sources": ["P"]}, "children": {"absent": "refused"}}],
    )
    status: Literal[SheetStatus.COMPLETED, SheetStatus.STOPPED] | None = Field(
        default=None, description="Null: completed when each expected card has an answer or a reason, else stopped"
    )


class FilledSheet(FilledAnswers):
    """A whole sheet as it was sent."""

    filled_on: Day = Field(description="The day the person answered, in Belgium")
    rater: RaterType
    language: Annotated[str, Field(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")] | None = None


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

    answers: tuple[CardAnswer, ...]
    status: SheetStatus
    result: SheetScore


def score_answers(
    instrument: Instrument,
    filled: FilledAnswers,
    parameters: ScoringParameters | None = None,
    faults: Sequence[Fault] = (),
) -> ScoredAnswers:
    """Read and score what was sent; raises RefusedSheet with all that is wrong, `faults` found before included."""
    found, answers = list(faults), tuple[CardAnswer, ...]()
    try:
        answers = parse_answers(instrument, filled.answers, filled.status)
    except InvalidAnswers as invalid:
        found += [Fault(f"/answers{error.pointer}", error.code) for error in invalid.errors]
    if found:
        raise RefusedSheet(faults=found[:MOST_FAULTS])
    status = filled.status or status_of_push(instrument, answers)
    return ScoredAnswers(answers, status, score(instrument, answers, parameters))


class Sheet(BaseModel):
    """One filled sheet. Only the person is linked later, when the referral's person is identified."""

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
    filled_on: date
    language: str | None
    status: SheetStatus
    answers: tuple[CardAnswer, ...]
    result: SheetScore
    recorded_at: datetime

    @classmethod
    def fill(cls, content: Content, filled: FilledSheet, origin: Origin, at: datetime) -> tuple[Self, SheetCompleted]:
        """Take in a sheet received at this instant; raises RefusedSheet."""
        instrument = content.edition(filled.instrument, filled.edition)
        late = check_sheet(instrument, instrument.spec_version, filled.filled_on, at.astimezone(BRUSSELS))
        scored = score_answers(instrument, filled, faults=[Fault("/filled_on", error.code) for error in late])
        sheet = cls(
            id=new_id(),
            **origin.model_dump(),
            instrument=instrument.code,
            edition=instrument.edition,
            spec_version=instrument.spec_version,
            scoring_version=instrument.scoring_version,
            rater=filled.rater,
            filled_on=filled.filled_on,
            language=filled.language,
            status=scored.status,
            answers=scored.answers,
            result=scored.result,
            recorded_at=at,
        )
        return sheet, sheet._completed(instrument)

    def _completed(self, instrument: Instrument) -> SheetCompleted:
        return SheetCompleted(
            sheet_id=self.id,
            referral_id=self.referral_id,
            person_id=self.person_id,
            instrument=self.instrument,
            edition=self.edition,
            spec_version=self.spec_version,
            scoring_version=self.scoring_version,
            state=SheetState(self.status),
            urgent_cards=list(urgent_needs_without_sensitive(instrument, self.result)),
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
            answers=self.answers,
        )
