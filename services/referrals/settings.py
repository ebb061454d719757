"""The knobs of referrals."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from services.referrals.domain import ResponseTimes
from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """Environment variables `REFERRALS_...`."""

    model_config = SettingsConfigDict(env_prefix="REFERRALS_", extra="ignore", populate_by_name=True)

    decision_days: int = Field(default=2, ge=1, le=60)
    """Working days within which a referral is to be decided on."""
    question_days: int = Field(default=5, ge=1, le=60)
    """Working days within which the sender is to answer a question."""
    waiting_list_days: int = Field(default=30, ge=1, le=250)
    """Working days after which a place on the waiting list is looked at again."""
    opening_days: int = Field(default=5, ge=1, le=60)
    """Working days within which an accepted referral is to become a case."""

    @property
    def response_times(self) -> ResponseTimes:
        """The response clock."""
        return ResponseTimes(self.decision_days, self.question_days, self.waiting_list_days, self.opening_days)
