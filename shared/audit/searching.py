"""Searching the audit as FHIR R4 does: the search parameters of AuditEvent, and the page as a Bundle (IHE BALP)."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from sqlalchemy import ColumnElement, Select, and_, false, not_, or_, true

from shared.audit.entry import SEARCHES
from shared.audit.fhir import OUTCOMES
from shared.clock import BRUSSELS
from shared.tables import audit_record

RECORD = audit_record.c
MOST = 100
_DATE = re.compile(r"(eq|ge|gt|le|lt)?((?:19|2\d)\d{2}(?:-\d{2}(?:-\d{2}(?:T.+)?)?)?)")
_NAMES_ONE = RECORD.route.contains("{", autoescape=True)
_LOOKS = RECORD.method.in_(("GET", "HEAD"))
_POSTS = RECORD.method == "POST"
_SEEKS = or_(*(RECORD.route.endswith(end, autoescape=True) for end in SEARCHES))
_QUERIES = or_(and_(_LOOKS, not_(_NAMES_ONE)), and_(_POSTS, _SEEKS))
_READS = and_(_LOOKS, _NAMES_ONE)
_CREATES = and_(_POSTS, not_(_SEEKS), not_(_NAMES_ONE))
_DELETES = RECORD.method == "DELETE"
ACTIONS: Mapping[str, ColumnElement[bool]] = {
    "E": _QUERIES,
    "R": _READS,
    "C": _CREATES,
    "D": _DELETES,
    "U": not_(or_(_QUERIES, _READS, _CREATES, _DELETES)),
}
"""The action codes of `shared.audit.fhir.PATTERNS`, asked of the database."""


def span(text: str) -> tuple[datetime, datetime]:
    """The moments that a FHIR date stands for, from inclusive and to exclusive; days are those of Belgium."""
    if "T" in text:
        at = datetime.fromisoformat(text)
        at = at if at.tzinfo else at.replace(tzinfo=BRUSSELS)
        return at, at + timedelta(milliseconds=1 if "." in text else 1000)
    year, month, day = (int(part) for part in f"{text}-00-00".split("-")[:3])
    begins = date(year, month or 1, day or 1)
    follows = begins + timedelta(days=1)
    if not day:
        follows = date(year + (month in (0, 12)), 1 if month in (0, 12) else month + 1, 1)
    first, after = (datetime(each.year, each.month, each.day, tzinfo=BRUSSELS) for each in (begins, follows))
    return first, after


def within(text: str) -> ColumnElement[bool]:
    """What `date` asks: a prefix and a date. Raises ValueError."""
    found = _DATE.fullmatch(text)
    if not found:
        raise ValueError("wrong-format")
    (first, after), prefix = span(found[2]), found[1] or "eq"
    asked: Mapping[str, ColumnElement[bool]] = {
        "eq": and_(RECORD.at >= first, RECORD.at < after),
        "ge": RECORD.at >= first,
        "gt": RECORD.at >= after,
        "lt": RECORD.at < first,
        "le": RECORD.at < after,
    }
    return asked[prefix]


def _spoken(text: str) -> str:
    within(text)
    return text


def _action(text: str) -> str:
    if text not in ACTIONS:
        raise ValueError("not-one-of")
    return text


def _outcome(text: str) -> str:
    if text not in {*OUTCOMES.values(), "12"}:
        raise ValueError("not-one-of")
    return text


def _last_part(value: Any) -> Any:
    """The id in a reference like `Patient/<id>`, `urn:uuid:<id>`, or the id alone."""
    return re.split(r"[/:]", value)[-1] if isinstance(value, str) else value


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class EventSearch(BaseModel):
    """AuditEvents of a period, of an agent, of one kind of action, with one outcome; the latest first."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    date: Annotated[list[Annotated[str, Field(max_length=40), AfterValidator(_spoken)]], BeforeValidator(_as_list)] = (
        Field([], max_length=2, description="With a prefix: eq, ge, gt, le, lt; twice for a period")
    )
    agent: str | None = Field(
        None, max_length=200, pattern=r"^[^\x00]+$", description="The subject or the client of a token"
    )
    action: Annotated[str, AfterValidator(_action)] | None = Field(None, description="C, R, U, D or E")
    outcome: Annotated[str, AfterValidator(_outcome)] | None = Field(None, description="0, 4, 8 or 12")
    count: int = Field(50, alias="_count", ge=1, le=MOST)
    cursor: str | None = Field(None, max_length=2000, description="As in the link to the next page")

    def narrow(self, query: Select[Any]) -> Select[Any]:
        """A query for these only."""
        asked = [within(each) for each in self.date]
        if self.agent:
            asked.append(or_(RECORD.subject == self.agent, RECORD.client == self.agent))
        if self.action:
            asked.append(ACTIONS[self.action])
        if self.outcome:
            meant = [outcome for outcome, code in OUTCOMES.items() if code == self.outcome]
            asked.append(RECORD.outcome == str(meant[0]) if meant else false())
        return query.where(and_(true(), *asked))


class EventForm(EventSearch):
    """The same with whom or what it is about, which stands in no address."""

    entity: Annotated[UUID, BeforeValidator(_last_part)] | None = None
    patient: Annotated[UUID, BeforeValidator(_last_part)] | None = None

    @classmethod
    def read(cls, pairs: Sequence[tuple[str, str]]) -> Self:
        """A form as it was sent; a pydantic ValidationError for what is unknown, given twice or unreadable."""
        told: dict[str, Any] = {}
        for name, value in pairs:
            told[name] = [*told.get(name, []), value]
        return cls.model_validate({name: found if name == "date" else _one(found) for name, found in told.items()})


def _one(found: list[str]) -> Any:
    return found[0] if len(found) == 1 else found


def bundle(base: str, links: Mapping[str, str], events: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The searchset; without a total, which nobody counts."""
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "link": [{"relation": relation, "url": url} for relation, url in links.items()],
        "entry": [
            {"fullUrl": f"{base}/{event['id']}", "resource": event, "search": {"mode": "match"}} for event in events
        ],
    }
