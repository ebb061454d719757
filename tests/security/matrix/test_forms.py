"""What is hidden from a role is in no form of an answer: not in JSON, tables, workbooks or pages, nor by asking."""

import io
import json
import zipfile
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from fastapi import Response
from fastapi.routing import iter_route_contexts
from starlette.responses import StreamingResponse

from services.__main__ import NAMES, load
from services.cases.api.reports import XLSX
from shared.access import Anyone, published, rules_of
from shared.fields import Fences, without_hidden
from shared.host import described
from tests.cases.world import TODAY, VISIT, World, at_work
from tests.security.matrix.cases_records import DAYS

NURSE, SOCIAL, LINE = "case-manager-nurse", "case-manager-social-worker", "line-nurse"
CLEARED = {"report_activity", "report_funding"}
"""Routes that answer with pages or workbooks and leave out themselves what is hidden."""
PLAIN = {"application/json", "application/fhir+json", "text/csv", "application/problem+json"}
FORMS = ("application/json", "text/csv", "text/html", XLSX)
SECRET = frozenset({"secret"})


@pytest.fixture
async def world(run_service: Callable[..., Any]) -> AsyncIterator[World]:
    """A fresh cases service."""
    async with at_work(run_service("cases")) as found:
        yield found


def unpacked(answer: Any) -> str:
    """All that an answer says, a workbook's parts included."""
    if answer.headers["content-type"].startswith(XLSX):
        with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
            return "".join(book.read(name).decode() for name in book.namelist())
    return str(answer.text)


def test_every_route_with_hidden_fields_answers_in_a_form_that_can_be_cleared() -> None:
    """A route of such a resource with another form must say that it clears it, and be tested here."""
    clearing, others = set(), {}
    for service in load(NAMES):
        app = described(service)
        contract = app.openapi()["paths"]
        for route in iter_route_contexts(app.routes):
            [rule] = rules_of(route.dependant) if route.dependant else [Anyone()]
            if str(getattr(rule, "action", "")).partition(":")[0] not in published().fields:
                continue
            if getattr(rule, "clears", False):
                clearing.add(route.name)
            paths = [each for each in contract.values() for one in each.values() if one["operationId"] == route.name]
            media = {
                kind
                for each in paths
                for one in each.values()
                for kind in one["responses"].get("200", {}).get("content", {})
            }
            if not media <= PLAIN:
                others[route.name] = media
    assert clearing == CLEARED
    assert set(others) <= CLEARED


@pytest.mark.parametrize(
    "answer",
    [
        Response(json.dumps({"items": [{"secret": "S", "a": {"secret": ["S"]}}]}), media_type="application/json"),
        Response(json.dumps({"resourceType": "X", "secret": "S"}), media_type="application/fhir+json"),
        Response("a;secret\r\n1;S\r\n", media_type="text/csv"),
        Response('secret,a\r\n"S",1\r\n', media_type="text/csv; charset=utf-8"),
    ],
)
def test_tables_and_documents_are_cleared(answer: Response) -> None:
    body = bytes(without_hidden(answer, Fences(SECRET)).body).decode()
    assert "S" not in body
    assert "secret" not in body


@pytest.mark.parametrize(
    "answer",
    [
        Response("<p>S</p>", media_type="text/html"),
        Response(b"PK", media_type=XLSX),
        Response(b"%PDF", media_type="application/pdf"),
        Response("S", media_type="text/calendar"),
        Response("S"),
        StreamingResponse(iter(["data: S"]), media_type="text/event-stream"),
        StreamingResponse(iter(['{"secret": "S"}']), media_type="application/json"),
    ],
)
def test_what_cannot_be_cleared_is_not_given(answer: Response) -> None:
    with pytest.raises(TypeError, match="cannot be cleared"):
        without_hidden(answer, Fences(SECRET))
    assert without_hidden(answer, Fences(SECRET, clears=True)) is answer
    assert without_hidden(answer, Fences()) is answer


async def test_no_form_of_a_report_names_a_worker_or_a_case_to_the_analyst(world: World) -> None:
    case_id = await world.assigned()
    await world.done(case_id, "visits", VISIT)
    for kind in ("activity", "funding"):
        path = f"/cases/reports/{kind}"
        for form in FORMS:
            headers = {"accept": form}
            whole = {**DAYS, "from": "2026-01-01", "to": TODAY, "group_by": ["worker", "case"]}
            seen = await world.as_("coordinator").get(path, params=whole, headers=headers)
            assert seen.status_code == 200, seen.text
            assert case_id in unpacked(seen), form
            for group in ("worker", "case"):
                asked = await world.as_("analyst").get(path, params={**whole, "group_by": [group]}, headers=headers)
                assert asked.status_code == 403, (form, group)
            for groups in ([], ["kind"], ["discipline"]):
                given = await world.as_("analyst").get(path, params={**whole, "group_by": groups}, headers=headers)
                assert given.status_code == 200, given.text
                told = unpacked(given)
                assert case_id not in told
                assert NURSE not in told


async def test_the_line_sees_contact_and_reason_and_no_plan_note_or_mission(world: World) -> None:
    case_id = await world.agreed()
    member = {"kind": "informal", "relation": "child", "mission": "Passe le soir.", "note": "Boit parfois."}
    answer = await world.step(case_id, "circle", member)
    assert answer.status_code == 201, answer.text
    line, nurse = world.as_(LINE), world.as_(NURSE)
    for path in (f"/cases/{case_id}", f"/cases/{case_id}/circle", f"/cases/{case_id}/overlap"):
        seen, whole = await line.get(path), await nurse.get(path)
        assert (seen.status_code, whole.status_code) == (200, 200), path
        for word in ("Passe le soir.", "Boit parfois.", "person_words", '"mission"', '"note"'):
            assert word not in seen.text, path
    assert "Boit parfois." in (await nurse.get(f"/cases/{case_id}/circle")).text
    told = (await line.get(f"/cases/{case_id}")).json()
    assert {"urgency", "state", "worker", "origin_kind", "tasks"} <= told.keys()
    assert {"plan", "draft"}.isdisjoint(told)
    assert "plan" in (await nurse.get(f"/cases/{case_id}")).json()


async def test_the_line_may_tell_what_it_is_not_shown(world: World) -> None:
    case_id = await world.agreed()
    [member, *_] = (await world.read(f"/cases/{case_id}/circle", NURSE))["members"]
    informed = {"member_id": member["id"], "step": "opening", "channel": "phone", "on": TODAY, "consent": "oral"}
    answer = await world.step(case_id, "information", {**informed, "note": "Rappeler lundi."}, LINE)
    assert answer.status_code == 201, answer.text
    assert "Rappeler" not in answer.text
    listed = await world.as_(NURSE).get(f"/cases/{case_id}/information")
    assert "Rappeler lundi." in listed.text
    assert "Rappeler" not in (await world.as_(LINE).get(f"/cases/{case_id}/information")).text
