"""`python -m services encryption rotate` and `status`: values at rest under the key in use."""

from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from shared.clock import SystemClock
from shared.encryption.rotation import Rotation
from shared.service import Service
from shared.settings import ServiceSettings
from shared.store import Database

PASSES = 20
"""How often rows that somebody held are come back to before a rotation gives up."""


@asynccontextmanager
async def rotation_of(service: Service, settings: ServiceSettings) -> AsyncIterator[Rotation]:
    """The rotation of a service's database."""
    database = Database(settings.database_url.get_secret_value(), SystemClock(), 2, settings)
    try:
        yield Rotation(database, service.metadata, service.reindexing)
    finally:
        await database.close()


async def rotate(service: Service, settings: ServiceSettings, tell: Callable[[str], None]) -> int:
    """Write a service's old values anew, telling of each table; how many are still old at the end."""
    async with rotation_of(service, settings) as rotation:
        left = await rotation.old()
        tell(f"{service.name}: {left} values to be written under key {rotation.keyring.current}")
        for _ in range(PASSES):
            if not left:
                break
            written: Counter[str] = Counter()
            async for progress in rotation.run():
                written[progress.table] += progress.rows
                tell(f"{service.name}: {progress.table}, {written[progress.table]} rows")
            left = await rotation.old()
        tell(f"{service.name}: {left} values are left under old keys or in clear")
        return left


async def status(service: Service, settings: ServiceSettings, tell: Callable[[str], None]) -> int:
    """Tell under which keys a service's values stand; how many are old."""
    async with rotation_of(service, settings) as rotation:
        for column, counts in sorted((await rotation.status()).items()):
            told = ", ".join(f"{key or 'in clear'}: {number}" for key, number in sorted(counts.items()))
            tell(f"{service.name}: {column}: {told or 'empty'}")
        found = await rotation.old()
        tell(f"{service.name}: {found} values stand under old keys or in clear")
        return found
