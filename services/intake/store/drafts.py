"""The contacts that are being written."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, Index, Integer, tuple_
from sqlmodel import Field, col, select

from services.intake.domain.draft import Draft, named_in
from services.intake.store.table import Table, visible
from services.intake.store.ties import Ties
from shared.access import Scope
from shared.auth import Caller
from shared.encryption import EncryptedJson
from shared.errors import NotFound
from shared.relationships.links import Relationships
from shared.requests import SeenVersion
from shared.store import Collection

_version = Column("version", Integer, nullable=False)


class DraftRow(Table, Draft, table=True):
    """A contact that is being written, kept as it was typed. Nobody is told of it."""

    __tablename__ = "contact_draft"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _version, "version_id_generator": False}
    __table_args__ = (Index("ix_contact_draft_programme_opened_at_id", "programme", "opened_at", "id"),)

    id: UUID = Field(primary_key=True)
    content: dict[str, Any] = Field(sa_type=EncryptedJson(dict[str, Any]))
    version: int = Field(default=1, sa_column=_version)


class Drafts(Collection):
    """The contacts that are being written, as far as the caller may see them."""

    async def add(self, draft: DraftRow) -> DraftRow:
        """Keep a new draft."""
        self.session.add(draft)
        await self.session.flush()
        await Ties(self.transaction).writes(draft)
        return draft

    async def find(self, draft_id: UUID, caller: Caller) -> DraftRow | None:
        """One draft, held until the transaction ends; None when there is none that this caller may see.

        A colleague's is read by who is related to whom it is about; raises NotFound.
        """
        query = select(DraftRow).where(DraftRow.id == draft_id).with_for_update()
        draft = (await self.session.exec(query)).first()
        if draft is None or not visible(draft, caller):
            return None
        if draft.agent != caller.subject:
            await Relationships(self.transaction).demand(named_in(draft.content)[0], caller)
        return draft

    async def get(self, draft_id: UUID, caller: Caller, seen: SeenVersion | None = None) -> DraftRow:
        """One draft; NotFound when there is none that this caller may see, StaleVersion by `seen`."""
        draft = await self.find(draft_id, caller)
        if draft is None:
            raise NotFound
        if seen:
            seen.check(draft)
        return draft

    async def save(self, draft: DraftRow, content: dict[str, Any]) -> DraftRow:
        """Keep what was typed since."""
        draft.content, draft.saved_at = content, self.transaction.clock.now()
        draft.version += 1
        await self.session.flush()
        await Ties(self.transaction).writes(draft)
        return draft

    async def drop(self, draft: DraftRow) -> None:
        """Forget a draft: it became a contact, or was given up."""
        await self.session.delete(draft)

    async def page(self, caller: Caller, agent: str | None, limit: int, after: Sequence[str] | None) -> list[DraftRow]:
        """At most `limit` + 1 drafts, the longest open first."""
        place = (col(DraftRow.opened_at), col(DraftRow.id))
        query = select(DraftRow)
        if caller.scope != Scope.ALL:
            query = query.where(DraftRow.programme == caller.organisation)
        if agent:
            query = query.where(DraftRow.agent == agent)
        if after:
            query = query.where(tuple_(*place) > (datetime.fromisoformat(after[0]), UUID(after[1])))
        return list((await self.session.exec(query.order_by(*place).limit(limit + 1))).all())
