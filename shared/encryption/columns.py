"""Column types: the same values outside as without them, sealed inside. Old rows in clear are read as they stand."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import ARRAY, Boolean, ColumnElement, LargeBinary, Text, TypeDecorator, any_, literal
from sqlalchemy.dialects.postgresql import JSONB

from shared.encryption.keys import OPENING, Keyring, keys_of

SEALED = "sealed"
"""The member of an object that holds the whole of it, beside the members that are open."""


class Kept(TypeDecorator[Any]):
    """What is kept under a key; `place` is the column's name, `service.table.column`, which its values are bound to."""

    impl: Any = Text
    cache_ok = True
    place = ""

    def placed(self) -> str:
        """The column; a type that is no column's yet keeps nothing."""
        if not self.place:
            raise ValueError("a column that no service has")
        return self.place

    def bind_processor(self, dialect: Any) -> Callable[[Any], Any]:
        """How a value is written."""
        keyring = keys_of(dialect)
        return lambda value: None if value is None else self.sealed(keyring, value)

    def result_processor(self, dialect: Any, coltype: object) -> Callable[[Any], Any]:
        """How a stored value is read."""
        keyring, before = keys_of(dialect), self.impl_instance.result_processor(dialect, coltype)

        def read(stored: Any) -> Any:
            value = before(stored) if before else stored
            return None if value is None else self.opened(keyring, value)

        return read

    def sealed(self, keyring: Keyring, value: Any) -> Any:
        """A value as the database has it."""
        raise NotImplementedError

    def opened(self, keyring: Keyring, stored: Any) -> Any:
        """A value as we have it; raises Unreadable."""
        raise NotImplementedError


class Encrypted(Kept):
    """What is encrypted, and can be written anew under another key without being understood."""

    cache_ok = True

    def renewed(self, keyring: Keyring, stored: Any) -> Any:
        """The same value under the key in use, from how the driver gives it to how it takes it; raises Unreadable."""
        return self.sealed(keyring, self.opened(keyring, stored))


class EncryptedText(Encrypted):
    """A text; an empty one stays empty."""

    cache_ok = True

    def sealed(self, keyring: Keyring, value: Any) -> str:
        """The text under the key in use."""
        return keyring.seal(self.placed(), str(value).encode()) if value else ""

    def opened(self, keyring: Keyring, stored: Any) -> str:
        """The text, or an old one in clear."""
        text = str(stored)
        return keyring.open(self.placed(), text).decode() if text.startswith(OPENING) else text


class EncryptedBytes(Encrypted):
    """Bytes, such as an answer that is kept for repeats."""

    impl: Any = LargeBinary
    cache_ok = True

    def sealed(self, keyring: Keyring, value: Any) -> bytes:
        """The bytes under the key in use."""
        return keyring.seal(self.placed(), bytes(value)).encode()

    def opened(self, keyring: Keyring, stored: Any) -> bytes:
        """The bytes, or old ones in clear."""
        content = bytes(stored)
        is_sealed = content.startswith(OPENING.encode())
        return keyring.open(self.placed(), content.decode()) if is_sealed else content


class EncryptedJson(Encrypted):
    """A frozen pydantic value in a JSONB column; members that SQL must read stay `open`, beside the sealed whole.

    A value without open members is one JSON string. With some, an object is `{"sealed": ..., "kind": "question"}`
    and a list has such objects: what is asked of open members by SQL needs no key. `stay.discharge_on` is a
    member of a member. Nothing that tells of somebody should be open.
    """

    impl: Any = JSONB
    cache_ok = True

    def __init__(self, shape: Any, open: tuple[str, ...] = ()) -> None:
        super().__init__(none_as_null=True)
        self.open = open
        self._adapter: TypeAdapter[Any] = TypeAdapter(shape)

    def bind_processor(self, dialect: Any) -> Callable[[Any], Any]:
        """The JSON text of a value, sealed."""
        keyring = keys_of(dialect)
        return lambda value: None if value is None else self.sealed(keyring, value)

    def sealed(self, keyring: Keyring, value: Any) -> str:
        """The JSON text that is stored."""
        return self.closed(keyring, self._adapter.dump_json(value))

    def closed(self, keyring: Keyring, content: bytes) -> str:
        """The JSON text that is stored for a JSON."""
        if not self.open:
            return json.dumps(keyring.seal(self.placed(), content))
        whole = json.loads(content)
        if isinstance(whole, list):
            return json.dumps([self._beside(keyring, each) for each in whole])
        return json.dumps(self._beside(keyring, whole))

    def opened(self, keyring: Keyring, stored: Any) -> Any:
        """The value."""
        return self._adapter.validate_python(self.bare(keyring, stored))

    def bare(self, keyring: Keyring, stored: Any) -> Any:
        """The JSON that was sealed, or an old one in clear."""
        if isinstance(stored, str) and stored.startswith(OPENING):
            return json.loads(keyring.open(self.placed(), stored))
        if isinstance(stored, dict) and SEALED in stored:
            return json.loads(keyring.open(self.placed(), stored[SEALED]))
        return [self.bare(keyring, each) for each in stored] if self.open and isinstance(stored, list) else stored

    def renewed(self, keyring: Keyring, stored: Any) -> str:
        """The same JSON under the key in use: what it means is not looked at, as it may be older than its shape."""
        return self.closed(keyring, json.dumps(self.bare(keyring, stored)).encode())

    def _beside(self, keyring: Keyring, whole: Any) -> dict[str, Any]:
        sealed = keyring.seal(self.placed(), json.dumps(whole).encode())
        return {**_picked(whole, [path.split(".") for path in self.open]), SEALED: sealed}


def _picked(whole: Any, paths: Sequence[Sequence[str]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for first, *rest in paths:
        if not isinstance(whole, Mapping) or first not in whole:
            continue
        if rest:
            found.setdefault(first, {}).update(_picked(whole[first], [rest]))
        else:
            found[first] = whole[first]
    return found


class Blind(Kept):
    """A blind index of one value: what it is found by, under the key in use. What is read back are tokens.

    The rows whose index another key made are written anew by the service (`Service.reindexing`): only it knows
    what was indexed.
    """

    cache_ok = True

    def compare_values(self, x: Any, y: Any) -> bool:
        """Whether a value is what it was: what is read is a token, so that only the same object is known to be."""
        return x is y

    def sealed(self, keyring: Keyring, value: Any) -> str:
        """The token of a value; a token stays itself."""
        return str(value) if isinstance(value, Token) else keyring.token(self.placed(), str(value))

    def opened(self, keyring: Keyring, stored: Any) -> "Token":
        """The token that is stored."""
        return Token(stored)


class BlindList(Blind):
    """A blind index of several values."""

    impl: Any = ARRAY
    cache_ok = True

    def __init__(self) -> None:
        super().__init__(Text)

    def sealed(self, keyring: Keyring, value: Any) -> Any:
        """Their tokens, in an order that tells nothing of the values'."""
        each_sealed = super().sealed
        return sorted(each_sealed(keyring, each) for each in value)

    def opened(self, keyring: Keyring, stored: Any) -> Any:
        """The tokens that are stored."""
        return [Token(each) for each in stored]


class Token(str):
    """What is stored of a value in a blind index, and is not to be indexed once more."""


class Sought(Kept):
    """Values that are looked for in a blind index: every token that each of them may have."""

    impl: Any = ARRAY
    cache_ok = True

    def __init__(self, of: Blind) -> None:
        super().__init__(Text)
        self.of = of

    @classmethod
    def in_column(cls, column: Any) -> "Sought":
        """The values that are looked for in a blind column."""
        return cls(column.type)

    def sealed(self, keyring: Keyring, value: Any) -> list[str]:
        """Under each key, as rows may not be rotated yet."""
        return [token for each in value for token in keyring.tokens(self.of.placed(), str(each))]


def sought(column: Any, values: Iterable[str]) -> Any:
    """The tokens of values in a blind column, as an array."""
    return literal(list(values), Sought.in_column(column))


def borne(column: Any, values: Iterable[str]) -> ColumnElement[bool]:
    """Whether a blind column has, or a column of several has among them, any of these values."""
    if isinstance(column.type, BlindList):
        overlap: ColumnElement[bool] = column.op("&&", return_type=Boolean())(sought(column, values))
        return overlap
    same: ColumnElement[bool] = column == any_(sought(column, values))
    return same
