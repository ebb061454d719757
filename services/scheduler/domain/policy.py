"""Follow-up policies: which follow-ups a trigger calls for and how often somebody tries, as versioned data."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, time
from enum import StrEnum
from functools import cache
from itertools import pairwise
from typing import Annotated, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, StrictInt, model_validator
from pydantic_core import PydanticCustomError

from services.scheduler.domain.calendar import CLOSES, OPENS, Calendar
from services.scheduler.domain.record import Channel
from services.scheduler.events import Escalation
from shared.errors import DomainError, Fault

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


class ApplyTo(StrEnum):
    """What a new version of a policy holds for: what is planned from now on, or what is planned already too."""

    FUTURE = "future"
    PLANNED = "planned"


class OverlappingTriggers(DomainError):
    """Another policy in force answers to the same trigger for the same organisation and programme."""


zones = cache(available_timezones)


def known_zone(name: str) -> str:
    """A time zone of the IANA database; raises `unknown_time_zone`."""
    if name not in zones():
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


class Terms(Frozen):
    """What a policy asks for.

    `organisation` and `programme` narrow it; the narrowest policy for a trigger is the one that holds.
    """

    trigger: Trigger
    organisation: Annotated[str | None, Field(max_length=100, description="Null for all")] = None
    programme: Annotated[str | None, Field(max_length=100, description="Null for all")] = None
    enabled: Annotated[StrictBool, Field(description="Whether it plans anything")] = True
    owner: Owner
    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=24)]
    slot: Annotated[time, Field(ge=OPENS, le=CLOSES, description="Local time at which a follow-up falls due")]
    zone: Annotated[str, AfterValidator(known_zone)] = "Europe/Brussels"
    attempts: Annotated[tuple[Try, ...], Field(min_length=1, max_length=10)]
    escalation: Escalation = Escalation.AGENDA
    early_days: Annotated[StrictInt, Field(ge=0, le=14, description="Days before the planned one that may be used")]
    call_back_days: Annotated[StrictInt, Field(ge=1, le=90, description="How far away a call back may be agreed")]
    none_after: Annotated[
        tuple[str, ...], Field(max_length=20, description="Reasons of closing after which nobody calls")
    ] = ()
    after_weeks: Annotated[
        StrictInt | None, Field(ge=1, le=104, description="Weeks without contact, with `no-contact` alone")
    ] = None

    def faults(self) -> Iterator[Fault]:
        """What does not fit together, each at its place."""
        kinds = [step.kind for step in self.steps]
        for place, kind in enumerate(kinds):
            if kind in kinds[:place]:
                yield Fault(f"/steps/{place}/kind", "repeated")
        for place, each in enumerate(self.attempts):
            if (each.after < 1) != (place == 0):
                yield Fault(f"/attempts/{place}/after", "wrong-spacing")
        for place in self._overlapping():
            yield Fault(f"/steps/{place}", "overlapping-steps")
        if (self.trigger is Trigger.NO_CONTACT) != (self.after_weeks is not None):
            yield Fault("/after_weeks", "not-expected" if self.after_weeks else "required")

    def _overlapping(self) -> Iterator[int]:
        """The places of the steps that begin before the attempts of the step before them are over."""
        tries = sum(each.after for each in self.attempts)
        places = sorted(range(len(self.steps)), key=lambda place: self.steps[place].fewest_working_days)
        for one, following in pairwise(places):
            if tries >= self.steps[following].fewest_working_days - self.steps[one].fewest_working_days:
                yield following

    @property
    def clock_zone(self) -> ZoneInfo:
        """The zone that its slot is a local time of."""
        return ZoneInfo(self.zone)

    @property
    def reach(self) -> tuple[Trigger, str | None, str | None]:
        """What it answers to and whom it is for: (trigger, organisation, programme), None for all."""
        return self.trigger, self.organisation, self.programme

    def follows_up(self, reason: str) -> bool:
        """Whether a case closed for this reason is followed up."""
        return reason not in self.none_after

    def step(self, kind: str) -> Step | None:
        """The step of this kind; None where it asks for none."""
        return next((step for step in self.steps if step.kind == kind), None)


class Policy(Terms):
    """One version of a policy. A follow-up keeps the version it was planned by."""

    code: Code
    version: Annotated[StrictInt, Field(ge=1)]

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        for fault in self.faults():
            raise PydanticCustomError("wrong_policy", "{code} at {at}", {"code": fault.code, "at": fault.pointer})
        return self


class Policies(Frozen):
    """Every policy with all its versions; the highest version of a code is in force, unless it is disabled."""

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
        if len({policy.reach for policy in current}) < len(current):
            raise PydanticCustomError("overlapping_triggers", "two policies for one trigger and the same reach")
        return self

    def current(self) -> list[Policy]:
        """The newest version of each code, as far as it is enabled."""
        return [policy for policy in self.newest().values() if policy.enabled]

    def newest(self) -> dict[str, Policy]:
        """The newest version of each code, by code."""
        return {policy.code: policy for policy in sorted(self.versions, key=lambda each: each.version)}

    def has(self, code: str, version: int) -> bool:
        """Whether there is this version."""
        return any((each.code, each.version) == (code, version) for each in self.versions)

    def overlaps(self, policy: Policy) -> bool:
        """Whether another policy in force has the same trigger and reach."""
        others = (each for each in self.current() if each.code != policy.code)
        return policy.enabled and any(each.reach == policy.reach for each in others)

    def with_next(self, policy: Policy) -> "Policies":
        """These, and one more version; raises OverlappingTriggers where it would stand beside another of its reach."""
        if self.overlaps(policy):
            raise OverlappingTriggers
        return Policies.model_construct(versions=(*self.versions, policy))

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
