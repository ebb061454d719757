"""Who reads what: lists, pulls, the directory, and nothing personal in a fact."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import httpx
import pytest

from services.referrals.store import Organisations
from shared.testing.harness import UnderTest
from tests.referrals.pushes import (
    CANARIES,
    FULL,
    LONG_SHEET,
    MINIMAL,
    SHEET,
    changed,
    id_of,
    push,
    read,
    step,
)

LONG: Mapping[str, Any] = {**FULL, "sheets": [LONG_SHEET]}
HOME = "/sheets/0/answers/0"
WAY = "/sheets/0/answers/housework"


async def test_another_hospital_s_referral_does_not_exist_for_us(referrals: UnderTest) -> None:
    path = await push(referrals, FULL)
    async with referrals.client("hospital-other") as other:
        unknown = await other.get(f"/referrals/{uuid4()}")
        theirs = await other.get(path)
        cancelled = await other.post(f"{path}/cancellation", json={"reason": "x"}, headers={"if-match": '"1"'})
        informed = await other.post(f"{path}/information", json={"answer": "x"}, headers={"if-match": '"1"'})
        listed = await other.get("/referrals")
    for answer in (unknown, theirs, cancelled, informed):
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
    assert "etag" not in theirs.headers
    assert listed.json() == {"items": [], "next": None}
    assert (await read(referrals, path))["state"] == "received"


async def pages(client: httpx.AsyncClient, path: str) -> list[str]:
    """The ids of a list, page by page."""
    ids: list[str] = []
    following: str | None = path
    while following:
        page = await client.get(following)
        ids += [item["id"] for item in page.json()["items"]]
        link = page.headers.get("link")
        following = link.removeprefix("<").split(">")[0] if link else None
    return ids


async def test_lists_are_newest_first_each_one_s_own_and_stable_while_others_push(referrals: UnderTest) -> None:
    mine = []
    for number in range(9):
        referrals.clock.move(minutes=number % 2)
        mine.append(str(id_of(await push(referrals))))
    async with referrals.client("hospital-other") as other:
        assert (await other.post("/referrals", json=FULL)).status_code == 201
    async with referrals.client("hospital-chu") as client:
        assert await pages(client, "/referrals?limit=2") == mine[::-1]
        first = await client.get("/referrals?limit=4")
        await push(referrals)
        rest = await pages(client, first.headers["link"].removeprefix("<").split(">")[0])
        assert [item["id"] for item in first.json()["items"]] + rest == mine[::-1]
    async with referrals.client("coordinator") as coordinator:
        assert len(await pages(coordinator, "/referrals?limit=3")) == 11


async def test_a_list_shows_one_state_and_no_personal_data(referrals: UnderTest) -> None:
    path = await push(referrals, FULL)
    await push(referrals)
    await step(referrals, "coordinator", path, "acceptance", {})
    async with referrals.client("coordinator") as client:
        accepted = await client.get("/referrals", params={"state": "accepted"})
        unknown = await client.get("/referrals", params={"state": "lost"})
    assert [item["id"] for item in accepted.json()["items"]] == [str(id_of(path))]
    assert not any(canary in accepted.text for canary in CANARIES.values())
    assert unknown.status_code == 422


async def test_intake_pulls_who_it_is_and_assessment_pulls_the_sheets_and_nobody_else_does(
    referrals: UnderTest,
) -> None:
    path = await push(referrals, FULL)
    async with referrals.client("service-intake") as intake:
        demographics = (await intake.get(f"{path}/demographics")).json()
        assert (await intake.get(f"{path}/sheets")).status_code == 403
        assert (await intake.get(path)).status_code == 403
    async with referrals.client("service-assessment") as assessment:
        sheets = (await assessment.get(f"{path}/sheets")).json()
        assert (await assessment.get(f"{path}/demographics")).status_code == 403
    assert set(demographics) == {"person", "sender"}
    assert (demographics["sender"], demographics["person"]["niss"]) == ("chu", CANARIES["niss"])
    assert set(sheets) == {"sheets", "factors", "discharge_on"}
    assert (sheets["factors"], sheets["discharge_on"]) == (["carer_burden"], "2026-11-25")
    assert [sheet["answers"] for sheet in sheets["sheets"]] == [SHEET["answers"], LONG_SHEET["answers"]]
    assert not any(canary in json.dumps(sheets) for canary in CANARIES.values())


async def test_no_announced_fact_holds_a_word_about_the_person(referrals: UnderTest) -> None:
    notes = {"note": CANARIES["note"], "text": CANARIES["text"]}
    cancelled, refused, accepted = [
        await push(referrals, changed(FULL, "/identifier/value", str(number))) for number in range(3)
    ]
    await step(referrals, "line-nurse", cancelled, "triage")
    await step(referrals, "line-nurse", cancelled, "information-request", {"question": notes["note"]})
    await step(referrals, "hospital-chu", cancelled, "information", {"answer": notes["note"]})
    await step(referrals, "coordinator", cancelled, "waiting-list", {"note": notes["note"]})
    await step(referrals, "hospital-chu", cancelled, "cancellation", {"reason": notes["note"]})
    refusal = {"reason": "outside-area", "onward_path": notes["note"]}
    await step(referrals, "coordinator", refused, "refusal", refusal)
    await step(referrals, "coordinator", accepted, "acceptance", {"emergency_reason": notes["note"]})
    await step(referrals, "coordinator", accepted, "redirection", {"organisation": "centre", "note": notes["note"]})
    announced = [entry for entry in await referrals.announced() if "organisation-changed" not in entry[0]]
    assert len([kind for kind, _ in announced if kind.startswith(("referrals.referral-", "referrals.info"))]) == 11
    assert {"referrals.gap-recorded.v1", "referrals.outgoing-prepared.v1"} < {kind for kind, _ in announced}
    told = json.dumps(announced, ensure_ascii=False)
    hidden = [*CANARIES.values(), "addiction", "Kanarie", "H-77", "1950-02-03"]
    assert [canary for canary in hidden if canary in told] == []


async def test_the_directory_is_kept_by_operators_and_tells_only_changes(referrals: UnderTest) -> None:
    place = "/referrals/directory/organisations/centre"
    async with referrals.client("operator") as client:
        before = len(await referrals.types())
        same = await client.put(place, json={"name": "Centre", "kind": "other"})
        assert (same.status_code, len(await referrals.types())) == (200, before)
        other = await client.put(place, json={"name": "Centre", "kind": "coordination-centre"})
        corrected = {"code": "centre", "name": "Centre", "kind": "coordination-centre", "active": True}
        assert corrected.items() <= other.json().items()
        bad = await client.put("/referrals/directory/organisations/Bad%20Code", json={"name": "x", "kind": "other"})
        assert bad.status_code == 422
        listed = (await client.get("/referrals/directory/organisations")).json()["items"]
    assert [each["code"] for each in listed] == ["centre", "chu", "hospital-other", "relais"]
    changes = [data for kind, data in await referrals.announced() if kind == "referrals.organisation-changed.v1"]
    assert changes[-1] == {"organisation": "centre", "kind": "coordination-centre", "active": True}
    async with referrals.client("hospital-chu") as hospital:
        assert (await hospital.put(place, json={"name": "x", "kind": "other"})).status_code == 403


async def test_an_organisation_that_is_no_longer_active_sends_nothing_more(
    referrals: UnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Organisations, "kept_for", 0.0)
    async with referrals.client("operator") as operator, referrals.client("hospital-chu") as chu:
        path = "/referrals/directory/organisations/chu"
        await operator.put(path, json={"name": "CHU", "kind": "hospital", "active": False})
        answer = await chu.post("/referrals", json=MINIMAL)
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown-organisation")
