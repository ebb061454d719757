"""What assessment tells the others: ids, codes and states, never an answer of a sensitive card."""

from datetime import date
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.erasure.ending import DataEnded
from shared.events import Event


class SheetState(StrEnum):
    """How a sheet came to us: every expected card answered or excused, or not."""

    COMPLETED = "completed"
    STOPPED = "stopped"


class InstrumentPublished(Event):
    """A spec version of an instrument is in use; its cards can be read."""

    type: ClassVar[str] = "assessment.instrument-published.v1"
    code: str = Field(description="The instrument", examples=["eladeb-r"])
    edition: str = Field(description="The edition of the instrument", examples=["2011"])
    spec_version: str = Field(description="The version of our definition of that edition", examples=["0.1.0"])
    method: str = Field(description="`cards` or `items`: how its answers are shaped", examples=["cards"])


class ThresholdPublished(Event):
    """A version of a cut-off was loaded and is frozen."""

    type: ClassVar[str] = "assessment.threshold-published.v1"
    instrument: str = Field(description="The instrument whose results it reads", examples=["lace"])
    code: str = Field(description="The cut-off", examples=["high_readmission_risk"])
    rule_version: str = Field(examples=["lace-high/2"])
    valid_from: date
    valid_to: date | None = Field(description="The last day on which it is in force; null when it has no end")


class SheetCompleted(Event):
    """A filled sheet is scored and kept; its totals can be read."""

    type: ClassVar[str] = "assessment.sheet-completed.v1"
    sheet_id: UUID = Field(description="The sheet; its totals are at /assessment/sheets/{sheet_id}/totals")
    referral_id: UUID | None = Field(description="The referral it came with; null when a case manager recorded it")
    person_id: UUID | None = Field(description="Null while the person of the referral is not identified")
    instrument: str = Field(description="The instrument's code", examples=["eladeb-r"])
    edition: str = Field(description="The edition of the instrument", examples=["2011"])
    spec_version: str = Field(description="The definition that the answers were read by", examples=["0.1.0"])
    scoring_version: str = Field(description="The rule that the result was computed by", examples=["eladeb-r/1"])
    state: SheetState = Field(description="Completed when each expected card has an answer or a reason, else stopped")
    urgent_cards: list[str] = Field(
        description="Cards whose need is at the highest level; never a sensitive card", examples=[["living_place"]]
    )


class SheetAmended(Event):
    """A sheet gave way to its correction."""

    type: ClassVar[str] = "assessment.sheet-amended.v1"
    sheet_id: UUID
    referral_id: UUID | None
    amended_by: UUID = Field(description="The sheet that takes its place")


class SheetEnteredInError(Event):
    """A sheet should not exist: its numbers count nowhere any more."""

    type: ClassVar[str] = "assessment.sheet-entered-in-error.v1"
    sheet_id: UUID
    referral_id: UUID | None


class SheetRescored(Event):
    """A sheet has one more result, by another version of its instrument or other parameters; the first one stays."""

    type: ClassVar[str] = "assessment.sheet-rescored.v1"
    sheet_id: UUID
    spec_version: str = Field(examples=["0.2.0"])
    scoring_version: str = Field(examples=["eladeb-r/1"])


class AnnouncedFault(BaseModel):
    """One reason for a refusal. The pointer ends above a sensitive card and above a name that we do not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str = Field(description="The broken rule", examples=["level_out_of_range"])
    pointer: str = Field(description="JSON Pointer relative to the sheet", examples=["/answers/work/difficulty"])


class SheetRejected(Event):
    """A sheet of a referral could not be read; nothing of it is kept but the reasons."""

    type: ClassVar[str] = "assessment.sheet-rejected.v1"
    referral_id: UUID = Field(description="The referral that the sheet came with")
    sheet_number: int = Field(description="Its place among the referral's sheets, from 0")
    faults: list[AnnouncedFault] = Field(description="Why; the first hundred reasons")


class ComplexityAssessed(Event):
    """The complexity profile of a referral is known, with the advice that follows. People decide."""

    type: ClassVar[str] = "assessment.complexity-assessed.v1"
    assessment_id: UUID = Field(description="The advice; to be read at /assessment/admissions/{assessment_id}")
    referral_id: UUID | None = Field(description="The referral that was assessed")
    person_id: UUID | None = Field(description="Null while the person of the referral is not identified")
    advice: str | None = Field(
        description="self_management, information_only, orientation or case_management; null when nothing is known",
        examples=["case_management"],
    )
    dimensions: dict[str, str] = Field(
        description="Dimension to not_assessed, none, present or dominant",
        examples=[
            {
                "medical": "none",
                "psychosocial": "present",
                "functional": "none",
                "family": "not_assessed",
                "context": "dominant",
            }
        ],
    )
    rule_version: str = Field(description="The policy in force on the day", examples=["admission/1"])


class AdmissionSuperseded(Event):
    """A newer advice takes the place of this one, after a correction."""

    type: ClassVar[str] = "assessment.admission-superseded.v1"
    assessment_id: UUID
    referral_id: UUID | None
    superseded_by: UUID


class AdmissionDecided(Event):
    """People decided on an admission; the reason stays with the advice."""

    type: ClassVar[str] = "assessment.admission-decided.v1"
    assessment_id: UUID
    referral_id: UUID | None
    decided: str = Field(examples=["case_management"])
    advised: str | None = Field(examples=["orientation"])
    differs: bool


class OutcomeRecorded(Event):
    """What became of a person at one of the four points is recorded; the values can be read, they are not told."""

    type: ClassVar[str] = "assessment.outcome-recorded.v1"
    outcome_id: UUID = Field(description="The record; to be read at /assessment/outcomes/{outcome_id}")
    case_id: UUID
    person_id: UUID | None = Field(description="Null while the person of the case is not identified")
    point: str = Field(description="`start`, `close`, `one-month` or `six-months`", examples=["close"])
    measured: list[str] = Field(
        description="What was measured: quality-of-life, living-situation, hospital-stays, satisfaction",
        examples=[["quality-of-life"]],
    )
    amends: UUID | None = Field(description="The record that this one corrects")


class OutcomeAmended(Event):
    """A record of an outcome gave way to its correction."""

    type: ClassVar[str] = "assessment.outcome-amended.v1"
    outcome_id: UUID
    case_id: UUID
    amended_by: UUID = Field(description="The record that takes its place")


class OutcomeWithdrawn(Event):
    """A record of an outcome counts no more: it was an error, or the case was reopened after it."""

    type: ClassVar[str] = "assessment.outcome-withdrawn.v1"
    outcome_id: UUID
    case_id: UUID
    point: str = Field(examples=["close"])
    reason: str = Field(
        description="wrong-person, test-entry, entered-twice, other, or case-reopened", examples=["case-reopened"]
    )


class EvaluationExported(Event):
    """Pseudonymised rows left the service for a study."""

    type: ClassVar[str] = "assessment.evaluation-exported.v1"
    export_id: UUID
    study: str = Field(description="The code of the study", examples=["evaluation-2026"])
    rows: int
    checksum: str = Field(description="SHA-256 of the file, hexadecimal")


class ProfileConsentGiven(Event):
    """A person agreed that one organisation reads the shared needs profile."""

    type: ClassVar[str] = "assessment.profile-consent-given.v1"
    consent_id: UUID
    person_id: UUID
    audience: str = Field(description="The organisation that may read", examples=["centre"])
    until: date = Field(description="The last day on which it may")


class ProfileConsentRevoked(Event):
    """An agreement to the shared needs profile was taken back; its audience finds nothing any more."""

    type: ClassVar[str] = "assessment.profile-consent-revoked.v1"
    consent_id: UUID
    person_id: UUID
    audience: str = Field(examples=["centre"])


class PersonDataErased(DataEnded):
    """What assessment has ended of a person."""

    type: ClassVar[str] = "assessment.person-data-erased.v1"


PUBLISHED = (
    InstrumentPublished,
    ThresholdPublished,
    SheetCompleted,
    SheetAmended,
    SheetEnteredInError,
    SheetRescored,
    SheetRejected,
    ComplexityAssessed,
    AdmissionSuperseded,
    AdmissionDecided,
    OutcomeRecorded,
    OutcomeAmended,
    OutcomeWithdrawn,
    EvaluationExported,
    ProfileConsentGiven,
    ProfileConsentRevoked,
    PersonDataErased,
)
