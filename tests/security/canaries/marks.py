"""Unique made-up values for every field that may hold something of somebody's, found from the request models."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from shared.host import described
from tests.conftest import load
from tests.intake.people import niss_of

LETTERS = "bcdfghjklmnprstvwz"
SHORTEST = 20
"""Characters that a field must take to be filled with a mark."""
CODED = frozenset(
    {
        *("identifier.system", "identifier.value", "consent.kind", "consent.by"),
        *("sheets[].identifier", "sheets[].edition", "reason.diagnoses[].system", "reason.diagnoses[].code"),
        *("person.general_practitioner.nihdi", "topics[]"),
    }
)
"""Fields of free form that hold codes, or a number of the sender's."""


@cache
def schemas(service: str) -> Mapping[str, Any]:
    """The published schemas of a service's bodies."""
    found: Mapping[str, Any] = described(load(service)).openapi()["components"]["schemas"]
    return found


def free(service: str, schema: Mapping[str, Any], path: str = "", within: tuple[str, ...] = ()) -> Iterator[str]:
    """The places of a body that take free text: not a code, a date, an id or anything else with a pattern."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name not in within:
            yield from free(service, schemas(service)[name], path, (*within, name))
        return
    for part in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        yield from free(service, part, path, within)
    for name, part in schema.get("properties", {}).items():
        yield from free(service, part, f"{path}.{name}".lstrip("."), within)
    if schema.get("type") == "array":
        yield from free(service, schema.get("items", {}), f"{path}[]", within)
    is_plain = schema.get("type") == "string" and not {"enum", "const", "format"} & schema.keys()
    is_text = "pattern" not in schema and schema.get("maxLength", 0) >= SHORTEST
    if is_plain and (is_text or path.endswith("email")):
        yield path


def places(service: str, model: str) -> list[str]:
    """The places of a model that are to be marked."""
    found = dict.fromkeys(free(service, {"$ref": f"/{model}"}))
    return [place for place in found if place not in CODED]


@dataclass
class Marks:
    """Every mark that was sown: mark -> where."""

    sown: dict[str, str] = field(default_factory=dict)
    _chance: random.Random = field(default_factory=random.Random)

    def word(self, where: str) -> str:
        """A word that stands nowhere else."""
        mark = "Zq" + "".join(self._chance.choices(LETTERS, k=12))
        self.sown[mark] = where
        return mark

    def phone(self, where: str) -> str:
        """A number that nobody has."""
        mark = f"47{self._chance.randrange(10**7):07}"
        self.sown[mark] = where
        return f"+32{mark}"

    def born(self, where: str) -> tuple[str, str]:
        """A birth date, and the NISS of somebody who was born then."""
        year, month, day = (self._chance.randrange(*span) for span in ((1921, 1939), (1, 13), (1, 29)))
        date, niss = f"{year}-{month:02}-{day:02}", niss_of(year, month, day, self._chance.randrange(2, 997))
        self.sown |= {date: where.replace("niss", "birth_date"), niss: where}
        return date, niss

    def fill(self, service: str, model: str, body: Any) -> Any:
        """A body with a mark in each place of its model; AssertionError where it does not have the place's parent."""
        wanted = places(service, model)
        for place in wanted:
            assert self._put(body, place.replace("[]", ".[]").split("."), f"{model}.{place}"), place
        for holder in (body, body.get("person", {})):
            if "niss" in holder:
                holder["birth_date"], holder["niss"] = self.born(f"{model}.niss")
        return body

    def _put(self, body: Any, path: list[str], where: str) -> bool:
        name, *rest = path
        if name == "[]":
            if not rest:
                body[:] = [self._value(where)]
                return True
            return bool(body) and all(self._put(each, rest, where) for each in body)
        if not rest:
            body[name] = self._value(where)
            return True
        if rest == ["[]"]:
            body[name] = [self._value(where)]
            return True
        return name in body and self._put(body[name], rest, where)

    def _value(self, where: str) -> str:
        if where.endswith(("phone", "phones[]")):
            return self.phone(where)
        if where.endswith("email"):
            return f"{self.word(where).lower()}@example.be"
        return f"{self.word(where)}" if where.endswith(("house_number", "box")) else f"{self.word(where)} {where[-1]}"

    def found_in(self, text: str) -> dict[str, str]:
        """The marks that stand in a text: mark -> where it was sown."""
        plain = text.lower()
        return {mark: where for mark, where in self.sown.items() if mark.lower() in plain}
