"""The directory's own clock: what nobody has verified for six months is told of."""

from services.referrals.handlers.registry import handlers
from services.referrals.store import CareServices
from shared.clock import local_date

AT_ONCE = 200


@handlers.every(3600)
async def tell_stale(services: CareServices) -> bool:
    """Tell of each service that has gone stale, once until somebody verifies it."""
    stale = await services.unverified(local_date(services.transaction.clock), AT_ONCE)
    for service in stale:
        await services.record(service, service.tell_stale())
    return len(stale) == AT_ONCE
