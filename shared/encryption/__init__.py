"""Values at rest: encrypted under named keys and found by blind indexes (shared/docs/security/encryption.md).

`keys` seals and opens values, `columns` are the column types, `places` gives each column its name, `rotation` writes
old values anew.
"""

from shared.encryption.columns import (
    Blind,
    BlindList,
    EncryptedBytes,
    EncryptedJson,
    EncryptedText,
    Sought,
    borne,
    sought,
)
from shared.encryption.keys import Keyring, MissingKeys, Unreadable, give_keys

__all__ = [
    "Blind",
    "BlindList",
    "EncryptedBytes",
    "EncryptedJson",
    "EncryptedText",
    "Keyring",
    "MissingKeys",
    "Sought",
    "Unreadable",
    "borne",
    "give_keys",
    "sought",
]
