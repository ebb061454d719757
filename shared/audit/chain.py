"""The chain over the records: each link seals the one before it and a record, so that no place in it can change."""

from collections.abc import Sequence
from datetime import UTC, datetime
from hmac import compare_digest
from typing import Any, NamedTuple
from uuid import UUID

from shared.audit.keys import Keys, UnknownKey
from shared.audit.record import CONTENT, WRITTEN, content_of

FIRST = bytes(32)
"""What stands before the first link."""
COLUMNS = ", ".join(f"r.{name}" for name in WRITTEN)
KEY_ID = CONTENT.index("key_id")


def is_genuine(keys: Keys, record: Sequence[Any]) -> bool:
    """Whether a record, its columns in the order of `COLUMNS`, is as somebody who had the key wrote it."""
    *content, mac = record
    try:
        return compare_digest(keys.mac(content_of(content), content[KEY_ID]), mac)
    except UnknownKey:
        return False


class Sealed(NamedTuple):
    """What a link seals of a record."""

    record: UUID
    at: datetime
    mac: bytes
    key_id: str


def link_after(keys: Keys, before: bytes, sealed: Sealed) -> bytes:
    """The link behind another link; empty where its key is unknown."""
    content = sealed.record.bytes + sealed.mac + sealed.at.astimezone(UTC).isoformat().encode()
    try:
        return keys.link(before, content, sealed.key_id)
    except UnknownKey:
        return b""
