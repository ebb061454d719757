"""A contact on record never changes silently: a correction says what was, what is and why."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any
from uuid import uuid4

from tests.intake.contacts.desk import RELAYED, Desk
from tests.intake.people import CALL, faults

Open = Callable[..., AbstractAsyncContextManager[Desk]]


async def test_corrections_form_a_chain_from_which_the_first_words_can_be_read(open_desk: Open) -> None:
    async with open_desk() as desk:
        made = await desk.record(CALL)
        path = f"/intake/contacts/{made['id']}"
        assert (await desk.nurse.patch(path, json={"note": "x"})).status_code == 405
        steps: list[dict[str, Any]] = [
            {"note": "Asked about the wheelchair.", "topics": ["care.equipment"]},
            {"note": None, "started_at": "2026-11-20T08:55:00Z"},
        ]
        for number, changes in enumerate(steps):
            body = {"changes": changes, "reason": "typing-error", "explanation": "mixed up"}
            answer = await desk.post(f"{path}/amendments", body, number + 1)
            assert answer.status_code == 201, answer.text
            assert answer.headers["etag"] == f'"{number + 2}"'
        now = await desk.read(path)
        assert (now["note"], now["topics"], now["amendments"]) == (None, ["care.equipment"], 2)
        chain = (await desk.read(f"{path}/amendments"))["items"]
        original = dict(now)
        for amendment in reversed(chain):
            assert {name: original[name] for name in amendment["after"]} == amendment["after"]
            original |= amendment["before"]
        assert {**original, "amendments": 0} == {**made, "orientation": None}
        assert await desk.told("contact-amended") == [
            {
                "contact_id": made["id"],
                "number": number + 1,
                "changed": sorted(changes),
                "person_id": None,
                "previous_person_id": None,
            }
            for number, changes in enumerate(steps)
        ]
        assert await desk.listed("contacts?topic=care.equipment") == [made["id"]]
        assert await desk.listed("contacts?topic=care.medication") == []


async def test_a_relay_for_the_wrong_person_is_withdrawn_and_asked_for_the_right_one(open_desk: Open) -> None:
    async with open_desk() as desk:
        wrong, right = await desk.person(), await desk.person("Marcel")
        made = await desk.record(RELAYED, person_id=wrong)
        body = {"changes": {"person_id": right}, "reason": "wrong-person"}
        assert (await desk.post(f"/intake/contacts/{made['id']}/amendments", body, 2)).status_code == 201
        assert await desk.told("relay-withdrawn") == [{"request_id": made["id"], "person_id": wrong}]
        first, second = await desk.told("case-management-requested")
        assert (first["person_id"], second["person_id"]) == (wrong, right)
        assert first["request_id"] != second["request_id"]
        now = await desk.read(f"/intake/contacts/{made['id']}")
        assert (now["person_id"], now["request_id"]) == (right, second["request_id"])
        again = await desk.record(RELAYED, person_id=wrong)
        assert again["request_id"] == again["id"]
        assert await desk.listed(f"contacts?person_id={right}") == [made["id"]]


async def test_a_request_that_another_contact_repeated_is_not_withdrawn(open_desk: Open) -> None:
    async with open_desk() as desk:
        wrong, right = await desk.person(), await desk.person("Marcel")
        made = await desk.record(RELAYED, person_id=wrong)
        await desk.record(RELAYED, person_id=wrong)
        body = {"changes": {"person_id": right}, "reason": "wrong-person"}
        assert (await desk.post(f"/intake/contacts/{made['id']}/amendments", body, 2)).status_code == 201
        assert await desk.told("relay-withdrawn") == []
        assert len(await desk.told("case-management-requested")) == 2


BAD: list[tuple[dict[str, Any], tuple[str, str]]] = [
    ({"changes": {"outcome": "relayed"}, "reason": "other"}, ("/changes/outcome", "unknown-field")),
    ({"changes": {"note": "x"}}, ("/reason", "required")),
    ({"changes": {"note": "x"}, "reason": "whim"}, ("/reason", "not-one-of")),
    ({"changes": {"started_at": None}, "reason": "other"}, ("/changes/started_at", "wrong-type")),
    ({"changes": {"ended_at": "2026-11-20T08:00:00Z"}, "reason": "other"}, ("/changes/ended_at", "before-start")),
    ({"changes": {"reason": "at-capacity"}, "reason": "other"}, ("/changes/reason", "not-one-of")),
    ({"changes": {"person_id": str(uuid4())}, "reason": "other"}, ("/changes/person_id", "unknown")),
    ({"changes": {"note": "x" * 20_001}, "reason": "other"}, ("/changes/note", "too-long")),
]
"""A correction, and what is wrong with it."""


async def test_a_correction_that_cannot_be_changes_nothing(open_desk: Open) -> None:
    async with open_desk() as desk:
        made = await desk.record(CALL)
        path = f"/intake/contacts/{made['id']}"
        for body, fault in BAD:
            answer = await desk.post(f"{path}/amendments", body)
            assert (answer.status_code, fault in faults(answer)) == (422, True), answer.text
        same = {"changes": {"note": CALL["note"]}, "reason": "other"}
        assert (await desk.post(f"{path}/amendments", same)).json()["code"] == "nothing-amended"
        assert (await desk.post(f"{path}/amendments", same, 9)).status_code == 412
        assert (await desk.read(path)) == {**made, "orientation": None}
        async with desk.intake.client("case-manager-nurse") as other:
            answer = await other.post(f"{path}/amendments", json=same, headers={"if-match": '"1"'})
            assert answer.status_code == 403
