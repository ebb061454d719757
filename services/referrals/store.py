"""The tables of referrals, and all SQL about them."""

import json
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, ForeignKey, Index, Integer, UniqueConstraint, tuple_
from sqlmodel import Field, SQLModel, col, select

from services.referrals.domain import (
    Document,
    IdentifierReused,
    KnownInstrument,
    Move,
    Organisation,
    OrganisationKind,
    Referral,
    Rejection,
    State,
)
from services.referrals.events import Urgency
from shared.access import Scope
from shared.auth import Caller
from shared.errors import DomainError, Fault, NotFound
from shared.ids import new_id
from shared.requests import SeenVersion
from shared.store import BROKEN, Collection, Json, broken_constraint, service_registry, text_enum


class UnknownOrganisation(DomainError):
    """This organisation is not registered in the directory, or no longer active."""


class Table(SQLModel, registry=service_registry()):
    """The registry of this service's tables."""


_referral_version = Column("version", Integer, nullable=False)
_organisation_version = Column("version", Integer, nullable=False)


class OrganisationRow(Table, Organisation, table=True):
    """An organisation of the directory."""

    __tablename__ = "organisation"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _organisation_version, "version_id_generator": False}

    id: UUID = Field(default_factory=new_id, primary_key=True)
    code: str = Field(unique=True)
    name: str
    kind: OrganisationKind = Field(sa_type=text_enum(OrganisationKind))
    active: bool = True
    version: int = Field(default=0, sa_column=_organisation_version)


class ReferralRow(Table, Referral, table=True):
    """A referral with the document as received."""

    __tablename__ = "referral"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _referral_version, "version_id_generator": False}
    __table_args__ = (
        UniqueConstraint("sender", "identifier_system", "identifier_value"),
        Index("ix_referral_received_at_id", "received_at", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    sender: str = Field(sa_column_args=[ForeignKey("organisation.code")])
    state: State = Field(default=State.RECEIVED, sa_type=text_enum(State))
    urgency: Urgency = Field(sa_type=text_enum(Urgency))
    document: Document = Field(sa_type=Json(Document))
    moves: tuple[Move, ...] = Field(sa_type=Json(tuple[Move, ...]))
    totals: tuple[dict[str, Any], ...] = Field(default=(), sa_type=Json(tuple[dict[str, Any], ...]))
    rejections: tuple[Rejection, ...] = Field(default=(), sa_type=Json(tuple[Rejection, ...]))
    case_id: UUID | None = Field(default=None, index=True)
    version: int = Field(default=0, sa_column=_referral_version)


class InstrumentRow(Table, table=True):
    """Our own copy of a published instrument, for the check at the door."""

    __tablename__ = "instrument"

    code: str = Field(primary_key=True)
    edition: str = Field(primary_key=True)
    definition: KnownInstrument = Field(sa_type=Json(KnownInstrument))


class Referrals(Collection):
    """The referrals, as far as the caller may see them."""

    async def receive(self, document: Document, sender: str, checked: bool) -> tuple[UUID, datetime]:
        """Store a push once: the same content again gives the first one's id and time.

        Raises IdentifierReused for other content under the same identifier, UnknownOrganisation for a sender
        that the directory does not know.
        """
        values = Referral.facts_of(document, sender, self.transaction.clock.now(), checked)
        referral = Referral.model_construct(**values)
        try:
            new = await self.transaction.record_new(ReferralRow, values, referral.received())
        except BROKEN as error:
            if broken_constraint(error) == "fk_referral_sender":
                raise UnknownOrganisation from None
            raise
        if new:
            return referral.id, referral.received_at
        query = select(ReferralRow.id, ReferralRow.received_at, ReferralRow.fingerprint).where(
            ReferralRow.sender == sender,
            ReferralRow.identifier_system == document.identifier.system,
            ReferralRow.identifier_value == document.identifier.value,
        )
        known, received_at, content = (await self.session.exec(query)).one()
        if content != referral.fingerprint:
            raise IdentifierReused
        return known, received_at

    async def get(
        self, referral_id: UUID, caller: Caller | None = None, seen: SeenVersion | None = None
    ) -> ReferralRow:
        """One referral; NotFound when there is none, or none that this caller may see; StaleVersion by `seen`."""
        referral = await self.session.get(ReferralRow, referral_id)
        if referral is None or not visible(referral, caller):
            raise NotFound
        if seen:
            seen.check(referral)
        return referral

    async def of_case(self, case_id: UUID) -> ReferralRow | None:
        """The referral that led to a case."""
        return (await self.session.exec(select(ReferralRow).where(ReferralRow.case_id == case_id))).first()

    async def page(
        self, caller: Caller, state: State | None, limit: int, after: Sequence[str] | None
    ) -> list[ReferralRow]:
        """At most `limit` + 1 referrals, newest first."""
        query = select(ReferralRow)
        if caller.scope != Scope.ALL:
            query = query.where(ReferralRow.sender == caller.organisation)
        if state:
            query = query.where(ReferralRow.state == state)
        if after:
            place = (datetime.fromisoformat(after[0]), UUID(after[1]))
            query = query.where(tuple_(col(ReferralRow.received_at), col(ReferralRow.id)) < place)
        query = query.order_by(col(ReferralRow.received_at).desc(), col(ReferralRow.id).desc())
        return list((await self.session.exec(query.limit(limit + 1))).all())


def visible(referral: Referral, caller: Caller | None) -> bool:
    """Whether a caller is party to a referral; our own handlers are no caller."""
    return caller is None or caller.scope == Scope.ALL or referral.sender == caller.organisation


class Organisations(Collection):
    """The directory's organisations."""

    async def find(self, code: str) -> OrganisationRow | None:
        """One by its code."""
        return (await self.session.exec(select(OrganisationRow).where(OrganisationRow.code == code))).first()

    kept_for: ClassVar[float] = 30.0
    _active: ClassVar[dict[str, float]] = {}

    async def check_sender(self, code: str) -> None:
        """Raise UnknownOrganisation unless this organisation may send. A yes is remembered for half a minute."""
        if time.monotonic() - self._active.get(code, -self.kept_for) < self.kept_for:
            return
        await self.known(code)
        self._active[code] = time.monotonic()

    async def known(self, code: str) -> OrganisationRow:
        """One by its code, active; raises UnknownOrganisation, which points to `/organisation` of the request."""
        organisation = await self.find(code)
        if organisation is None or not organisation.active:
            raise UnknownOrganisation(faults=[Fault("/organisation", "unknown-organisation")])
        return organisation

    async def all(self) -> list[OrganisationRow]:
        """All of them, by code."""
        return list((await self.session.exec(select(OrganisationRow).order_by(OrganisationRow.code))).all())


class Instruments(Collection):
    """Our copies of published instruments: those shipped, and those that assessment has told us of since."""

    kept_for: ClassVar[float] = 30.0
    _kept: ClassVar[dict[tuple[str, str], tuple[float, KnownInstrument | None]]] = {}

    async def find(self, code: str, edition: str) -> KnownInstrument | None:
        """A copy, or None where the door cannot check. Kept in memory for half a minute."""
        kept = self._kept.get((code, edition))
        if kept and time.monotonic() - kept[0] < self.kept_for:
            return kept[1]
        row = await self.session.get(InstrumentRow, (code, edition))
        found = row.definition if row else SHIPPED.get((code, edition))
        if len(self._kept) > 100:
            self._kept.clear()
        self._kept[code, edition] = (time.monotonic(), found)
        return found

    async def keep(self, definition: KnownInstrument) -> None:
        """Replace our copy."""
        await self.session.merge(InstrumentRow(code=definition.code, edition=definition.edition, definition=definition))
        self._kept.pop((definition.code, definition.edition), None)


def shipped() -> dict[tuple[str, str], KnownInstrument]:
    """The copies that come with the service, for its first start."""
    folder = Path(__file__).parent / "instruments"
    known = [KnownInstrument.model_validate(json.loads(path.read_text())) for path in sorted(folder.glob("*.json"))]
    return {(each.code, each.edition): each for each in known}


SHIPPED = shipped()
