"""Which numbers stand for quality of life: data of the programme, and how a record comes by such a number."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from uuid import UUID

from services.assessment.domain.answers import SheetStatus
from services.assessment.domain.course import Course
from services.assessment.domain.form_scoring import FormScore, Number
from services.assessment.domain.instrument import SHIPPED, Frozen
from services.assessment.domain.outcome import Code, QualityOfLife, RefusedOutcome
from services.assessment.domain.sheet import Sheet
from shared.errors import Fault


class QualityMeasure(Frozen):
    """A number that stands for quality of life, with its range."""

    instrument: str
    scale: str
    lowest: Decimal
    highest: Decimal

    @property
    def code(self) -> str:
        """One word for it, such as `who-5.percent`."""
        return f"{self.instrument}.{self.scale}"


class ComparisonBase(Frozen):
    """What a hospital published of its own readmissions: shown beside ours, never computed with."""

    organisation: str
    days: int
    proportion: Number
    people: int
    period: str
    source: str


class OutcomePolicy(Frozen):
    """The programme's choices on outcomes."""

    quality_of_life: tuple[QualityMeasure, ...]
    comparisons: tuple[ComparisonBase, ...] = ()

    def measure(self, instrument: str, scale: str) -> QualityMeasure | None:
        """One measure, or None when that number does not stand for quality of life."""
        wanted = (instrument, scale)
        return next((each for each in self.quality_of_life if (each.instrument, each.scale) == wanted), None)


@cache
def outcome_policy() -> OutcomePolicy:
    """The policy that is shipped; raises ValidationError, OSError."""
    return OutcomePolicy.model_validate_json((SHIPPED / "policies" / "outcomes.json").read_bytes())


class QualityGiven(Frozen):
    """Quality of life as it is handed in: a sheet of this service with the number meant, or a number from elsewhere."""

    instrument: Code | None = None
    scale: Code
    value: Number | None = None
    sheet_id: UUID | None = None


def exact_result(sheet: Sheet, scale: str) -> Decimal | None:
    """The number of a scale or item of a sheet that counts; None where it is bounded or missing."""
    if sheet.status not in (SheetStatus.COMPLETED, SheetStatus.STOPPED) or not isinstance(sheet.result, FormScore):
        return None
    if scale in sheet.result.scales:
        return sheet.result.scales[scale].value
    answer = sheet.answers.get(scale) if isinstance(sheet.answers, dict) else None
    return answer.value if answer else None


def numbers_of(
    given: Sequence[QualityGiven], sheets: Mapping[UUID, Sheet], course: Course, referral_id: UUID | None
) -> tuple[QualityOfLife, ...]:
    """The numbers meant; raises RefusedOutcome with what is wrong with each.

    `required`, `unknown-sheet`, `incomparable_persons`, `unknown-measure`, `out-of-range`, `no-result`, `repeated`.
    """
    faults: list[Fault] = []
    found: list[QualityOfLife] = []
    for number, each in enumerate(given):
        at = f"/quality_of_life/{number}"
        taken = _from_sheet(each, sheets, course, referral_id) if each.sheet_id else _as_given(each)
        if isinstance(taken, str):
            faults.append(Fault(at, taken))
        elif (taken.instrument, taken.scale) in {(known.instrument, known.scale) for known in found}:
            faults.append(Fault(at, "repeated"))
        else:
            found.append(taken)
    if faults:
        raise RefusedOutcome(faults=faults)
    return tuple(found)


def _from_sheet(
    given: QualityGiven, sheets: Mapping[UUID, Sheet], course: Course, referral_id: UUID | None
) -> QualityOfLife | str:
    sheet = sheets.get(given.sheet_id) if given.sheet_id else None
    if sheet is None:
        return "unknown-sheet"
    pairs = ((sheet.person_id, course.person_id), (sheet.referral_id, referral_id))
    if not any(mine is not None and mine == theirs for mine, theirs in pairs):
        return "incomparable_persons"
    if outcome_policy().measure(sheet.instrument, given.scale) is None:
        return "unknown-measure"
    value = exact_result(sheet, given.scale)
    if value is None:
        return "no-result"
    if given.value is not None and given.value != value:
        return "differs-from-sheet"
    return QualityOfLife(instrument=sheet.instrument, scale=given.scale, value=value, sheet_id=sheet.id)


def _as_given(given: QualityGiven) -> QualityOfLife | str:
    if given.instrument is None or given.value is None:
        return "required"
    measure = outcome_policy().measure(given.instrument, given.scale)
    if measure is None:
        return "unknown-measure"
    if not measure.lowest <= given.value <= measure.highest:
        return "out-of-range"
    return QualityOfLife(instrument=given.instrument, scale=given.scale, value=given.value)
