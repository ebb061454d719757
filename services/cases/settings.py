"""The knobs of cases."""

from functools import cache
from pathlib import Path
from typing import Self

from pydantic import Field, FilePath, model_validator
from pydantic_settings import SettingsConfigDict

from services.cases.domain.rate import ExampleRates, Rate
from services.cases.domain.weights import Weights
from shared.settings import ServiceSettings

SHIPPED = Path(__file__).with_name("weights")
EXAMPLE_RATES = Path(__file__).with_name("rates") / "example.json"


@cache
def weights_of(path: Path) -> Weights:
    """The weights of a caseload in a file, read once. Raises ValueError for what is no weights file."""
    return Weights.model_validate_json(path.read_bytes())


@cache
def example_rates_of(path: Path) -> ExampleRates:
    """The example rates in a file, read once. Raises ValueError for what is no such file."""
    return ExampleRates.model_validate_json(path.read_bytes())


class Settings(ServiceSettings):
    """Environment variables `CASES_...`."""

    model_config = SettingsConfigDict(env_prefix="CASES_", extra="ignore", populate_by_name=True)

    caseload_cap: int = Field(40, ge=1, le=1000, description="Points per worker beyond which a reason is asked")
    caseload_weights: FilePath = Field(
        SHIPPED / "caseload-1.json", description="What a case weighs: a file as the one shipped"
    )
    protocol_version: str = Field("1", max_length=40, description="Working rules in force, recorded on each new case")
    example_rates: FilePath = Field(
        EXAMPLE_RATES, description="Made-up rates for days without rates of one's own: a file as the one shipped"
    )

    @property
    def weights(self) -> Weights:
        """The weights of a caseload."""
        return weights_of(self.caseload_weights)

    @property
    def stand_in_rates(self) -> tuple[Rate, ...]:
        """The example rates; reports mark every line that was priced with them."""
        return example_rates_of(self.example_rates).rates

    @model_validator(mode="after")
    def readable_weights(self) -> Self:
        """The weights can be read, none is negative."""
        weights_of(self.caseload_weights)
        example_rates_of(self.example_rates)
        return self
