"""What the codes of rejected rows mean, for the people who correct them: `messages.json`."""

import json
from collections.abc import Mapping
from pathlib import Path

MESSAGES: Mapping[str, Mapping[str, str]] = json.loads(Path(__file__).with_suffix(".json").read_text())
OTHER = ""
"""Stands for every code without a sentence of its own."""


def message(code: str, language: str) -> str:
    """The meaning of a code in one of the four languages."""
    return MESSAGES.get(code, MESSAGES[OTHER])[language]
