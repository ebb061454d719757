"""An identifier of another service now stands for another, and may stand for itself again.

The owner of the identifiers tells both as facts; here is what they do to the rows that name them. All is decided by
what is known, never by what came first: a row stands at its original identifier, followed through the relinks in
force. So the facts of several operations may come in any order, and an undo before what it undoes.

A row keeps its `version`: an ETag is about the record's own changes, and its facts keep their numbers without a hole.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Table, delete, func, inspect, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.store import Collection
from shared.tables import relink, relinked_row

Columns = Sequence[tuple[type[SQLModel] | Table, str]]
"""Where a service keeps the identifiers: a table and the name of one of its columns, none of them part of a key."""

Edge = tuple[UUID, UUID, UUID]
"""An operation in force: its id, from which identifier, to which."""

RECENT = timedelta(minutes=10)
"""Longer than any transaction lasts that may not have seen an operation."""

IDENTIFIER = re.compile(rb"\"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\"")


class Relinks(Collection):
    """What stands for what, and the rows that were moved by it."""

    async def apply(self, operation_id: UUID, from_id: UUID, to_id: UUID, columns: Columns) -> None:
        """From now on `from_id` stands for `to_id`, unless this operation is undone already; repeats do nothing.

        Rows that the session has read keep their old value there: call it before reading any that is needed after.
        """
        if from_id == to_id:
            raise ValueError("an identifier stands for itself anyway")
        await self._one_at_a_time()
        ends = {"from_id": from_id, "to_id": to_id, "changed_at": func.now()}
        new = insert(relink).values(operation_id=operation_id, **ends)
        await self._run(new.on_conflict_do_update(index_elements=["operation_id"], set_=ends))
        await self._settle({from_id, to_id}, columns)

    async def undo(self, operation_id: UUID, columns: Columns) -> None:
        """The operation is no more; one that has not come yet will do nothing."""
        await self._one_at_a_time()
        gone = {"undone": True, "changed_at": func.now()}
        mark = insert(relink).values(operation_id=operation_id, **gone)
        mark = mark.on_conflict_do_update(index_elements=["operation_id"], set_=gone)
        row = (await self._run(mark.returning(relink.c.from_id, relink.c.to_id))).one()
        if row.from_id:
            await self._settle({row.from_id, row.to_id}, columns)

    async def current(self, identifier: UUID) -> UUID:
        """What an identifier stands for today."""
        if not await self._moved([identifier]):
            return identifier
        return forest(await self._edges({identifier})).of(identifier)

    async def current_of(self, identifiers: Iterable[UUID]) -> dict[UUID, UUID]:
        """What each of these stands for today."""
        wanted = set(identifiers)
        moved = await self._moved(list(wanted))
        trees = forest(await self._edges(moved))
        return {each: trees.of(each) for each in wanted}

    async def standing_for(self, identifier: UUID) -> set[UUID]:
        """Every identifier that stands for the same as this one today, itself among them."""
        trees = forest(await self._edges({identifier}))
        root = trees.of(identifier)
        return {each for each in {identifier, *trees.nodes} if trees.of(each) == root}

    async def follow(self, identifiers: Iterable[UUID], columns: Columns) -> None:
        """Move rows that were written with an identifier which stands for another by now."""
        if moved := await self._moved(list(identifiers)):
            await self._one_at_a_time()
            await self._settle(moved, columns)

    async def tidy(self, columns: Columns) -> None:
        """Move what was written by transactions that had not seen a recent operation, or where a request said it."""
        await self._one_at_a_time()
        recent = select(relink).where(relink.c.changed_at > func.now() - RECENT, relink.c.from_id.is_not(None))
        ends = {each for row in await self._run(recent) for each in (row.from_id, row.to_id)}
        for kind, name in columns:
            held = select(relink.c.from_id).where(~relink.c.undone, relink.c.from_id == place(kind, name)).distinct()
            ends |= set((await self._run(held)).scalars())
        if ends:
            await self._settle(ends, columns)

    async def _moved(self, identifiers: list[UUID]) -> set[UUID]:
        query = select(relink.c.from_id).where(relink.c.from_id.in_(identifiers), ~relink.c.undone)
        return set((await self._run(query)).scalars()) if identifiers else set()

    async def _edges(self, ends: set[UUID]) -> set[Edge]:
        """The operations in force that these identifiers hang together by."""
        edges: set[Edge] = set()
        seen: set[UUID] = set()
        while new := ends - seen:
            seen |= new
            touches = or_(relink.c.from_id.in_(new), relink.c.to_id.in_(new))
            query = select(relink.c.operation_id, relink.c.from_id, relink.c.to_id).where(touches, ~relink.c.undone)
            edges |= {(row.operation_id, row.from_id, row.to_id) for row in await self._run(query)}
            ends = {each for _, *both in edges for each in both}
        return edges

    async def _settle(self, ends: set[UUID], columns: Columns) -> None:
        """Put every row of these identifiers where it belongs today."""
        trees = forest(await self._edges(ends))
        nodes = ends | trees.nodes
        query = select(relinked_row).where(relinked_row.c.current_id.in_(nodes))
        memories = {
            (row.table_name, row.column_name, row.row_key): (row.current_id, row.original_id)
            for row in await self._run(query)
        }
        for kind, name in columns:
            column = place(kind, name)
            keys = list(column.table.primary_key.columns)
            rows = await self._run(select(column, *keys).where(column.in_(nodes)))
            moves = [move for row in rows if (move := _move(column, row, memories, trees))]
            await _move_rows(self.session, column, keys, moves)

    async def _one_at_a_time(self) -> None:
        """Operations are taken one after the other: two at once could not see each other's rows."""
        await self.session.flush()
        await self.serialise("relinks")

    async def _run(self, statement: Any) -> Any:
        return await (await self.session.connection()).execute(statement)


@dataclass(frozen=True)
class Forest:
    """What each identifier of some that hang together stands for."""

    parents: Mapping[UUID, UUID]
    nodes: frozenset[UUID]

    def of(self, identifier: UUID) -> UUID:
        """What an identifier stands for; itself where nothing is known."""
        while identifier in self.parents:
            identifier = self.parents[identifier]
        return identifier


def forest(edges: Iterable[Edge]) -> Forest:
    """The trees that operations in force make.

    While an undo is on its way two may contradict each other: the later operation counts.
    """
    ordered = sorted(edges, reverse=True)
    parents: dict[UUID, UUID] = {}
    known = Forest(parents, frozenset(each for _, *both in ordered for each in both))
    for _, start, end in ordered:
        if start not in parents and known.of(end) != start:
            parents[start] = end
    return known


def identifiers_in(data: bytes) -> set[UUID]:
    """Every identifier that a fact names."""
    return {UUID(found.decode()) for found in IDENTIFIER.findall(data)}


def place(kind: type[SQLModel] | Table, name: str) -> Column[UUID]:
    """A column by its table and name; one that is part of the key cannot be moved."""
    table = kind if isinstance(kind, Table) else inspect(kind).local_table
    column: Column[UUID] = table.c[name]
    if column.primary_key:
        raise ValueError(f"{column} is part of a key: two rows could meet")
    return column


@dataclass(frozen=True)
class Move:
    """A row that does not stand where it belongs, or whose memory is to change."""

    key: tuple[Any, ...]
    original: UUID
    now: UUID
    then: UUID

    @property
    def row_key(self) -> str:
        """The key as it is remembered."""
        return row_key(self.key)


def row_key(key: Iterable[Any]) -> str:
    """A primary key as text."""
    return json.dumps([str(each) for each in key])


def _move(column: Column[UUID], row: Any, memories: Mapping[Any, tuple[UUID, UUID]], trees: Forest) -> Move | None:
    now, *key = row
    memory = memories.get((column.table.name, column.name, row_key(key)))
    # Where the value is not what was put there, somebody has said it anew since.
    original = memory[1] if memory and memory[0] == now else now
    then = trees.of(original)
    return Move(tuple(key), original, now, then) if then != now else None


async def _move_rows(
    session: AsyncSession, column: Column[UUID], keys: Sequence[Column[Any]], moves: Sequence[Move]
) -> None:
    connection = await session.connection()
    for now, then in {(move.now, move.then) for move in moves}:
        whose = [move.key for move in moves if (move.now, move.then) == (now, then)]
        change = update(column.table).where(_one_of(keys, whose), column == now)
        await connection.execute(change.values({column.name: then}))
    named = {"table_name": column.table.name, "column_name": column.name}
    if home := [move.row_key for move in moves if move.then == move.original]:
        same = (relinked_row.c.table_name == column.table.name, relinked_row.c.column_name == column.name)
        await connection.execute(delete(relinked_row).where(*same, relinked_row.c.row_key.in_(home)))
    if away := [move for move in moves if move.then != move.original]:
        rows = [{**named, "row_key": m.row_key, "original_id": m.original, "current_id": m.then} for m in away]
        new = insert(relinked_row)
        set_ = {name: new.excluded[name] for name in ("original_id", "current_id")}
        ids = ["table_name", "column_name", "row_key"]
        await connection.execute(new.on_conflict_do_update(index_elements=ids, set_=set_), rows)


def _one_of(columns: Sequence[Column[Any]], keys: Sequence[tuple[Any, ...]]) -> ColumnElement[bool]:
    if len(columns) == 1:
        return columns[0].in_([key for (key,) in keys])
    return tuple_(*columns).in_(keys)
