"""Imports go on by themselves, part by part: whoever is killed goes on where the last part ended."""

from datetime import timedelta

from services.intake.domain.imports import Entry, ImportKind
from services.intake.handlers.registry import handlers
from services.intake.settings import Settings
from services.intake.store import ContactImports, Imports, PeopleImports

ROWS_AT_ONCE = 50
"""Few enough that whoever registers somebody alike at the line waits for less than a second."""


@handlers.every(1)
async def go_on_with_imports(imports: Imports, people: PeopleImports, contacts: ContactImports) -> bool:
    """Let the next rows of the oldest running import enter, all in one transaction."""
    found = await imports.next(ROWS_AT_ONCE)
    if found is None:
        return False
    running, rows = found
    entries = [Entry(row.content) for row in rows if row.content]
    if running.mapping.kind is ImportKind.PERSONS:
        await people.take(entries, running.programme, running.mapping, running.created_by)
    else:
        await contacts.take(entries, running.programme, running.mapping, {}, dry=False)
    for row, entry in zip(rows, entries, strict=True):
        row.end(entry)
        imports.session.add(row)
    return True


@handlers.every(3600)
async def forget_imported_rows(imports: Imports, settings: Settings) -> bool:
    """Delete the cells of rejected rows of imports that ended long ago."""
    before = imports.transaction.clock.now() - timedelta(days=settings.import_rows_kept_days)
    return await imports.forget(before) > 0
