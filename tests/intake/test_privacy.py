"""Canaries: made-up values put in at every door, then searched for where they must not be."""

import io
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from typing import Any
from uuid import uuid4

import pytest
import structlog

from shared import logs
from shared.testing.harness import UnderTest
from tests.intake.people import CALL, RECEIVED, niss_of, receive, told

Run = Callable[..., AbstractAsyncContextManager[UnderTest]]

FIRST, SECOND = niss_of(1950, 2, 3, 12), niss_of(1961, 4, 5, 21)
PERSON: dict[str, Any] = {
    "family_name": "Canarikson",
    "given_names": "Zebulonette",
    "birth_date": "1950-02-03",
    "niss": FIRST,
    "phones": ["+32470998877"],
    "email": "zebulonette@canary.example",
    "address": {"street": "Rue du Canarival", "city": "Canaripolis"},
}
NOTE = "canarinote about a pill"
CANARIES = ("canari", "zebulon", "470998877", "1950-02-03", FIRST, SECOND)


@pytest.fixture
def spoken(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """All that is logged or printed, at the finest level."""
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setattr(sys, "stderr", stream)
    logs.configure(level=0, stream=stream)
    for name, module in list(sys.modules.items()):
        if name.startswith(("shared.", "services.")) and hasattr(module, "log"):
            monkeypatch.setattr(module, "log", structlog.get_logger())
    yield stream
    monkeypatch.undo()
    logs.configure(level=50)


async def test_no_identity_and_no_note_leaves_by_events_logs_or_problems(run_service: Run, spoken: io.StringIO) -> None:
    problems: list[str] = []
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:

        async def refused(method: str, path: str, body: dict[str, Any], **headers: str) -> None:
            answer = await nurse.request(method, path, json=body, headers=headers)
            assert answer.status_code >= 400
            problems.append(answer.text)

        await receive(intake, {**PERSON, "hospital_number": "CANARI-1"})
        [new] = await told(intake, "person-registered")
        path = f"/intake/persons/{new['person_id']}"
        await receive(intake, {**PERSON, "niss": SECOND, "hospital_number": "CANARI-1"})
        [needed] = await told(intake, "identity-review-needed")
        decision = {"decision": "new"}
        review = f"/intake/identity-reviews/{needed['review_id']}/decision"
        assert (await nurse.post(review, json=decision, headers={"if-match": '"1"'})).status_code == 201
        call = {**CALL, "note": NOTE, "caller": {"kind": "relative", "relation": "canarisister"}}
        relayed = {**call, "outcome": "relayed", "reason": "unsafe-at-home", "urgency": "urgent"}
        assert (await nurse.post("/intake/contacts", json=call)).status_code == 201
        answer = await nurse.post("/intake/contacts", json={**relayed, "person_id": new["person_id"]})
        assert answer.status_code == 201
        change = {"phones": ["+32470998878"], "given_names": "Zebulonette Canaria"}
        assert (await nurse.patch(path, json=change, headers={"if-match": '"1"'})).status_code == 200
        assert (await nurse.post("/intake/persons/search", json={"niss": FIRST})).json()["items"]

        await refused("POST", "/intake/persons", PERSON)
        await refused("POST", "/intake/persons", {**PERSON, "phones": ["canari"], "niss": FIRST + "1"})
        await refused("PATCH", path, {"niss": SECOND}, **{"if-match": '"2"'})
        await refused("POST", "/intake/contacts", {**call, "reason": "canari"})
        await refused("POST", review, {"decision": "canari"}, **{"if-match": '"2"'})
        await receive(intake, {"given_names": "Zebulonette", "niss": FIRST})
        lost = uuid4()
        await intake.deliver(RECEIVED, lost, {"referral_id": "canari"})

        events = str(await intake.announced())
        async with intake.app.state.database.raw() as connection:
            parked = str(
                [
                    tuple(row)
                    for row in await connection.fetch("SELECT * FROM dead_letter WHERE aggregate_id <> $1", lost)
                ]
            )
    lines = spoken.getvalue()
    assert "person-identified" in events
    assert '"event"' in lines
    assert "poison" in parked
    for canary in CANARIES:
        for place in (events, lines, parked, *problems):
            assert canary.lower() not in place.lower()
