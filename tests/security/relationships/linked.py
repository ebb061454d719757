"""Asking the kernel's one question as somebody, on a database of a service's own."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import literal, select

from shared.auth import Caller
from shared.ids import new_id
from shared.permissions.reasons import RelationReason
from shared.relationships.asked import related
from shared.relationships.exclusions import Exclusions
from shared.relationships.links import Holder, Relation, Relationships
from shared.testing.harness import UnderTest

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
RELAIS = Holder("relais")


def caller(role: str = "case-manager-nurse", organisation: str = "relais", **more: Any) -> Caller:
    """Somebody whom the matrix has let in by a role."""
    said = {"subject": f"{role}@{organisation}", "client_id": "test", "organisation": organisation, "discipline": ""}
    roles = {"scope": "organisation", "roles": frozenset({role}), "granted": frozenset({role})}
    return Caller(**{**said, **roles, **more})


def link(
    subject: UUID, reason: RelationReason = RelationReason.ASSIGNMENT, holder: Holder = RELAIS, **more: Any
) -> Relation:
    """A link that holds since yesterday, if nothing else is said."""
    said = {"source": new_id(), "since": NOW - DAY, **more}
    return Relation(subject, holder, reason, **said)


async def tell(running: UnderTest, *links: Relation, at: datetime = NOW - DAY) -> None:
    """Let links begin."""
    async with running.app.state.database.transaction() as transaction:
        await Relationships(transaction).begin(*links, at=at)


async def exclude(running: UnderTest, subject: UUID, holder: Holder, until: datetime | None = None) -> UUID:
    """Let a subject exclude somebody since yesterday; the exclusion's id."""
    exclusion_id = new_id()
    async with running.app.state.database.transaction() as transaction:
        await Exclusions(transaction).learn(exclusion_id, subject, holder, (NOW - DAY, until), NOW - DAY)
    return exclusion_id


async def sees(running: UnderTest, subject: UUID, who: Caller | None, now: datetime = NOW) -> bool:
    """Whether somebody is related to a subject at a moment."""
    async with running.app.state.database.transaction() as transaction:
        query = select(related(literal(subject), who, now))
        return bool((await (await transaction.session.connection()).execute(query)).scalar())


async def denials(running: UnderTest) -> list[str]:
    """The reasons of the refused requests so far, in order; those without one left out."""
    async with running.app.state.database.raw() as connection:
        query = "SELECT reason FROM audit_record WHERE outcome = 'refused' AND reason <> '' ORDER BY id"
        return [row["reason"] for row in await connection.fetch(query)]
