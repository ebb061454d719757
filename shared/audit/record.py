"""What is kept of one request: who, for which purpose, did what, to which records, and how it ended. No names."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from shared.tables import audit_record


class Outcome(StrEnum):
    """How a request ended: answered, refused (4xx, or a refusal in other words), or failed (5xx)."""

    SUCCESS = "success"
    REFUSED = "refused"
    FAILED = "failed"

    @classmethod
    def of_status(cls, status: int) -> "Outcome":
        """The outcome that an HTTP status stands for."""
        return cls.FAILED if status >= 500 else cls.REFUSED if status >= 400 else cls.SUCCESS


CONTENT = (
    *("id", "at", "subject", "client", "organisation", "roles", "action", "scope", "purpose", "reason", "method"),
    *("route", "entities", "terms", "outcome", "status", "request_id", "trace", "break_glass", "key_id"),
)
"""What the record's own seal covers, in this order."""
WRITTEN = (*CONTENT, "mac")
INSERT = (
    f"INSERT INTO {audit_record.name} ({', '.join(WRITTEN)}) "  # nosec B608  # names of ours alone, every value is bound
    f"VALUES ({', '.join(f'${place}' for place in range(1, len(WRITTEN) + 1))})"
)


def content_of(values: Sequence[Any]) -> bytes:
    """A record, its values in the order of `CONTENT`, as the bytes that are sealed: alike when it is read back."""
    return _written(list(values)).encode()


def _of_moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat()


_PLAIN: dict[type, Callable[[Any], str]] = {UUID: str, datetime: _of_moment, bytes: bytes.hex}


def _plain(value: Any) -> str:
    kind = type(value)
    if kind not in _PLAIN:
        # A driver has UUIDs of its own: what they derive from is looked up once.
        _PLAIN[kind] = next(_PLAIN[each] for each in kind.__mro__ if each in _PLAIN)
    return _PLAIN[kind](value)


_written = json.JSONEncoder(separators=(",", ":"), default=_plain).encode
