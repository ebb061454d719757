"""Facts between services: what a producer promises, what a consumer reads, and the envelope that carries them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict

Headers = Sequence[tuple[str, bytes]]

SPEC_VERSION = "1.0"


class Event(BaseModel):
    """A fact that a service publishes: ids and codes only, never personal data.

    `type` is the wire name `<service>.<fact-in-the-past>.v<n>`; within a version only optional fields may be added.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: ClassVar[str]


class Reading(BaseModel):
    """A consumer's narrow reading of somebody else's event: just the fields it uses, the rest ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    type: ClassVar[str]


class UnreadableMessage(Exception):
    """The message is no CloudEvents 1.0 envelope in Kafka binary mode with our extension attributes."""


def topic_of(service: str) -> str:
    """The one topic of a producing service."""
    return f"relais.{service}.v1"


def service_of(event_type: str) -> str:
    """The producing service, which opens every event type."""
    return event_type.split(".", 1)[0]


@dataclass(frozen=True, slots=True)
class Message:
    """What a bus carries: bytes and where they lay. Nothing of Python crosses between services."""

    topic: str
    key: bytes | None
    headers: Headers
    value: bytes | None
    partition: int = -1
    offset: int = -1


@dataclass(frozen=True, slots=True)
class Envelope:
    """One event with its CloudEvents 1.0 context attributes.

    `version` counts the events of the aggregate from 1 without holes; `data` is the JSON of the event alone.
    """

    id: UUID
    type: str
    aggregate_id: UUID
    version: int
    time: datetime
    data: bytes
    traceparent: str = ""

    @property
    def source(self) -> str:
        """The producing service."""
        return service_of(self.type)

    def message(self) -> Message:
        """This envelope in CloudEvents Kafka binary mode, keyed by the aggregate."""
        headers = {
            "ce_specversion": SPEC_VERSION,
            "ce_id": str(self.id),
            "ce_source": f"/{self.source}",
            "ce_type": self.type,
            "ce_subject": str(self.aggregate_id),
            "ce_time": self.time.isoformat().replace("+00:00", "Z"),
            "ce_dataschema": f"/{self.source}/events/{self.type}.schema.json",
            "ce_aggregateversion": str(self.version),
            "ce_traceparent": self.traceparent,
            "content-type": "application/json",
        }
        encoded = [(name, text.encode()) for name, text in headers.items() if text]
        return Message(topic_of(self.source), str(self.aggregate_id).encode(), encoded, self.data)

    @classmethod
    def read(cls, message: Message) -> Self:
        """The envelope in a message; raises UnreadableMessage when an attribute is missing or malformed."""
        try:
            headers: Mapping[str, str] = {name: text.decode() for name, text in message.headers}
            if headers["ce_specversion"] != SPEC_VERSION or not message.value:
                raise UnreadableMessage("not a CloudEvents 1.0 event with data")
            return cls(
                id=UUID(headers["ce_id"]),
                type=headers["ce_type"],
                aggregate_id=UUID(headers["ce_subject"]),
                version=int(headers["ce_aggregateversion"]),
                time=datetime.fromisoformat(headers["ce_time"]),
                data=message.value,
                traceparent=headers.get("ce_traceparent", ""),
            )
        except (KeyError, ValueError) as missing:
            raise UnreadableMessage(f"no usable envelope: {type(missing).__name__}") from None


EXAMPLES: Mapping[str, Any] = {
    "uuid": "01900000-0000-7000-8000-000000000001",
    "date": "2026-11-20",
    "date-time": "2026-11-20T09:30:00Z",
    "integer": 1,
    "number": 1.0,
    "boolean": True,
    "string": "text",
}


def example_of(schema: Mapping[str, Any], definitions: Mapping[str, Any] | None = None) -> Any:
    """A made-up value that fits a JSON Schema of an event: the same one every time."""
    definitions = definitions or schema.get("$defs", {})
    if "$ref" in schema:
        return example_of(definitions[schema["$ref"].rsplit("/", 1)[1]], definitions)
    if "const" in schema:
        return schema["const"]
    for keyword in ("examples", "enum"):
        if schema.get(keyword):
            return schema[keyword][0]
    if "anyOf" in schema:
        return example_of(schema["anyOf"][0], definitions)
    if schema.get("type") == "array":
        return [example_of(schema["items"], definitions)]
    if schema.get("type") == "object":
        fields = schema.get("properties") or {"example": schema.get("additionalProperties", {"type": "string"})}
        return {name: example_of(part, definitions) for name, part in fields.items()}
    return EXAMPLES[schema.get("format") or schema["type"]]
