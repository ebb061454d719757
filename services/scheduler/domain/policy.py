"""Follow-up policies: which follow-ups a trigger calls for and how often somebody tries, as versioned data."""

from collections.abc import Iterable, Mapping
from datetime import date, time
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictInt, model_validator
from pydantic_core import PydanticCustomError

from services.scheduler.domain.calendar import CLOSES, OPENS, Calendar
from services.scheduler.domain.record import Channel

FEWEST_WORKING_DAYS_A_MONTH = 15
"""Lower than any calendar month of Belgium has, so that a policy which fits this fits every month."""


class Trigger(StrEnum):
    """What starts a policy."""

    CASE_CLOSED = "case-closed"
    PLAN_AGREED = "plan-agreed"
    DISCHARGE = "discharge"
    NO_CONTACT = "no-contact"
    LINE_OUTAGE = "line-outage"


class Owner(StrEnum):
    """Whose worklist a follow-up is on."""

    LINE = "line"
    CASE_MANAGER = "case-manager"


class Escalation(StrEnum):
    """Who is turned to when the attempts are exhausted."""

    AGENDA = "agenda"
    RELATIVE = "relative"
    GENERAL_PRACTITIONER = "general-practitioner"


def known_zone(name: str) -> str:
    """A time zone of the IANA database; raises `unknown_time_zone`."""
    if name not in available_timezones():
        raise PydanticCustomError("unknown_time_zone", "a time zone of the IANA database is expected")
    return name


Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]


class Frozen(BaseModel):
    """A value of a policy; an unknown field is a mistake in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Step(Frozen):
    """One follow-up of a policy: so many calendar months, or so many working days, after the trigger's day."""

    kind: Code
    months: Annotated[StrictInt | None, Field(ge=1, le=60, description="Calendar months")] = None
    working_days: Annotated[StrictInt | None, Field(ge=0, le=260, description="Working days; 0 is the day itself")] = (
        None
    )

    @model_validator(mode="after")
    def _one_offset(self) -> Self:
        if (self.months is None) == (self.working_days is None):
            raise PydanticCustomError("one_offset", "give either months or working days")
        return self

    def day(self, start: date, calendar: Calendar) -> date:
        """The working day that this step falls on."""
        if self.months is not None:
            return calendar.months_after(start, self.months)
        days = self.working_days or 0
        return calendar.working_days_after(start, days) if days else calendar.on_or_after(start)

    @property
    def fewest_working_days(self) -> int:
        """At least so many working days lie between the trigger and this step, in any year."""
        if self.months is not None:
            return self.months * FEWEST_WORKING_DAYS_A_MONTH
        return self.working_days or 0


class Try(Frozen):
    """One attempt that a policy asks for."""

    channel: Channel
    after: Annotated[StrictInt, Field(ge=0, le=60, description="Working days after the failed attempt before it")] = 0


class Policy(Frozen):
    """One version of a policy. A follow-up keeps the version it was planned by.

    `organisation` and `programme` narrow it; the narrowest policy for a trigger is the one that holds.
    """

    code: Code
    version: Annotated[StrictInt, Field(ge=1)]
    trigger: Trigger
    organisation: str | None = None
    programme: str | None = None
    owner: Owner
    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=24)]
    slot: Annotated[time, Field(ge=OPENS, le=CLOSES, description="Local time at which a follow-up falls due")]
    zone: Annotated[str, AfterValidator(known_zone)] = "Europe/Brussels"
    attempts: Annotated[tuple[Try, ...], Field(min_length=1, max_length=10)]
    escalation: Escalation = Escalation.AGENDA
    early_days: Annotated[StrictInt, Field(ge=0, le=14, description="Days before the planned one that may be used")]
    call_back_days: Annotated[StrictInt, Field(ge=1, le=90, description="How far away a call back may be agreed")]
    none_after: Annotated[tuple[str, ...], Field(description="Reasons of closing after which nobody calls")] = ()

    @model_validator(mode="after")
    def _no_overlap(self) -> Self:
        if len({step.kind for step in self.steps}) < len(self.steps):
            raise PydanticCustomError("repeated_kind", "two steps of one kind")
        if any(each.after < 1 for each in self.attempts[1:]) or self.attempts[0].after:
            raise PydanticCustomError("wrong_spacing", "the first attempt waits for nothing, each other at least a day")
        tries = sum(each.after for each in self.attempts)
        for one, following in pairwise(sorted(step.fewest_working_days for step in self.steps)):
            if tries >= following - one:
                raise PydanticCustomError(
                    "overlapping_steps", "a step's attempts are not over when the next step begins"
                )
        return self

    @property
    def clock_zone(self) -> ZoneInfo:
        """The zone that its slot is a local time of."""
        return ZoneInfo(self.zone)

    @property
    def reach(self) -> tuple[str | None, str | None]:
        """Whom it is for: (organisation, programme), None for all."""
        return self.organisation, self.programme

    def follows_up(self, reason: str) -> bool:
        """Whether a case closed for this reason is followed up."""
        return reason not in self.none_after


class Policies(Frozen):
    """Every policy with all its versions; the highest version of a code is in force."""

    versions: tuple[Policy, ...]

    @classmethod
    def of(cls, documents: Iterable[Mapping[str, object]]) -> Self:
        """The policies in these documents; raises ValidationError for one that makes no sense."""
        return cls.model_validate({"versions": list(documents)})

    @model_validator(mode="after")
    def _one_each(self) -> Self:
        if len({(policy.code, policy.version) for policy in self.versions}) < len(self.versions):
            raise PydanticCustomError("repeated_version", "two policies under one code and version")
        current = self.current()
        if len({(policy.trigger, policy.reach) for policy in current}) < len(current):
            raise PydanticCustomError("overlapping_triggers", "two policies for one trigger and the same reach")
        return self

    def current(self) -> list[Policy]:
        """The newest version of each code."""
        newest: dict[str, Policy] = {}
        for policy in sorted(self.versions, key=lambda each: each.version):
            newest[policy.code] = policy
        return list(newest.values())

    def in_force(
        self, trigger: Trigger, organisation: str | None = None, programme: str | None = None
    ) -> Policy | None:
        """What a trigger that fires now calls for: the narrowest that holds, a programme before an organisation."""
        fitting = [
            each
            for each in self.current()
            if each.trigger is trigger
            and each.organisation in {None, organisation}
            and each.programme in {None, programme}
        ]
        narrowest = sorted(fitting, key=lambda each: (each.programme is not None, each.organisation is not None))
        return narrowest[-1] if narrowest else None

    def version(self, code: str, version: int) -> Policy:
        """The version that a follow-up was planned by."""
        return next(each for each in self.versions if (each.code, each.version) == (code, version))
