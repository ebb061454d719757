"""What a service keeps about a subject: which of its rows hang on which id, told once, followed both ways."""

from collections.abc import Collection as Some
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from sqlalchemy import Column, MetaData, select

from shared.relinks import Relinks
from shared.store import Transaction


@dataclass(frozen=True)
class Link:
    """Rows whose column `inner` is about what their column `outer` names, like a file of its subject."""

    outer: "Column[Any]"
    inner: "Column[Any]"


@dataclass(frozen=True)
class Subjects:
    """The subjects of a service: what FHIR calls them, and the links from them outwards, the nearest first."""

    kind: str = ""
    links: Sequence[Link] = ()
    roots: Some[Any] = ()
    """The columns that hold the ids of subjects themselves."""

    @classmethod
    def of(cls, metadata: MetaData, kind: str, *links: tuple[str, str, str], roots: Sequence[str]) -> Self:
        """Subjects by the names of tables and columns, `(table, outer, inner)`; raises KeyError for an unknown one."""

        def column(table: str, name: str) -> "Column[Any]":
            return metadata.tables[table].columns[name]

        linked = [Link(column(table, outer), column(table, inner)) for table, outer, inner in links]
        return cls(kind, linked, [column(*root.split(".")) for root in roots])

    async def entities_of(self, subject: UUID, transaction: Transaction) -> set[UUID]:
        """Every id that stands for the subject, and those of everything that the service keeps about it alone."""
        return await self.within(await Relinks(transaction).standing_for(subject), transaction)

    async def within(self, known: Iterable[UUID], transaction: Transaction) -> set[UUID]:
        """Everything that hangs on these ids, themselves included."""
        found = set(known)
        for each in self.links:
            query = select(each.inner).where(each.outer.in_(found), each.inner.is_not(None))
            found |= set((await (await transaction.session.connection()).execute(query)).scalars())
        return found

    async def among(self, entities: Iterable[UUID], transaction: Transaction) -> set[UUID]:
        """The subjects that these ids are about, or name."""
        found = set(entities)
        if not found:
            return set()
        connection = await transaction.session.connection()
        for each in reversed(self.links):
            query = select(each.outer).where(each.inner.in_(found), each.outer.is_not(None))
            found |= set((await connection.execute(query)).scalars())
        subjects: set[UUID] = set()
        for root in self.roots:
            subjects |= set((await connection.execute(select(root).where(root.in_(found)))).scalars())
        return subjects
