"""The knobs of scheduler."""

from datetime import date, timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field
from pydantic_settings import NoDecode, SettingsConfigDict

from services.scheduler.domain import Calendar
from shared.settings import ServiceSettings


def listed(value: object) -> object:
    """The parts of a comma-separated list; anything else as it is."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


class Settings(ServiceSettings):
    """Environment variables `SCHEDULER_...`."""

    model_config = SettingsConfigDict(env_prefix="SCHEDULER_", extra="ignore", populate_by_name=True)

    closed_days: Annotated[frozenset[date], NoDecode, BeforeValidator(listed)] = frozenset()
    closed_on_27_september: bool = False
    programme: str | None = None
    claim_minutes: Annotated[int, Field(ge=1, le=240)] = 20
    hold_days: Annotated[int, Field(ge=1, le=90)] = 14
    remind_before: Annotated[int, Field(ge=0, le=10)] = 1
    remind_overdue: Annotated[int, Field(ge=0, le=20)] = 2
    backlog_per_minute: Annotated[int, Field(ge=1, le=100_000)] = 600
    feed_days: Annotated[int, Field(ge=1, le=730)] = 180
    campaign_per_day: Annotated[int, Field(ge=1, le=500)] = 20
    campaigns_start_themselves: bool = False

    @property
    def claim_length(self) -> timedelta:
        """How long a claim holds before others may have the person."""
        return timedelta(minutes=self.claim_minutes)

    @property
    def feed_length(self) -> timedelta:
        """How long the token of a calendar feed opens it."""
        return timedelta(days=self.feed_days)

    @property
    def calendar(self) -> Calendar:
        """The working days of the programme."""
        return Calendar(closed_days=self.closed_days, closed_on_27_september=self.closed_on_27_september)
