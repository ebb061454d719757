"""The tables of intake."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ARRAY, Column, ForeignKey, Index, Integer, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from services.intake.domain import (
    Address,
    Candidate,
    Contact,
    Gender,
    HospitalNumber,
    Identification,
    Identity,
    IdentityReview,
    Person,
    Reason,
)
from services.intake.domain.contact import Channel, Speaker, Why
from services.intake.events import Certainty, Decision, Direction, Outcome, Urgency
from shared.access import Scope
from shared.auth import Caller
from shared.ids import new_id
from shared.store import Json, service_registry, text_enum


class Table(SQLModel, registry=service_registry()):
    """The registry of this service's tables."""


_person_version = Column("version", Integer, nullable=False)
_contact_version = Column("version", Integer, nullable=False)
_identification_version = Column("version", Integer, nullable=False)
_review_version = Column("version", Integer, nullable=False)


class PersonRow(Table, Person, table=True):
    """A person of the index; `marks` are what candidates are found by."""

    __tablename__ = "person"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _person_version, "version_id_generator": False}
    __table_args__ = (
        UniqueConstraint("programme", "niss"),
        Index("ix_person_marks", "marks", postgresql_using="gin"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    programme: str
    family_name: str
    given_names: str
    birth_date: date | None = None
    niss: str | None = None
    hospital_numbers: tuple[HospitalNumber, ...] = Field(default=(), sa_type=Json(tuple[HospitalNumber, ...]))
    phones: tuple[str, ...] = Field(default=(), sa_type=Json(tuple[str, ...]))
    email: str | None = None
    address: Address | None = Field(default=None, sa_type=Json(Address), nullable=True)
    gender: Gender | None = Field(default=None, sa_type=text_enum(Gender), nullable=True)
    language: str | None = None
    marks: list[str] = Field(default_factory=list, sa_type=ARRAY(Text))
    version: int = Field(default=0, sa_column=_person_version)


class ContactRow(Table, Contact, table=True):
    """A contact; its note never leaves this table but to those who may read it."""

    __tablename__ = "contact"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _contact_version, "version_id_generator": False}
    __table_args__ = (
        Index("ix_contact_programme_started_at_id", "programme", "started_at", "id"),
        Index("ix_contact_person_id_started_at", "person_id", "started_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    direction: Direction = Field(sa_type=text_enum(Direction))
    channel: Channel = Field(sa_type=text_enum(Channel))
    caller: Speaker = Field(sa_type=Json(Speaker))
    person_id: UUID | None = Field(default=None, sa_column_args=[ForeignKey("person.id")])
    started_at: datetime
    ended_at: datetime
    language: str | None = None
    topics: tuple[str, ...] = Field(default=(), sa_type=Json(tuple[str, ...]))
    note: str | None = None
    outcome: Outcome = Field(sa_type=text_enum(Outcome))
    reason: Why = Field(sa_type=text_enum(Why))
    urgency: Urgency | None = Field(default=None, sa_type=text_enum(Urgency), nullable=True)
    organisation: str | None = None
    version: int = Field(default=0, sa_column=_contact_version)


class IdentificationRow(Table, Identification, table=True):
    """Whom a referral is about."""

    __tablename__ = "identification"
    __mapper_args__: ClassVar[dict[str, Any]] = {
        "version_id_col": _identification_version,
        "version_id_generator": False,
    }

    id: UUID = Field(primary_key=True)
    person_id: UUID = Field(index=True, sa_column_args=[ForeignKey("person.id")])
    certainty: Certainty = Field(sa_type=text_enum(Certainty))
    reasons: tuple[Reason, ...] = Field(default=(), sa_type=Json(tuple[Reason, ...]))
    version: int = Field(default=0, sa_column=_identification_version)


class ReviewRow(Table, IdentityReview, table=True):
    """A review; the incoming identity is gone once it is decided."""

    __tablename__ = "identity_review"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _review_version, "version_id_generator": False}
    __table_args__ = (Index("ix_identity_review_queue", "programme", "decided", "opened_at", "id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    referral_id: UUID = Field(unique=True)
    incoming: Identity | None = Field(default=None, sa_type=Json(Identity), nullable=True)
    candidates: tuple[Candidate, ...] = Field(sa_type=Json(tuple[Candidate, ...]))
    decision: Decision | None = Field(default=None, sa_type=text_enum(Decision), nullable=True)
    person_id: UUID | None = Field(default=None, sa_column_args=[ForeignKey("person.id")])
    version: int = Field(default=0, sa_column=_review_version)


def visible(row: PersonRow | ContactRow | ReviewRow, caller: Caller) -> bool:
    """Whether a row belongs to the caller's programme, or the caller may see all."""
    return caller.scope == Scope.ALL or row.programme == caller.organisation
