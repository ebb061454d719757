"""Scores: of answers that are only tried out, and the totals of a sheet for those who may not read its answers."""

from typing import Annotated, Self
from uuid import UUID

from fastapi import Depends
from pydantic import BaseModel, Field

from services.assessment.api.doors import ContentDep, SheetsDep
from services.assessment.domain import (
    ComplexityProfile,
    FilledAnswers,
    GroupTotal,
    ScaleScore,
    ScaleState,
    ScoringParameters,
    SheetScore,
    SheetStatus,
    assess_complexity,
    score_answers,
)
from services.assessment.domain.scoring import Mean
from services.assessment.store import SheetRow
from shared.access import May
from shared.auth import Caller
from shared.clock import local_date
from shared.requests import ClockDep
from shared.service import router as service_router

router = service_router("assessment", tags=["scores"])

MayScore = Annotated[Caller, Depends(May("sheet:score"))]
MayPullTotals = Annotated[Caller, Depends(May("sheet:pull-totals"))]

FactorCode = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]


class ScoreBody(FilledAnswers):
    """Answers to try out, with the factors that no card asks for."""

    parameters: ScoringParameters | None = Field(default=None, description="Null: those of the instrument")
    factors: Annotated[list[FactorCode], Field(max_length=20, examples=[["carer_burden"]])] = []


class ScoreView(BaseModel):
    """What the answers come to, and what they would advise today."""

    instrument: str
    edition: str
    spec_version: str
    scoring_version: str
    status: SheetStatus
    score: SheetScore
    complexity: ComplexityProfile


class ScaleTotals(BaseModel):
    """The numbers of one scale and of its groups; no single card. Null numbers: the scale was not given."""

    state: ScaleState
    sum: int | None = Field(description="Levels added up")
    max: int
    sum_lower: int | None = Field(description="The least that the true sum can be")
    sum_upper: int | None = Field(description="The most that the true sum can be")
    answered_n: int
    expected_n: int
    flagged_n: int | None = Field(description="Cards with a problem or a need")
    mean_flagged: Mean | None = Field(description="Levels per flagged card, 2 places, half up")
    groups: dict[str, GroupTotal]

    @classmethod
    def of(cls, score: ScaleScore) -> Self:
        return cls(**score.total.model_dump(), groups=score.groups)


class Totals(BaseModel):
    """The totals of a sheet, as the sender of its referral may read them."""

    sheet_id: UUID
    identifier: str | None = Field(description="The sender's name of the sheet")
    instrument: str
    state: SheetStatus
    scales: dict[str, ScaleTotals]

    @classmethod
    def of(cls, sheet: SheetRow) -> Self:
        return cls(
            sheet_id=sheet.id,
            identifier=sheet.identifier,
            instrument=sheet.instrument,
            state=sheet.status,
            scales={
                "difficulty": ScaleTotals.of(sheet.result.difficulty),
                "need": ScaleTotals.of(sheet.result.need),
            },
        )


@router.post("/score")
async def try_score(body: ScoreBody, content: ContentDep, clock: ClockDep, caller: MayScore) -> ScoreView:
    """Score answers without keeping anything of them."""
    instrument = content.edition(body.instrument, body.edition)
    scored = score_answers(instrument, body, body.parameters)
    today = local_date(clock)
    return ScoreView(
        instrument=instrument.code,
        edition=instrument.edition,
        spec_version=instrument.spec_version,
        scoring_version=instrument.scoring_version,
        status=scored.status,
        score=scored.result,
        complexity=assess_complexity(instrument, scored.answers, body.factors, content.policies, today),
    )


@router.get("/sheets/{sheet_id:uuid}/totals")
async def pull_totals(sheet_id: UUID, sheets: SheetsDep, caller: MayPullTotals) -> Totals:
    """For referrals alone: the totals of a scored sheet."""
    return Totals.of(await sheets.get(sheet_id, caller))
