"""The gaps, and the people left without."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, Integer, UniqueConstraint, text
from sqlmodel import Field

from services.referrals.domain.gap import Gap, Unmet
from services.referrals.domain.outgoing import TAKEN_ON
from services.referrals.domain.states import OPEN_CASE, UNDECIDED, State
from services.referrals.events import GapSource
from services.referrals.store.related import OTHER_REASONS
from services.referrals.store.table import Table
from shared.auth import Caller
from shared.clock import local_date
from shared.ids import new_id
from shared.store import Collection, text_enum

_version = Column("version", Integer, nullable=False)


class GapRow(Table, Gap, table=True):
    """One need that met no help."""

    __tablename__ = "gap"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _version, "version_id_generator": False}
    __table_args__ = (UniqueConstraint("source_id", "domain"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    source: GapSource = Field(sa_type=text_enum(GapSource))
    version: int = Field(default=0, sa_column=_version)


@dataclass(frozen=True)
class LeftWithout:
    """Somebody whose demand failed and whom nobody has taken on since: ids and codes only."""

    kind: str
    referral_id: UUID
    person_id: UUID | None
    chain_id: UUID
    reason: str | None
    since: datetime
    is_pending: bool


LEFT_WITHOUT = text(
    """
    WITH failed AS (
        SELECT 'incoming' AS kind, id AS referral_id, person_id, id AS chain_id,
               moves -> -1 ->> 'reason' AS reason, (moves -> -1 ->> 'at')::timestamptz AS since
        FROM referral WHERE state = 'refused' AND moves -> -1 ->> 'reason' <> ALL (:other)
        UNION ALL
        SELECT 'outgoing', id, person_id, chain_id,
               CASE WHEN state = 'refused' THEN moves -> -1 ->> 'reason' ELSE 'no-answer' END,
               CASE WHEN state = 'refused' THEN (moves -> -1 ->> 'at')::timestamptz ELSE expired_at END
        FROM outgoing_referral
        WHERE (state = 'refused' AND moves -> -1 ->> 'reason' <> ALL (:other)) OR expired_at IS NOT NULL
    ), latest AS (
        SELECT DISTINCT ON (coalesce(person_id, chain_id)) * FROM failed
        ORDER BY coalesce(person_id, chain_id), since DESC, referral_id DESC
    )
    SELECT kind, referral_id, person_id, chain_id, reason, since,
           EXISTS (
               SELECT 1 FROM outgoing_referral other
               WHERE other.id <> mine.referral_id AND other.state = ANY (:open) AND other.expired_at IS NULL
                 AND (other.chain_id = mine.chain_id OR other.person_id = mine.person_id)
           ) AS is_pending
    FROM latest AS mine
    WHERE NOT EXISTS (
        SELECT 1 FROM outgoing_referral other
        WHERE other.state = ANY (:taken_on) AND other.updated_at >= mine.since
          AND (other.chain_id = mine.chain_id OR other.person_id = mine.person_id)
    ) AND NOT EXISTS (
        SELECT 1 FROM referral other
        WHERE other.person_id = mine.person_id AND other.state = ANY (:taken_in) AND other.updated_at >= mine.since
    ) AND NOT EXISTS (
        SELECT 1 FROM followed_person WHERE person_id = mine.person_id AND closed_at IS NULL
    ) AND NOT EXISTS (
        SELECT 1 FROM exclusion named
        WHERE named.subject_id = mine.person_id AND named.organisation = :organisation AND named.worker IN ('', :worker)
          AND named.since <= :now AND (named.until IS NULL OR named.until > :now)
    ) AND (CAST(:after_at AS timestamptz) IS NULL
           OR (mine.since, mine.referral_id) > (CAST(:after_at AS timestamptz), CAST(:after_id AS uuid)))
    ORDER BY mine.since, mine.referral_id LIMIT :limit
    """
)


class Gaps(Collection):
    """What demands met no help."""

    async def note(self, unmet: Unmet) -> None:
        """Record a demand that met no help, once per need."""
        today = local_date(self.transaction.clock)
        for gap in unmet.gaps(today):
            await self.transaction.record_new(GapRow, dict(gap), gap.recorded())

    async def left_without(self, caller: Caller, limit: int, after: Sequence[str] | None) -> list[LeftWithout]:
        """At most `limit` + 1 demands that failed and that nobody has taken on since, the longest first.

        Each relates the programme to the person, unless the person has excluded whoever asks.
        """
        values = {
            "other": [reason.value for reason in OTHER_REASONS],
            "open": [state.value for state in UNDECIDED],
            "taken_on": [state.value for state in TAKEN_ON],
            "taken_in": [state.value for state in {State.ACCEPTED, *OPEN_CASE}],
            "after_at": datetime.fromisoformat(after[0]) if after else None,
            "after_id": UUID(after[1]) if after else None,
            "limit": limit + 1,
            "organisation": caller.organisation,
            "worker": caller.subject,
            "now": self.transaction.clock.now(),
        }
        connection = await self.session.connection()
        rows = (await connection.execute(LEFT_WITHOUT, values)).mappings()
        return [LeftWithout(**row) for row in rows]
