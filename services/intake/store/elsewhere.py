"""The marks of other programmes, who asked about whom, and the questions for joint cases."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, ForeignKey, Index, Integer, Select, delete, func, insert, or_, text, tuple_
from sqlalchemy import select as core_select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import Field, col, select

from services.intake.domain.elsewhere import (
    ElsewhereCheck,
    ElsewhereConsent,
    JointCaseQuestion,
    MarkKind,
    PersonConsent,
    SharedKeys,
    TooManyChecks,
)
from services.intake.events import QuestionState
from services.intake.store.persons import PersonRow, lock_number, records_of, standing_id
from services.intake.store.table import Table
from shared.access import Scope
from shared.auth import Caller
from shared.errors import NotFound
from shared.ids import new_id
from shared.relationships.asked import related
from shared.relationships.links import Relationships
from shared.relinks import Relinks
from shared.requests import SeenVersion
from shared.store import Collection, Json, text_enum

# mypy: disable-error-code="call-overload"
# SQLModel's Field and exec are not typed for what they take here.

AT_ONCE = 2000
HOUR = timedelta(hours=1)

_check_version = Column("version", Integer, nullable=False)
_consent_version = Column("version", Integer, nullable=False)
_question_version = Column("version", Integer, nullable=False)


class ElsewhereMarkRow(Table, table=True):
    """Somebody whom another programme follows: a mark, and nothing else."""

    __tablename__ = "elsewhere_mark"
    __table_args__ = (Index("ix_elsewhere_mark_key_id_mark", "key_id", "mark"),)

    programme: str = Field(primary_key=True)
    key_id: str = Field(primary_key=True)
    mark: str = Field(primary_key=True)
    kind: MarkKind = Field(primary_key=True, sa_type=text_enum(MarkKind))


class ElsewhereCheckRow(Table, ElsewhereCheck, table=True):
    """That somebody asked."""

    __tablename__ = "elsewhere_check"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _check_version, "version_id_generator": False}
    __table_args__ = (Index("ix_elsewhere_check_asked_by_asked_at", "asked_by", "asked_at"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    person_id: UUID = Field(index=True, sa_column_args=[ForeignKey("person.id")])
    version: int = Field(default=0, sa_column=_check_version)


class PersonConsentRow(Table, PersonConsent, table=True):
    """What a person said."""

    __tablename__ = "elsewhere_consent"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _consent_version, "version_id_generator": False}

    id: UUID = Field(default_factory=new_id, primary_key=True)
    person_id: UUID = Field(unique=True, sa_column_args=[ForeignKey("person.id")])
    consent: ElsewhereConsent = Field(sa_type=Json(ElsewhereConsent))
    version: int = Field(default=0, sa_column=_consent_version)


class QuestionRow(Table, JointCaseQuestion, table=True):
    """A question for a joint case."""

    __tablename__ = "joint_case_question"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _question_version, "version_id_generator": False}
    __table_args__ = (
        Index("ix_joint_case_question_programme_asked_at_id", "programme", "asked_at", "id"),
        Index("ix_joint_case_question_asked_programme_asked_at_id", "asked_programme", "asked_at", "id"),
        Index(
            "uq_joint_case_question_person_id_asked_programme_open",
            "person_id",
            "asked_programme",
            unique=True,
            postgresql_where=text("state = 'asked'"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    person_id: UUID = Field(sa_column_args=[ForeignKey("person.id")])
    consent: ElsewhereConsent = Field(sa_type=Json(ElsewhereConsent))
    state: QuestionState = Field(default=QuestionState.ASKED, sa_type=text_enum(QuestionState))
    version: int = Field(default=0, sa_column=_question_version)


class Elsewhere(Collection):
    """What is known of other programmes' people, and who asked for it."""

    async def replace(self, programme: str, key_id: str, marks: Mapping[MarkKind, Sequence[str]]) -> int:
        """Put a programme's marks by one key in the place of its earlier ones; how many there are."""
        gone = delete(ElsewhereMarkRow).where(
            col(ElsewhereMarkRow.programme) == programme, col(ElsewhereMarkRow.key_id) == key_id
        )
        await self.session.exec(gone)
        rows = [
            {"programme": programme, "key_id": key_id, "kind": kind, "mark": mark}
            for kind, some in marks.items()
            for mark in sorted(set(some))
        ]
        for start in range(0, len(rows), AT_ONCE):
            await self.session.exec(insert(ElsewhereMarkRow).values(rows[start : start + AT_ONCE]))
        return len(rows)

    async def found(self, person: PersonRow, keys: SharedKeys) -> list[ElsewhereMarkRow]:
        """Where others have the same marks, the surest first."""
        marks = keys.all_marks(person)
        place = (col(ElsewhereMarkRow.key_id), col(ElsewhereMarkRow.kind), col(ElsewhereMarkRow.mark))
        query = select(ElsewhereMarkRow).where(
            tuple_(*place).in_(marks), ElsewhereMarkRow.programme != person.programme
        )
        rows = (await self.session.exec(query)).all() if marks else []
        return sorted(rows, key=lambda row: (row.kind is not MarkKind.NISS, row.programme, row.key_id))

    async def note_check(self, person: PersonRow, caller: Caller, most: int) -> None:
        """Keep that somebody asks; raises TooManyChecks where it is more than `most` in the last hour."""
        lock = lock_number(person.programme, f"elsewhere:{caller.subject}")
        await self.session.exec(text("SELECT pg_advisory_xact_lock(:lock)"), params={"lock": lock})
        now: datetime = self.transaction.clock.now()
        query = select(func.count()).where(
            ElsewhereCheckRow.asked_by == caller.subject, col(ElsewhereCheckRow.asked_at) > now - HOUR
        )
        if (await self.session.exec(query)).one() >= most:
            raise TooManyChecks
        await self.record(*ElsewhereCheckRow.ask(person.id, person.programme, caller.subject, now))

    async def consent(self, person: PersonRow, consent: ElsewhereConsent) -> None:
        """Keep what a person said last."""
        query = select(PersonConsentRow).where(PersonConsentRow.person_id == person.id).with_for_update()
        row = (await self.session.exec(query)).first()
        if row is None:
            row = PersonConsentRow.of(person, consent)
        await self.record(row, row.say(consent))

    async def consenting(self, programme: str, limit: int, after: UUID | None) -> list[PersonRow]:
        """At most `limit` people of a programme, in the order of ids, who agreed that others learn of them."""
        query = select(PersonRow).where(col(PersonRow.id).in_(agreed(programme)), col(PersonRow.deceased_on).is_(None))
        if after:
            query = query.where(col(PersonRow.id) > after)
        return list((await self.session.exec(query.order_by(col(PersonRow.id)).limit(limit))).all())


def agreed(programme: str) -> Select[tuple[UUID]]:
    """The people who agreed: what was said last counts, of all records of a person; on one day, the refusal."""
    said = col(PersonConsentRow.consent)
    person_id, given = standing_id().label("person_id"), said["given"].as_boolean().label("given")
    last = (
        core_select(person_id, given)
        .select_from(PersonConsentRow)
        .join(PersonRow, col(PersonRow.id) == PersonConsentRow.person_id)
        .where(col(PersonConsentRow.programme) == programme)
        .ext(distinct_on(standing_id()))
        .order_by(standing_id(), said["on"].as_string().desc(), given)
        .subquery()
    )
    return core_select(last.c.person_id).where(last.c.given)


class Questions(Collection):
    """The questions for joint cases: seen by who asks and by who is asked."""

    async def ask(self, question: QuestionRow) -> QuestionRow:
        """Put a question, or give the open one that asks the same already."""
        query = select(QuestionRow).where(
            col(QuestionRow.person_id).in_(records_of(question.person_id)),
            QuestionRow.asked_programme == question.asked_programme,
            QuestionRow.state == QuestionState.ASKED,
        )
        known = (await self.session.exec(query.order_by(col(QuestionRow.asked_at)).limit(1))).first()
        if known:
            return known
        await self.record(question, question.fact())
        return question

    async def get(self, question_id: UUID, caller: Caller, seen: SeenVersion | None = None) -> QuestionRow:
        """One question; NotFound when there is none that this caller may see, StaleVersion by `seen`."""
        row = await self.session.get(QuestionRow, question_id)
        theirs = row and caller.organisation in (row.programme, row.asked_programme)
        if row is None or not (theirs or caller.scope == Scope.ALL):
            raise NotFound
        if caller.organisation == row.programme:
            await Relationships(self.transaction).demand(await Relinks(self.transaction).current(row.person_id), caller)
        if seen:
            seen.check(row)
        return row

    async def page(self, caller: Caller, limit: int, after: Sequence[str] | None) -> list[QuestionRow]:
        """At most `limit` + 1 questions of or to the caller's programme, the latest first."""
        ours = (col(QuestionRow.programme) == caller.organisation) | (
            col(QuestionRow.asked_programme) == caller.organisation
        )
        theirs = col(QuestionRow.asked_programme) == caller.organisation
        person = select(standing_id()).where(PersonRow.id == QuestionRow.person_id).correlate(QuestionRow)
        known = related(person.scalar_subquery(), caller, self.transaction.clock.now())
        query = select(QuestionRow).where(ours, or_(theirs, known))
        place = (col(QuestionRow.asked_at), col(QuestionRow.id))
        if after:
            query = query.where(tuple_(*place) < (datetime.fromisoformat(after[0]), UUID(after[1])))
        query = query.order_by(*(part.desc() for part in place))
        return list((await self.session.exec(query.limit(limit + 1))).all())
