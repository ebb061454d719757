"""The knobs of intake."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from services.intake.domain import Pace
from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """Environment variables `INTAKE_...`."""

    model_config = SettingsConfigDict(env_prefix="INTAKE_", extra="ignore", populate_by_name=True)

    link_known_days: int = Field(default=365, ge=30, le=3660)
    """Days before an outage of the line in which somebody who was in touch counts as known to it."""
    link_recent_days: int = Field(default=90, ge=7, le=366)
    """Days before an outage in which a hospital stay or a need counts as recent."""

    elsewhere_keys: str = ""
    """The path of a JSON file with the keys shared with other programmes, `{"id": "secret"}`, the newest last."""
    elsewhere_checks_per_hour: int = Field(default=20, ge=1, le=1000)
    """How often one agent may ask in an hour whether another programme follows somebody."""

    import_rows_kept_days: int = Field(default=30, ge=1, le=3660)
    """Days after the end of an import after which the cells of its rejected rows are deleted."""

    call_back_days: int = Field(default=1, ge=1, le=30)
    """Working days until a call-back is due for which no time was agreed."""
    call_back_urgent_hours: int = Field(default=2, ge=1, le=72)
    """Hours until an urgent call-back is due for which no time was agreed."""
    call_back_escalation_days: int = Field(default=1, ge=1, le=30)
    """Working days that a call-back may be late before it escalates."""
    call_back_escalates_to: str = Field(default="coordinator", pattern=r"^[a-z][a-z-]{0,39}$")
    """The role that a late call-back goes to."""
    draft_stale_hours: int = Field(default=12, ge=1, le=720)
    """Hours after which a contact that is not made final counts as left behind."""

    @property
    def pace(self) -> Pace:
        """The programme's times for call-backs."""
        return Pace(
            days=self.call_back_days,
            urgent_hours=self.call_back_urgent_hours,
            escalation_days=self.call_back_escalation_days,
            escalates_to=self.call_back_escalates_to,
        )
