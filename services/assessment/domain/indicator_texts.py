"""What each indicator means, in the four languages: data, so that the programme can word it."""

from functools import cache

from pydantic import TypeAdapter

from services.assessment.domain.instrument import SHIPPED, Frozen, Labels


class IndicatorText(Frozen):
    """The name of an indicator, its definition, and what is above and below the line."""

    name: Labels
    definition: Labels
    numerator: Labels
    denominator: Labels


@cache
def indicator_texts() -> dict[str, IndicatorText]:
    """The texts by indicator; raises ValidationError, OSError."""
    shipped = SHIPPED / "policies" / "indicators.json"
    return TypeAdapter(dict[str, IndicatorText]).validate_json(shipped.read_bytes())
