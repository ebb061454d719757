"""What becomes of each table's rows when a subject's data end: told once per service, carried out in one place."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import Column, MetaData, Table, delete, false, func, or_, select, tuple_, update

from shared.acting import SERVICE
from shared.encryption.columns import Encrypted, EncryptedJson
from shared.erasure.ended import EndState, key_of
from shared.erasure.words import BLANK, without_words
from shared.relinks import identifiers_in
from shared.store import Transaction
from shared.tables import agreement, break_glass, exclusion, relationship, relinked_row

Change = Callable[[Any], Any]
"""What a kept value becomes."""


@dataclass(frozen=True)
class Part:
    """The rows of one table of which a column in `by` names the subject, or what is about it alone.

    `left` are the columns that change where the row stays, besides those that are encrypted: what is kept so is what
    somebody wrote, and goes. `within` are columns of JSON that name ids, in which
    others' rows mention the subject.
    """

    table: str
    by: tuple[str, ...]
    record: str
    left: Mapping[str, Change] = field(default_factory=dict)
    within: tuple[str, ...] = ()
    deletes: frozenset[EndState] = frozenset()
    remembers: tuple[str, ...] = ()
    """The key that another system knows the row by: it is remembered when the row is erased, and leads to nothing."""
    is_about_them: bool = True
    """Not so where another's row mentions them."""
    kept_because: str = ""


def gone(table: str, *by: str, record: str) -> Part:
    """Rows that say who somebody is, or what was written of it: gone with the identity."""
    return Part(table, by, record, deletes=frozenset({EndState.PSEUDONYMISED, EndState.ERASED}))


def facts(
    table: str, *by: str, record: str, left: Mapping[str, Change] | None = None, remembers: tuple[str, ...] = ()
) -> Part:
    """Rows of what was done: they stay under the pseudonym without their words, and go with it."""
    return Part(table, by, record, left or {}, deletes=frozenset({EndState.ERASED}), remembers=remembers)


def figures(table: str, *by: str, record: str, because: str, left: Mapping[str, Change] | None = None) -> Part:
    """Rows that are counted and lead to nobody once they are cut from the subject: they stay."""
    return Part(table, by, record, left or {}, kept_because=because)


def mentions(
    table: str, *by: str, record: str, left: Mapping[str, Change] | None = None, within: tuple[str, ...] = ()
) -> Part:
    """Others' rows that mention the subject: the mention goes, the row is theirs."""
    return Part(table, by, record, left or {}, within, is_about_them=False)


def nothing(_: Any) -> None:
    """No value any more."""


def empty(value: Any) -> Any:
    """A value of the kind without anything in it."""
    return type(value)() if isinstance(value, (str, list, tuple, dict)) else None


@dataclass(frozen=True)
class Count:
    """How many rows of a kind of record went, changed or stayed."""

    record: str
    deleted: int = 0
    changed: int = 0
    kept_because: str = ""


@dataclass(frozen=True)
class Plan:
    """The parts of a service, and the tables that no part is about, each with the reason."""

    metadata: MetaData
    parts: Sequence[Part] = ()
    untouched: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, metadata: MetaData, *parts: Part, untouched: Mapping[str, str]) -> Self:
        """A plan; raises KeyError for an unknown table or column."""
        for part in parts:
            for name in (*part.by, *part.left, *part.within):
                metadata.tables[part.table].columns[name]
        return cls(metadata, parts, untouched)

    async def carry_out(self, ids: Iterable[UUID], state: EndState, transaction: Transaction) -> list[Count]:
        """End what hangs on these ids in this transaction, as the service itself; what became of it by record."""
        wanted = sorted(set(ids))
        order = {table.name: place for place, table in enumerate(self.metadata.sorted_tables)}
        last_first = sorted(self.parts, key=lambda part: (state in part.deletes, -order[part.table]))
        await transaction.session.flush()
        async with transaction.in_name_of(SERVICE):
            found = [await self._end(part, wanted, state, transaction) for part in last_first]
            if state is EndState.ERASED:
                for table in (agreement, relationship, exclusion):
                    await _run(transaction, delete(table).where(table.c.subject_id.in_(wanted)))
            said = update(break_glass).where(break_glass.c.subject_id.in_(wanted))
            await _run(transaction, said.values(text="", note=None))
            named = or_(relinked_row.c.original_id.in_(wanted), relinked_row.c.current_id.in_(wanted))
            await _run(transaction, delete(relinked_row).where(named))
        return summed(found)

    async def keys(self, ids: Iterable[UUID], transaction: Transaction) -> set[UUID]:
        """What the keys of other systems to rows of these ids are remembered by."""
        wanted, found = list(ids), set()
        async with transaction.in_name_of(SERVICE):
            for part in self.parts:
                table = self.metadata.tables[part.table]
                query = select(*(table.c[name] for name in part.remembers))
                about = or_(false(), *(table.c[name].in_(wanted) for name in part.by))
                rows = await _run(transaction, query.where(about)) if part.remembers else ()
                found |= {key_of(*row) for row in rows}
        return found

    async def _end(self, part: Part, ids: Sequence[UUID], state: EndState, transaction: Transaction) -> Count:
        table = self.metadata.tables[part.table]
        about = or_(false(), *(table.c[name].in_(ids) for name in part.by))
        if state in part.deletes:
            result = await _run(transaction, delete(table).where(about))
            return Count(part.record, deleted=result.rowcount)
        changed = await _mentions_out(part, table, set(ids), transaction) if part.within else 0
        left = _written(table) | dict(part.left) if part.is_about_them else part.left
        if part.by and left:
            changed += await _change(left, table, about, transaction)
        elif part.by and part.kept_because:
            changed += (await _run(transaction, select(func.count()).select_from(table).where(about))).scalar()
        return Count(part.record, changed=changed, kept_because=part.kept_because)


def summed(counts: Iterable[Count]) -> list[Count]:
    """One count per kind of record and reason, those of nothing left out."""
    found: dict[tuple[str, str], Count] = {}
    for each in counts:
        if not (each.deleted or each.changed):
            continue
        key = (each.record, each.kept_because)
        before = found.get(key, Count(each.record, kept_because=each.kept_because))
        deleted, changed = before.deleted + each.deleted, before.changed + each.changed
        found[key] = Count(each.record, deleted, changed, each.kept_because)
    return [found[key] for key in sorted(found)]


def _written(table: Table) -> dict[str, Change]:
    """What becomes of the columns that hold what somebody wrote."""
    dash: Change = lambda value: BLANK  # noqa: E731
    found: dict[str, Change] = {}
    for column in table.columns:
        if isinstance(column.type, EncryptedJson):
            found[column.name] = without_words
        elif isinstance(column.type, Encrypted):
            found[column.name] = nothing if column.nullable else dash
    return found


async def _change(changes: Mapping[str, Change], table: Table, about: Any, transaction: Transaction) -> int:
    keys = list(table.primary_key.columns)
    columns = [table.c[name] for name in changes]
    rows = (await _run(transaction, select(*keys, *columns).where(about))).all()
    for row in rows:
        key, values = row[: len(keys)], row[len(keys) :]
        left = {name: change(value) for (name, change), value in zip(changes.items(), values, strict=True)}
        await _run(transaction, update(table).where(_is(keys, key)).values(left))
    return len(rows)


async def _mentions_out(part: Part, table: Table, ids: set[UUID], transaction: Transaction) -> int:
    """Take the items that name these ids out of the lists of JSON columns, and where a whole object names them, it."""
    keys = list(table.primary_key.columns)
    columns = [table.c[name] for name in part.within]
    changed = 0
    for row in (await _run(transaction, select(*keys, *columns))).all():
        values = dict(zip(part.within, row[len(keys) :], strict=True))
        left = {name: _left(value, ids) for name, value in values.items() if _named(value) & ids}
        if any(value is None for value in left.values()):
            await _run(transaction, delete(table).where(_is(keys, row[: len(keys)])))
        elif left:
            await _run(transaction, update(table).where(_is(keys, row[: len(keys)])).values(left))
        changed += bool(left)
    return changed


def _left(value: Any, ids: set[UUID]) -> Any:
    return type(value)(each for each in value if not _named(each) & ids) if isinstance(value, (list, tuple)) else None


def _named(value: Any) -> set[UUID]:
    return identifiers_in(f'"{value}"'.encode()) if isinstance(value, UUID) else identifiers_in(_text(value))


def _text(value: Any) -> bytes:
    return to_json(value)


def _is(keys: Sequence["Column[Any]"], values: Sequence[Any]) -> Any:
    return tuple_(*keys) == tuple_(*values) if len(keys) > 1 else keys[0] == values[0]


async def _run(transaction: Transaction, statement: Any) -> Any:
    return await (await transaction.session.connection()).execute(statement)
