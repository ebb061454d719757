"""The knobs of scheduler."""

from datetime import date
from typing import Annotated

from pydantic import BeforeValidator
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

    @property
    def calendar(self) -> Calendar:
        """The working days of the programme."""
        return Calendar(closed_days=self.closed_days, closed_on_27_september=self.closed_on_27_september)
