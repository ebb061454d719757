"""Municipalities: found without accents, never confused with postal codes, replaceable as a list."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

from shared.testing.harness import UnderTest
from tests.referrals.directory.entries import LIEGE, SAINT_NICOLAS, SERVICES, offer, send

COMMUNES = "/referrals/directory/communes"
Run = Callable[..., AbstractAsyncContextManager[UnderTest]]


async def named(referrals: UnderTest, q: str) -> list[str]:
    """The names that a line nurse finds."""
    answer = await send(referrals, "line-nurse", "GET", f"{COMMUNES}?q={q}&limit=200")
    assert answer.status_code == 200, answer.text
    return [item["name"] for item in answer.json()["items"]]


async def test_a_name_is_found_by_its_beginning_with_or_without_accents(referrals: UnderTest) -> None:
    assert await named(referrals, "liege") == ["Liège"]
    assert (await named(referrals, "LIÈG")) == ["Liège"]
    assert await named(referrals, "saint nic") == ["Saint-Nicolas"]
    assert (await named(referrals, "saint"))[0] == "Saint-Georges-sur-Meuse"
    assert (await named(referrals, "saint"))[-1] == "Mont-Saint-Guibert", "words inside a name come last"
    assert "Grâce-Hollogne" in await named(referrals, "hollogne")
    assert await named(referrals, "iège") == []


async def test_one_postal_code_can_mean_several_municipalities_and_all_are_shown(referrals: UnderTest) -> None:
    answer = await send(referrals, "line-nurse", "GET", f"{COMMUNES}?q=4000")
    items = answer.json()["items"]
    assert [item["nis_code"] for item in items] == [LIEGE, SAINT_NICOLAS]
    assert all("4000" in item["postal_codes"] and item["edition"] == "2018" for item in items)
    assert await named(referrals, LIEGE) == ["Liège"]
    assert (await send(referrals, "line-nurse", "GET", COMMUNES)).status_code == 422


async def test_pages_of_municipalities_hold_each_once(referrals: UnderTest) -> None:
    seen, path = [], f"{COMMUNES}?q=s&limit=7"
    while path:
        answer = await send(referrals, "partner-centre", "GET", path)
        seen += [item["nis_code"] for item in answer.json()["items"]]
        path = answer.headers["link"].removeprefix("<").split(">")[0] if answer.json()["next"] else ""
    assert len(seen) == len(set(seen)) == len(await named(referrals, "s")) > 50


async def test_an_operator_can_put_a_newer_list_in_its_place(run_service: Run, tmp_path: Path) -> None:
    newer = tmp_path / "2025.csv"
    newer.write_text(
        "nis_code,name,arrondissement,province,region,postal_codes\n"
        "82039,Bastogne,Bastogne,Luxembourg,Wallonie,6600 6686\n"
    )
    service: dict[str, Any] = offer("merged", organisation="centre", communes=["82039"])
    async with run_service("referrals", municipalities=newer) as referrals:
        await send(
            referrals, "operator", "PUT", "/referrals/directory/organisations/centre", {"name": "C", "kind": "other"}
        )
        assert await named(referrals, "6686") == ["Bastogne"]
        assert (await send(referrals, "operator", "POST", SERVICES, service)).status_code == 201
        old = await send(referrals, "operator", "POST", SERVICES, {**service, "communes": [LIEGE], "code": "old"})
        assert old.status_code == 422
