"""The consents on record, and what follows from them."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, ForeignKey, Index, Integer, text
from sqlmodel import Field, col, select

from services.intake.domain.consent import Consent, SaidDecision
from services.intake.domain.elsewhere import ConsentBy, ConsentKind
from services.intake.domain.relation import RelationCode
from services.intake.events import ConsentChannel, ConsentRecorded, Purpose
from services.intake.store.persons import PersonRow, records_of
from services.intake.store.table import Table, visible
from shared.agreements import Agreements, Decision, Statement
from shared.auth import Caller
from shared.encryption import EncryptedText
from shared.errors import NotFound
from shared.ids import new_id
from shared.store import Collection, text_enum

# mypy: disable-error-code="call-overload"
# SQLModel's Field is not typed for what it takes here.

_version = Column("version", Integer, nullable=False)


class ConsentRow(Table, Consent, table=True):
    """What a person said about one purpose."""

    __tablename__ = "consent"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _version, "version_id_generator": False}
    __table_args__ = (
        Index(
            "uq_consent_source_id",
            "source_id",
            "purpose",
            unique=True,
            postgresql_where=text("source_id IS NOT NULL"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    person_id: UUID = Field(index=True, sa_column_args=[ForeignKey("person.id")])
    purpose: Purpose = Field(sa_type=text_enum(Purpose))
    channel: ConsentChannel | None = Field(default=None, sa_type=text_enum(ConsentChannel), nullable=True)
    decision: SaidDecision = Field(sa_type=text_enum(SaidDecision))
    how: ConsentKind = Field(sa_type=text_enum(ConsentKind))
    given_by: ConsentBy = Field(sa_type=text_enum(ConsentBy))
    relation: RelationCode | None = Field(default=None, sa_type=text_enum(RelationCode), nullable=True)
    withdrawn_at: datetime | None = None
    withdrawn_how: ConsentKind | None = Field(default=None, sa_type=text_enum(ConsentKind), nullable=True)
    witness_note: str | None = Field(default=None, sa_type=EncryptedText)
    document: str | None = Field(default=None, sa_type=EncryptedText)
    withdrawal_note: str | None = Field(default=None, sa_type=EncryptedText)
    version: int = Field(default=0, sa_column=_version)


class Consents(Collection):
    """What people agreed to."""

    async def keep(self, consent: Consent, fact: ConsentRecorded) -> ConsentRow:
        """Write a new consent or a withdrawal with its fact, and let this service refuse by it from now on."""
        row = consent if isinstance(consent, ConsentRow) else ConsentRow(**dict(consent))
        await self.record(row, fact)
        about = fact.recipient or fact.channel or ""
        word = Statement(row.id, row.person_id, fact.purpose, about, Decision(fact.decision), fact.since)
        await Agreements(self.transaction).learn(word)
        return row

    async def to_withdraw(self, consent_id: UUID, caller: Caller) -> ConsentRow:
        """One consent, locked; NotFound when there is none that this caller may see."""
        row = await self.session.get(ConsentRow, consent_id, with_for_update=True)
        if row is None or not visible(row, caller):
            raise NotFound
        return row

    async def of(self, person: PersonRow) -> list[ConsentRow]:
        """All that is on record of a person and of the records merged into it, the last said first."""
        query = select(ConsentRow).where(col(ConsentRow.person_id).in_(records_of(person.current_id)))
        query = query.order_by(col(ConsentRow.at).desc(), col(ConsentRow.id).desc())
        return list((await self.session.exec(query)).all())

    async def was_brought(self, source_id: UUID, purpose: Purpose) -> bool:
        """Whether a referral's consent is on record already."""
        query = select(ConsentRow.id).where(ConsentRow.source_id == source_id, ConsentRow.purpose == purpose)
        return (await self.session.exec(query)).first() is not None
