"""Writing old values anew under the key in use, while the service runs; and counting under which keys values stand.

Rows are taken in the order of their keys, some hundred in a transaction, those that somebody holds left for the next
pass. What a killed rotation had done stays done, and the next one goes on with the rest.
"""

from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    MetaData,
    Table,
    Text,
    and_,
    bindparam,
    case,
    cast,
    func,
    or_,
    select,
    tuple_,
    type_coerce,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared.encryption.columns import SEALED, Blind, BlindList, Encrypted, EncryptedBytes, EncryptedJson, Kept
from shared.encryption.keys import OPENING, TOKEN, Keyring
from shared.encryption.places import columns_of
from shared.store import Database, Transaction
from shared.tables import kernel

AT_ONCE = 500
"""Rows that are written anew in one transaction."""
PLAIN = ""
"""In a count, the key of what stands in clear."""

Reindex = Callable[[Transaction], Awaitable[bool]]


@dataclass(frozen=True)
class Progress:
    """How far a rotation is: the table that it is at, and how many rows of it were written anew."""

    table: str
    rows: int


def head(column: Column[Any]) -> ColumnElement[str]:
    """The part of a stored value that says under which key it stands; null where nothing is kept."""
    kind = column.type
    if isinstance(kind, EncryptedBytes):
        return func.encode(func.substring(type_coerce(column, kind.impl_instance), 1, 40), "escape", type_=Text)
    if isinstance(kind, BlindList):
        return type_coerce(column, kind.impl_instance)[1]
    if not isinstance(kind, EncryptedJson):
        return func.nullif(type_coerce(column, Text), "")
    stored = type_coerce(column, JSONB)
    if not kind.open:
        return _at(stored)
    of_object, of_list = _at(stored, SEALED), _at(stored, "0", SEALED)
    empty = cast(stored, Text).in_(["[]", "null"])
    return case((empty, None), else_=func.coalesce(of_object, of_list, cast(stored, Text)))


def _at(stored: ColumnElement[Any], *path: str) -> ColumnElement[str]:
    found: ColumnElement[str] = stored.op("#>>", return_type=Text())(cast(list(path), ARRAY(Text)))
    return found


def is_old(column: Column[Any], keyring: Keyring) -> ColumnElement[bool]:
    """Whether a value stands under another key than the one in use, or in clear; not so for null."""
    begins = f"{OPENING}{keyring.current}:"
    if isinstance(column.type, Blind):
        begins = f"{TOKEN}{keyring.current}{TOKEN}"
    return func.left(head(column), len(begins)) != begins


class Rotation:
    """The rotation of one service's values."""

    def __init__(self, database: Database, metadata: MetaData, reindexing: Sequence[Reindex]) -> None:
        assert database.keyring
        self.database = database
        self.keyring = database.keyring
        self.tables = [found for each in (kernel, metadata) for found in columns_of(each, Encrypted)]
        self.blind = list(columns_of(metadata, Blind))
        self.reindexing = reindexing

    async def run(self) -> AsyncGenerator[Progress, None]:
        """Write everything anew that is old; each batch is told of. Then nothing old is left but what was held."""
        for table, columns in self.tables:
            after: tuple[Any, ...] | None = None
            while True:
                async with self.database.transaction() as transaction:
                    after, number = await self._batch(transaction, table, columns, after)
                if number:
                    yield Progress(table.name, number)
                if after is None:
                    break
        for reindex in self.reindexing:
            more = True
            while more:
                async with self.database.transaction() as transaction:
                    more = await reindex(transaction)

    async def status(self) -> dict[str, Counter[str]]:
        """How many values stand under which key, by column; `PLAIN` for those in clear."""
        found: dict[str, Counter[str]] = {}
        async with self.database.transaction() as transaction:
            connection = await transaction.session.connection()
            for table, columns in [*self.tables, *self.blind]:
                for column in columns:
                    rows = (await connection.execute(_counting(table, column))).all()
                    found[f"{table.name}.{column.name}"] = Counter({key: number for key, number in rows})  # noqa: C416 - rows are no pairs to mypy
        return found

    async def old(self) -> int:
        """How many values stand under an old key or in clear."""
        return sum(
            number
            for counts in (await self.status()).values()
            for key, number in counts.items()
            if key != self.keyring.current
        )

    async def _batch(
        self, transaction: Transaction, table: Table, columns: Sequence[Column[Any]], after: tuple[Any, ...] | None
    ) -> tuple[tuple[Any, ...] | None, int]:
        """Some rows behind a key; the key of the last, None at the end, and how many they were."""
        keys = list(table.primary_key.columns)
        stored = [type_coerce(column, _raw(column)).label(f"kept_{column.name}") for column in columns]
        query = select(*(key.label(f"key_{key.name}") for key in keys), *stored)
        query = query.where(or_(*(is_old(column, self.keyring) for column in columns)))
        if after is not None:
            query = query.where(tuple_(*keys) > tuple_(*after))
        query = query.order_by(*keys).limit(AT_ONCE).with_for_update(skip_locked=True)
        connection = await transaction.session.connection()
        rows = (await connection.execute(query)).mappings().all()
        if not rows:
            return None, 0
        here = and_(*(key == bindparam(f"key_{key.name}", type_=key.type) for key in keys))
        values = {column: _written(column) for column in columns}
        await connection.execute(update(table).where(here).values(values), [self._anew(row, columns) for row in rows])
        last = tuple(rows[-1][f"key_{key.name}"] for key in keys)
        return (last if len(rows) == AT_ONCE else None), len(rows)

    def _anew(self, row: Mapping[Any, Any], columns: Sequence[Column[Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {name: value for name, value in row.items() if name.startswith("key_")}
        for column in columns:
            stored, kind = row[f"kept_{column.name}"], column.type
            assert isinstance(kind, Encrypted)
            found[f"new_{column.name}"] = None if stored is None else kind.renewed(self.keyring, stored)
        return found


def _raw(column: Column[Any]) -> Any:
    """The type by which a stored value is read as it stands."""
    assert isinstance(column.type, Kept)
    return JSONB() if isinstance(column.type, EncryptedJson) else column.type.impl_instance


def _written(column: Column[Any]) -> ColumnElement[Any]:
    """A sealed value as it is written, from the parameter `new_` and the column's name."""
    if isinstance(column.type, EncryptedJson):
        return cast(bindparam(f"new_{column.name}", type_=Text), JSONB)
    return bindparam(f"new_{column.name}", type_=_raw(column))


def _counting(table: Table, column: Column[Any]) -> Any:
    beginning, sign = (TOKEN, 2) if isinstance(column.type, Blind) else (OPENING, 3)
    said = head(column)
    is_kept = func.left(said, len(beginning)) == beginning
    key = case((is_kept, func.split_part(said, beginning[-1], sign)), else_=PLAIN).label("key")
    counted = select(key).select_from(table).where(said.is_not(None)).subquery()
    return select(counted.c.key, func.count()).group_by(counted.c.key)
