"""The timeline of a case: every fact about it, our own and those of the other services, kept for good."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    ForeignKey,
    FromClause,
    Index,
    Subquery,
    Text,
    UnaryExpression,
    Uuid,
    column,
    func,
    inspect,
    literal,
    not_,
    or_,
    select,
    true,
    tuple_,
    union_all,
    values,
)
from sqlalchemy.sql.selectable import LateralFromClause
from sqlmodel import Field

from services.cases.domain.search import Order, TimelineTerms
from services.cases.store.case_row import CaseRow
from services.cases.store.heard import HeardRow, TieRow
from services.cases.store.table import Table
from shared.clock import BRUSSELS
from shared.encryption import EncryptedJson
from shared.events import Event
from shared.ids import new_id
from shared.relinks import Relinks
from shared.store import Collection, Json

# mypy: disable-error-code="call-overload"
# SQLModel's Field is not typed for instances of column types.


KEY = ("at", "place", "id")
"""What orders a timeline."""


class TimelineRow(Table, table=True):
    """One fact of a case's life. `place` orders the facts of one moment."""

    __tablename__ = "timeline"
    __table_args__ = (Index("ix_timeline_case_id_at_place_id", "case_id", "at", "place", "id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    case_id: UUID = Field(sa_column_args=[ForeignKey("case.id")])
    at: datetime
    place: int
    service: str
    kind: str
    by: str | None
    facts: dict[str, Any] = Field(sa_type=Json(dict[str, Any]))
    words: dict[str, str] = Field(sa_type=EncryptedJson(dict[str, str]))


class Entry(NamedTuple):
    """One fact on a page of a timeline, our own or another service's; `by` is only known of our own."""

    id: UUID
    at: datetime
    place: int
    service: str
    kind: str
    facts: Mapping[str, Any]
    by: str | None
    words: Mapping[str, str]


class Timeline(Collection):
    """The facts of cases, our own and those of other services."""

    def tell(
        self, case_id: UUID, facts: Sequence[Event], by: str | None, words: Mapping[str, str] | None = None
    ) -> None:
        """Write our own facts of one step down, in order.

        `words` is what the worker wrote with the step; it stays with the first of the facts and is never published.
        """
        at = self.transaction.clock.now()
        for place, fact in enumerate(facts):
            service, kind = fact.type.split(".")[:2]
            told = dict(words or {}) if place == 0 else {}
            self.session.add(
                TimelineRow(
                    case_id=case_id,
                    at=at,
                    place=place,
                    service=service,
                    kind=kind,
                    by=by,
                    facts=fact.model_dump(mode="json"),
                    words=told,
                )
            )

    async def page(self, case: CaseRow, terms: TimelineTerms, limit: int, after: Sequence[str] | None) -> list[Entry]:
        """At most `limit` + 1 facts of a case and of what belongs to it.

        What is known of its person alone stays out from the day after its closing on. A fact that was told of a record
        of the person that was merged since names the one that stands for it today.
        """
        subject = subjects(case)
        by_person = or_(not_(subject.c.personal), told_by(case.closed_on))
        theirs = piece(HEARD, terms, after, limit, HEARD.c.about == subject.c.id, by_person)
        found = select(theirs).select_from(subject.join(theirs, true()))
        ours = piece(TIMELINE, terms, after, limit, TIMELINE.c.case_id == case.id)
        both = union_all(select(ours), found).subquery("both")
        query = select(both).order_by(*ordered(both, terms)).limit(limit + 1)
        entries = [Entry(**row._asdict()) for row in (await self.session.exec(query)).all()]
        if case.person_id is None:
            return entries
        others = await Relinks(self.transaction).standing_for(case.person_id) - {case.person_id}
        today = {str(each): str(case.person_id) for each in others}
        return [entry._replace(facts=named_today(entry.facts, today)) for entry in entries] if today else entries


def named_today(facts: Mapping[str, Any], today: Mapping[str, str]) -> dict[str, Any]:
    """Facts with the ids of people as they are today."""
    return {name: today.get(value, value) if isinstance(value, str) else value for name, value in facts.items()}


HEARD, TIMELINE = inspect(HeardRow).local_table, inspect(TimelineRow).local_table


def subjects(case: CaseRow) -> Subquery:
    """The records whose facts are the case's: itself, its origin, its person, and what belongs to these.

    `personal` where it is only through the person.
    """
    roots = [(case.id, False), (case.origin_id, False), (case.person_id, True)]
    root = values(column("id", Uuid), column("personal", Boolean), name="root").data(
        [each for each in roots if each[0]]
    )
    strand = select(root).cte("strand", recursive=True)
    further = select(TieRow.record_id, strand.c.personal).where(TieRow.subject_id == strand.c.id)
    strand = strand.union(further)
    query = select(strand.c.id, func.bool_and(strand.c.personal).label("personal")).group_by(strand.c.id)
    return query.subquery("subject")


def told_by(closed_on: date | None) -> ColumnElement[bool]:
    """Whether a fact is not later than this day; all are where there is none."""
    return true() if closed_on is None else HEARD.c.at < midnight(closed_on + timedelta(days=1))


def piece(
    table: FromClause,
    terms: TimelineTerms,
    after: Sequence[str] | None,
    limit: int,
    *rules: ColumnElement[bool],
) -> LateralFromClause:
    """The part of a page that the facts of one record can give."""
    by = table.c.by if "by" in table.c else literal(None, Text)
    words = table.c.words if "words" in table.c else literal({}, Json(dict[str, str]))
    named = [table.c[name] for name in (*KEY, "service", "kind", "facts")]
    query = select(*named, by.label("by"), words.label("words")).where(*rules, *asked(table, terms))
    if after:
        key = tuple_(*(table.c[name] for name in KEY))
        place = (datetime.fromisoformat(after[0]), int(after[1]), UUID(after[2]))
        query = query.where(key > place if terms.order is Order.OLDEST else key < place)
    return query.order_by(*ordered(table, terms)).limit(limit + 1).lateral()


def asked(table: FromClause, terms: TimelineTerms) -> list[ColumnElement[bool]]:
    """What the caller's terms say of one fact; days are days in Belgium."""
    rules: list[ColumnElement[bool]] = []
    if terms.service:
        rules.append(table.c.service.in_(terms.service))
    if terms.kind:
        rules.append(table.c.kind.in_(terms.kind))
    if terms.since:
        rules.append(table.c.at >= midnight(terms.since))
    if terms.until:
        rules.append(table.c.at < midnight(terms.until + timedelta(days=1)))
    return rules


def ordered(table: FromClause, terms: TimelineTerms) -> list[UnaryExpression[Any]]:
    """The order of a timeline."""
    keys = [table.c[name] for name in KEY]
    return [key.asc() if terms.order is Order.OLDEST else key.desc() for key in keys]


def midnight(day: date) -> datetime:
    """The moment at which a day begins in Belgium."""
    return datetime.combine(day, time.min, BRUSSELS)
