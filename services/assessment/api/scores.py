"""Scores: of answers that are only tried out, and the totals of a sheet for those who may not read its answers."""

from typing import Annotated, Self
from uuid import UUID

from fastapi import Depends
from pydantic import BaseModel, Field

from services.assessment.api.doors import ContentDep, SheetsDep
from services.assessment.domain import (
    ComplexityProfile,
    Crossed,
    FilledAnswers,
    GroupTotal,
    Instrument,
    ItemScaleScore,
    ScaleScore,
    ScaleState,
    ScoringParameters,
    SheetScore,
    SheetStatus,
    Signs,
    assess_complexity,
    score_answers,
)
from services.assessment.domain.scoring import Mean
from services.assessment.domain.sheet import Result, definition_of, known_results
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
    score: Result
    thresholds: list[Crossed] = Field(description="What the cut-offs in force today say of it")
    complexity: ComplexityProfile | None = Field(description="Null for an instrument that has no cards")


class ScaleTotals(BaseModel):
    """The numbers of one scale and of its groups; no single card or item. Null numbers: the scale was not given."""

    state: ScaleState
    sum: Mean | None = Field(description="Levels added up; of an instrument with items, the number of the scale")
    max: int | None
    sum_lower: Mean | None = Field(description="The least that the true sum can be")
    sum_upper: Mean | None = Field(description="The most that the true sum can be")
    answered_n: int
    expected_n: int
    flagged_n: int | None = Field(description="Cards with a problem or a need")
    mean_flagged: Mean | None = Field(description="Levels per flagged card, 2 places, half up")
    groups: dict[str, GroupTotal]

    @classmethod
    def of(cls, score: ScaleScore) -> Self:
        return cls(**score.total.model_dump(), groups=score.groups)

    @classmethod
    def of_items(cls, score: ItemScaleScore) -> Self:
        """The number of a scale made of items."""
        return cls(
            state=score.state,
            sum=score.value,
            max=None,
            sum_lower=score.lower,
            sum_upper=score.upper,
            answered_n=score.answered_n,
            expected_n=score.expected_n,
            flagged_n=None,
            mean_flagged=None,
            groups={},
        )


def scales_of(result: Result) -> dict[str, ScaleTotals]:
    """The scales of a result by their codes."""
    if isinstance(result, SheetScore):
        return {"difficulty": ScaleTotals.of(result.difficulty), "need": ScaleTotals.of(result.need)}
    return {code: ScaleTotals.of_items(scale) for code, scale in result.scales.items()}


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
            scales=scales_of(sheet.result),
        )


@router.post("/score")
async def try_score(body: ScoreBody, content: ContentDep, clock: ClockDep, caller: MayScore) -> ScoreView:
    """Score answers without keeping anything of them."""
    instrument = definition_of(content, body)
    scored = score_answers(instrument, body, body.parameters)
    today, signs = local_date(clock), Signs(factors=frozenset(body.factors))
    return ScoreView(
        instrument=instrument.code,
        edition=instrument.edition,
        spec_version=instrument.spec_version,
        scoring_version=instrument.scoring_version,
        status=scored.status,
        score=scored.result,
        thresholds=content.thresholds.judge(
            instrument.code, instrument.edition, known_results(scored.answers, scored.result), today
        ),
        complexity=assess_complexity(instrument, scored.cards, signs, content.policies, today)
        if isinstance(instrument, Instrument)
        else None,
    )


@router.get("/sheets/{sheet_id:uuid}/totals")
async def pull_totals(sheet_id: UUID, sheets: SheetsDep, caller: MayPullTotals) -> Totals:
    """For referrals alone: the totals of a scored sheet."""
    return Totals.of(await sheets.get(sheet_id, caller))
