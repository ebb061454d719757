"""Services: who may describe them, what is refused, and when they have to be checked again."""

from datetime import date, timedelta
from typing import Any

from services.referrals.domain.upkeep import is_stale, oldest_fresh
from shared.clock import local_date
from shared.testing.harness import UnderTest
from tests.referrals.directory.entries import HOUSEWORK, LIEGE, PROGRAMME, SERVICES, offer, registered, send
from tests.referrals.pushes import faults


async def facts(referrals: UnderTest, name: str) -> list[dict[str, Any]]:
    """The facts of one type, in order."""
    return [data for kind, data in await referrals.announced() if kind == f"referrals.{name}.v1"]


async def test_a_partner_describes_its_own_service_and_everybody_of_the_network_reads_it(referrals: UnderTest) -> None:
    made = await send(referrals, "partner-centre", "POST", SERVICES, HOUSEWORK)
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    today = local_date(referrals.clock).isoformat()
    for persona in ("line-nurse", "case-manager-nurse", "coordinator", "hospital-chu", "partner-other", "auditor"):
        read = await send(referrals, persona, "GET", made.headers["location"])
        assert (read.status_code, read.headers["etag"]) == (200, '"1"')
        view = read.json()
        assert {name: view[name] for name in HOUSEWORK} == {**HOUSEWORK, "domains": ["food", "housework"]} | {
            "languages": ["de", "fr"]
        }
        assert (view["capacity"], view["verified_on"], view["stale"]) == (None, today, False)
    assert (await send(referrals, "analyst", "GET", made.headers["location"])).status_code == 403
    [changed] = await facts(referrals, "service-changed")
    assert changed == {
        "service_id": made.json()["id"],
        "organisation": "centre",
        "code": "home-help",
        "domains": ["food", "housework"],
        "active": True,
        "verified_on": today,
    }


async def test_a_partner_writes_nothing_of_another_organisation(referrals: UnderTest) -> None:
    path = await registered(referrals, organisation="chu")
    body = {name: HOUSEWORK[name] for name in HOUSEWORK if name not in ("organisation", "code")}
    attempts = [
        await send(referrals, "partner-centre", "POST", SERVICES, offer("x", organisation="chu")),
        await send(referrals, "partner-centre", "PUT", path, body, '"1"'),
        await send(referrals, "partner-centre", "POST", f"{path}/capacity", {"state": "full"}, '"1"'),
        await send(referrals, "partner-centre", "POST", f"{path}/verification", {}, '"1"'),
    ]
    assert [(each.status_code, each.json()["code"]) for each in attempts] == [(403, "not-your-organisation")] * 4
    assert (await send(referrals, "hospital-chu", "PUT", path, body, '"1"')).json()["code"] == "forbidden"
    assert len(await facts(referrals, "service-changed")) == 1


REFUSED: list[tuple[dict[str, Any], tuple[str, str]]] = [
    ({"communes": ["62063", "99999"]}, ("/communes/1", "unknown-commune")),
    ({"communes": ["Liège"]}, ("/communes/0", "wrong-format")),
    ({"communes": []}, ("/communes", "coverage-missing")),
    ({"domains": []}, ("/domains", "too-short")),
    ({"domains": ["housework", "singing"]}, ("/domains/1", "unknown_domain")),
    ({"programme": "nowhere"}, ("/programme", "unknown-programme")),
    ({"postal_codes": ["0999"]}, ("/postal_codes/0", "wrong-format")),
    ({"languages": ["french"]}, ("/languages/0", "wrong-format")),
    ({"cost": {"kind": "cheap"}}, ("/cost/kind", "not-one-of")),
    ({"channel": "ehealthbox"}, ("/channel", "not-available-yet")),
    ({"channel": "pigeon"}, ("/channel", "not-one-of")),
    ({"organisation": "nobody"}, ("/organisation", "unknown-organisation")),
    ({"active": 0}, ("/active", "wrong-type")),
    ({"capacity": "full"}, ("/capacity", "unknown-field")),
]


async def test_what_names_nothing_that_exists_is_refused_at_its_place(referrals: UnderTest) -> None:
    for wrong, fault in REFUSED:
        answer = await send(referrals, "operator", "POST", SERVICES, offer("wrong", **wrong))
        assert (answer.status_code, faults(answer)) == (422, {fault}), wrong
    assert await facts(referrals, "service-changed") == []


async def test_a_code_is_an_organisations_only_once(referrals: UnderTest) -> None:
    path = await registered(referrals)
    again = await send(referrals, "operator", "POST", SERVICES, HOUSEWORK)
    assert (again.status_code, again.json()["code"]) == (409, "already-registered")
    assert path.endswith(again.json()["id"])
    assert await registered(referrals, organisation="chu") != path


async def test_a_change_needs_the_version_that_was_seen_and_an_equal_one_changes_nothing(referrals: UnderTest) -> None:
    path = await registered(referrals)
    body = {name: HOUSEWORK[name] for name in HOUSEWORK if name not in ("organisation", "code")}
    other = {**body, "name": "Aide familiale", "communes": [], "whole_region": True}
    assert (await send(referrals, "partner-centre", "PUT", path, other)).status_code == 428
    same = await send(referrals, "partner-centre", "PUT", path, body, '"1"')
    assert (same.status_code, same.headers["etag"]) == (200, '"1"')
    changed = await send(referrals, "partner-centre", "PUT", path, other, '"1"')
    assert (changed.status_code, changed.headers["etag"], changed.json()["communes"]) == (200, '"2"', [])
    assert (await send(referrals, "partner-centre", "PUT", path, body, '"1"')).status_code == 412
    ended = await send(referrals, "partner-centre", "PUT", path, {**other, "active": False}, '"2"')
    assert ended.json()["active"] is False
    assert [fact["active"] for fact in await facts(referrals, "service-changed")] == [True, True, False]


async def test_a_partner_says_how_much_room_it_has_and_the_day_is_kept(referrals: UnderTest) -> None:
    path = await registered(referrals)
    today = local_date(referrals.clock)
    yesterday = (today - timedelta(days=1)).isoformat()
    told = await send(
        referrals,
        "partner-centre",
        "POST",
        f"{path}/capacity",
        {"state": "available", "places": 3, "on": yesterday},
        '"1"',
    )
    assert told.json()["capacity"] == {"state": "available", "places": 3, "on": yesterday}
    full = await send(referrals, "partner-centre", "POST", f"{path}/capacity", {"state": "full"}, '"2"')
    assert full.json()["capacity"] == {"state": "full", "places": None, "on": today.isoformat()}
    ahead = {"state": "full", "on": (today + timedelta(days=1)).isoformat()}
    early = await send(referrals, "partner-centre", "POST", f"{path}/capacity", ahead, '"3"')
    assert (early.status_code, faults(early)) == (422, {("/on", "in-future")})
    assert [(fact["capacity"], fact["places"]) for fact in await facts(referrals, "capacity-changed")] == [
        ("available", 3),
        ("full", None),
    ]


async def test_an_entry_goes_stale_after_six_months_is_told_once_and_again_after_a_verification(
    referrals: UnderTest,
) -> None:
    path = await registered(referrals)
    ended = await registered(referrals, code="ended", active=False)
    await referrals.tick()
    assert await facts(referrals, "directory-stale") == []
    verified_on = local_date(referrals.clock)
    for _ in range(2):
        referrals.clock.move(days=190)
        await referrals.tick()
        await referrals.tick()
    [told] = await facts(referrals, "directory-stale")
    assert told["verified_on"] == verified_on.isoformat()
    assert path.endswith(told["service_id"])
    assert not ended.endswith(told["service_id"])
    stale = await send(referrals, "line-nurse", "GET", path)
    assert stale.json()["stale"] is True
    fresh = await send(referrals, "partner-centre", "POST", f"{path}/verification", {}, stale.headers["etag"])
    assert (fresh.status_code, fresh.json()["stale"]) == (201, False)
    await referrals.tick()
    assert len(await facts(referrals, "directory-stale")) == 1
    referrals.clock.move(days=190)
    await referrals.tick()
    assert len(await facts(referrals, "directory-stale")) == 2


def test_six_months_are_calendar_months_clamped_to_the_end_of_a_short_one() -> None:
    assert oldest_fresh(date(2027, 8, 31)) == date(2027, 2, 28)
    assert oldest_fresh(date(2027, 3, 15)) == date(2026, 9, 15)
    assert not is_stale(date(2026, 9, 15), date(2027, 3, 15))
    assert is_stale(date(2026, 9, 14), date(2027, 3, 15))
    assert is_stale(None, date(2027, 3, 15))


async def test_a_service_of_a_category_limited_programme_is_labelled_so(referrals: UnderTest) -> None:
    limited = {**PROGRAMME, "category_limited": True, "category": "diabète de type 2"}
    assert (await send(referrals, "operator", "PUT", "/referrals/programmes/valley", limited)).status_code == 200
    path = await registered(referrals, programme="valley", communes=[LIEGE])
    label = (await send(referrals, "line-nurse", "GET", path)).json()["of_programme"]
    expected = {"code": "valley", "name": limited["name"], "category_limited": True, "category": "diabète de type 2"}
    assert label == expected
    [item] = (await send(referrals, "line-nurse", "GET", f"{SERVICES}?programme=valley")).json()["items"]
    assert item["of_programme"] == expected
