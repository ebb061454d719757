"""A row as what the API would have been told: same fields, same rules, same codes."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from services.intake.domain.contact import EARLIEST
from services.intake.domain.identity import valid_niss
from services.intake.domain.imports import ColumnMapping, ImportedPerson, ImportKind, PastContact
from services.intake.formats.table.columns import PLACES, Kind, column_of
from shared.clock import BRUSSELS
from shared.errors import Fault
from shared.problems import faults_of
from shared.spreadsheets import CellFault, TableRow, Unreadable, plain
from shared.spreadsheets.cells import day, dialled, listed, of_width, truth, whole

MOMENT = re.compile(r"(\S+)[ T]([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)(Z|[+-][0-9]{2}:[0-9]{2})?")

T = TypeVar("T", bound=BaseModel)


def niss(value: str) -> str:
    """A NISS: eleven digits."""
    return of_width(value, 11, valid_niss)


def moment(value: str) -> str:
    """An instant: `YYYY-MM-DD hh:mm` or `dd/mm/yyyy hh:mm` in Belgium, or with its offset."""
    parts = MOMENT.fullmatch(value)
    if not parts:
        raise Unreadable("wrong-format")
    try:
        told = datetime.fromisoformat(f"{day(parts[1])}T{parts[2]}{parts[3] or ''}")
    except ValueError:
        raise Unreadable("wrong-format") from None
    if told.tzinfo:
        return told.isoformat()
    local = told.replace(tzinfo=BRUSSELS)
    if local.astimezone(UTC).astimezone(BRUSSELS).replace(tzinfo=None) != told:
        raise Unreadable("no-such-time")
    return local.isoformat()


def minutes(value: str) -> int:
    """How long it took."""
    digits = whole(value)
    if not re.fullmatch(r"[0-9]{1,4}", digits):
        raise Unreadable("out-of-range")
    return int(digits)


READINGS: Mapping[Kind, Callable[[str], Any]] = {
    Kind.TEXT: str,
    Kind.NISS: niss,
    Kind.NUMBER: whole,
    Kind.PHONES: dialled,
    Kind.DAY: day,
    Kind.MOMENT: moment,
    Kind.MINUTES: minutes,
    Kind.TRUTH: truth,
    Kind.LIST: listed,
}


def person_of(row: TableRow, mapping: ColumnMapping) -> tuple[ImportedPerson | None, list[CellFault]]:
    """The person that a row means, or what is wrong with its cells."""
    values, faults = read_cells(row, mapping)
    told = nested(values, mapping.kind)
    if "hospital_numbers" in told:
        told["hospital_numbers"] = list(told["hospital_numbers"].values())
    return judged(ImportedPerson, told, faults, mapping.kind)


def contact_of(row: TableRow, mapping: ColumnMapping) -> tuple[PastContact | None, list[CellFault]]:
    """The contact that a row means; one without an end took the minutes that it names, or none."""
    values, faults = read_cells(row, mapping)
    told = nested({"caller_kind": "", **values}, mapping.kind)
    took = told.pop("minutes", None)
    if took is not None and "ended_at" in told:
        faults.append(CellFault(column="minutes", code="not-with-ended-at"))
    if "started_at" in told and "ended_at" not in told:
        end = datetime.fromisoformat(told["started_at"]).astimezone(UTC) + timedelta(minutes=took or 0)
        told["ended_at"] = end.isoformat()
    if "started_at" not in told:
        told["ended_at"] = EARLIEST.isoformat()
    if not told["caller"]["kind"]:
        del told["caller"]["kind"]
    return judged(PastContact, told, faults, mapping.kind)


def judged(
    kind: type[T], told: Mapping[str, Any], faults: list[CellFault], columns: ImportKind
) -> tuple[T | None, list[CellFault]]:
    """What is told by the rules of the API, or all that is wrong with it."""
    found: T | None = None
    spoilt = {fault.column for fault in faults}
    try:
        found = kind.model_validate(told)
    except ValidationError as error:
        further = cell_faults(faults_of(error.errors()), columns)
        faults += [fault for fault in further if fault.column not in spoilt]
    return (None if faults else found), faults


def read_cells(row: TableRow, mapping: ColumnMapping) -> tuple[dict[str, Any], list[CellFault]]:
    """The value of each filled cell by column, and the cells that have none."""
    values: dict[str, Any] = {}
    places = PLACES[mapping.kind]
    faults = [CellFault(column=column, code=code) for column, code in row.marks.items()]
    for column, text in mapping.read(row.cells).items():
        if column in row.marks:
            continue
        try:
            value = plain(text)
            if value:
                values[column] = READINGS[places[column][1]](value)
        except Unreadable as error:
            faults.append(CellFault(column=column, code=str(error)))
    return values, faults


def nested(values: Mapping[str, Any], kind: ImportKind) -> dict[str, Any]:
    """The flat values as the API has them."""
    told: dict[str, Any] = {}
    for column, value in values.items():
        *path, last = PLACES[kind][column][0].removeprefix("/").split("/")
        place = told
        for step in path:
            place = place.setdefault(step, {})
        place[last] = value
    return told


def cell_faults(faults: Sequence[Fault], kind: ImportKind) -> list[CellFault]:
    """Faults of what was told as faults of the row's cells, each once."""
    return list(dict.fromkeys(CellFault(column=column_of(fault.pointer, kind), code=fault.code) for fault in faults))
