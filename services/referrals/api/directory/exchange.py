"""The directory as a table: imported row by row, exported whole."""

import asyncio
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Annotated, Any

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel, Field

from services.referrals.api.directory.checks import CareServicesDep, Checks, ChecksDep, Today
from services.referrals.api.directory.organisations import new_organisation
from services.referrals.api.doors import OrganisationsDep, router
from services.referrals.domain.care_service import ServiceDescription
from services.referrals.domain.organisation import OrganisationDescription
from services.referrals.formats.table.directory import (
    EntryKind,
    OrganisationLine,
    Row,
    ServiceLine,
    column_of,
    read_directory,
    written,
)
from services.referrals.store import CareServiceRow, CareServices, OrganisationRow, Organisations
from shared.access import May
from shared.auth import Caller
from shared.errors import Fault
from shared.events import Event
from shared.spreadsheets import CellFault, RejectedRow, UnsupportedTable

MayImportDirectory = Annotated[Caller, Depends(May("directory:import"))]
MayExportDirectory = Annotated[Caller, Depends(May("directory:export"))]

AT_ONCE = 1000
CSV_BODY = {"requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}}}
CSV_ANSWER: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}


class Outcome(StrEnum):
    """What becomes of a row."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


class DirectoryReport(BaseModel):
    """What became of each row, or would in a dry run."""

    dry_run: bool
    rows: int
    created: int
    changed: int
    unchanged: int
    rejected: int
    errors: list[RejectedRow] = Field(description="Row numbers as a spreadsheet counts, columns and codes")


@dataclass
class Import:
    """One import in its transaction: organisations first, so that a file may bring them with their services."""

    organisations: Organisations
    services: CareServices
    checks: Checks
    today: date
    dry_run: bool
    known: set[str] = field(default_factory=set)
    offered: dict[tuple[str, str], CareServiceRow] = field(default_factory=dict)

    async def enter(self, line: OrganisationLine | ServiceLine) -> tuple[Outcome | None, list[Fault]]:
        """Enter a row; what became of it, or why it cannot be entered."""
        if isinstance(line, OrganisationLine):
            faults = await self.checks.of_organisation(line)
        else:
            faults = await self.checks.of_service(line) + ahead("/capacity_on", line.capacity_on, self.today)
            faults += [] if line.organisation in self.known else [Fault("/organisation", "unknown-organisation")]
        faults += ahead("/verified_on", line.verified_on, self.today)
        if faults:
            return None, faults
        return await (self.organisation(line) if isinstance(line, OrganisationLine) else self.service(line)), []

    async def organisation(self, line: OrganisationLine) -> Outcome:
        """Enter an organisation. A verification never goes back in time."""
        self.known.add(line.code)
        known = await self.organisations.find(line.code)
        row = known or new_organisation(line.code, line, self.organisations.transaction.clock, line.verified_on)
        if self.dry_run and known:
            self.organisations.set_apart(row)
        said = {name: getattr(line, name) for name in OrganisationDescription.model_fields}
        description = OrganisationDescription.model_construct(**said)
        facts: list[Event] = []
        if known is None or row.description != description:
            facts.append(row.describe(description))
        if line.verified_on and is_later(line.verified_on, row.verified_on):
            facts.append(row.verify(line.verified_on))
        if facts and not self.dry_run:
            await self.organisations.record(row, *facts)
        return outcome(known is None, facts)

    async def service(self, line: ServiceLine) -> Outcome:
        """Enter a service. Neither its room nor a verification goes back in time."""
        known = self.offered.get((line.organisation, line.code))
        row = known or self.services.new(line.organisation, line.code)
        if self.dry_run and known:
            self.services.set_apart(row)
        said = {name: getattr(line, name) for name in ServiceDescription.model_fields}
        description = ServiceDescription.model_construct(**said)
        facts: list[Event] = []
        if known is None:
            row.verified_on = line.verified_on
        if known is None or row.description != description:
            facts.append(row.describe(description))
        if line.capacity and line.capacity_on and brings_room(line, row):
            facts.append(row.has_room(line.capacity, line.places, line.capacity_on))
        if line.verified_on and is_later(line.verified_on, row.verified_on):
            facts.append(row.verify(line.verified_on))
        if facts and not self.dry_run:
            await self.services.record(row, *facts)
        return outcome(known is None, facts)


def is_later(day: date | None, known: date | None) -> bool:
    """Whether a day is after one that is known, if any is."""
    return day is not None and (known is None or known < day)


def brings_room(line: ServiceLine, row: CareServiceRow) -> bool:
    """Whether a row says something else about the room than we know, and not of an earlier day."""
    said = (line.capacity, line.places, line.capacity_on)
    return said != (row.capacity, row.places, row.capacity_on) and not is_later(row.capacity_on, line.capacity_on)


def ahead(pointer: str, day: date | None, today: date) -> list[Fault]:
    """A fault for a day to come."""
    return [Fault(pointer, "in-future")] if day and day > today else []


def outcome(is_new: bool, facts: list[Event]) -> Outcome:
    """What became of a row."""
    if is_new:
        return Outcome.CREATED
    return Outcome.CHANGED if facts else Outcome.UNCHANGED


@router.post("/directory/imports", openapi_extra=CSV_BODY)
async def import_directory(
    request: Request,
    organisations: OrganisationsDep,
    services: CareServicesDep,
    checks: ChecksDep,
    today: Today,
    caller: MayImportDirectory,
    dry_run: Annotated[bool, Query(description="Check every row and store nothing")] = False,
) -> DirectoryReport:
    """Import organisations and services from a CSV file, each by its code; the same file again changes nothing.

    Good rows enter, each bad one is told with its number, column and code. An empty cell means that nothing is known.
    """
    media, _, parameters = request.headers.get("content-type", "").lower().partition(";")
    if media.strip() != "text/csv" or parameters.partition("charset=")[2].strip(' "') not in ("", "utf-8", "utf8"):
        raise UnsupportedTable
    rows = await asyncio.to_thread(read_directory, await request.body())
    entered = Import(organisations, services, checks, today, dry_run)
    owners = {row.line.organisation for row in rows if isinstance(row.line, ServiceLine)}
    entered.known |= await organisations.codes(owners)
    entered.offered |= await services.of_organisations(owners)
    counts = dict.fromkeys(Outcome, 0)
    errors: list[RejectedRow] = []
    for row in sorted(rows, key=lambda row: isinstance(row.line, ServiceLine)):
        found, faults = await entered.enter(row.line) if row.line else (None, [])
        if found:
            counts[found] += 1
        else:
            errors.append(rejected(row, faults))
    errors.sort(key=lambda error: error.row)
    total = {outcome.value: count for outcome, count in counts.items()}
    return DirectoryReport(dry_run=dry_run, rows=len(rows), rejected=len(errors), errors=errors, **total)


def rejected(row: Row, faults: list[Fault]) -> RejectedRow:
    """A row that does not enter, with its columns."""
    kind = EntryKind.SERVICE if isinstance(row.line, ServiceLine) else EntryKind.ORGANISATION
    found = [CellFault(column=column_of(fault.pointer, kind), code=fault.code) for fault in faults]
    return RejectedRow(row=row.number, faults=tuple(dict.fromkeys([*row.faults, *found])))


@router.get("/directory/export.csv", response_class=Response, responses=CSV_ANSWER)
async def export_directory(
    organisations: OrganisationsDep, services: CareServicesDep, caller: MayExportDirectory
) -> Response:
    """The whole directory as a CSV file that can be imported again. Know-how notes are not in it."""
    entries: list[OrganisationRow | CareServiceRow] = [*await organisations.all()]
    after: list[str] | None = None
    while True:
        found = await services.listed(AT_ONCE, after)
        entries += found[:AT_ONCE]
        if len(found) <= AT_ONCE:
            break
        after = [str(found[AT_ONCE - 1].id)]
    text = await asyncio.to_thread(written, entries)
    headers = {"content-disposition": 'attachment; filename="directory.csv"'}
    return Response(text.encode("utf-8-sig"), media_type="text/csv; charset=utf-8", headers=headers)
