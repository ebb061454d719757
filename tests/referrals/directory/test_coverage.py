"""Offer per area: what covers a municipality need by need, and where there is nothing."""

from typing import Any

from shared.testing.harness import UnderTest
from tests.referrals.directory.entries import LIEGE, SPA, offered, send

COVERAGE = "/referrals/directory/coverage"


async def test_each_need_of_a_municipality_shows_how_much_there_is_and_with_what_room(referrals: UnderTest) -> None:
    await offered(referrals, "a", "available")
    await offered(referrals, "b", "full", domains=["food"])
    await offered(referrals, "c", None, domains=["food"], communes=[], whole_region=True)
    await offered(referrals, "d", "available", domains=["food"], communes=[SPA])
    await offered(referrals, "e", "available", domains=["food"], active=False)
    await offered(referrals, "f", "available", domains=["transport"], communes=[], postal_codes=["4000"])
    referrals.clock.move(days=200)
    answer = (await send(referrals, "coordinator", "GET", f"{COVERAGE}?commune={LIEGE}")).json()
    offers: dict[str, Any] = {each["domain"]: each for each in answer["domains"]}
    assert (answer["name"], len(offers)) == ("Liège", 21)
    food = {"services": 3, "by_capacity": {"available": 1, "full": 1, "unknown": 1}, "stale": 3}
    assert offers["food"] == {"domain": "food", **food}
    assert offers["housework"]["services"] == 1
    assert "transport" in answer["missing"], "a postal code alone is no promise to the whole municipality"
    assert set(answer["missing"]) == set(offers) - {"food", "housework"}
    assert (await send(referrals, "coordinator", "GET", f"{COVERAGE}?commune=99999")).status_code == 422


async def test_municipalities_with_nothing_are_listed_by_province_and_need(referrals: UnderTest) -> None:
    await offered(referrals, "a", communes=[LIEGE], domains=["food"])

    async def thin(**query: Any) -> list[dict[str, Any]]:
        asked = "&".join(f"{name}={value}" for name, value in query.items())
        path = f"{COVERAGE}/communes?province=Liège&limit=200&{asked}"
        items: list[dict[str, Any]] = (await send(referrals, "coordinator", "GET", path)).json()["items"]
        return items

    without = await thin(domain="food")
    assert len(without) == 83
    assert LIEGE not in {each["commune"] for each in without}
    assert len(await thin(domain="transport")) == 84
    assert {"commune": LIEGE, "name": "Liège", "province": "Liège", "services": 1, "named": 1} in await thin(at_most=1)
    await offered(referrals, "b", communes=[], whole_region=True, domains=["food"])
    assert await thin(domain="food") == []
    assert len(await thin(domain="food", at_most=1)) == 83
