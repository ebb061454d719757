"""Who walks the matrix, and whose records are there: the verdict expected, from the published data alone."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from shared import access

DATA: Mapping[str, Any] = json.loads(access.MATRIX_FILE.read_text())
SERVING, OTHER = "relais", "centre"
HOME = {"hospital": "chu", "partner": "centre"}
"""Where a role works; all others work in the organisation that the installation serves."""
FOREIGN = {"chu": "hospital-other", "centre": "partner-other"}
"""Whose records stand for another organisation's, beside `centre` for everybody else."""
UUIDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
PARAMETER = re.compile(r"{(\w+)(?::\w+)?}")
DENIALS = frozenset({"forbidden", "not-found", "not-your-own", "not-your-organisation"})


class Relation(StrEnum):
    """Whose record a request is about, as its caller sees it."""

    OWN = "own"
    SAME = "same organisation"
    OTHER = "other organisation"


REACH = {
    "own": {Relation.OWN},
    "team": {Relation.OWN, Relation.SAME},
    "organisation": {Relation.OWN, Relation.SAME},
    "all": set(Relation),
}


@dataclass(frozen=True)
class Actor:
    """A role of the matrix at work in an organisation."""

    role: str
    organisation: str

    @property
    def subject(self) -> str:
        """The subject of the actor's token."""
        return f"{self.role}@{self.organisation}"

    @property
    def claims(self) -> dict[str, Any]:
        """What the actor's token says."""
        about = DATA["roles"][self.role]
        said = {"roles": [about["claim"]], "org_id": self.organisation, "discipline": about.get("discipline")}
        return {**said, "sub": self.subject, "scope": "system/*.cruds" if self.role == "hospital" else None}

    def reach(self, action: str) -> set[Relation]:
        """Whose records the matrix lets this actor reach by an action; none at all where it is denied."""
        about, granted = DATA["roles"][self.role], DATA["actions"][action]
        scopes = [granted[name] for name in {self.role, about["claim"]} & granted.keys()]
        found: set[Relation] = set().union(*(REACH[scope] for scope in scopes))
        if self.organisation == SERVING or action in DATA["everybodys"]:
            return found
        return found & REACH[about["elsewhere"]] if about["elsewhere"] else set()


ACTORS = (
    *(Actor(role, HOME.get(role, SERVING)) for role in DATA["roles"]),
    *(Actor(role, OTHER) for role, about in DATA["roles"].items() if about["elsewhere"] == "organisation"),
    Actor("operator", OTHER),
)
"""Every role where it works, the staff of a programme that is hosted here beside the serving one, and its operator."""


@dataclass
class Records:
    """What is there: by organisation (or by a subject, for one's own) the value of each path parameter.

    A parameter may be named with where it stands, `/path#name`, where its name alone is that of several kinds. `public`
    holds the values of parameters that name nothing of anybody's.
    """

    held: dict[str, dict[str, str]] = field(default_factory=dict)
    public: dict[str, str] = field(default_factory=dict)
    private: dict[str, set[str]] = field(default_factory=dict)
    """By organisation, ids that nobody beyond may read in any answer."""
    entered: set[str] = field(default_factory=set)
    """Routes whose path names where something is entered, and not the record itself, which is one's own."""
    rewritten: set[str] = field(default_factory=set)
    """Routes that take the whole record as it was read."""
    absent: set[str] = field(default_factory=set)
    """Paths under which nothing of the kind is there yet: whoever may is told so."""

    def keep(self, whose: str, **values: str) -> None:
        """Note whose these records are."""
        self.held.setdefault(whose, {}).update(values)

    def value(self, path: str, name: str, whose: str) -> str | None:
        """The value of a path's parameter as somebody's record has it."""
        has_place = any(of_place(held, path, name) for held in self.held.values())
        held = self.held.get(whose, {})
        return of_place(held, path, name) if has_place else held.get(name)

    def is_bound(self, path: str) -> bool:
        """Whether a path names a record that is somebody's."""
        names = [name for name in PARAMETER.findall(path) if not of_place(self.public, path, name)]
        return any(self.value(path, name, whose) for name in names for whose in self.held)


def of_place(values: Mapping[str, str], path: str, name: str) -> str | None:
    found = (
        value for key, value in values.items() if key.endswith(f"#{name}") and path.startswith(key.partition("#")[0])
    )
    return next(found, None)
