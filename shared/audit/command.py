"""`python -m services audit verify` and `prune`: whether an audit is as it was written, and the end of its time."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from shared.audit.keys import Keys
from shared.audit.verifying import Verdict, Verification
from shared.clock import SystemClock
from shared.settings import ServiceSettings
from shared.store import Database

Anchor = tuple[str, int, str]

_PRUNE = "DELETE FROM audit_record r USING audit_seal s WHERE s.record = r.id AND s.at < $1"


def anchor(text: str) -> Anchor:
    """An anchor from the log or the bus, as `service:sequence:link`; raises ValueError."""
    service, sequence, link = text.split(":")
    return service, int(sequence), bytes.fromhex(link).hex()


async def verify(service: str, settings: ServiceSettings, anchors: Sequence[Anchor]) -> Verdict:
    """Verify the audit of one service, against anchors from outside too."""
    clock = SystemClock()
    database = Database(settings.database_url.get_secret_value(), clock, 2)
    keys = Keys(service, settings.audit_keys.get_secret_value())
    told = [(sequence, link) for name, sequence, link in anchors if name == service]
    try:
        async with database.raw() as connection:
            return await Verification(keys, kept_since(settings, clock.now()), told).run(connection)
    finally:
        await database.close()


async def prune(settings: ServiceSettings) -> int:
    """Delete the records that need no longer be kept, as the owner of the database; how many they were.

    Their links stay: the chain is verified without them. Records without a link are never deleted.
    """
    clock = SystemClock()
    url = settings.owner_database_url or settings.database_url
    database = Database(url.get_secret_value(), clock, 2)
    try:
        async with database.raw() as connection:
            return int((await connection.execute(_PRUNE, kept_since(settings, clock.now()))).split()[-1])
    finally:
        await database.close()


def kept_since(settings: ServiceSettings, now: datetime) -> datetime:
    """The instant from which on records must still be there."""
    return now - timedelta(days=365.25 * settings.audit_years)


def sentence(service: str, verdict: Verdict) -> str:
    """What a verification found, in one line."""
    if verdict.finding:
        return f"{service}: sequence {verdict.finding.sequence} is {verdict.finding.wrong}"
    return f"{service}: {verdict.links} records sealed and unchanged, {verdict.waiting} not sealed yet"
