"""What the tests of the directory register, and how. Every organisation and service is made up."""

from collections.abc import Mapping
from typing import Any

import httpx

from shared.testing.harness import UnderTest

SERVICES = "/referrals/directory/services"
ORGANISATIONS = "/referrals/directory/organisations"
LIEGE, SAINT_NICOLAS, SERAING, SPA = "62063", "62093", "62096", "63072"

HOUSEWORK: Mapping[str, Any] = {
    "organisation": "centre",
    "code": "home-help",
    "name": "Aide ménagère",
    "mission": "Entretien du logement des personnes âgées ou malades.",
    "domains": ["housework", "food"],
    "communes": [LIEGE, SERAING],
    "languages": ["fr", "de"],
    "cost": {"kind": "co-payment", "note": "selon les revenus"},
}

PROGRAMME: Mapping[str, Any] = {
    "name": "Programme de la Vallée (fictif)",
    "run_by": "relais",
    "communes": [LIEGE],
    "criteria": "Adultes dont la situation est complexe.",
}


def offer(code: str, **fields: Any) -> dict[str, Any]:
    """A service under a code of its own."""
    return {**HOUSEWORK, "code": code, **fields}


async def send(
    referrals: UnderTest, persona: str, method: str, path: str, body: Any = None, etag: str | None = None
) -> httpx.Response:
    """One request; with `etag="now"` in the version that is there."""
    async with referrals.client(persona) as client:
        if etag == "now":
            etag = (await client.get(path.removesuffix("/capacity").removesuffix("/verification"))).headers["etag"]
        headers = {"if-match": etag} if etag else {}
        return await client.request(method, path, json=body, headers=headers)


async def registered(referrals: UnderTest, **fields: Any) -> str:
    """Register a service as the operator; its path."""
    answer = await send(referrals, "operator", "POST", SERVICES, {**HOUSEWORK, **fields})
    assert answer.status_code == 201, answer.text
    return str(answer.headers["location"])


async def offered(referrals: UnderTest, code: str, room: str | None = None, **fields: Any) -> str:
    """Register a service by its code, with room if any is said; its path."""
    path = await registered(referrals, code=code, **fields)
    if room:
        answer = await send(referrals, "operator", "POST", f"{path}/capacity", {"state": room}, '"1"')
        assert answer.status_code == 201, answer.text
    return path


async def found(referrals: UnderTest, **wanted: Any) -> list[dict[str, Any]]:
    """What a line nurse finds."""
    async with referrals.client("line-nurse") as client:
        answer = await client.get(SERVICES, params=wanted)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items


async def codes(referrals: UnderTest, **wanted: Any) -> list[str]:
    """The codes of what she finds, in order."""
    return [item["code"] for item in await found(referrals, **wanted)]
