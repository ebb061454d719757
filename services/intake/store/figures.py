"""What the figures of the line and of equity are counted from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlmodel import Field, col, select

from services.intake.domain.gap import Population
from services.intake.domain.suppression import Record
from services.intake.store.table import Table
from shared.store import Collection, Json

# mypy: disable-error-code="call-overload"
# SQLModel's Field is not typed for instances of column types.

LINE = text(
    """
SELECT topic, CASE WHEN outcome = 'answered' THEN 'solved' ELSE 'passed-on' END AS solved,
       to_char(started_at AT TIME ZONE 'Europe/Brussels', 'YYYY-MM') AS month, count(*) AS number
FROM contact, jsonb_array_elements_text(CASE WHEN topics = '[]' THEN '["unknown"]' ELSE topics END) AS topic
WHERE programme = :programme AND direction = 'inbound' AND started_at < :before GROUP BY 1, 2, 3
"""
)
CONTINUITY = text(
    """
SELECT discipline, CASE WHEN agent = agent_before THEN 'same' ELSE 'other' END AS worker,
       to_char(started_at AT TIME ZONE 'Europe/Brussels', 'YYYY-MM') AS month, count(*) AS number
FROM (
    SELECT contact.direction, contact.discipline, contact.agent, contact.started_at,
           lag(contact.agent) OVER earlier AS agent_before, lag(contact.started_at) OVER earlier AS before
    FROM contact JOIN person ON person.id = contact.person_id
    WHERE contact.programme = :programme AND contact.started_at < :before AND contact.agent <> 'imported'
    WINDOW earlier AS (
        PARTITION BY coalesce(person.merged_into, person.id) ORDER BY contact.started_at, contact.id
    )
) AS story
WHERE direction = 'inbound' AND before > started_at - interval '365 days' GROUP BY 1, 2, 3
"""
)
"""`imported` is the worker of a contact of the past of whom nothing is known."""
DEMAND = text(
    """
SELECT coalesce(contact.heard_from, 'unknown') AS source, coalesce(person.address ->> 'nis_code', 'unknown') AS commune,
       to_char(contact.started_at AT TIME ZONE 'Europe/Brussels', 'YYYY-MM') AS month, count(*) AS number
FROM contact LEFT JOIN person ON person.id = contact.person_id
WHERE contact.programme = :programme AND contact.direction = 'inbound' AND contact.started_at < :before
GROUP BY 1, 2, 3
"""
)
EQUITY = text(
    """
SELECT coalesce(decision.complexity, 'not-assessed') AS complexity,
       coalesce(person.address ->> 'nis_code', 'unknown') AS commune, coalesce(person.language, 'unknown') AS language,
       coalesce(decision.decision, 'open') AS decision,
       CASE WHEN decision.decision IS NOT NULL THEN greatest(0,
           (decision.decided_at AT TIME ZONE 'Europe/Brussels')::date
           - (stay.received_at AT TIME ZONE 'Europe/Brussels')::date) END AS days
FROM hospital_stay AS stay
LEFT JOIN decision ON decision.id = stay.referral_id
LEFT JOIN identification ON identification.id = stay.referral_id
LEFT JOIN person ON person.id = identification.person_id
WHERE coalesce(person.programme, :programme) = :programme AND stay.received_at < :before
UNION ALL
SELECT coalesce(decision.complexity, 'not-assessed'),
       coalesce(person.address ->> 'nis_code', 'unknown'), coalesce(person.language, 'unknown'),
       coalesce(decision.decision, 'open'),
       CASE WHEN decision.decision IS NOT NULL THEN greatest(0,
           (decision.decided_at AT TIME ZONE 'Europe/Brussels')::date
           - (relay.requested_at AT TIME ZONE 'Europe/Brussels')::date) END
FROM relay JOIN person ON person.id = relay.person_id LEFT JOIN decision ON decision.id = relay.case_id
WHERE relay.programme = :programme AND relay.requested_at < :before
"""
)
"""Each demand for case management: a referral's by its own decision, a relay's by that of its case."""


class DecisionRow(Table, table=True):
    """What was decided of a referral, or of a relay's case, and how complex it was found."""

    __tablename__ = "decision"

    id: UUID = Field(primary_key=True)
    decision: str | None = None
    decided_at: datetime | None = None
    complexity: str | None = None


class PopulationRow(Table, Population, table=True):
    """The inhabitants of a commune on a day."""

    __tablename__ = "population"

    programme: str = Field(primary_key=True)
    as_of: date = Field(primary_key=True)
    nis_code: str = Field(primary_key=True)


class OfferRow(Table, table=True):
    """A service of the directory: for which needs, and how much room it says it has."""

    __tablename__ = "offer"

    service_id: UUID = Field(primary_key=True)
    domains: tuple[str, ...] = Field(default=(), sa_type=Json(tuple[str, ...]))
    active: bool = True
    capacity: str | None = None


@dataclass(frozen=True)
class Decided:
    """One demand for case management, without who it was."""

    complexity: str
    commune: str
    language: str
    decision: str
    days: int | None

    def record(self) -> Record:
        """As it is counted."""
        return (self.complexity, self.commune, self.language, self.decision)


class Figures(Collection):
    """The figures, inside the caller's transaction."""

    async def line(self, programme: str, before: datetime) -> dict[Record, int]:
        """How many contacts there were per topic, solved or passed on, and month."""
        return await self._counted(LINE, programme, before)

    async def continuity(self, programme: str, before: datetime) -> dict[Record, int]:
        """How many contacts came again, per discipline, the same worker as before or another, and month."""
        return await self._counted(CONTINUITY, programme, before)

    async def demand(self, programme: str, before: datetime) -> dict[Record, int]:
        """How many contacts there were per source, commune and month."""
        return await self._counted(DEMAND, programme, before)

    async def equity(self, programme: str, before: datetime) -> list[Decided]:
        """Every demand for case management, and what was decided."""
        rows = await (await self.session.connection()).execute(EQUITY, {"programme": programme, "before": before})
        return [Decided(**row) for row in rows.mappings()]

    async def decide(self, subject_id: UUID, decision: str, *, once: bool = False) -> None:
        """Note what was decided; `once` leaves what is decided already."""
        now = self.transaction.clock.now()
        values: dict[str, Any] = {"decision": decision, "decided_at": now}
        statement = upsert(DecisionRow).values(id=subject_id, **values)
        undecided = col(DecisionRow.decision).is_(None) if once else None
        await self.session.exec(statement.on_conflict_do_update(index_elements=["id"], set_=values, where=undecided))

    async def assess(self, subject_id: UUID, complexity: str) -> None:
        """Note how complex a demand is."""
        statement = upsert(DecisionRow).values(id=subject_id, complexity=complexity)
        await self.session.exec(statement.on_conflict_do_update(index_elements=["id"], set_={"complexity": complexity}))

    async def load_population(self, programme: str, as_of: date, people: Sequence[Population]) -> None:
        """Put an official file in place of the one of the same day."""
        await self.session.exec(
            delete(PopulationRow).where(col(PopulationRow.programme) == programme, col(PopulationRow.as_of) == as_of)
        )
        rows = [{"programme": programme, **each.model_dump()} for each in people]
        await self.session.exec(insert(PopulationRow).values(rows))

    async def population(self, programme: str) -> tuple[date | None, dict[str, int]]:
        """The latest file's day and inhabitants; nothing where none was loaded."""
        newest = select(PopulationRow.as_of).where(PopulationRow.programme == programme)
        as_of = (await self.session.exec(newest.order_by(col(PopulationRow.as_of).desc()).limit(1))).first()
        query = select(PopulationRow.nis_code, PopulationRow.inhabitants)
        rows = await self.session.exec(query.where(PopulationRow.programme == programme, PopulationRow.as_of == as_of))
        return as_of, dict(rows.all())

    async def offer(self, service_id: UUID, **values: object) -> None:
        """Something of a service is otherwise now."""
        whole = {"domains": (), "active": True, **values}
        statement = upsert(OfferRow).values(service_id=service_id, **whole)
        await self.session.exec(statement.on_conflict_do_update(index_elements=["service_id"], set_=values))

    async def offers(self) -> Sequence[OfferRow]:
        """The services that take people."""
        return (await self.session.exec(select(OfferRow).where(OfferRow.active))).all()

    async def _counted(self, query: Any, programme: str, before: datetime) -> dict[Record, int]:
        rows = await (await self.session.connection()).execute(query, {"programme": programme, "before": before})
        return {(first, second, third): number for first, second, third, number in rows}
