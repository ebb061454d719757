"""What a service holds of a subject: its tables as they are told to that subject, walked as data."""

from collections.abc import Collection as Some
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_jsonable_python
from sqlalchemy import Column, MetaData, Table, or_, select

from shared.rights.labels import Names, Telling, labels
from shared.store import Transaction

MASKED = "masked"
EMPTY: tuple[Any, ...] = (None, "", [], {}, ())


class Source(StrEnum):
    """Where what a table holds comes from (GDPR art. 15 (1) (g))."""

    SUBJECT = "subject"
    SENDER = "sender"
    STAFF = "staff"
    PARTNER = "partner"
    DERIVED = "derived"


class Holding(BaseModel):
    """One table, as it is told to the subject of its rows.

    `by` are the columns that name the subject or something of theirs; `column.field` looks into JSON. `also` are the
    columns that name them in a row about another: column -> what of such a row is theirs. `tellings` are exceptions
    from the telling of a name, by path or last name; an object of FHIR is a name with its type, `resources[Patient]`.
    `recipient` is the field that names who was sent it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    labels: Names
    by: tuple[str, ...]
    columns: tuple[str, ...]
    source: Source
    also: Mapping[str, tuple[str, ...]] = {}
    tellings: Mapping[str, Telling] = {}
    recipient: str | None = None


class TableView(BaseModel):
    """The rows of a table that are about the subject. A masked value is `{"masked": "staff" or "third-party"}`."""

    table: str
    labels: Names
    source: Source
    recipient: str | None = Field(description="The field of a row that names who was sent it, if that is what it says")
    rows: list[dict[str, Any]]


class Holdings(BaseModel):
    """All tables of a service: those that hold something of a subject, and those that hold nothing, with the reason.

    `purpose` and `retention` are what the subject is told of why and how long (GDPR art. 15 (1) (a) and (d)).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    about: str = ""
    purpose: Names = {}
    retention: Names = {}
    tables: Mapping[str, Holding] = {}
    nothing: Mapping[str, str] = {}

    @classmethod
    def read(cls, path: Path) -> Self:
        """The holdings that a file says."""
        return cls.model_validate_json(path.read_text(encoding="utf-8"))

    async def of(self, known: Some[UUID], metadata: MetaData, transaction: Transaction) -> list[TableView]:
        """Every row about one of these ids, by table; tables without any are left out."""
        found = []
        for name, holding in self.tables.items():
            rows = await Walk(metadata.tables[name], holding, frozenset(known)).rows(transaction)
            if rows:
                same = {"table": name, "labels": holding.labels, "source": holding.source}
                found.append(TableView(**same, recipient=holding.recipient, rows=rows))
        return found


class Walk:
    """The rows of one table that are about some ids, as they are told."""

    def __init__(self, table: Table, holding: Holding, known: frozenset[UUID]) -> None:
        self._table, self._holding, self._known = table, holding, known
        self._texts = frozenset(map(str, known))
        self._plain = [table.columns[name] for name in (*holding.by, *holding.also) if "." not in name]
        self._inside = [name.split(".") for name in holding.by if "." in name]

    async def rows(self, transaction: Transaction) -> list[dict[str, Any]]:
        """The rows, by their key. What is looked for within JSON is read whole: such tables hold work in progress."""
        columns: list[Column[Any]] = list(self._table.columns)
        query = select(*columns).order_by(*self._table.primary_key.columns)
        if not self._inside:
            query = query.where(or_(*(column.in_(self._known) for column in self._plain)))
        result = await (await transaction.session.connection()).execute(query)
        told = (self.told(dict(row._mapping)) for row in result)
        return [row for row in told if row]

    def told(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """One row as it is told; empty where it is about others."""
        names = self._shown(row)
        shown = {name: self._value(to_jsonable_python(row[name]), name) for name in names}
        return {name: value for name, value in shown.items() if value not in EMPTY}

    def _shown(self, row: Mapping[str, Any]) -> Sequence[str]:
        """Which columns of a row are the subject's to know."""
        within = (to_jsonable_python(row[column] or {}).get(field) for column, field in self._inside)
        if any(row.get(name) in self._known for name in self._holding.by) or any(x in self._texts for x in within):
            return self._holding.columns
        return [name for column, names in self._holding.also.items() if row[column] in self._known for name in names]

    def _value(self, value: Any, path: str) -> Any:
        telling = self._telling(path)
        if value in EMPTY or telling is Telling.TECHNICAL:
            return None
        if telling in (Telling.STAFF, Telling.THIRD_PARTY):
            return {MASKED: str(telling)}
        if isinstance(value, list):
            return [told for each in value if (told := self._value(each, path)) not in EMPTY]
        if isinstance(value, dict):
            if "resourceType" in value and not path.endswith("]"):
                return self._value(value, f"{path}[{value['resourceType']}]")
            inner = {name: self._value(each, f"{path}.{name}") for name, each in value.items()}
            return {name: each for name, each in inner.items() if each not in EMPTY}
        if telling is Telling.SUBJECT and value not in self._texts:
            return {MASKED: str(Telling.THIRD_PARTY)}
        return value

    def _telling(self, path: str) -> Telling:
        name = path.rpartition(".")[2]
        said = self._holding.tellings
        return said.get(path) or said.get(name) or labels().telling(name)
