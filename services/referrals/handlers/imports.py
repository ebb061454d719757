"""Imports go on by themselves, part by part: whoever is killed goes on where the last part ended."""

from datetime import timedelta

from services.referrals.handlers.registry import handlers
from services.referrals.settings import Settings
from services.referrals.store import Imports

ROWS_AT_ONCE = 50


@handlers.every(1)
async def go_on_with_imports(imports: Imports) -> bool:
    """Let the next rows of the oldest running import enter, all in one transaction."""
    return await imports.advance(ROWS_AT_ONCE)


@handlers.every(3600)
async def forget_imported_rows(imports: Imports, settings: Settings) -> bool:
    """Delete the rows as received of imports that ended long ago."""
    before = imports.transaction.clock.now() - timedelta(days=settings.import_rows_kept_days)
    return await imports.forget(before) > 0
