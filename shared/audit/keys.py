"""The keys of the audit: outside the database, named, and another one for each service and each use."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field

SHORTEST = 32
DEVELOPMENT = "development:known to everybody and so for development only"


class UnknownKey(Exception):
    """The audit names a key that the settings do not hold."""


def read_keys(written: str) -> dict[str, str]:
    """Key ids and secrets from `id:secret,id:secret`, the one in use first; raises ValueError."""
    pairs = [each.strip().partition(":") for each in written.split(",") if each.strip()]
    if not all(name and secret for name, _, secret in pairs) or len({name for name, _, _ in pairs}) != len(pairs):
        raise ValueError("written as id:secret,id:secret, each id once")
    return {name: secret for name, _, secret in pairs}


@dataclass(frozen=True)
class Keys:
    """The keys of one service's audit. The first of the settings is in use, the others are still known."""

    service: str
    written: str
    current: str = field(init=False)
    _derived: dict[tuple[str, str], bytes] = field(init=False)

    def __post_init__(self) -> None:
        secrets = read_keys(self.written or DEVELOPMENT)
        derived = {
            (key_id, use): hmac.digest(secret.encode(), f"audit/{self.service}/{use}".encode(), hashlib.sha256)
            for key_id, secret in secrets.items()
            for use in ("record", "link", "terms")
        }
        object.__setattr__(self, "current", next(iter(secrets)))
        object.__setattr__(self, "_derived", derived)

    def mac(self, content: bytes, key_id: str) -> bytes:
        """The seal of a record's content (HMAC-SHA-256); raises UnknownKey."""
        return hmac.digest(self._of(key_id, "record"), content, hashlib.sha256)

    def link(self, before: bytes, content: bytes, key_id: str) -> bytes:
        """The seal that chains a record to the link before it; raises UnknownKey."""
        return hmac.digest(self._of(key_id, "link"), before + content, hashlib.sha256)

    def terms(self, parts: Sequence[bytes]) -> bytes:
        """The fingerprint of what was searched for: equal searches show, their words do not."""
        return hmac.digest(self._of(self.current, "terms"), b"\0".join(parts), hashlib.sha256)

    def _of(self, key_id: str, use: str) -> bytes:
        try:
            return self._derived[key_id, use]
        except KeyError:
            raise UnknownKey(key_id) from None
