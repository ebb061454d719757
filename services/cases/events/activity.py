"""What cases tells of work that was done, and of the months and rates that it is accounted with."""

from datetime import date
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from services.cases.events.codes import Discipline
from shared.events import Event

NIS = r"^[0-9]{5}$"


class ActivityKind(StrEnum):
    """What kind of work."""

    HOME_VISIT = "home-visit"
    PHONE = "phone"
    E_MAIL = "e-mail"
    ACCOMPANIMENT = "accompaniment"
    NETWORK_MEETING = "network-meeting"
    ADMINISTRATION = "administration"
    TRAINING = "training"
    OUTREACH = "outreach"
    OTHER = "other"


class AccompanimentResult(StrEnum):
    """What came of going somewhere with a person."""

    GOAL_REACHED = "goal-reached"
    PARTLY_REACHED = "partly-reached"
    NEW_APPOINTMENT = "new-appointment"
    PERSON_ABSENT = "person-absent"
    SERVICE_REFUSED = "service-refused"
    NOT_REACHED = "not-reached"


class DemandSource(StrEnum):
    """Where the demand comes from that an outreach is meant to raise: its effect is looked for there."""

    HOSPITAL = "hospital"
    GENERAL_PRACTICE = "general-practice"
    HOME_CARE = "home-care"
    SOCIAL_SERVICE = "social-service"
    ASSOCIATION = "association"
    MUNICIPALITY = "municipality"
    POPULATION = "population"
    OTHER = "other"


class ActivityRecorded(Event):
    """Work was done: one line counts from now on. `replaces` names the line that it corrects."""

    type: ClassVar[str] = "cases.activity-recorded.v1"
    activity_id: UUID
    case_id: UUID | None = Field(description="Null for work on no case: training, outreach, meetings")
    visit_id: UUID | None = Field(description="The visit that it was entered with")
    replaces: UUID | None
    kind: ActivityKind
    on: date
    worker: str = Field(description="Subject of who did it, as in the tokens", examples=["case-manager-nurse"])
    organisation: str = Field(description="The organisation that it is accounted to", examples=["relais"])
    discipline: Discipline | None
    direct_minutes: int
    travel_minutes: int
    km: str = Field(description="Kilometres with two decimals", examples=["12.50"])
    result: AccompanimentResult | None = Field(description="Of an accompaniment only")
    nis_code: str | None = Field(description="Municipality, where one was given", pattern=NIS, examples=["62063"])
    source: DemandSource | None = Field(description="Of an outreach only")


class ActivityCorrected(Event):
    """A line no longer counts: another one stands for it."""

    type: ClassVar[str] = "cases.activity-corrected.v1"
    activity_id: UUID
    case_id: UUID | None
    replaced_by: UUID
    kind: ActivityKind
    on: date


class ActivityWithdrawn(Event):
    """A line no longer counts, and none stands for it."""

    type: ClassVar[str] = "cases.activity-withdrawn.v1"
    activity_id: UUID
    case_id: UUID | None
    kind: ActivityKind
    on: date


class PeriodClosed(Event):
    """An organisation has closed the accounts of a month: its lines and rates stay as they are."""

    type: ClassVar[str] = "cases.period-closed.v1"
    organisation: str = Field(examples=["relais"])
    month: str = Field(description="YYYY-MM", examples=["2026-11"])


class PeriodReopened(Event):
    """A closed month takes lines and corrections again."""

    type: ClassVar[str] = "cases.period-reopened.v1"
    organisation: str = Field(examples=["relais"])
    month: str = Field(description="YYYY-MM", examples=["2026-11"])


class RatesChanged(Event):
    """An organisation has set a rate."""

    type: ClassVar[str] = "cases.rates-changed.v1"
    organisation: str = Field(examples=["relais"])
    discipline: Discipline | None = Field(description="Null: of every discipline that has no rate of its own")
    valid_from: date


ACTIVITY = (ActivityRecorded, ActivityCorrected, ActivityWithdrawn, PeriodClosed, PeriodReopened, RatesChanged)
