"""What the facts of a timeline are called, in the languages of the country and in English."""

import json
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter


class Labels(BaseModel):
    """One text in four languages."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fr: str
    nl: str
    de: str
    en: str


KINDS: Mapping[str, Labels] = TypeAdapter(dict[str, Labels]).validate_python(
    json.loads(Path(__file__).with_name("timeline_kinds.json").read_text())
)
"""The facts by `service.kind`."""
