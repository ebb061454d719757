"""Words for codes in four languages; they stand in `labels.json`."""

import json
from collections.abc import Mapping
from pathlib import Path

from services.scheduler.domain import Language

LABELS: Mapping[str, Mapping[str, Mapping[str, str]]] = json.loads(Path(__file__).with_name("labels.json").read_text())


def label(language: Language, kind: str, group: str) -> str:
    """The word for a kind; for one that a policy of one's own made up, the word for its group."""
    kinds = LABELS[language]["kinds"]
    return kinds.get(kind) or kinds[group]


def words(language: Language) -> Mapping[str, str]:
    """The fixed words of what is written."""
    return LABELS[language]["words"]
