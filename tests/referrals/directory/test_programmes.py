"""The register of programmes: who, where, for whom, with how much room."""

from typing import Any

from shared.testing.harness import UnderTest
from tests.referrals.directory.entries import LIEGE, PROGRAMME, SPA, send
from tests.referrals.pushes import faults

PROGRAMMES = "/referrals/programmes"


async def test_a_programme_is_registered_found_and_changed_in_the_version_that_was_seen(referrals: UnderTest) -> None:
    path = f"{PROGRAMMES}/valley"
    made = await send(referrals, "operator", "PUT", path, PROGRAMME)
    assert (made.status_code, made.headers["etag"], made.json()["stale"]) == (200, '"1"', True)
    same = await send(referrals, "operator", "PUT", path, PROGRAMME)
    assert (same.status_code, same.headers["etag"]) == (200, '"1"')
    wider: dict[str, Any] = {
        **PROGRAMME,
        "communes": [LIEGE, SPA],
        "capacity": {"state": "waiting-list", "on": "2026-01-15"},
    }
    assert (await send(referrals, "operator", "PUT", path, wider)).status_code == 428
    changed = await send(referrals, "operator", "PUT", path, wider, '"1"')
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    assert (await send(referrals, "operator", "PUT", path, PROGRAMME, '"1"')).status_code == 412
    read = await send(referrals, "analyst", "GET", path)
    assert (read.json()["communes"], read.json()["capacity"]["state"]) == ([LIEGE, SPA], "waiting-list")
    told = [data for kind, data in await referrals.announced() if kind == "referrals.programme-changed.v1"]
    common = {"programme": "valley", "organisation": "relais", "category_limited": False}
    assert told == [{**common, "capacity": None}, {**common, "capacity": "waiting-list"}]
    assert (await send(referrals, "line-nurse", "GET", f"{PROGRAMMES}/none")).status_code == 404


REFUSED: list[tuple[dict[str, Any], tuple[str, str]]] = [
    ({"category_limited": True}, ("/category", "required")),
    ({"category": "diabète"}, ("/category", "not-limited")),
    ({"communes": []}, ("/communes", "required")),
    ({"communes": ["00001"]}, ("/communes/0", "unknown-commune")),
    ({"starts_on": "2026-05-01", "ends_on": "2026-04-30"}, ("/ends_on", "before-start")),
    ({"verified_on": "2199-01-01"}, ("/verified_on", "in-future")),
    ({"run_by": "nobody"}, ("/organisation", "unknown-organisation")),
    ({"criteria": ""}, ("/criteria", "too-short")),
]


async def test_what_does_not_fit_together_is_refused_at_its_place(referrals: UnderTest) -> None:
    for wrong, fault in REFUSED:
        answer = await send(referrals, "operator", "PUT", f"{PROGRAMMES}/valley", {**PROGRAMME, **wrong})
        assert (answer.status_code, faults(answer)) == (422, {fault}), wrong


async def test_programmes_are_found_by_place_day_words_and_whether_they_take_everybody(referrals: UnderTest) -> None:
    limited = {"category_limited": True, "category": "enfants malades", "whole_region": True, "communes": []}
    wanted: dict[str, dict[str, Any]] = {
        "here": {},
        "there": {"communes": [SPA], "starts_on": "2026-01-01", "ends_on": "2026-06-30"},
        "for-some": limited,
    }
    for code, fields in wanted.items():
        answer = await send(referrals, "operator", "PUT", f"{PROGRAMMES}/{code}", {**PROGRAMME, **fields})
        assert answer.status_code == 200, answer.text

    async def codes(query: str) -> list[str]:
        items = (await send(referrals, "line-nurse", "GET", f"{PROGRAMMES}?{query}")).json()["items"]
        return [item["code"] for item in items]

    assert await codes("") == ["for-some", "here", "there"]
    assert await codes(f"commune={SPA}") == ["for-some", "there"]
    assert await codes(f"commune={SPA}&running_on=2026-07-01") == ["for-some"]
    assert await codes("category_limited=false") == ["here", "there"]
    assert await codes("q=enfants malad") == ["for-some"]
    assert await codes("organisation=centre") == []


async def test_a_partner_keeps_its_own_programme_and_no_other(referrals: UnderTest) -> None:
    own = {**PROGRAMME, "run_by": "centre"}
    assert (await send(referrals, "partner-centre", "PUT", f"{PROGRAMMES}/own", own)).status_code == 200
    other = await send(referrals, "partner-centre", "PUT", f"{PROGRAMMES}/other", PROGRAMME)
    assert (other.status_code, other.json()["code"]) == (403, "not-your-organisation")
    await send(referrals, "operator", "PUT", f"{PROGRAMMES}/theirs", PROGRAMME)
    taken = await send(referrals, "partner-centre", "PUT", f"{PROGRAMMES}/theirs", own, '"1"')
    assert (taken.status_code, taken.json()["code"]) == (403, "not-your-organisation")
