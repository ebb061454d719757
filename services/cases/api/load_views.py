"""What the routes of the caseload answer with."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from services.cases.api.workers import AwayView
from services.cases.domain.caseload import ZERO, TravelSource
from services.cases.domain.states import Phase
from services.cases.domain.weights import Level, Weights
from services.cases.domain.worker import Worker
from services.cases.domain.worker_load import Carried, Change, Share, Sum, current, projected, room
from services.cases.events import Discipline


@dataclass(frozen=True)
class Standing:
    """All that a worker's load is read from: who it is, what they carry, the cap, today and the day looked at."""

    worker: Worker | None
    carried: list[Carried]
    cap: int
    weights: Weights
    today: date
    on: date
    stands_in_for: list[str]

    @property
    def now(self) -> list[Carried]:
        """What is carried already."""
        return [each for each in self.carried if not each.is_arriving]

    def said(self, load: Sum, day: date) -> dict[str, Any]:
        """A load against the cap, on a day."""
        away = AwayView.of(self.worker.away(day) if self.worker else None)
        left = ZERO if away else room(load.load, self.cap)
        return {"open": load.cases, "load": load.load, "room": left, "over": load.load > self.cap, "away": away}


class ShareView(BaseModel):
    """Some of a load."""

    cases: int
    load: Decimal = Field(description="Points, as a decimal string")


class Projection(BaseModel):
    """The load on a day, if what is expected happens."""

    on: date
    open: int
    load: Decimal
    room: Decimal
    over: bool
    away: AwayView | None = Field(description="Whether the worker is away on that day")
    changes: dict[Change, int] = Field(description="How many cases change it, by kind of change")


class WorkerLoad(BaseModel):
    """What a worker carries, in points: one is a new case of medium complexity near by."""

    worker: str
    registered: bool = Field(description="False for an owner who is not in the register: the programme's cap holds")
    discipline: Discipline | None
    organisation: str | None
    open: int = Field(description="Open cases, those as second worker too")
    load: Decimal = Field(description="Their weight")
    cap: int = Field(description="Above so many points one more needs a reason")
    room: Decimal = Field(description="Points left; none while the worker is away")
    over: bool
    by_phase: dict[str, ShareView] = Field(description="By phase, `paused` apart")
    by_complexity: dict[str, ShareView] = Field(description="By level, `unknown` apart")
    away: AwayView | None = Field(description="Null when the worker can take a case today")
    stands_in_for: list[str] = Field(description="Absent workers whose cases this one looks after today, not counted")
    projected: Projection

    @classmethod
    def of(cls, subject: str, standing: Standing) -> "WorkerLoad":
        return cls.model_validate(facts_of(subject, standing))


class LoadLine(BaseModel):
    """Why a case weighs what it weighs: weight = complexity x travel x stage x share."""

    case_id: UUID
    weight: Decimal
    level: Level | None = Field(description="Null while no complexity is known")
    points: int | None
    travel_minutes: int | None
    travel_source: TravelSource
    phase: Phase
    paused: bool
    second_worker: bool
    complexity_weight: Decimal
    travel_weight: Decimal
    stage_weight: Decimal
    share: Decimal

    @classmethod
    def of(cls, carried: Carried, weights: Weights) -> "LoadLine":
        effort = carried.effort
        return cls(
            case_id=carried.case_id,
            weight=effort.weight(weights),
            level=effort.level,
            points=effort.points,
            travel_minutes=effort.travel_minutes,
            travel_source=effort.travel_source,
            phase=effort.phase,
            paused=effort.is_paused,
            second_worker=effort.is_second,
            complexity_weight=weights.of_level(effort.level),
            travel_weight=weights.of_travel(effort.travel_minutes),
            stage_weight=effort.stage_weight(weights),
            share=effort.share(weights),
        )


class ExplainedLoad(WorkerLoad):
    """What a worker carries, case by case."""

    weights_version: str
    lines: list[LoadLine] = Field(description="The cases that the caller may see, the heaviest first")

    @classmethod
    def explained(cls, subject: str, standing: Standing, seen: Collection[UUID]) -> "ExplainedLoad":
        lines = [LoadLine.of(each, standing.weights) for each in standing.now if each.case_id in seen]
        lines.sort(key=lambda line: (-line.weight, line.case_id))
        known = {"weights_version": standing.weights.version, "lines": lines}
        return cls.model_validate(facts_of(subject, standing) | known)


def facts_of(subject: str, standing: Standing) -> dict[str, Any]:
    """What is said of a worker's load."""
    worker, today, on = standing.worker, standing.today, standing.on
    now = current(standing.carried, standing.weights)
    then, changes = projected(standing.carried, on, standing.weights)
    return {
        "worker": subject,
        "registered": worker is not None,
        "discipline": worker.discipline if worker else None,
        "organisation": worker.organisation if worker else None,
        "cap": standing.cap,
        **standing.said(now, today),
        "by_phase": parts_of(now.by_phase),
        "by_complexity": parts_of(now.by_complexity),
        "stands_in_for": standing.stands_in_for,
        "projected": {
            "on": on,
            **standing.said(then, on),
            "changes": {kind: len(cases) for kind, cases in changes.items()},
        },
    }


def parts_of(shares: Mapping[str, Share]) -> dict[str, ShareView]:
    """The parts of a load, by name."""
    return {name: ShareView(cases=share.cases, load=share.load) for name, share in shares.items()}
