"""Identifications of referrals, and the queue of those that a person must decide."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import tuple_
from sqlmodel import col, select

from services.intake.domain import Candidate, Person
from services.intake.events import Certainty
from services.intake.store.tables import IdentificationRow, ReviewRow, visible
from shared.access import Scope
from shared.auth import Caller
from shared.errors import NotFound
from shared.store import Collection


class Identifications(Collection):
    """Whom referrals are about."""

    async def settle(
        self, referral_id: UUID, person: Person, certainty: Certainty, found: Candidate | None = None
    ) -> None:
        """Keep and tell the answer for a referral; `found` says why it is this person."""
        reasons = found.reasons if found else ()
        now = self.transaction.clock.now()
        await self.record(*IdentificationRow.settle(referral_id, person, certainty, reasons, now))


class Reviews(Collection):
    """The identity reviews."""

    async def get(self, review_id: UUID, caller: Caller) -> ReviewRow:
        """One review; NotFound when there is none that this caller may see."""
        review = await self.session.get(ReviewRow, review_id)
        if review is None or not visible(review, caller):
            raise NotFound
        return review

    async def page(self, caller: Caller, limit: int, after: Sequence[str] | None) -> list[ReviewRow]:
        """At most `limit` + 1 reviews: the open ones first, and of those the longest waiting."""
        query = select(ReviewRow)
        if caller.scope != Scope.ALL:
            query = query.where(ReviewRow.programme == caller.organisation)
        if after:
            place = (after[0] == "True", datetime.fromisoformat(after[1]), UUID(after[2]))
            query = query.where(tuple_(col(ReviewRow.decided), col(ReviewRow.opened_at), col(ReviewRow.id)) > place)
        query = query.order_by(col(ReviewRow.decided), col(ReviewRow.opened_at), col(ReviewRow.id))
        return list((await self.session.exec(query.limit(limit + 1))).all())
