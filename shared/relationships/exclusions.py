"""Whom a subject has excluded by name: kept in each service as the fact of the service that records it says."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert

from shared.relationships.links import Holder
from shared.store import Collection
from shared.tables import exclusion

Lasts = tuple[datetime, datetime | None]


class Exclusions(Collection):
    """The exclusions that a service knows of."""

    async def learn(
        self,
        exclusion_id: UUID,
        subject_id: UUID,
        holder: Holder,
        lasts: tuple[datetime, datetime | None],
        at: datetime,
    ) -> None:
        """An exclusion holds from the first to the second moment of `lasts`; what was told of the latest one counts."""
        since, until = lasts
        values = {
            **{"subject_id": subject_id, "organisation": holder.organisation, "worker": holder.worker},
            **{"since": since, "until": until, "told_at": at},
        }
        new = insert(exclusion).values(id=exclusion_id, **values)
        new = new.on_conflict_do_update(index_elements=["id"], set_=values, where=exclusion.c.told_at <= at)
        await (await self.session.connection()).execute(new)

    async def excludes(self, subject_id: UUID, holder: Holder) -> bool:
        """Whether a subject has excluded an organisation, or one of its people, today."""
        now = self.transaction.clock.now()
        query = select(exclusion.c.id).where(
            exclusion.c.subject_id == subject_id,
            exclusion.c.organisation == holder.organisation,
            exclusion.c.worker.in_(["", holder.worker]),
            exclusion.c.since <= now,
            or_(exclusion.c.until.is_(None), exclusion.c.until > now),
        )
        return (await (await self.session.connection()).execute(query.limit(1))).first() is not None
