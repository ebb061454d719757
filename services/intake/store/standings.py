"""What is known of each person's standing: the cases and hospital stays that others tell of, and who lapsed when."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text, update
from sqlmodel import Field, col, select

from services.intake.domain import FollowedBy, Reach, Standing
from services.intake.store.table import Table
from shared.store import Collection

ROSTER = text(
    """
WITH touch AS (
    SELECT person_id,
           max(started_at) FILTER (WHERE reason <> 'not-reached') AS last_at,
           max(started_at) FILTER (WHERE reason = 'unsafe-at-home') AS unsafe_at,
           bool_or(started_at >= :need_since AND (
               outcome IN ('call-back', 'no-one-could-help')
               OR EXISTS (SELECT FROM jsonb_array_elements_text(topics) AS topic WHERE topic LIKE 'need%')
           )) AS need
    FROM contact
    WHERE programme = :programme AND person_id IS NOT NULL AND started_at >= :known_since AND started_at < :began_at
    GROUP BY person_id
), followed AS (
    SELECT person_id,
           bool_or(closed_at IS NULL) AS open,
           bool_or(closed_at IS NULL AND planned) AS plan,
           bool_or(closed_at IS NULL AND urgent) AS urgent,
           max(closed_at) AS closed_at
    FROM known_case WHERE person_id IS NOT NULL AND opened_at < :began_at GROUP BY person_id
), stay AS (
    SELECT identification.person_id,
           bool_or(hospital_stay.received_at >= :stay_since) AS recent,
           bool_or(hospital_stay.lives_alone) AS alone
    FROM hospital_stay JOIN identification ON identification.id = hospital_stay.referral_id
    WHERE hospital_stay.received_at < :began_at GROUP BY identification.person_id
)
SELECT person.id,
       (touch.last_at AT TIME ZONE 'Europe/Brussels')::date AS last_on,
       array_remove(ARRAY[
           CASE WHEN followed.urgent OR touch.unsafe_at > coalesce(followed.closed_at, '-infinity')
               THEN 'open-safety-issue' END,
           CASE WHEN followed.plan THEN 'open-plan' END,
           CASE WHEN stay.recent THEN 'recent-hospital-stay' END,
           CASE WHEN stay.alone THEN 'lives-alone' END,
           CASE WHEN touch.need OR (followed.open AND NOT followed.plan) THEN 'recent-need' END
       ], NULL) AS reasons
FROM person
LEFT JOIN touch ON touch.person_id = person.id
LEFT JOIN followed ON followed.person_id = person.id
LEFT JOIN stay ON stay.person_id = person.id
WHERE person.programme = :programme AND person.merged_into IS NULL AND person.deceased_on IS NULL
  AND (touch.person_id IS NOT NULL OR followed.open OR stay.recent)
  AND NOT EXISTS (
      SELECT FROM contact WHERE contact.person_id = person.id
      AND contact.started_at >= :began_at AND contact.reason <> 'not-reached')
  AND NOT EXISTS (
      SELECT FROM lapsed_link JOIN person AS record ON record.id = lapsed_link.person_id
      WHERE coalesce(record.merged_into, record.id) = person.id AND lapsed_link.state = 'lapsed')
"""
)
"""Who was in touch, is followed or came from hospital before an outage, and has not been reached since it began.

Nobody who is known to have died.
"""


class KnownCaseRow(Table, table=True):
    """What the roster needs of a case; open while it has no `closed_at`."""

    __tablename__ = "known_case"

    id: UUID = Field(primary_key=True)
    person_id: UUID | None = Field(default=None, index=True)
    opened_at: datetime
    closed_at: datetime | None = None
    planned: bool = False
    urgent: bool = False
    owner: str | None = None
    organisation: str | None = None
    declined: bool = False

    def followed(self) -> FollowedBy:
        """The case, for advice on a returning caller."""
        return FollowedBy(self.id, self.opened_at, self.closed_at, self.declined)


class StayRow(Table, table=True):
    """What the roster needs of a hospital's referral."""

    __tablename__ = "hospital_stay"

    referral_id: UUID = Field(primary_key=True)
    received_at: datetime
    lives_alone: bool = False


class Standings(Collection):
    """What is known of people's standing."""

    async def roster(self, programme: str, reach: Reach) -> list[Standing]:
        """Everybody whose link lapsed, in no order. Who is on an earlier roster and still unreached stays there."""
        rows = await (await self.session.connection()).execute(ROSTER, {"programme": programme, **reach.model_dump()})
        return [Standing(person_id=row.id, last_on=row.last_on, reasons=tuple(row.reasons)) for row in rows]

    async def stay(self, referral_id: UUID, received_at: datetime, lives_alone: bool) -> None:
        """A hospital's referral came in."""
        await self.transaction.insert_once(
            StayRow, referral_id=referral_id, received_at=received_at, lives_alone=lives_alone
        )

    async def case_opened(self, case_id: UUID, person_id: UUID | None, at: datetime, urgent: bool) -> None:
        """A case exists."""
        await self.transaction.insert_once(
            KnownCaseRow, id=case_id, person_id=person_id, opened_at=at, planned=False, urgent=urgent
        )

    async def cases_of(self, person_id: UUID) -> list[KnownCaseRow]:
        """The cases of a person, the open first and then the latest."""
        query = select(KnownCaseRow).where(KnownCaseRow.person_id == person_id)
        order = (col(KnownCaseRow.closed_at).desc().nulls_first(), col(KnownCaseRow.opened_at).desc())
        return list((await self.session.exec(query.order_by(*order))).all())

    async def case_changed(self, case_id: UUID, **values: object) -> None:
        """Something of a case is otherwise now."""
        await self.session.exec(update(KnownCaseRow).where(col(KnownCaseRow.id) == case_id).values(**values))
