"""The instruments: those shipped, and the packs that were loaded since."""

import time
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from pydantic import JsonValue
from sqlalchemy import UniqueConstraint, func
from sqlmodel import Field, col, select

from services.assessment.domain import Content, Form, Instrument, Publication, Threshold, load_content, load_definition
from services.assessment.events import InstrumentPublished, ThresholdPublished
from services.assessment.store.table import Table, values_of
from shared.errors import DomainError
from shared.ids import new_id
from shared.store import Collection, Json

SHIPPED_CONTENT = load_content()
"""The packs that come with the service, read and checked at its start."""

THRESHOLDS_LOCK = 7_110_001


class VersionFrozen(DomainError):
    """This spec version is published with other content; publish the change under a new spec version."""


class PublicationRow(Table, Publication, table=True):
    """That a spec version of an instrument was announced: once, by whichever process came first."""

    __tablename__ = "publication"
    __table_args__ = (UniqueConstraint("code", "spec_version"),)

    id: UUID = Field(primary_key=True)
    version: int


class PackRow(Table, table=True):
    """A definition that was loaded while the service ran. Never changed: a change is a new spec version."""

    __tablename__ = "pack"

    code: str = Field(primary_key=True)
    spec_version: str = Field(primary_key=True)
    definition: dict[str, Any] = Field(sa_type=Json(dict[str, Any]))
    loaded_by: str
    loaded_at: datetime


class ThresholdRow(Table, table=True):
    """A version of a cut-off that was loaded while the service ran. Never changed: a change is a new rule version."""

    __tablename__ = "threshold"
    __table_args__ = (UniqueConstraint("instrument", "code", "rule_version"),)

    id: UUID = Field(primary_key=True)
    instrument: str
    code: str
    rule_version: str
    definition: Threshold = Field(sa_type=Json(Threshold))
    loaded_by: str
    loaded_at: datetime
    version: int


class Registry(Collection):
    """What instruments this service knows."""

    kept_for: ClassVar[float] = 5.0
    _kept: ClassVar[dict[int, tuple[float, Content]]] = {}

    async def content(self) -> Content:
        """Everything known: shipped and loaded. Kept in memory for a few seconds, for other replicas may load too."""
        place = id(self.transaction.database)
        kept = self._kept.get(place)
        if kept and time.monotonic() - kept[0] < self.kept_for:
            return kept[1]
        content = await self._read()
        self._kept[place] = (time.monotonic(), content)
        return content

    async def _read(self) -> Content:
        rows = (await self.session.exec(select(PackRow))).all()
        ordered = select(ThresholdRow).order_by(col(ThresholdRow.loaded_at), col(ThresholdRow.id))
        loaded = [row.definition for row in (await self.session.exec(ordered)).all()]
        return SHIPPED_CONTENT.enlarged((load_definition(row.definition) for row in rows), loaded)

    async def load_threshold(self, new: Threshold, by: str) -> bool:
        """Publish a version of a cut-off; False when it is published already.

        Raises VersionFrozen for other content under its name, RefusedThreshold for what it may not be. One at a time:
        two that overlap each other must not both find room.
        """
        await self.session.exec(select(func.pg_advisory_xact_lock(THRESHOLDS_LOCK)))
        row_of = select(ThresholdRow).where(
            ThresholdRow.instrument == new.instrument,
            ThresholdRow.code == new.code,
            ThresholdRow.rule_version == new.rule_version,
        )
        row = (await self.session.exec(row_of)).first()
        content = await self._read()
        known = row.definition if row else content.thresholds.find(new.instrument, new.code, new.rule_version)
        if known is not None:
            if known != new:
                raise VersionFrozen
            return False
        content.check_threshold(new)
        named = new.model_dump(include={"instrument", "code", "rule_version"})
        fact = ThresholdPublished(**named, valid_from=new.valid_from, valid_to=new.valid_to)
        kept = {"definition": new, "loaded_by": by, "loaded_at": self.transaction.clock.now()}
        await self.transaction.record_new(ThresholdRow, {"id": new_id(), **named, **kept}, fact)
        self._kept.clear()
        return True

    async def load(self, definition: Instrument | Form, by: str) -> bool:
        """Publish a pack; False when that very version is published already. Raises VersionFrozen for other content."""
        known = (await self.content()).definition(definition.code, definition.spec_version)
        if known is not None:
            if known != definition:
                raise VersionFrozen
            return False
        now = self.transaction.clock.now()
        values: JsonValue = definition.model_dump(mode="json")
        named = {"code": definition.code, "spec_version": definition.spec_version, "definition": values}
        if not await self.transaction.insert_once(PackRow, **named, loaded_by=by, loaded_at=now):
            raise VersionFrozen
        await self.announce(*Publication.of(definition, now))
        self._kept.clear()
        return True

    async def announce(self, publication: Publication, fact: InstrumentPublished) -> bool:
        """Announce an instrument unless that was done; of any number of processes one does."""
        return await self.transaction.record_new(PublicationRow, values_of(publication, Publication), fact)
