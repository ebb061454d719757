"""What is published is what the code says, and every consumer's reading fits what its producer promises."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from services.__main__ import NAMES, load
from shared import catalogue
from shared.events import Reading, service_of
from shared.host import described
from shared.service import Service

SERVICES = load(NAMES)
GOLDEN = Path(__file__).parent / "golden"


def readings() -> Iterator[tuple[str, type[Reading]]]:
    for service in SERVICES:
        for reading in service.handlers.readings():
            yield service.name, reading


READINGS = [pytest.param(name, reading, id=f"{name} reads {reading.type}") for name, reading in readings()]


def published(event_type: str) -> dict[str, Any]:
    """The committed schema of an event."""
    path = catalogue.CONTRACTS / service_of(event_type) / f"{event_type}.schema.json"
    schema: dict[str, Any] = json.loads(path.read_text())
    return schema


def kinds(shape: Any, definitions: Any) -> set[str]:
    """The JSON types and formats that a property may have, null left out."""
    shape = catalogue.resolved(shape, definitions)
    parts = shape.get("anyOf", [shape])
    return {f"{part.get('type')}/{part.get('format', '')}" for part in parts} - {"null/"}


def may_be_null(shape: Any, definitions: Any) -> bool:
    """Whether a property may be null."""
    shape = catalogue.resolved(shape, definitions)
    return any(part.get("type") == "null" for part in shape.get("anyOf", [shape]))


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_the_committed_contracts_are_those_of_the_code(service: Service) -> None:
    assert catalogue.check(catalogue.contracts(service, described(service))) == []


@pytest.mark.parametrize(("consumer", "reading"), READINGS)
def test_a_reading_asks_only_for_what_its_producer_promises(consumer: str, reading: type[Reading]) -> None:
    schema, wanted = published(reading.type), reading.model_json_schema()
    for name in wanted.get("required", []):
        assert name in schema.get("required", []), f"{consumer} needs {name}, which {reading.type} does not promise"
    for name, shape in wanted["properties"].items():
        theirs = kinds(schema["properties"][name], schema.get("$defs", {}))
        ours = kinds(shape, wanted.get("$defs", {}))
        assert theirs <= ours or "string/" in ours, f"{consumer} reads {name} as {ours}, published as {theirs}"
        if may_be_null(schema["properties"][name], schema.get("$defs", {})):
            assert may_be_null(shape, wanted.get("$defs", {})), f"{consumer} reads {name} as always there"


@pytest.mark.parametrize(("consumer", "reading"), READINGS)
def test_every_golden_example_is_read_by_todays_readings(consumer: str, reading: type[Reading]) -> None:
    examples = sorted(GOLDEN.glob(f"{reading.type}*.json"))
    assert examples, f"no golden example of {reading.type}: copy the published one into {GOLDEN.name}/"
    for example in examples:
        reading.model_validate_json(example.read_text())


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_every_published_example_fits_its_schema_and_its_class(service: Service) -> None:
    for event in service.facts:
        folder = catalogue.CONTRACTS / service.name
        example = json.loads((folder / f"{event.type}.example.json").read_text())
        Draft202012Validator(published(event.type)).validate(example)
        event.model_validate_json(json.dumps(example))


def test_every_fact_has_one_producer_and_a_wire_name_of_its_own() -> None:
    types = [event.type for service in SERVICES for event in service.facts]
    assert len(types) == len(set(types))
    for service in SERVICES:
        assert all(event.type.startswith(f"{service.name}.") for event in service.facts)


def test_no_published_field_could_carry_a_name_or_a_text() -> None:
    suspicious = {"name", "family_name", "given_names", "niss", "phone", "phones", "email", "address", "note", "text"}
    suspicious |= {"birth_date", "hospital_number", "summary", "answer", "answers", "evidence", "words", "title"}
    for service in SERVICES:
        for event in service.facts:
            assert not suspicious & set(event.model_fields), event.type


def test_every_event_that_is_read_is_published() -> None:
    types = {event.type for service in SERVICES for event in service.facts}
    assert {reading.type for _, reading in readings()} <= types
