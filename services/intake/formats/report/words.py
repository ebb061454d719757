"""The words of the report in the four languages."""

import json
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path


class Language(StrEnum):
    """The languages of the report."""

    FRENCH = "fr"
    DUTCH = "nl"
    GERMAN = "de"
    ENGLISH = "en"


WORDS: Mapping[str, Mapping[str, str]] = json.loads(Path(__file__).with_name("words.json").read_text("utf-8"))


def word(code: str, language: Language) -> str:
    """A code in words; a code without words, such as that of a commune, as it is."""
    known = WORDS.get(code)
    if known:
        return known[language]
    first, dot, rest = code.partition(".")
    return f"{word(first, language)}: {word(rest, language)}" if dot else code
