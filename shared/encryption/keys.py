"""The keys that values are kept under at rest: outside the database, named, the one in use first."""

import binascii
import hmac
import os
import re
from base64 import b64decode, b64encode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from weakref import WeakKeyDictionary

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SIZE = 32
"""Bytes of a key: AES-256."""
NONCE = 12
"""Bytes of a nonce, random for each value (NIST SP 800-38D, 8.2.2)."""
SHORTENED = 16
"""Bytes that are kept of a blind index's HMAC: two values meet by chance practically never."""
OPENING = "relais:1:"
"""How every sealed value begins: `relais:1:<key id>:<base64 of nonce, ciphertext and tag>`."""
TOKEN = "~"  # nosec B105  # how a blind index begins, no secret
"""How every token of a blind index begins: `~<key id>~<base64>`. Nothing that is indexed begins so."""
DEVELOPMENT = f"development:{b64encode(b'known to everybody: no real data').decode()}"
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,15}")


class MissingKeys(Exception):
    """A database was opened without the keys of its values."""


class Unreadable(Exception):
    """A stored value that no key of ours opens: another key's, another column's, or changed by somebody."""

    def __init__(self, place: str, key_id: str, why: str) -> None:
        super().__init__(f"{place}: {why} (key {key_id})")


@dataclass(frozen=True)
class Key:
    """One key by its use: what seals values, and what makes blind indexes. Both come of one secret (RFC 5869)."""

    cipher: AESGCM
    index: bytes

    @classmethod
    def of(cls, secret: bytes) -> "Key":
        """The keys of a secret of 32 bytes."""
        return cls(AESGCM(_derived(secret, b"relais/encryption")), _derived(secret, b"relais/blind-index"))


class Keyring:
    """All keys that values may be kept under; new ones are kept under the first."""

    def __init__(self, secrets: Sequence[tuple[str, bytes]]) -> None:
        self.current = secrets[0][0]
        self._keys = {name: Key.of(secret) for name, secret in secrets}

    @classmethod
    def read(cls, written: str) -> "Keyring":
        """From `id:base64 of 32 bytes`, several by commas or blanks, the one in use first; raises ValueError."""
        pairs = [each.partition(":") for each in written.replace(",", " ").split()]
        try:
            secrets = [(name, b64decode(secret, validate=True)) for name, _, secret in pairs]
        except binascii.Error:
            secrets = []
        names = {name for name, _ in secrets}
        fitting = all(NAME.fullmatch(name) and len(secret) == SIZE for name, secret in secrets)
        if not secrets or not fitting or len(names) != len(secrets):
            raise ValueError("written as id:base64 of 32 bytes, each id once, in small letters, digits and hyphens")
        return cls(secrets)

    @property
    def names(self) -> list[str]:
        """The ids of the keys, the one in use first."""
        return list(self._keys)

    def seal(self, place: str, content: bytes) -> str:
        """A value as it is kept in a column, bound to it: elsewhere it does not open."""
        nonce = os.urandom(NONCE)
        sealed = nonce + self._keys[self.current].cipher.encrypt(nonce, content, place.encode())
        return f"{OPENING}{self.current}:{b64encode(sealed).decode()}"

    def open(self, place: str, sealed: str) -> bytes:
        """The value that was sealed for this column; raises Unreadable."""
        name, _, written = sealed.removeprefix(OPENING).partition(":")
        key = self._keys.get(name)
        if key is None:
            raise Unreadable(place, name[:16], "no such key")
        try:
            content = b64decode(written, validate=True)
            return key.cipher.decrypt(content[:NONCE], content[NONCE:], place.encode())
        except (InvalidTag, ValueError):
            raise Unreadable(place, name, "not what was sealed here") from None

    def token(self, place: str, value: str, name: str | None = None) -> str:
        """By what a value of a column is found: the same for the same value, and nothing else is told by it."""
        known = name or self.current
        digest = hmac.digest(self._keys[known].index, f"{place}\0{value}".encode(), sha256)[:SHORTENED]
        return f"{TOKEN}{known}{TOKEN}{urlsafe_b64encode(digest).decode().rstrip('=')}"

    def tokens(self, place: str, value: str) -> list[str]:
        """All that a value may be found by: under each key, and as it stands where it was not rotated yet."""
        return [value, *(self.token(place, value, name) for name in self._keys)]


def _derived(secret: bytes, use: bytes) -> bytes:
    return HKDF(SHA256(), SIZE, salt=None, info=use).derive(secret)


_rings: WeakKeyDictionary[Any, Keyring] = WeakKeyDictionary()


def give_keys(dialect: Any, keyring: Keyring) -> None:
    """Let statements of an engine with this dialect seal and open values."""
    _rings[dialect] = keyring


def keys_of(dialect: Any) -> Keyring:
    """The keys of an engine; raises MissingKeys."""
    found = _rings.get(dialect)
    if found is None:
        raise MissingKeys
    return found
