"""The pseudonymised evaluation export: rows for a study, their data dictionary, and the record of what left."""

import base64
import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from services.assessment.api.indicators import CohortsDep, Months, SettingsDep
from services.assessment.domain.anonymity import refuse_small, suppressed
from services.assessment.domain.evaluation import Column, Frame, Precision, dictionary_of, pseudonym_of, rows_of
from services.assessment.domain.evaluation_columns import columns
from services.assessment.domain.purposes import STATISTICS
from services.assessment.formats.evaluation import (
    MEDIA_TYPES,
    FileFormat,
    dictionary_as_csv,
    dictionary_as_markdown,
    written,
)
from services.assessment.store.exports import ExportRow, Exports
from shared.access import May
from shared.agreements import Agreements
from shared.auth import Caller
from shared.clock import local_date
from shared.cursors import Page, PagingDep
from shared.errors import DomainError, Fault
from shared.requests import ClockDep, opened
from shared.service import router as service_router

router = service_router("assessment", tags=["evaluation"])

ExportsDep = Annotated[Exports, Depends(opened(Exports))]
MayExport = Annotated[Caller, Depends(May("evaluation:export"))]
MayReadExports = Annotated[Caller, Depends(May("evaluation:read"))]


class UnknownColumn(DomainError):
    """The export has no such column, or one was asked for twice."""


class NoPseudonymKey(DomainError):
    """Exports are not set up here: there is no key for the pseudonyms."""


class OnSmall(StrEnum):
    """What to do when too few people share what others may know of them."""

    REFUSE = "refuse"
    SUPPRESS = "suppress"


class DictionaryFormat(StrEnum):
    """How a data dictionary is written."""

    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"


Study = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,63}$", examples=["evaluation-2026"])]


class ExportBody(BaseModel):
    """What a study asks for."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    study: Study = Field(description="Pseudonyms are stable within a study and useless in another")
    first: date = Field(alias="from", description="First day of a month; cases opened from then on")
    last: date = Field(alias="to", description="Last day of a month; cases opened until then")
    columns: Annotated[list[str], Field(min_length=1, max_length=200)] | None = Field(
        default=None, description="Names from the data dictionary; null: all. `pseudonym` always comes along"
    )
    format: FileFormat = FileFormat.CSV
    precision: Precision = Field(default=Precision.MONTH, description="How coarse dates are")
    on_small: OnSmall = Field(default=OnSmall.REFUSE, description="Refuse the export, or blank quasi-identifiers")


class DictionaryEntry(BaseModel):
    """One column of the export."""

    column: str
    type: str
    description: str
    unit: str
    codes: list[str]
    missing: str = Field(description="What an empty value means")
    quasi_identifier: bool = Field(description="Whether others may know it of the person; k-anonymity looks at these")


class ExportView(BaseModel):
    """The record of one export. The rows are not kept."""

    id: UUID
    study: str
    first: date
    last: date
    format: FileFormat
    precision: Precision
    on_small: OnSmall
    columns: list[str]
    rows: int
    suppressed_rows: int = Field(description="Rows whose quasi-identifiers were blanked")
    left_out: int = Field(description="Cases left out because their person is not identified")
    small_cell_limit: int
    checksum: str = Field(description="SHA-256 of the file, hexadecimal")
    exported_by: str
    exported_at: datetime

    @classmethod
    def of(cls, row: ExportRow) -> "ExportView":
        return cls.model_validate(row, from_attributes=True)


def chosen(names: Sequence[str] | None) -> list[Column]:
    """The columns of these names in the order of the dictionary, the pseudonym always; raises UnknownColumn."""
    known = {column.name: column for column in columns()}
    faults = [
        Fault(f"/columns/{number}", "unknown-column" if name not in known else "repeated")
        for number, name in enumerate(names or ())
        if name not in known or name in (names or ())[:number]
    ]
    if faults:
        raise UnknownColumn(faults=faults)
    return [column for name, column in known.items() if names is None or name in names or name == "pseudonym"]


@router.post("/exports", status_code=201, response_class=Response, responses={201: {"content": {"text/csv": {}}}})
async def export_evaluation(
    body: ExportBody,
    cohorts: CohortsDep,
    exports: ExportsDep,
    settings: SettingsDep,
    clock: ClockDep,
    caller: MayExport,
) -> Response:
    """The rows of a study as a file; its record is at `Location`. Asking again gives the same pseudonyms.

    Without those who refuse statistics: they count as left out.
    """
    months, wanted = Months.checked(body.first, body.last, ("/from", "/to")), chosen(body.columns)
    key = settings.pseudonyms
    if key is None:
        raise NoPseudonymKey
    unwilling = await Agreements(exports.transaction).denying(STATISTICS)
    found = await cohorts.read(caller, months.first, months.last)
    cases = [case for case in found if case.person_id not in unwilling]
    frame = Frame(local_date(clock), body.precision, lambda person: pseudonym_of(key, body.study, person))
    rows = rows_of(cases, wanted, frame)
    persons = [str(row["pseudonym"]) for row in rows]
    known = [column.name for column in wanted if column.is_quasi_identifier]
    blanked = 0
    if body.on_small is OnSmall.SUPPRESS:
        rows, blanked = suppressed(rows, persons, known, settings.small_cell_limit)
    else:
        refuse_small(rows, persons, known, settings.small_cell_limit)
    content = written(body.format, rows, wanted)
    digest = hashlib.sha256(content)
    record = await exports.add(
        caller,
        **body.model_dump(exclude={"columns"}),
        columns=[column.name for column in wanted],
        rows=len(rows),
        suppressed_rows=blanked,
        left_out=len(found) - len(rows),
        small_cell_limit=settings.small_cell_limit,
        checksum=digest.hexdigest(),
    )
    headers = {
        "location": f"/assessment/exports/{record.id}",
        "repr-digest": f"sha-256=:{base64.b64encode(digest.digest()).decode()}:",
        "content-disposition": f'attachment; filename="{body.study}-{record.id}.{body.format.value}"',
        "cache-control": "no-store",
    }
    return Response(content, 201, headers, media_type=MEDIA_TYPES[body.format])


@router.get("/exports")
async def list_exports(
    exports: ExportsDep,
    paging: PagingDep,
    caller: MayReadExports,
    study: Annotated[str | None, Query(max_length=64)] = None,
) -> Page[ExportView]:
    """What left the service, the newest first."""
    rows = await exports.page(caller, study, paging.limit, paging.after)
    return paging.page([ExportView.of(row) for row in rows], [(row.id,) for row in rows])


@router.get("/exports/{export_id:uuid}")
async def read_export(export_id: UUID, exports: ExportsDep, caller: MayReadExports) -> ExportView:
    """The record of one export."""
    return ExportView.of(await exports.get(export_id, caller))


@router.get("/exports/dictionary", response_model=list[DictionaryEntry])
async def read_dictionary(
    caller: MayReadExports,
    export_id: Annotated[UUID | None, Query(description="Only the columns of this export")] = None,
    *,
    exports: ExportsDep,
    format: DictionaryFormat = DictionaryFormat.JSON,
) -> Response:
    """The data dictionary, made from the columns themselves: as JSON, CSV or Markdown."""
    export = await exports.get(export_id, caller) if export_id else None
    wanted = chosen(export.columns if export else None)
    entries = dictionary_of(wanted, Precision(export.precision) if export else Precision.MONTH)
    if format is DictionaryFormat.CSV:
        return Response(dictionary_as_csv(entries), media_type="text/csv; charset=utf-8")
    if format is DictionaryFormat.MARKDOWN:
        return Response(dictionary_as_markdown(entries), media_type="text/markdown; charset=utf-8")
    listed = [DictionaryEntry.model_validate(entry).model_dump_json() for entry in entries]
    return Response(f"[{','.join(listed)}]", media_type="application/json")
