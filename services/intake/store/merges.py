"""The merges of people: each moves what is known of one record to another, and can be undone."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, ForeignKey, Index, Integer, func, or_, tuple_
from sqlalchemy.orm import aliased
from sqlmodel import Field, col, select

from services.intake.domain.marks import locks
from services.intake.domain.merge import Contradiction, Ground, KnownApart, Merge, MergeCovered, Taken
from services.intake.events import MergeReason, UndoReason
from services.intake.store.apart import Apart
from services.intake.store.persons import HOLD, PersonRow, Persons, lock_number
from services.intake.store.relinks import PERSON_COLUMNS
from services.intake.store.table import Table, visible
from shared.access import Scope
from shared.auth import Caller
from shared.encryption import EncryptedJson
from shared.errors import NotFound
from shared.ids import new_id
from shared.relationships.asked import related
from shared.relationships.links import Relationships
from shared.relinks import Relinks
from shared.store import Collection, Json, text_enum

# mypy: disable-error-code="call-overload"
# SQLModel's Field and exec are not typed for what they take here.

_version = Column("version", Integer, nullable=False)


class MergeRow(Table, Merge, table=True):
    """A merge, in force until it is undone; of what was taken it holds the values, to give them back."""

    __tablename__ = "person_merge"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _version, "version_id_generator": False}
    __table_args__ = (
        Index("ix_person_merge_programme_merged_at_id", "programme", "merged_at", "id"),
        Index("ix_person_merge_kept_id", "kept_id"),
        Index("ix_person_merge_merged_id", "merged_id"),
        Index("uq_person_merge_merged_id_in_force", "merged_id", unique=True, postgresql_where="undone_at IS NULL"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    kept_id: UUID = Field(sa_column_args=[ForeignKey("person.id")])
    merged_id: UUID = Field(sa_column_args=[ForeignKey("person.id")])
    reason: MergeReason = Field(sa_type=text_enum(MergeReason))
    confirmed: tuple[Contradiction, ...] = Field(default=(), sa_type=Json(tuple[Contradiction, ...]))
    taken: Taken = Field(sa_type=EncryptedJson(Taken))
    undo_reason: UndoReason | None = Field(default=None, sa_type=text_enum(UndoReason), nullable=True)
    version: int = Field(default=0, sa_column=_version)


class Merges(Collection):
    """The merges, as far as the caller may see them."""

    async def get(self, merge_id: UUID, caller: Caller) -> MergeRow:
        """One merge; NotFound when there is none that this caller may see."""
        merge = await self.session.get(MergeRow, merge_id)
        if merge is None or not visible(merge, caller):
            raise NotFound
        kept_id = await Relinks(self.transaction).current(merge.kept_id)
        await Relationships(self.transaction).demand(kept_id, caller)
        return merge

    async def hold(self, *people: PersonRow) -> None:
        """Let nobody else decide on these people, or change them, until the transaction ends; read them anew.

        First by what they could be recognised by and then by their rows, as everybody does, each in one order.
        """
        numbers = sorted({lock_number(person.programme, lock) for person in people for lock in locks(person)})
        await self.session.exec(HOLD, params={"locks": numbers})
        query = select(PersonRow).where(col(PersonRow.id).in_([person.id for person in people]))
        query = query.order_by(col(PersonRow.id)).with_for_update()
        (await self.session.exec(query.execution_options(populate_existing=True))).all()

    async def merge(self, kept: PersonRow, merged: PersonRow, ground: Ground, by: str) -> MergeRow:
        """Let one person stand for another too; `hold` both first.

        Raises ImpossibleMerge, PersonMerged, MergeContradicted, KnownApart.
        """
        if await Apart(self.transaction).among((kept.id, merged.id)):
            raise KnownApart
        persons, now = Persons(self.transaction), self.transaction.clock.now()
        merge, fact = MergeRow.of(kept, merged, ground, by, now)
        await persons.keep(merged, merge.step_back(merged), by)
        await persons.keep(kept, merge.complete(kept), by)
        merge.place = kept.version
        await self.record(merge, fact)
        await Relinks(self.transaction).apply(merge.id, merged.id, kept.id, PERSON_COLUMNS)
        return merge

    async def undo(self, merge: MergeRow, kept: PersonRow, merged: PersonRow, why: UndoReason, by: str) -> None:
        """Let each stand for itself again; `hold` both first. Raises MergeOver, MergeCovered."""
        persons = Persons(self.transaction)
        with self.session.no_autoflush:
            fact = merge.undo(why, by, self.transaction.clock.now())
            await self._refuse_covered(merge)
        await persons.keep(kept, merge.give_back(kept), by)
        await persons.keep(merged, merge.come_forward(merged), by)
        await self.record(merge, fact)
        await Relinks(self.transaction).undo(merge.id, PERSON_COLUMNS)

    async def page(
        self, caller: Caller, person_id: UUID | None, limit: int, after: Sequence[str] | None
    ) -> list[MergeRow]:
        """At most `limit` + 1 merges, of one person where one is named, the latest first."""
        query = select(MergeRow)
        if caller.scope != Scope.ALL:
            query = query.where(MergeRow.programme == caller.organisation)
        kept = aliased(PersonRow)
        stands_for = func.coalesce(kept.merged_into, kept.id)
        query = query.join(kept, col(kept.id) == MergeRow.kept_id)
        query = query.where(related(stands_for, caller, self.transaction.clock.now()))
        if person_id:
            query = query.where(or_(col(MergeRow.kept_id) == person_id, col(MergeRow.merged_id) == person_id))
        place = (col(MergeRow.merged_at), col(MergeRow.id))
        if after:
            query = query.where(tuple_(*place) < (datetime.fromisoformat(after[0]), UUID(after[1])))
        query = query.order_by(*(part.desc() for part in place))
        return list((await self.session.exec(query.limit(limit + 1))).all())

    async def _refuse_covered(self, merge: MergeRow) -> None:
        later = (col(MergeRow.kept_id) == merge.kept_id) & (col(MergeRow.place) > merge.place)
        onward = col(MergeRow.merged_id) == merge.kept_id
        query = select(MergeRow.id).where(col(MergeRow.undone_at).is_(None), or_(later, onward))
        found = (await self.session.exec(query.order_by(col(MergeRow.place).desc()).limit(1))).first()
        if found:
            raise MergeCovered(facts={"merge_id": str(found)})
