"""Contracts: made from the code, true to it, and never broken for those who read them."""

import json
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from pydantic import Field

from shared import catalogue
from shared.catalogue import asyncapi, breaks, check, contracts, schema_of, write
from shared.events import Event, example_of, topic_of
from shared.host import described
from shared.service import Service
from tests.shared.toy_service import counting_service

SERVICES = ("intake", "cases", "assessment", "scheduler", "referrals")


def load(name: str) -> Service:
    """A service by its name."""
    service: Service = import_module(f"services.{name}.app").service
    return service


class Told(Event):
    """What was promised once."""

    type: ClassVar[str] = "counting.told.v1"
    counter: UUID
    number: int
    labels: list[str]
    note: str | None = Field(examples=["code"])


def changed(**fields: Any) -> dict[str, Any]:
    """The schema of the same event with other fields: (type, default) or None for a field that is gone."""
    kept = {name: (info.annotation, info) for name, info in Told.model_fields.items()}
    namespace = {name: part for name, part in {**kept, **fields}.items() if part is not None}
    annotations = {name: part[0] for name, part in namespace.items()}
    values = {name: part[1] for name, part in namespace.items() if part[1] is not ...}
    kind = type("Told", (Event,), {"__annotations__": annotations, **values, "type": Told.type})
    return schema_of(kind)


def test_the_same_event_breaks_nothing() -> None:
    assert breaks(schema_of(Told), changed()) == []


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"number": None}, "number is gone"),
        ({"number": (str, ...)}, "number has another type"),
        ({"number": (float, ...)}, "number has another type"),
        ({"number": (int | None, ...)}, "number has another type"),
        ({"counter": (str, ...)}, "counter has another type"),
        ({"labels": (list[int], ...)}, "labels has another type"),
        ({"labels": (dict[str, str], ...)}, "labels has another type"),
        ({"note": (str | int | None, ...)}, "note has another type"),
        ({"number": (int, 0)}, "number is no longer always there"),
    ],
)
def test_a_change_that_a_reader_would_miss_is_found(fields: dict[str, Any], reason: str) -> None:
    assert breaks(schema_of(Told), changed(**fields)) == [reason]


@pytest.mark.parametrize("added", [{"more": (str | None, None)}, {"more": (str, ...)}, {"more": (list[str], [])}])
def test_an_addition_breaks_nobody(added: dict[str, Any]) -> None:
    assert breaks(schema_of(Told), changed(**added)) == []


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[Path, str]:
    """The toy's contracts, written to an empty folder."""
    monkeypatch.setattr(catalogue, "CONTRACTS", tmp_path)
    service = counting_service()
    files = contracts(service, described(service))
    assert write(files) == []
    return files


def schema_path(files: dict[Path, str]) -> Path:
    """The schema of the toy's one event among the contracts."""
    [path] = [path for path in files if path.name == "counting.counted.v1.schema.json"]
    return path


def test_what_was_written_is_as_the_code_says(published: dict[Path, str]) -> None:
    of_every_service = ("audit-anchored", "break-glass-opened", "break-glass-closed", "break-glass-reviewed")
    events = {"counting.counted.v1", *(f"counting.{fact}.v1" for fact in of_every_service)}
    of_events = {f"{event}.{kind}.json" for event in events for kind in ("schema", "example")}
    assert {path.name for path in published} == {"openapi.json", "asyncapi.json"} | of_events
    assert check(published) == []


def test_every_kind_of_drift_is_found(published: dict[Path, str]) -> None:
    changed_file, missing, *_ = published
    changed_file.write_text(published[changed_file] + "\n")
    missing.unlink()
    left = changed_file.with_name("counting.forgotten.v1.schema.json")
    left.write_text("{}")
    found = check(published)
    assert len(found) == 3
    for path in (changed_file, missing, left):
        assert any(problem.startswith(path.name) for problem in found)


def test_a_breaking_contract_is_not_written(published: dict[Path, str]) -> None:
    path = schema_path(published)
    broken = json.loads(published[path])
    del broken["properties"]["number"]
    other = next(other for other in published if other != path)
    refused = write({path: json.dumps(broken), other: "{}"})
    assert refused == [f"{path.name}: number is gone; publish a new version beside it"]
    assert (path.read_text(), other.read_text()) == (published[path], published[other])


def test_a_compatible_contract_is_written(published: dict[Path, str]) -> None:
    path = schema_path(published)
    wider = json.loads(published[path])
    wider["properties"]["more"] = {"type": "string", "default": ""}
    assert write({path: json.dumps(wider)}) == []
    assert "more" in path.read_text()


def references(document: Any) -> Iterator[str]:
    """Every reference in a document."""
    if isinstance(document, dict):
        if isinstance(document.get("$ref"), str):
            yield document["$ref"]
        for part in document.values():
            yield from references(part)
    elif isinstance(document, list):
        for part in document:
            yield from references(part)


def at(document: Any, reference: str) -> Any:
    """What a local reference points to; KeyError when nothing."""
    for step in reference.removeprefix("#/").split("/"):
        document = document[step.replace("~1", "/").replace("~0", "~")]
    return document


@pytest.mark.parametrize("name", SERVICES)
def test_the_asyncapi_document_of_a_service_is_whole(name: str) -> None:
    service = load(name)
    document = json.loads(json.dumps(asyncapi(service)))
    assert document["asyncapi"] == "3.0.0"
    assert {"title", "version"} <= set(document["info"])
    [(channel_name, channel)] = document["channels"].items()
    assert channel["address"] == channel_name == topic_of(name)
    assert set(channel["messages"]) == {event.type for event in service.facts}
    [operation] = document["operations"].values()
    assert operation["action"] == "send"
    assert len(operation["messages"]) == len(service.facts)
    for reference in references(document):
        assert at(document, reference)
    for message in document["components"]["messages"].values():
        headers = message["headers"]
        assert set(headers["required"]) == set(headers["properties"])
        Draft202012Validator.check_schema(message["payload"])
        assert message["summary"]


@pytest.mark.parametrize("name", SERVICES)
def test_the_example_of_each_event_fits_its_schema_and_its_class(name: str) -> None:
    for event in load(name).publishes:
        schema = schema_of(event)
        Draft202012Validator.check_schema(schema)
        example = example_of(schema)
        Draft202012Validator(schema, format_checker=FormatChecker()).validate(example)
        assert event.model_validate_json(json.dumps(example)).model_dump(mode="json") == example


@pytest.mark.parametrize("name", SERVICES)
def test_each_event_is_named_after_its_service_and_describes_itself(name: str) -> None:
    for event in load(name).publishes:
        service, fact, version = event.type.split(".")
        assert service == name
        assert fact == fact.lower()
        assert version.startswith("v")
        assert (event.__doc__ or "").strip().endswith((".", "`."))
        assert schema_of(event)["additionalProperties"] is False


@pytest.mark.parametrize("name", SERVICES)
def test_what_a_reader_needs_its_producer_promises(name: str) -> None:
    for reading in load(name).handlers.readings():
        producer = load(reading.type.split(".")[0])
        promised = [schema_of(event) for event in producer.publishes if event.type == reading.type]
        assert len(promised) == 1, f"nobody publishes {reading.type}"
        needed = set(reading.model_json_schema().get("required", []))
        assert needed <= set(promised[0].get("required", [])), reading.type
        reading.model_validate_json(json.dumps(example_of(promised[0])))


@pytest.mark.parametrize("name", SERVICES)
def test_the_openapi_document_of_a_service_is_whole(name: str) -> None:
    document = json.loads(json.dumps(described(load(name)).openapi()))
    for reference in references(document):
        assert at(document, reference) is not None
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(names) == len(set(names)) > 10
    assert all(path.startswith(f"/{name}") for path in document["paths"])
    assert all(operation.get("description") for operation in operations)
