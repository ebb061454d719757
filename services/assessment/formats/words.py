"""Texts of the service in four languages, as data: one catalogue per page."""

import json
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path

from services.assessment.domain.instrument import LanguageCode

FOLDER = Path(__file__).resolve().parent.parent / "texts"


class Words:
    """One catalogue in one language."""

    def __init__(self, catalogue: Mapping[str, Mapping[str, str]], language: LanguageCode) -> None:
        self._catalogue = catalogue
        self.language: LanguageCode = language

    def __call__(self, key: str, **values: str | int) -> str:
        """The text of a key with its blanks filled; KeyError for a key that the catalogue does not have."""
        return self._catalogue[key][self.language].format(**values)

    def day(self, day: date) -> str:
        """A date as people write it, the month in letters."""
        number = "1er" if self.language == "fr" and day.day == 1 else str(day.day)
        return self("date", day=number, month=self("months").split()[day.month - 1], year=day.year)


@cache
def catalogue(name: str) -> Mapping[str, Mapping[str, str]]:
    """The texts of a page: key -> language -> text."""
    found: Mapping[str, Mapping[str, str]] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return found
