"""The whole way of somebody through the five services, with a mark in every personal field."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx

from shared.local.road import Road, RoadBlocked
from shared.testing.harness import ORIGIN, token_of
from tests.security.canaries.marks import Marks
from tests.security.canaries.walking import Walk
from tests.security.erasure.together import Together

T = TypeVar("T")
ROUNDS = 4


@dataclass
class QuietRoad(Road):
    """The main road in one process: what follows from a step comes when it is waited for."""

    five: Together = field(kw_only=True)

    async def client(self, persona: str) -> httpx.AsyncClient:
        """The client of a persona, with its token."""
        if persona not in self.clients:
            headers = {"authorization": f"Bearer {token_of(persona)}"}
            client = httpx.AsyncClient(transport=self.five.everybody(), base_url=ORIGIN, headers=headers, timeout=20)
            self.clients[persona] = client
        return self.clients[persona]

    async def until(self, what: str, look: Callable[[], Awaitable[T | None]]) -> T:
        """What follows from a step."""
        for _ in range(ROUNDS):
            await self.five.settle()
            if found := await look():
                return found
            await self.five.tick()
        raise RoadBlocked(f"{what} did not come")

    async def post(self, persona: str, path: str, body: Any = None, *, on: str | None = None) -> Any:
        """Take a step, once what came before it is known everywhere."""
        await self.five.settle()
        return await super().post(persona, path, body, on=on)


@dataclass
class Way(Walk):
    """Who walks, and what becomes of it."""

    referral: str = ""
    person: str = ""
    case: str = ""
    document: Any = None

    async def errors(self, document: dict[str, Any], referral: str, person: str) -> None:
        """Nothing is refused on this way; what was pushed is remembered."""
        self.document, self.referral, self.person = document, referral, person

    async def met(self, case: str) -> None:
        """The meeting speaks about the case; its minutes are about several people, and not reached by ids."""
        await super().met(case)
        for mark in [mark for mark, where in self.marks.sown.items() if where == "Minutes.summary"]:
            del self.marks.sown[mark]


async def walked(five: Together) -> Way:
    """Somebody from the push to the lost item."""
    way = Way(town=None, road=QuietRoad(ORIGIN, five=five), marks=Marks())  # type: ignore[arg-type]
    way.case = await way.whole()
    await five.tick()
    return way
