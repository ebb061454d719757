"""The knobs of referrals."""

from collections.abc import Sequence
from typing import Self

from pydantic import Field, FilePath, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from services.referrals.domain import ResponseTimes
from services.referrals.domain.mllp_sender import MllpSender, mllp_senders
from services.referrals.domain.subscription import Patience
from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """Environment variables `REFERRALS_...`."""

    model_config = SettingsConfigDict(
        env_prefix="REFERRALS_", extra="ignore", populate_by_name=True, env_ignore_empty=True
    )

    decision_days: int = Field(default=2, ge=1, le=60)
    """Working days within which a referral is to be decided on."""
    question_days: int = Field(default=5, ge=1, le=60)
    """Working days within which the sender is to answer a question."""
    waiting_list_days: int = Field(default=30, ge=1, le=250)
    """Working days after which a place on the waiting list is looked at again."""
    opening_days: int = Field(default=5, ge=1, le=60)
    """Working days within which an accepted referral is to become a case."""

    notice_days: int = Field(default=35, ge=7, le=366)
    """Days for which a notice to a subscriber can be sent again."""
    notice_first_pause: float = Field(default=5, ge=0.1, le=3600)
    """Seconds before a notice that did not arrive is sent again the first time; then twice as long, and so on."""
    notice_longest_pause: float = Field(default=3600, ge=0.1, le=86400)
    """Seconds that pass at most between two attempts."""
    notice_turn_seconds: float = Field(default=60, ge=12, le=3600)
    """Seconds for which a process keeps a subscriber to itself: another waits so long when it dies. More than the ten
    of an attempt."""

    municipalities: FilePath | None = None
    """A newer list of municipalities than the one shipped, with the same columns."""

    outgoing_answer_days: int = Field(default=5, ge=1, le=60)
    """Working days within which an organisation is to answer a referral of ours."""
    outgoing_question_days: int = Field(default=2, ge=1, le=60)
    """Working days within which we are to answer an organisation's question."""
    outgoing_start_days: int = Field(default=10, ge=1, le=60)
    """Working days within which an organisation is to begin with what it accepted."""
    outgoing_reminders: int = Field(default=1, ge=0, le=10)
    """Reminders to an organisation before a referral to it counts as not answered."""
    service_status_days: int = Field(default=10, ge=1, le=250)
    """Working days after which somebody asks whether the person uses the service."""
    smtp_url: SecretStr | None = None
    """`smtp://user:password@host:port`, or `smtps://...` for TLS from the start; none sends no notices by e-mail."""
    smtp_plain: bool = False
    """Whether notices may go over a connection without TLS: on the operator's own network only."""
    notice_from: str = "relais@localhost"
    """The address that notices come from."""
    notice_link: str = "http://127.0.0.1:8000/"
    """Where a notice leads: the page on which an organisation signs in. Nothing of a referral is added to it."""

    mllp_port: int | None = Field(default=None, ge=0, le=65535)
    """The port for HL7 v2 by MLLP; none without it. 0 is any free one."""
    mllp_host: str = "127.0.0.1"
    """The address that the MLLP port binds to."""
    mllp_senders: str = ""
    """Who may speak there: `FACILITY=organisation@network` (MSH-4, our code of it), comma-separated."""
    mllp_certificate: FilePath | None = None
    """Our certificate (PEM): with it the port speaks TLS only."""
    mllp_key: FilePath | None = None
    """The key of that certificate."""
    mllp_client_ca: FilePath | None = None
    """The authority (PEM) whose certificates senders must show."""
    mllp_idle_seconds: float = Field(default=600, gt=0, le=86400)
    """How long a connection may wait for its next message."""
    mllp_frame_seconds: float = Field(default=30, gt=0, le=600)
    """How long a message that has begun may take to come in, and its answer to go out."""

    @property
    def mllp_routes(self) -> Sequence[MllpSender]:
        """Who may speak on the MLLP port."""
        return mllp_senders(self.mllp_senders)

    @model_validator(mode="after")
    def mllp_is_whole(self) -> Self:
        """A list that cannot be read, or TLS without a key, stops the start."""
        _ = self.mllp_routes
        if (self.mllp_certificate is None) != (self.mllp_key is None):
            raise ValueError("mllp_certificate and mllp_key go together")
        if self.mllp_client_ca and not self.mllp_certificate:
            raise ValueError("mllp_client_ca needs mllp_certificate")
        return self

    import_rows_kept_days: int = Field(default=30, ge=1, le=365)
    """Days after which the rows of an import that has ended are deleted; their codes and counts stay."""

    @property
    def patience(self) -> Patience:
        """The pauses between attempts to tell a subscriber."""
        return Patience(self.notice_first_pause, self.notice_longest_pause)

    @property
    def outgoing_times(self) -> ResponseTimes:
        """The response clock of outgoing referrals."""
        return ResponseTimes(
            self.outgoing_answer_days, self.outgoing_question_days, self.waiting_list_days, self.outgoing_start_days
        )

    @property
    def response_times(self) -> ResponseTimes:
        """The response clock."""
        return ResponseTimes(self.decision_days, self.question_days, self.waiting_list_days, self.opening_days)
