"""How fields are called in four languages, and how each is shown to the subject: told once for all services."""

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

LABELS_FILE = Path(__file__).parents[1] / "permissions" / "labels.json"
LANGUAGES = ("fr", "nl", "de", "en")

Names = Mapping[str, str]
"""A name by language."""


class Telling(StrEnum):
    """How a value is shown to the subject of a row (GDPR art. 15 (4): not at the cost of others).

    `subject` is an id of a subject: shown where it is their own, masked where it is another's. `staff` and
    `third-party` say only that somebody is named. `technical` is left out: a key, a lock, a fingerprint, a secret.
    """

    SHOWN = "shown"
    SUBJECT = "subject"
    STAFF = "staff"
    THIRD_PARTY = "third-party"
    TECHNICAL = "technical"


class Labels(BaseModel):
    """The names of fields in fr, nl, de and en, and those that are not shown as they are."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    about: str
    names: Mapping[str, tuple[str, str, str, str]]
    tellings: Mapping[Telling, frozenset[str]]

    def telling(self, name: str) -> Telling:
        """How a field of this name is shown where nothing else is said of it."""
        return next((each for each, names in self.tellings.items() if name in names), Telling.SHOWN)

    def knows(self, name: str) -> bool:
        """Whether a field of this name can be told to somebody, or is known not to be. Ids go by no name."""
        is_id = name == "id" or name.endswith("_id")
        return is_id or name in self.names or self.telling(name) is Telling.TECHNICAL

    def of(self, name: str) -> Names:
        """The name of a field by language; the words that it is made of where it has none."""
        said = self.names.get(name) or (name.replace("_", " "),) * len(LANGUAGES)
        return dict(zip(LANGUAGES, said, strict=True))


@cache
def labels() -> Labels:
    """The published names."""
    return Labels.model_validate_json(LABELS_FILE.read_text(encoding="utf-8"))
