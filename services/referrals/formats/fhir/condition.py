"""Conditions of a conditional create, in all the forms that clients send; only `identifier` can be asked for."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from services.referrals.formats.fhir.elements import Identifier
from services.referrals.formats.fhir.outcome import BadRequest, RefusedResource
from shared.errors import Fault


@dataclass(frozen=True)
class Condition:
    """An identifier: with its system, with none (`|value`: empty), or with any (`value` alone: None)."""

    system: str | None
    value: str

    def fits(self, identifiers: Iterable[Identifier]) -> bool:
        """Whether one of these is meant."""
        return any(each.value == self.value and self.system in (None, each.system or "") for each in identifiers)


def read_condition(text: str, kind: str, place: str) -> Condition:
    """`identifier=s|v`, `Type?identifier=s|v` or an absolute URL; anything else is 400, never ignored."""
    unknown = BadRequest(faults=[Fault(place, "unknown-condition")])
    if not text.isprintable():
        raise unknown
    parts = urlsplit(text if "?" in text and not text.startswith("identifier=") else f"?{text}")
    try:
        found = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=True, errors="strict")
    except ValueError:
        raise unknown from None
    named = parts.path.rstrip("/").rsplit("/", 1)[-1]
    if len(found) != 1 or found[0][0] != "identifier" or named not in ("", kind):
        raise unknown
    system, bar, value = found[0][1].rpartition("|")
    if not value or "," in value or "\\" in value:
        raise unknown
    return Condition(system if bar else None, value)


def check_condition(condition: Condition, identifiers: Iterable[Identifier], place: str) -> None:
    """A condition is on the resource's own identifier: only then is a second create surely the same."""
    if not condition.fits(identifiers):
        raise RefusedResource(faults=[Fault(place, "condition-mismatch")])
