"""The knobs of assessment."""

from typing import Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from shared.settings import Environment, ServiceSettings

DEVELOPMENT_KEY = b"for development only: invented people need no secret"


class Settings(ServiceSettings):
    """Environment variables `ASSESSMENT_...`."""

    model_config = SettingsConfigDict(env_prefix="ASSESSMENT_", extra="ignore", populate_by_name=True)

    small_cell_limit: int = Field(default=5, ge=2, le=100)
    """Indicators and exports tell nothing of fewer people than this."""
    pseudonym_key: SecretStr = SecretStr("")
    """Whoever holds it can link an export to people: at least 32 characters, kept by the programme alone and for ever,
    for another key gives other pseudonyms. Empty: no exports in production."""

    @model_validator(mode="after")
    def keep_pseudonyms_safe(self) -> Self:
        """A short key can be guessed."""
        if 0 < len(self.pseudonym_key.get_secret_value()) < 32:
            raise ValueError("assessment_pseudonym_key: at least 32 characters")
        return self

    @property
    def pseudonyms(self) -> bytes | None:
        """The key as bytes; None where exports are not set up."""
        given = self.pseudonym_key.get_secret_value().encode()
        return given or (DEVELOPMENT_KEY if self.environment is Environment.DEVELOPMENT else None)
