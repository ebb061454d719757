"""Hidden and read-only fields: left out of every answer, refused in every request, for none to sort or filter by."""

from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID

import pytest
from fastapi import Response

from shared.fields import Fences, fences, without_hidden
from shared.ids import new_id
from tests.cases.world import ASSIGNMENT, VISIT, YESTERDAY, World, at_work
from tests.security.matrix.cases_records import DAYS, SHEET, WORKER

NURSE, SOCIAL = "case-manager-nurse", "case-manager-social-worker"
NURSING, SHARED = "Plaie au talon, à revoir.", "Le chien mord."


@pytest.fixture
async def world(run_service: Callable[..., Any]) -> AsyncIterator[World]:
    """A fresh cases service."""
    async with at_work(run_service("cases")) as found:
        yield found


async def visited(world: World, person_id: UUID | None = None) -> str:
    """A case of which the nurse has written, to nurses and to the team."""
    case_id = await world.opened(person_id=person_id)
    await world.done(case_id, "assignment", ASSIGNMENT)
    visit = {**VISIT, "nursing_note": NURSING, "note": SHARED}
    answer = await world.step(case_id, "visits", visit, NURSE)
    assert answer.status_code == 201, answer.text
    assert answer.json()["nursing_note"] == NURSING
    return case_id


async def test_a_nursing_note_is_for_nurses_and_what_is_shared_for_the_team(world: World) -> None:
    case_id = await visited(world)
    written = {**SHEET, "situation": "Vit seul."}
    sheet = await world.step(case_id, "hand-over", written, SOCIAL)
    assert sheet.status_code == 201, sheet.text
    for path in (f"/cases/{case_id}/visits", f"/cases/{case_id}/hand-over", f"/cases/{case_id}/timeline"):
        for persona, sees in ((NURSE, True), ("coordinator", True), (SOCIAL, False)):
            answer = await world.as_(persona).get(path)
            assert answer.status_code == 200, answer.text
            has_notes = not path.endswith("/timeline")
            assert (NURSING in answer.text) is (sees and has_notes), f"{persona} {path}"
            assert (SHARED in answer.text) is has_notes
            assert ("nursing_note" in answer.text) is (sees and has_notes)


async def test_the_line_reads_no_record_even_of_somebody_who_has_just_rung(world: World) -> None:
    person_id = new_id()
    case_id = await visited(world, person_id)
    await world.rung_by(person_id)
    line = world.as_("line-nurse")
    paths = ("visits", "visits/safety-notes", "plans", "timeline", "hand-over", "decisions", "complexity", "activities")
    assert {path: (await line.get(f"/cases/{case_id}/{path}")).status_code for path in paths} == dict.fromkeys(
        paths, 403
    )
    assert (await line.get(f"/cases/{case_id}")).status_code == 200


@pytest.mark.parametrize(
    ("persona", "field"), [(SOCIAL, "nursing_note"), (NURSE, "social_note"), ("coordinator", "nursing_note")]
)
async def test_writing_what_one_may_not_write_is_refused_with_a_pointer(world: World, persona: str, field: str) -> None:
    case_id = await world.assigned()
    refused = await world.step(case_id, "visits", {**VISIT, "on": YESTERDAY, field: "Un mot."}, persona)
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert refused.json()["errors"] == [{"pointer": f"/{field}", "code": "not-your-field"}]
    assert "Un mot" not in refused.text


async def test_a_kept_answer_is_given_without_what_is_hidden(world: World) -> None:
    case_id = await world.assigned()
    headers = {"if-match": await world.etag(case_id), "idempotency-key": "one"}
    path = f"/cases/{case_id}/visits"
    for _ in range(2):
        answer = await world.as_(SOCIAL).post(path, json={**VISIT, "social_note": "Loyer impayé."}, headers=headers)
        assert answer.status_code == 201, answer.text
        assert "nursing_note" not in answer.json()
        assert answer.json()["social_note"] == "Loyer impayé."
        assert answer.headers["content-length"] == str(len(answer.content))


async def test_the_analyst_asks_for_nobodys_work(world: World) -> None:
    for query in ({**DAYS, "group_by": "worker"}, {**DAYS, "group_by": "case"}, {**DAYS, "worker": "anne"}):
        refused = await world.as_("analyst").get("/cases/reports/activity", params=query)
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (403, "not-your-field")
        assert (await world.as_("coordinator").get("/cases/reports/activity", params=query)).status_code == 200
    assert (await world.as_("analyst").get("/cases/reports/activity", params=DAYS)).status_code == 200


async def test_a_team_is_the_workers_of_ones_programme(world: World) -> None:
    await world.knows("relais")
    for subject, programme in ((NURSE, "one"), ("anne", "one"), ("bert", "two")):
        answer = await world.as_("coordinator").put(
            f"/cases/workers/{subject}", json={**WORKER, "programme": programme}
        )
        assert answer.status_code == 200, answer.text
    seen = [each["subject"] for each in (await world.read("/cases/workers", NURSE))["items"]]
    assert seen == ["anne", NURSE]
    assert (await world.as_(NURSE).get("/cases/workers/bert")).status_code == 404
    assert (await world.read("/cases/workers", SOCIAL))["items"] == []
    assert len((await world.read("/cases/workers", "line-nurse"))["items"]) == 3


def test_of_several_roles_the_one_that_may_see_counts() -> None:
    both = frozenset({NURSE, SOCIAL})
    assert fences("case:read", both).hidden == frozenset()
    assert fences("case:read", frozenset({NURSE})).hidden == {"social_note"}
    assert fences("case:read", frozenset({"coordinator"})) == Fences(
        frozenset(), frozenset({"nursing_note", "social_note"})
    )


def test_hidden_columns_are_left_out_of_an_export() -> None:
    table = Response("\ufeffworker;minutes\r\nanne;20\r\n", media_type="text/csv; charset=utf-8")
    assert bytes(without_hidden(table, Fences(frozenset({"worker"}))).body).decode().split() == ["minutes", "20"]
