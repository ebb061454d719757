"""The directory as a table: one row per organisation or service, the same columns in and out."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, Field, ValidationError

from services.referrals.domain.care_service import CareService, Places, ServiceDescription
from services.referrals.domain.document import Code, Day
from services.referrals.domain.organisation import Organisation, OrganisationDescription
from services.referrals.events import CapacityState
from shared.errors import Fault
from shared.problems import faults_of
from shared.spreadsheets import CellFault, TableRefused, records_of
from shared.spreadsheets.cells import Unreadable, day, listed, truth, whole

MAX_ROWS = 5_000
QUOTED = frozenset("=+-@'")
"""What makes a spreadsheet compute a cell, and the apostrophe that keeps it from it."""


class EntryKind(StrEnum):
    """What a row describes."""

    ORGANISATION = "organisation"
    SERVICE = "service"


class OrganisationLine(OrganisationDescription):
    """An organisation's row."""

    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,63}$")]
    verified_on: Day | None = None


class ServiceLine(ServiceDescription):
    """A service's row."""

    organisation: Code
    code: Code
    capacity: CapacityState | None = None
    places: Places | None = None
    capacity_on: Day | None = None
    verified_on: Day | None = None


Line = OrganisationLine | ServiceLine


@dataclass(frozen=True)
class Row:
    """A row: its number as a spreadsheet counts, what it says if it can be understood, and what is wrong with it."""

    number: int
    line: Line | None
    faults: tuple[CellFault, ...]


@dataclass(frozen=True)
class Column:
    """A column: where its value stands in each kind of row (None: not there), and how a cell is read."""

    organisation: str | None
    service: str | None
    read: Callable[[str], Any] = str

    def place(self, kind: EntryKind) -> str | None:
        """Where the value stands in a row of this kind."""
        return self.organisation if kind is EntryKind.ORGANISATION else self.service


def count(value: str) -> int:
    """A number of places."""
    if not re.fullmatch(r"[0-9]{1,5}", whole(value)):
        raise Unreadable("wrong-format")
    return int(whole(value))


def codes(value: str) -> list[str]:
    """A list of codes, none of them changed into a number by a spreadsheet."""
    return [whole(part) for part in listed(value)]


COLUMNS: Mapping[str, Column] = {
    "code": Column("code", "code"),
    "organisation": Column(None, "organisation"),
    "name": Column("name", "name"),
    "organisation_kind": Column("kind", None),
    "active": Column("active", "active", truth),
    "cbe": Column("cbe", None, whole),
    "nihdi": Column("nihdi", None, whole),
    "email": Column("email", None),
    "phone": Column("phone", None),
    "website": Column("website", None),
    "endpoint": Column("endpoint", None),
    "street": Column("address.street", None),
    "house_number": Column("address.house_number", None, whole),
    "box": Column("address.box", None, whole),
    "address_postal_code": Column("address.postal_code", None, whole),
    "city": Column("address.city", None),
    "address_nis_code": Column("address.nis_code", None, whole),
    "languages": Column("languages", "languages", listed),
    "channel": Column("channel", "channel"),
    "mission": Column("mission", "mission"),
    "programmes": Column("programmes", None, listed),
    "domains": Column(None, "domains", listed),
    "programme": Column(None, "programme"),
    "whole_region": Column(None, "whole_region", truth),
    "communes": Column(None, "communes", codes),
    "postal_codes": Column(None, "postal_codes", codes),
    "cost": Column(None, "cost.kind"),
    "cost_note": Column(None, "cost.note"),
    "capacity": Column(None, "capacity"),
    "places": Column(None, "places", count),
    "capacity_on": Column(None, "capacity_on", day),
    "verified_on": Column("verified_on", "verified_on", day),
}
HEADER = ("kind", *COLUMNS)


def read_directory(body: bytes) -> list[Row]:
    """The rows of a CSV file (UTF-8, `;` or `,`); raises TableRefused where the file as a whole cannot be read."""
    try:
        records = records_of(body.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise TableRefused(faults=[Fault("", "not-utf8")]) from None
    _, header = next(records, (1, ()))
    names = [name.strip() for name in header]
    refuse_header(names)
    rows = [row_of(number, names, cells) for number, cells in records if any(cell.strip() for cell in cells)]
    if len(rows) > MAX_ROWS:
        raise TableRefused(faults=[Fault("", "too-many-rows")])
    return list(refuse_repeats(rows))


def refuse_header(names: Sequence[str]) -> None:
    """Raise TableRefused for a column that is unknown, doubled or missing; an unknown name is never repeated."""
    faults = [Fault(f"/columns/{name}", "missing-column") for name in ("kind", "code") if name not in names]
    for place, name in enumerate(names):
        if name not in HEADER:
            faults.append(Fault(f"/columns/{place}", "unknown-column"))
        elif name in names[:place]:
            faults.append(Fault(f"/columns/{place}", "repeated-column"))
    if faults:
        raise TableRefused(faults=faults)


def row_of(number: int, names: Sequence[str], cells: Sequence[str]) -> Row:
    """What a row says. An empty cell says that nothing is known."""
    faults: list[CellFault] = []
    if any(cell.strip() for cell in cells[len(names) :]):
        faults.append(CellFault(column="", code="too-many-cells"))
    filled = {name: cell for name, cell in zip(names, cells, strict=False) if cell.strip()}
    kind = filled.pop("kind", "").strip()
    if kind not in set(EntryKind):
        return Row(number, None, (CellFault(column="kind", code="not-one-of"),))
    values = dict(read_cells(filled, EntryKind(kind), faults))
    line = line_of(values, EntryKind(kind), faults)
    return Row(number, None if faults else line, tuple(faults))


def read_cells(filled: Mapping[str, str], kind: EntryKind, faults: list[CellFault]) -> Iterator[tuple[str, Any]]:
    """The place and value of each filled cell; what cannot be read is added to the faults."""
    for name, cell in filled.items():
        place = COLUMNS[name].place(kind)
        if place is None:
            faults.append(CellFault(column=name, code=f"not-of-{article(kind)}"))
            continue
        try:
            yield place, COLUMNS[name].read(meant(cell))
        except Unreadable as error:
            faults.append(CellFault(column=name, code=str(error)))


def article(kind: EntryKind) -> str:
    """The kind with its article, for a code."""
    return "an-organisation" if kind is EntryKind.ORGANISATION else "a-service"


def line_of(values: Mapping[str, Any], kind: EntryKind, faults: list[CellFault]) -> Line | None:
    """The row's line, checked by the same rules as a request's body."""
    said: dict[str, Any] = {}
    for place, value in values.items():
        *path, last = place.split(".")
        (said.setdefault(path[0], {}) if path else said)[last] = value
    spoilt = {fault.column for fault in faults}
    shape: type[Line] = OrganisationLine if kind is EntryKind.ORGANISATION else ServiceLine
    try:
        line = shape.model_validate(said)
    except ValidationError as error:
        found = [CellFault(column=column_of(each.pointer, kind), code=each.code) for each in faults_of(error.errors())]
        faults += [fault for fault in dict.fromkeys(found) if fault.column not in spoilt]
        return None
    if isinstance(line, ServiceLine):
        faults += [fault for fault in room_faults(line) if fault.column not in spoilt]
    return line


def room_faults(line: ServiceLine) -> Iterator[CellFault]:
    """Room is said with its day; places or a day without a state say nothing."""
    if line.capacity is None and (line.places is not None or line.capacity_on):
        yield CellFault(column="capacity", code="required")
    if line.capacity and line.capacity_on is None:
        yield CellFault(column="capacity_on", code="required")


def column_of(pointer: str, kind: EntryKind) -> str:
    """The column of a fault: that of its whole place, else that of its first part."""
    parts = pointer.removeprefix("/").split("/")
    places = {column.place(kind): name for name, column in COLUMNS.items()}
    found = places.get(".".join(parts[:2])) or places.get(parts[0]) or places.get(f"{parts[0]}.kind")
    return found or ""


def refuse_repeats(rows: Iterable[Row]) -> Iterator[Row]:
    """The rows, the second of two about the same entry refused."""
    seen: set[tuple[str, str]] = set()
    for row in rows:
        key = key_of(row.line) if row.line else None
        if key is not None and key in seen:
            yield Row(row.number, None, (CellFault(column="code", code="repeated"),))
            continue
        if key is not None:
            seen.add(key)
        yield row


def key_of(line: Line) -> tuple[str, str]:
    """What makes an entry the same one again."""
    return (line.organisation, line.code) if isinstance(line, ServiceLine) else ("", line.code)


def written(entries: Iterable[Organisation | CareService]) -> str:
    """The CSV of entries, `;` between the columns; no cell begins like a formula."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";")
    writer.writerow(HEADER)
    for entry in entries:
        writer.writerow([harmless(cell) for cell in cells_of(entry)])
    return text.getvalue()


def cells_of(entry: Organisation | CareService) -> Iterator[str]:
    """An entry's cells in the order of the header."""
    kind = EntryKind.SERVICE if isinstance(entry, CareService) else EntryKind.ORGANISATION
    roots: list[Any] = [entry] if isinstance(entry, CareService) else [entry, entry.about]
    yield kind.value
    for column in COLUMNS.values():
        place = column.place(kind)
        yield cell_of(value_at(roots, place)) if place else ""


def value_at(roots: Sequence[BaseModel], place: str) -> Any:
    """The value that stands somewhere, None where nothing does."""
    first, _, inner = place.partition(".")
    value = next((getattr(root, first) for root in roots if hasattr(root, first)), None)
    return getattr(value, inner, None) if inner else value


def harmless(text: str) -> str:
    """A cell that no spreadsheet computes: an apostrophe in front where it could, or where one stands already."""
    return f"'{text}" if text.strip()[:1] in QUOTED else text


def meant(cell: str) -> str:
    """The text of a cell without such an apostrophe; raises Unreadable for a formula."""
    text = cell.strip()
    if text.startswith("="):
        raise Unreadable("formula")
    return text[1:] if text[:1] == "'" and text[1:].strip()[:1] in QUOTED else text


def cell_of(value: Any) -> str:
    """A value as it is written into a cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return "|".join(value)
    return value.isoformat() if isinstance(value, date) else str(value)
