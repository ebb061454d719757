"""How often one caller may ask: counted by whoever is believed, else by the address; refused with a 429 problem.

The counts are kept in this process: with several replicas each counts for itself, so a caller may reach the limit at
every one of them. The headers are those of draft-ietf-httpapi-ratelimit-headers-10, besides Retry-After (RFC 9110).
"""

import time
from collections.abc import Iterable, Mapping
from functools import cache
from math import ceil
from pathlib import Path

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter
from pydantic import BaseModel, ConfigDict
from starlette.requests import Request

from shared.auth import Caller
from shared.problems import RATE_LIMITED, Problem
from shared.settings import ServiceSettings

LIMITS_FILE = Path(__file__).parent / "permissions" / "limits.json"
SECONDS = 60


class Published(BaseModel):
    """Which actions are sensitive, and which roles no limit holds for: the services, who call each other."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    about: str
    sensitive: frozenset[str]
    unlimited: frozenset[str]


@cache
def published() -> Published:
    """The rules in force."""
    return Published.model_validate_json(LIMITS_FILE.read_text())


class RateLimits:
    """The counts of one process. A limit of 0 is none."""

    def __init__(self, caller: int, sensitive: int, refused: int) -> None:
        self._caller = RateLimitItemPerMinute(caller, namespace="caller")
        self._sensitive = RateLimitItemPerMinute(sensitive, namespace="sensitive")
        self._refused = RateLimitItemPerMinute(refused, namespace="refused")
        self._storage = MemoryStorage()
        self._window = FixedWindowRateLimiter(self._storage)

    @classmethod
    def of(cls, settings: ServiceSettings) -> "RateLimits":
        """The limits that an operator set."""
        return cls(settings.rate_per_minute, settings.rate_sensitive_per_minute, settings.rate_refused_per_minute)

    async def count(self, request: Request, caller: Caller, action: str) -> None:
        """Count a request of a believed caller, once; a 429 problem where it is one too many."""
        if hasattr(request.state, "rate_limit"):
            return
        request.state.rate_limit = {}
        if not published().unlimited.isdisjoint(caller.roles):
            return
        # People of one application share its client id: each is counted apart.
        who = f"{caller.client_id} {caller.subject}"
        await self._take(request, self._caller, who)
        if action in published().sensitive:
            await self._take(request, self._sensitive, who, action)

    async def count_refused(self, request: Request) -> None:
        """Count a request without a believed token by its address; a 429 problem where it is one too many.

        Only the answer to such requests changes: others behind the same address are served as before.
        """
        await self._take(request, self._refused, request.client.host if request.client else "")

    async def _take(self, request: Request, limit: RateLimitItemPerMinute, *who: str) -> None:
        if not limit.amount:
            return
        is_within = await self._window.hit(limit, *who)
        ends, left = await self._window.get_window_stats(limit, *who)
        wait = max(1, ceil(ends - time.time()))
        said = getattr(request.state, "rate_limit", {})
        headers = {name: ", ".join(filter(None, (said.get(name), text))) for name, text in _told(limit, left, wait)}
        request.state.rate_limit = headers
        if not is_within:
            # A flood must not fill the audit: the first refusal of a minute is recorded, and all are counted.
            is_first = await self._storage.get(limit.key_for(*who)) == limit.amount + 1
            request.scope["state"]["audit"].is_audited = is_first
            raise Problem(RATE_LIMITED, headers={"retry-after": str(wait)})


def _told(limit: RateLimitItemPerMinute, left: int, wait: int) -> Iterable[tuple[str, str]]:
    name = limit.namespace
    yield "ratelimit-policy", f'"{name}";q={limit.amount};w={SECONDS}'
    yield "ratelimit", f'"{name}";r={left};t={wait}'


def headers_of(request: Request) -> Iterable[tuple[bytes, bytes]]:
    """What an answer says of the limits that its request was counted against, as ASGI sends headers."""
    said: Mapping[str, str] = getattr(request.state, "rate_limit", {})
    return [(name.encode(), text.encode()) for name, text in said.items()]
