"""The knobs of intake."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from services.intake.domain import Pace
from services.intake.domain.export import Terms
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

    retention_automatic: bool = False
    """Whether people's data end by the retention policy without an officer's confirmation."""

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

    export_due_days: int = Field(default=0, ge=0, le=30)
    """Days in which a person must have the copy that was asked for; 0 for the month of GDPR art. 12 (3)."""
    export_warn_days: int = Field(default=7, ge=1, le=30)
    """Days before it is due in which a copy counts as near its due date."""
    export_kept_days: int = Field(default=30, ge=1, le=90)
    """Days after a copy is complete after which what was collected for it is deleted."""

    @property
    def export_terms(self) -> Terms:
        """The organisation's terms for copies."""
        return Terms(due_days=self.export_due_days, kept_days=self.export_kept_days)

    @property
    def pace(self) -> Pace:
        """The programme's times for call-backs."""
        return Pace(
            days=self.call_back_days,
            urgent_hours=self.call_back_urgent_hours,
            escalation_days=self.call_back_escalation_days,
            escalates_to=self.call_back_escalates_to,
        )
