"""The shares of a case, and what they allow."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import tuple_
from sqlmodel import col, or_, select

from services.cases.domain.case import Case
from services.cases.domain.share import Right, Share, allow
from services.cases.events import ShareRule
from services.cases.store.share_row import ShareRow
from shared.access import Scope
from shared.auth import Caller
from shared.errors import NotFound
from shared.store import Collection


class Shares(Collection):
    """The shares of a case."""

    def add(self, share: Share) -> None:
        """Store a share whose case is recorded already."""
        self.session.add(ShareRow(**dict(share)))

    async def standing(self, case_id: UUID) -> list[ShareRow]:
        """Those that have not ended."""
        query = select(ShareRow).where(ShareRow.case_id == case_id, col(ShareRow.ended_on).is_(None))
        return list((await self.session.exec(query)).all())

    async def get(self, case_id: UUID, share_id: UUID) -> ShareRow:
        """One share of this case; raises NotFound."""
        share = await self.session.get(ShareRow, share_id)
        if share is None or share.case_id != case_id:
            raise NotFound
        return share

    async def page(self, case_id: UUID, limit: int, after: Sequence[str] | None) -> list[ShareRow]:
        """At most `limit` + 1 shares, past ones too, the newest first."""
        query = select(ShareRow).where(ShareRow.case_id == case_id)
        if after:
            place = (datetime.fromisoformat(after[0]), UUID(after[1]))
            query = query.where(tuple_(col(ShareRow.shared_at), col(ShareRow.id)) < place)
        query = query.order_by(col(ShareRow.shared_at).desc(), col(ShareRow.id).desc())
        return list((await self.session.exec(query.limit(limit + 1))).all())

    async def allow(self, case: Case, caller: Caller, right: Right | None = None) -> None:
        """Raise NotByThisShare unless the caller's organisation leads the case, or its share gives this right."""
        if caller.scope == Scope.ALL or caller.organisation == case.organisation:
            return
        query = select(ShareRow.rule).where(
            ShareRow.case_id == case.id, ShareRow.organisation == caller.organisation, ShareRow.is_live
        )
        rule = (await self.session.exec(query)).first()
        allow(case, caller.organisation, ShareRule(rule) if rule else None, right)

    async def due(self, today: date, limit: int) -> list[ShareRow]:
        """Standing shares that should open or end by this day."""
        opens = (col(ShareRow.is_live).is_(False)) & (ShareRow.begins_on <= today)
        ends = col(ShareRow.until) < today
        query = select(ShareRow).where(col(ShareRow.ended_on).is_(None), or_(opens, ends)).limit(limit)
        return list((await self.session.exec(query.with_for_update(skip_locked=True))).all())
