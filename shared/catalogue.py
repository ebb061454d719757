"""Contracts made from the code: JSON Schema and example of each event, AsyncAPI 3, OpenAPI; drift and breaks found."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from shared.events import Event, example_of, topic_of
from shared.service import Service

CONTRACTS = Path(__file__).parent / "contracts"
HEADERS = ("specversion", "id", "source", "type", "subject", "time", "aggregateversion")


def schema_of(event: type[Event]) -> dict[str, Any]:
    """The JSON Schema of an event's data."""
    schema = event.model_json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"/{event.type.split('.')[0]}/events/{event.type}.schema.json",
        **schema,
        "title": event.type,
    }


def asyncapi(service: Service) -> dict[str, Any]:
    """The AsyncAPI 3.0 document of what a service publishes."""
    topic = topic_of(service.name)
    headers = {f"ce_{name}": {"type": "string"} for name in HEADERS}
    messages: dict[str, Any] = {}
    for event in service.facts:
        schema = schema_of(event)
        definitions = schema.pop("$defs", {})
        schema.pop("$schema")
        schema.pop("$id")
        messages[event.type] = {
            "name": event.type,
            "title": event.type,
            "summary": (event.__doc__ or "").strip().split("\n")[0],
            "contentType": "application/json",
            "headers": {"type": "object", "properties": headers, "required": sorted(headers)},
            "payload": resolved(schema, definitions),
            "examples": [{"payload": example_of(schema_of(event))}],
        }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": f"{service.title}: events",
            "version": "1",
            "description": "CloudEvents 1.0 in Kafka binary mode; the key is the aggregate's id.",
        },
        "defaultContentType": "application/json",
        "channels": {
            topic: {
                "address": topic,
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
            }
        },
        "operations": {
            "publish": {
                "action": "send",
                "channel": {"$ref": f"#/channels/{topic}"},
                "messages": [{"$ref": f"#/channels/{topic}/messages/{name}"} for name in messages],
            }
        },
        "components": {"messages": messages},
    }


def resolved(schema: Any, definitions: Mapping[str, Any]) -> Any:
    """A schema with its local references written out."""
    if isinstance(schema, list):
        return [resolved(part, definitions) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return resolved(definitions[schema["$ref"].rsplit("/", 1)[1]], definitions)
    return {name: resolved(part, definitions) for name, part in schema.items() if name != "$defs"}


def contracts(service: Service, app: FastAPI) -> dict[Path, str]:
    """Every contract file of a service with its text."""
    folder = CONTRACTS / service.name
    files: dict[Path, Any] = {folder / "openapi.json": app.openapi(), folder / "asyncapi.json": asyncapi(service)}
    for event in service.facts:
        schema = schema_of(event)
        files[folder / f"{event.type}.schema.json"] = schema
        files[folder / f"{event.type}.example.json"] = example_of(schema)
    return {
        path: json.dumps(value, indent=1, ensure_ascii=False, sort_keys=True) + "\n" for path, value in files.items()
    }


def breaks(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """What a reader of the old event schema would miss in the new one: only optional additions are allowed."""
    before, after = (resolved(dict(schema), schema.get("$defs", {})) for schema in (old, new))
    found: list[str] = []
    properties = after.get("properties", {})
    for name, shape in before.get("properties", {}).items():
        if name not in properties:
            found.append(f"{name} is gone")
        elif kind_of(shape) != kind_of(properties[name]):
            found.append(f"{name} has another type")
    no_longer = set(before.get("required", [])) - set(after.get("required", []))
    found += [f"{name} is no longer always there" for name in sorted(no_longer) if name in properties]
    return found


def kind_of(shape: Mapping[str, Any]) -> Any:
    """The part of a property's schema that a reader's type depends on."""
    if "anyOf" in shape:
        return sorted(json.dumps(kind_of(part), sort_keys=True) for part in shape["anyOf"])
    if shape.get("type") == "array":
        return ["array", kind_of(shape.get("items", {}))]
    if shape.get("type") == "object":
        return ["object", {name: kind_of(part) for name, part in shape.get("properties", {}).items()}]
    return [shape.get("type"), shape.get("format")]


def check(files: Mapping[Path, str]) -> list[str]:
    """Where the committed contracts differ from the code."""
    problems = [
        f"{path.name}: not as the code says, run `make contracts`"
        for path, text in files.items()
        if not path.exists() or path.read_text() != text
    ]
    known = {path.parent for path in files}
    left = [path for folder in known for path in folder.glob("*.json") if path not in files]
    return problems + [f"{path.name}: no longer published" for path in left]


def write(files: Mapping[Path, str]) -> list[str]:
    """Write the contracts unless that would break a published event; what would break."""
    broken = [
        f"{path.name}: {reason}; publish a new version beside it"
        for path, text in files.items()
        if path.name.endswith(".schema.json") and path.exists()
        for reason in breaks(json.loads(path.read_text()), json.loads(text))
    ]
    if not broken:
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    return broken
