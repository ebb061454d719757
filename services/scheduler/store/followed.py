"""What we keep of each case: whose it is, whom it is about, and how it stands."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, exists, or_, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, col, select

from services.scheduler.store.deaths import DeathRow
from services.scheduler.store.table import Table
from shared.relinks import Relinks
from shared.store import Collection, text_enum

# mypy: disable-error-code="call-overload"
# SQLModel's Field is not typed for instances of column types.


class CaseState(StrEnum):
    """How a case stands."""

    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"


class FollowedCaseRow(Table, table=True):
    """A case as cases has told of it. `organisation` is null until it is assigned; `worker` is a subject."""

    __tablename__ = "followed_case"
    __table_args__ = (
        Index("ix_followed_case_origin_id", "origin_id"),
        Index("ix_followed_case_died_person_id", "person_id", postgresql_where=text("has_died")),
        Index("ix_followed_case_open_person_id", "person_id", postgresql_where=text("state <> 'closed'")),
    )

    case_id: UUID = Field(primary_key=True)
    state: CaseState = Field(default=CaseState.OPEN, sa_type=text_enum(CaseState))
    organisation: str | None = None
    worker: str | None = None
    person_id: UUID | None = None
    programme: str | None = None
    origin_id: UUID | None = None
    has_died: bool = False


class FollowedCases(Collection):
    """The cases that we follow."""

    async def note(self, case_id: UUID, **known: Any) -> FollowedCaseRow:
        """Keep what a fact tells of a case; a case that is new to us is open unless the fact says otherwise."""
        first = insert(FollowedCaseRow).values(case_id=case_id, **{"state": CaseState.OPEN, **known})
        change = first.on_conflict_do_update(index_elements=["case_id"], set_={"case_id": case_id, **known})
        await self.session.exec(change)
        found = await self.session.get(FollowedCaseRow, case_id, populate_existing=True)
        return found or FollowedCaseRow(case_id=case_id, **known)

    async def has_died(self, person_id: UUID) -> bool:
        """Whether intake has told of a person's death, or any case of theirs was closed because they died.

        Whoever plans for a person and whoever tells of their death wait here for each other.
        """
        known_as = {person_id, await Relinks(self.transaction).current(person_id)}
        for each in sorted(known_as):
            await self.serialise(str(each))
        closed = exists().where(col(FollowedCaseRow.person_id).in_(known_as), col(FollowedCaseRow.has_died))
        told = exists().where(col(DeathRow.person_id).in_(known_as), col(DeathRow.withdrawn_on).is_(None))
        return bool((await self.session.exec(select(or_(closed, told)))).one())

    async def note_alive(self, person_id: UUID) -> None:
        """No case stands for the death of this person any more, whatever it was closed as."""
        today = await Relinks(self.transaction).current(person_id)
        died = update(FollowedCaseRow).where(col(FollowedCaseRow.person_id) == today)
        await self.session.exec(died.values(has_died=False))

    async def find(self, case_id: UUID) -> FollowedCaseRow | None:
        """A case, if anything was told of it."""
        return await self.session.get(FollowedCaseRow, case_id)

    async def from_origin(self, origin_id: UUID) -> FollowedCaseRow | None:
        """The case that came from a referral or a contact."""
        query = select(FollowedCaseRow).where(FollowedCaseRow.origin_id == origin_id)
        return (await self.session.exec(query.order_by(col(FollowedCaseRow.case_id)).limit(1))).one_or_none()

    async def open_of(self, person_id: UUID) -> FollowedCaseRow | None:
        """The newest case of a person that is not closed."""
        today = await Relinks(self.transaction).current(person_id)
        query = select(FollowedCaseRow).where(
            FollowedCaseRow.person_id == today, col(FollowedCaseRow.state) != CaseState.CLOSED
        )
        return (await self.session.exec(query.order_by(col(FollowedCaseRow.case_id).desc()).limit(1))).one_or_none()
