"""When each person was last in touch with the programme, and who has not been for too long."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import and_, case, exists, func, literal, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased
from sqlmodel import Field, col, select
from sqlmodel.sql.expression import SelectOfScalar

from services.scheduler.domain import SOON, WORKABLE, Occasion, Owner, Policy, Trigger
from services.scheduler.store.deaths import DeathRow
from services.scheduler.store.follow_up_rows import FollowUpRow
from services.scheduler.store.followed import CaseState, FollowedCaseRow
from services.scheduler.store.table import Table
from shared.relinks import Relinks
from shared.store import Collection

# mypy: disable-error-code="call-overload"
# SQLModel's Field is not typed for instances of column types.

CLAIM = 100


class LastContactRow(Table, table=True):
    """The last contact with a person, as it was told of this record of theirs.

    `current_id` is whom the record stands for today: records that stand for one person are read as one, by the latest
    contact. It is null in a row that the version before wrote, which then stands for itself.

    `silences` counts how often it was too long ago, `noticed` says that it is now.
    """

    __tablename__ = "last_contact"

    person_id: UUID = Field(primary_key=True)
    current_id: UUID | None = Field(default=None, index=True)
    last_on: date = Field(index=True)
    silences: int = 0
    noticed: bool = False


class LastContacts(Collection):
    """The last contact with each person, in whichever direction."""

    async def note(self, person_id: UUID, on: date) -> bool:
        """Somebody of the programme was in touch with a person on a day; says whether no later contact is known."""
        told = {"last_on": on, "silences": 0, "noticed": False}
        new = insert(LastContactRow).values(person_id=person_id, current_id=person_id, **told)
        known, later = col(LastContactRow.last_on), new.excluded["last_on"]
        noticed = case((later >= known, False), else_=col(LastContactRow.noticed))
        change = {"last_on": func.greatest(known, later), "noticed": noticed}
        await self.session.exec(new.on_conflict_do_update(index_elements=["person_id"], set_=change))
        same = await Relinks(self.transaction).standing_for(person_id)
        latest = select(func.max(known)).where(col(LastContactRow.person_id).in_(same))
        return (await self.session.exec(latest)).one() == on

    async def begin(self, today: date) -> None:
        """Count from today for everybody with an open case of whose contacts nothing is known."""
        new = (
            select(col(FollowedCaseRow.person_id), col(FollowedCaseRow.person_id), literal(today), 0, False)
            .outerjoin(LastContactRow, col(FollowedCaseRow.person_id) == WHOSE)
            .where(_OPEN, col(LastContactRow.person_id).is_(None))
            .distinct()
        )
        columns = ["person_id", "current_id", "last_on", "silences", "noticed"]
        await self.session.exec(insert(LastContactRow).from_select(columns, new).on_conflict_do_nothing())

    async def reaches(self) -> Sequence[tuple[str | None, str | None]]:
        """The organisation and programme of every open case, each pair once."""
        query = select(FollowedCaseRow.organisation, FollowedCaseRow.programme).where(_OPEN).distinct()
        return (await self.session.exec(query)).all()

    async def silent(
        self, reach: tuple[str | None, str | None], policy: Policy, today: date, limit: int = CLAIM
    ) -> Sequence[tuple[LastContactRow, FollowedCaseRow]]:
        """People of a reach with an open case whose last contact is longer ago than the policy allows; locked.

        Not those of whom that was noticed, nor those whom somebody calls these days anyway, nor the dead.
        """
        called = select(FollowUpRow.id).where(
            col(FollowUpRow.person_id) == WHOSE,
            col(FollowUpRow.status).in_(WORKABLE),
            col(FollowUpRow.due_on) <= today + SOON,
        )
        died = exists().where(col(DeathRow.person_id) == WHOSE, col(DeathRow.withdrawn_on).is_(None))
        organisation, programme = reach
        query = (
            select(LastContactRow, FollowedCaseRow)
            .join(FollowedCaseRow, col(FollowedCaseRow.person_id) == WHOSE)
            .where(
                _OPEN,
                col(FollowedCaseRow.organisation).is_not_distinct_from(organisation),
                col(FollowedCaseRow.programme).is_not_distinct_from(programme),
                col(LastContactRow.noticed).is_(False),
                col(LastContactRow.last_on) < today - timedelta(weeks=policy.after_weeks or 0),
                ~called.exists(),
                ~died,
                ~_later().exists(),
            )
            .order_by(col(LastContactRow.last_on), col(LastContactRow.person_id), col(FollowedCaseRow.case_id).desc())
            .limit(limit)
            .with_for_update(of=LastContactRow, skip_locked=True)
        )
        return (await self.session.exec(query)).all()


WHOSE = func.coalesce(col(LastContactRow.current_id), col(LastContactRow.person_id))
"""The person whom a row is about today."""


def _later() -> SelectOfScalar[UUID]:
    """A row of the same person with a later contact; of two of one day the one of the newer record counts."""
    other = aliased(LastContactRow)
    place = tuple_(col(LastContactRow.last_on), col(LastContactRow.person_id))
    return select(other.person_id).where(
        col(other.current_id) == LastContactRow.current_id, tuple_(other.last_on, other.person_id) > place
    )


_OPEN = and_(col(FollowedCaseRow.state) == CaseState.OPEN, col(FollowedCaseRow.person_id).is_not(None))


def silence_of(last: LastContactRow, case: FollowedCaseRow, policy: Policy, organisation: str, on: date) -> Occasion:
    """What the silence of somebody calls for, from the day on which it was noticed."""
    return Occasion(
        trigger=Trigger.NO_CONTACT,
        origin_id=last.person_id,
        number=last.silences,
        on=on,
        case_id=case.case_id,
        person_id=last.current_id or last.person_id,
        organisation=case.organisation or organisation,
        programme=case.programme,
        worker=case.worker if policy.owner is Owner.CASE_MANAGER else None,
    )
