"""Reading the demographics of a referral: what cannot be understood is left out, the referral keeps the original."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from services.intake.domain.identity import FIELDS, Identity

NEEDED = frozenset({"family_name", "given_names"})


def understood(person: Mapping[str, Any], sender: str, today: date) -> Identity:
    """The identity in a sender's demographics; raises pydantic's ValidationError only where the name is missing."""
    facts = {name: person[name] for name in FIELDS if person.get(name) is not None}
    if person.get("hospital_number"):
        facts["hospital_numbers"] = ({"organisation": sender, "number": person["hospital_number"]},)
    try:
        identity = Identity.model_validate(facts)
    except ValidationError as error:
        identity = Identity.model_validate(without(facts, error.errors(include_input=False, include_url=False)))
    impossible = {fault.pointer.removeprefix("/"): None for fault in identity.faults_on(today)}
    return identity.model_copy(update=impossible)


def without(facts: Mapping[str, Any], errors: Sequence[ErrorDetails]) -> dict[str, Any]:
    """The facts without those that are wrong: of a list its wrong entries, else the whole fact."""
    wrong = {error["loc"][:2] for error in errors}
    kept: dict[str, Any] = {}
    for name, value in facts.items():
        if isinstance(value, (list, tuple)) and (name,) not in wrong:
            kept[name] = [entry for place, entry in enumerate(value) if (name, place) not in wrong]
        elif name in NEEDED or not any(place[0] == name for place in wrong):
            kept[name] = value
    return kept
