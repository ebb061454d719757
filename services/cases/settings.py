"""The knobs of cases."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """Environment variables `CASES_...`."""

    model_config = SettingsConfigDict(env_prefix="CASES_", extra="ignore", populate_by_name=True)

    caseload_cap: int = Field(40, ge=1, le=1000, description="Open cases per worker beyond which a reason is asked")
