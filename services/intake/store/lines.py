"""The line: its hours, what it expects, its heartbeats and its silences."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, Date, Index, Integer, UniqueConstraint, cast, func, tuple_
from sqlmodel import Field, col, select

from services.intake.domain.contact import Channel
from services.intake.domain.line import Hours, LineHours
from services.intake.domain.silence import Dismissal, Heartbeat, HeartbeatKind, Silence
from services.intake.domain.volume import LEARNED_DAYS, Cell, Volume, learn
from services.intake.events import Direction, SilenceEnding, SilenceSign
from services.intake.store.contacts import ContactRow
from services.intake.store.outages import OutageRow
from services.intake.store.table import Table, visible
from shared.access import Scope
from shared.auth import Caller
from shared.clock import BRUSSELS
from shared.encryption import EncryptedText
from shared.errors import NotFound
from shared.ids import new_id
from shared.store import Collection, Json, text_enum

_hours_version = Column("version", Integer, nullable=False)
_silence_version = Column("version", Integer, nullable=False)


class LineHoursRow(Table, LineHours, table=True):
    """The hours of one programme's line."""

    __tablename__ = "line_hours"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _hours_version, "version_id_generator": False}

    id: UUID = Field(default_factory=new_id, primary_key=True)
    programme: str = Field(unique=True)
    versions: tuple[Hours, ...] = Field(default=(), sa_type=Json(tuple[Hours, ...]))
    version: int = Field(default=0, sa_column=_hours_version)


class LineVolumeRow(Table, table=True):
    """What a line expects, as learned on a day from the hours of a version."""

    __tablename__ = "line_volume"

    programme: str = Field(primary_key=True)
    learned_on: date
    hours_version: int
    volume: Volume = Field(sa_type=Json(Volume))


class HeartbeatRow(Table, Heartbeat, table=True):
    """One heartbeat."""

    __tablename__ = "line_heartbeat"
    __table_args__ = (Index("ix_line_heartbeat_programme_at", "programme", "at"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    programme: str
    at: datetime
    kind: HeartbeatKind = Field(sa_type=text_enum(HeartbeatKind))


class SilenceRow(Table, Silence, table=True):
    """One silence; told once for each last sign of life."""

    __tablename__ = "line_silence"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _silence_version, "version_id_generator": False}
    __table_args__ = (
        UniqueConstraint("programme", "sign", "since"),
        Index("ix_line_silence_programme_raised_at_id", "programme", "raised_at", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    sign: SilenceSign = Field(sa_type=text_enum(SilenceSign))
    ending: SilenceEnding | None = Field(default=None, sa_type=text_enum(SilenceEnding), nullable=True)
    dismissal: Dismissal | None = Field(default=None, sa_type=text_enum(Dismissal), nullable=True)
    note: str | None = Field(default=None, sa_type=EncryptedText)
    version: int = Field(default=0, sa_column=_silence_version)


class Lines(Collection):
    """The lines, one for each programme."""

    async def of(self, programme: str) -> LineHoursRow | None:
        """The line's hours, if any were set."""
        return (await self.session.exec(select(LineHoursRow).where(LineHoursRow.programme == programme))).first()

    async def held(self) -> list[LineHoursRow]:
        """All lines that nobody else watches at this moment, held until the transaction ends."""
        query = select(LineHoursRow).with_for_update(skip_locked=True, key_share=True)
        return list((await self.session.exec(query)).all())

    async def learned(self, programme: str) -> Volume | None:
        """What the line expects, if it was learned."""
        row = await self.session.get(LineVolumeRow, programme)
        return row.volume if row else None

    async def learn(self, line: LineHoursRow, today: date) -> Volume:
        """What the line expects: learned once a day, and again for other hours."""
        row = await self.session.get(LineVolumeRow, line.programme)
        if row and (row.learned_on, row.hours_version) == (today, line.version):
            return row.volume
        begin = datetime.combine(today - timedelta(days=LEARNED_DAYS), datetime.min.time(), BRUSSELS)
        counted = await self.counted(line.programme, begin)
        volume = learn(line, counted, today, await self._out_of_order(line.programme, begin))
        row = row or LineVolumeRow(programme=line.programme, learned_on=today, hours_version=0, volume=volume)
        row.learned_on, row.hours_version, row.volume = today, line.version, volume
        self.session.add(row)
        return volume

    async def counted(self, programme: str, since: datetime) -> Mapping[Cell, int]:
        """Incoming calls by local day and hour."""
        local = func.timezone("Europe/Brussels", ContactRow.started_at)
        day, hour = cast(local, Date), func.date_part("hour", local)
        query = (
            select(day, hour, func.count())
            .where(*incoming(programme), ContactRow.started_at >= since)
            .group_by(day, hour)
        )
        return {(on, int(at)): count for on, at, count in (await self.session.exec(query)).all()}

    async def last_call(self, programme: str) -> datetime | None:
        """When the last incoming call began."""
        query = select(ContactRow.started_at).where(*incoming(programme)).order_by(col(ContactRow.started_at).desc())
        return (await self.session.exec(query.limit(1))).first()

    async def last_heartbeat(self, programme: str) -> datetime | None:
        """When the line last answered a heartbeat."""
        return (
            await self.session.exec(select(func.max(HeartbeatRow.at)).where(HeartbeatRow.programme == programme))
        ).one()

    async def beat(self, heartbeat: HeartbeatRow) -> None:
        """Keep a heartbeat."""
        self.session.add(heartbeat)

    async def _out_of_order(self, programme: str, since: datetime) -> list[date]:
        query = select(OutageRow.began_at, OutageRow.ended_at)
        rows = (
            await self.session.exec(query.where(OutageRow.programme == programme, OutageRow.ended_at > since))
        ).all()
        spans = [(began.astimezone(BRUSSELS).date(), ended.astimezone(BRUSSELS).date()) for began, ended in rows]
        return [first + timedelta(days=n) for first, last in spans for n in range((last - first).days + 1)]


def incoming(programme: str) -> Sequence[Any]:
    """The conditions of a call that came in: other ways to reach the line say nothing of its telephone."""
    return (
        ContactRow.programme == programme,
        ContactRow.channel == Channel.CALL,
        ContactRow.direction == Direction.INBOUND,
    )


class Silences(Collection):
    """The silences."""

    async def get(self, silence_id: UUID, caller: Caller) -> SilenceRow:
        """One silence; NotFound when there is none that this caller may see."""
        silence = await self.session.get(SilenceRow, silence_id)
        if silence is None or not visible(silence, caller):
            raise NotFound
        return silence

    async def open(self, programme: str) -> list[SilenceRow]:
        """The silences that go on."""
        query = select(SilenceRow).where(SilenceRow.programme == programme, col(SilenceRow.ended_at).is_(None))
        return list((await self.session.exec(query.order_by(col(SilenceRow.raised_at)))).all())

    async def is_told(self, programme: str, sign: SilenceSign, since: datetime) -> bool:
        """Whether a silence since this last sign of life was told already."""
        query = select(SilenceRow.id).where(
            SilenceRow.programme == programme, SilenceRow.sign == sign, SilenceRow.since == since
        )
        return (await self.session.exec(query)).first() is not None

    async def page(self, caller: Caller, limit: int, after: Sequence[str] | None) -> list[SilenceRow]:
        """At most `limit` + 1 silences, the latest first."""
        query = select(SilenceRow)
        if caller.scope != Scope.ALL:
            query = query.where(SilenceRow.programme == caller.organisation)
        if after:
            place = (datetime.fromisoformat(after[0]), UUID(after[1]))
            query = query.where(tuple_(col(SilenceRow.raised_at), col(SilenceRow.id)) < place)
        query = query.order_by(col(SilenceRow.raised_at).desc(), col(SilenceRow.id).desc())
        return list((await self.session.exec(query.limit(limit + 1))).all())
