"""Follow-up policies: which follow-ups an event calls for and how often somebody tries, as versioned data."""

from collections.abc import Iterable, Mapping
from datetime import time
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StrictInt, model_validator

from services.scheduler.domain.calendar import CLOSES, OPENS
from services.scheduler.events import Kind

FEWEST_WORKING_DAYS_A_MONTH = 15
"""Lower than any calendar month of Belgium has, so that a policy which fits this fits every month."""


class Trigger(StrEnum):
    """What starts a policy."""

    CASE_CLOSED = "case-closed"


class Owner(StrEnum):
    """Whose worklist a follow-up is on."""

    LINE = "line"


class Frozen(BaseModel):
    """A value of the policy file; an unknown field is a mistake in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Step(Frozen):
    """One follow-up of a policy."""

    kind: Kind
    months: Annotated[StrictInt, Field(ge=1, le=60, description="Calendar months after the trigger's day")]


class Policy(Frozen):
    """One version of a policy. A follow-up keeps the version it was planned by."""

    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
    version: Annotated[StrictInt, Field(ge=1)]
    trigger: Trigger
    owner: Owner
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]
    slot: Annotated[time, Field(ge=OPENS, le=CLOSES, description="Local time in Belgium")]
    attempts: Annotated[StrictInt, Field(ge=1, le=10, description="Failed attempts that make a person unreachable")]
    spacing: Annotated[StrictInt, Field(ge=1, le=60, description="Working days between a failed attempt and the next")]
    early_days: Annotated[StrictInt, Field(ge=0, le=14, description="Days before the planned one that may be used")]
    call_back_days: Annotated[StrictInt, Field(ge=1, le=90, description="How far away a call back may be agreed")]
    none_after: Annotated[tuple[str, ...], Field(description="Reasons of closing after which nobody calls")] = ()

    @model_validator(mode="after")
    def _no_overlap(self) -> Self:
        if len({step.kind for step in self.steps}) < len(self.steps):
            raise ValueError("two steps of one kind")
        tries = (self.attempts - 1) * self.spacing
        for one, next_one in pairwise(sorted(step.months for step in self.steps)):
            if tries >= (next_one - one) * FEWEST_WORKING_DAYS_A_MONTH:
                raise ValueError("a step's attempts are not over when the next step begins")
        return self

    def follows_up(self, reason: str) -> bool:
        """Whether a case closed for this reason is followed up."""
        return reason not in self.none_after


class Policies(Frozen):
    """Every policy with all its versions; the highest version of a trigger's policy is in force."""

    versions: tuple[Policy, ...]

    @classmethod
    def of(cls, documents: Iterable[Mapping[str, object]]) -> Self:
        """The policies in these documents; raises ValidationError for one that makes no sense."""
        return cls.model_validate({"versions": list(documents)})

    @model_validator(mode="after")
    def _one_each(self) -> Self:
        if len({(policy.code, policy.version) for policy in self.versions}) < len(self.versions):
            raise ValueError("two policies under one code and version")
        if len({policy.code for policy in self.versions}) > len({policy.trigger for policy in self.versions}):
            raise ValueError("two policies for one trigger")
        return self

    def in_force(self, trigger: Trigger) -> Policy:
        """What a trigger that fires now calls for."""
        return max((each for each in self.versions if each.trigger is trigger), key=lambda policy: policy.version)

    def version(self, code: str, version: int) -> Policy:
        """The version that a follow-up was planned by."""
        return next(each for each in self.versions if (each.code, each.version) == (code, version))
