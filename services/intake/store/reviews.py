"""Identifications of referrals, and the queue of those that a person must decide."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, ForeignKey, Index, Integer, tuple_
from sqlmodel import Field, col, select

from services.intake.domain import Candidate, Identification, Identity, IdentityReview, Person, Reason
from services.intake.events import Certainty, Decision
from services.intake.store.table import Table, visible
from services.intake.store.ties import Ties
from shared.access import Scope
from shared.auth import Caller
from shared.encryption import EncryptedJson
from shared.errors import NotFound
from shared.events import Event
from shared.ids import new_id
from shared.store import Aggregate, Collection, Json, text_enum

_identification_version = Column("version", Integer, nullable=False)
_review_version = Column("version", Integer, nullable=False)


class IdentificationRow(Table, Identification, table=True):
    """Whom a referral is about."""

    __tablename__ = "identification"
    __mapper_args__: ClassVar[dict[str, Any]] = {
        "version_id_col": _identification_version,
        "version_id_generator": False,
    }

    id: UUID = Field(primary_key=True)
    person_id: UUID = Field(index=True, sa_column_args=[ForeignKey("person.id")])
    certainty: Certainty = Field(sa_type=text_enum(Certainty))
    reasons: tuple[Reason, ...] = Field(default=(), sa_type=Json(tuple[Reason, ...]))
    version: int = Field(default=0, sa_column=_identification_version)


class ReviewRow(Table, IdentityReview, table=True):
    """A review; the incoming identity is gone once it is decided."""

    __tablename__ = "identity_review"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _review_version, "version_id_generator": False}
    __table_args__ = (Index("ix_identity_review_queue", "programme", "decided", "opened_at", "id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    referral_id: UUID = Field(unique=True)
    incoming: Identity | None = Field(default=None, sa_type=EncryptedJson(Identity), nullable=True)
    candidates: tuple[Candidate, ...] = Field(sa_type=Json(tuple[Candidate, ...]))
    decision: Decision | None = Field(default=None, sa_type=text_enum(Decision), nullable=True)
    person_id: UUID | None = Field(default=None, index=True, sa_column_args=[ForeignKey("person.id")])
    version: int = Field(default=0, sa_column=_review_version)


class Identifications(Collection):
    """Whom referrals are about."""

    async def settle(
        self, referral_id: UUID, person: Person, certainty: Certainty, found: Candidate | None = None
    ) -> None:
        """Keep and tell the answer for a referral; `found` says why it is this person."""
        reasons = found.reasons if found else ()
        now = self.transaction.clock.now()
        before = await self.of_referral(referral_id)
        if before:
            await self.record(before, before.settle_anew(person, certainty, reasons, now))
        else:
            await self.record(*IdentificationRow.settle(referral_id, person, certainty, reasons, now))
        await Ties(self.transaction).asked_for(referral_id, [person.id], person.programme)

    async def of_referral(self, referral_id: UUID) -> IdentificationRow | None:
        """The answer for a referral, None while there is none."""
        return await self.session.get(IdentificationRow, referral_id)


class Reviews(Collection):
    """The identity reviews."""

    async def record(self, aggregate: Aggregate, *events: Event) -> None:
        """Write a review's change; as long as it is open, its candidates are open to those who decide it."""
        await super().record(aggregate, *events)
        if isinstance(aggregate, ReviewRow):
            ties, people = Ties(self.transaction), aggregate.people()
            await ties.answered(aggregate.id, self.transaction.clock.now())
            if not aggregate.decided:
                await ties.asked_for(aggregate.id, people, aggregate.programme)

    async def get(self, review_id: UUID, caller: Caller) -> ReviewRow:
        """One review; NotFound when there is none that this caller may see."""
        review = await self.session.get(ReviewRow, review_id)
        if review is None or not visible(review, caller):
            raise NotFound
        return review

    async def of_referral(self, referral_id: UUID) -> ReviewRow | None:
        """The review of a referral, None where there was none."""
        return (await self.session.exec(select(ReviewRow).where(ReviewRow.referral_id == referral_id))).first()

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
