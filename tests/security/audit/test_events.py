"""The audit as FHIR R4: AuditEvents are searched, paged and read by who reads the audit, and that is recorded too."""

from typing import Any

import pytest

from shared.audit.fhir import PATTERNS, Interaction
from shared.ids import new_id
from tests.security.audit.records import last, records
from tests.security.audit.test_reading import Looked, looked

__all__ = ["looked"]

EVENTS = "/cases/audit/AuditEvent"


async def found(looked: Looked, **asked: Any) -> list[dict[str, Any]]:
    """The events of a search by address."""
    answer = await looked.world.as_("auditor").get(EVENTS, params=asked)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/fhir+json"
    bundle = answer.json()
    assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "searchset")
    return [entry["resource"] for entry in bundle["entry"]]


async def by_form(looked: Looked, **asked: Any) -> Any:
    """The answer to a search by form."""
    return await looked.world.as_("auditor").post(f"{EVENTS}/_search", data=asked)


async def test_events_are_found_by_date_agent_action_and_outcome(looked: Looked) -> None:
    await looked.asked("analyst", f"/cases/{looked.case}")
    await looked.asked("coordinator", "/cases")
    today = looked.service.clock.now()
    for asked, wanted in (
        ({"agent": "coordinator"}, 3),
        ({"agent": "analyst"}, 1),
        ({"agent": "coordinator", "action": "R"}, 2),
        ({"agent": "coordinator", "action": "E"}, 1),
        ({"agent": "coordinator", "action": "D"}, 0),
        ({"outcome": "4"}, 1),
        ({"outcome": "12"}, 0),
        ({"agent": "coordinator", "date": f"{today:%Y-%m-%d}"}, 3),
        ({"agent": "coordinator", "date": [f"ge{today:%Y-%m}", f"lt{today.year + 1}"]}, 3),
        ({"agent": "coordinator", "date": f"gt{today:%Y}"}, 0),
        ({"agent": "coordinator", "date": f"lt{today.isoformat()}"}, 0),
    ):
        events = await found(looked, **asked)
        assert len(events) == wanted, asked
        assert all(event["resourceType"] == "AuditEvent" for event in events)


async def test_the_letter_of_an_action_is_that_of_the_event(looked: Looked) -> None:
    await looked.world.agreed()
    every = {each["id"]: each["action"] for each in await found(looked, _count=100)}
    rows = {str(row["id"]): row for row in await records(looked.service)}
    for letter in "CRUDE":
        for event in await found(looked, action=letter, _count=100):
            row = rows.get(event["id"])
            assert event["action"] == letter
            assert row is None or PATTERNS[Interaction.of(row["method"], row["route"])][0] == letter
            assert every.pop(event["id"], letter) == letter
    assert every == {}


async def test_whom_it_is_about_is_asked_by_form_and_stands_in_no_address(looked: Looked) -> None:
    for asked in ({"patient": f"Patient/{looked.person}"}, {"entity": str(looked.person)}, {"entity": looked.case}):
        answer = await by_form(looked, **asked)
        assert answer.status_code == 200, answer.text
        events = [entry["resource"] for entry in answer.json()["entry"]]
        assert looked.case in str(events)
        assert looked.others_case not in str(events)
        assert str(looked.person) not in str(answer.json()["link"])
    assert (await looked.world.as_("auditor").get(EVENTS, params={"entity": str(looked.person)})).status_code == 422
    assert (await by_form(looked, entity=str(new_id()))).json()["entry"] == []


async def test_the_pages_hold_each_event_once(looked: Looked) -> None:
    for _ in range(7):
        await looked.asked("coordinator", f"/cases/{looked.case}")
    seen, path = [], f"{EVENTS}?agent=coordinator&_count=4"
    while path:
        bundle = (await looked.asked("auditor", path)).json()
        seen += [entry["resource"]["id"] for entry in bundle["entry"]]
        path = {link["relation"]: link["url"] for link in bundle["link"]}.get("next", "")
    assert (len(seen), seen) == (9, sorted(set(seen), reverse=True))
    form = {"agent": "coordinator", "_count": "4"}
    first = (await by_form(looked, **form)).json()
    then = await looked.world.as_("auditor").post(first["link"][1]["url"], data=form)
    assert [entry["resource"]["id"] for entry in then.json()["entry"]] == seen[4:8]


async def test_one_event_is_read_as_it_was_found(looked: Looked) -> None:
    [event, *_] = await found(looked, agent="coordinator")
    answer = await looked.asked("auditor", f"{EVENTS}/{event['id']}")
    assert answer.json() == event
    assert (await looked.asked("auditor", f"{EVENTS}/{new_id()}")).status_code == 404


async def test_searching_the_audit_is_audited_with_a_fingerprint_of_the_terms_alone(looked: Looked) -> None:
    terms = set()
    for patient in (looked.person, looked.other):
        await by_form(looked, patient=str(patient))
        row = await last(looked.service)
        assert (row["subject"], row["action"], row["route"]) == ("auditor", "audit:read", f"{EVENTS}/_search")
        terms.add(row["terms"])
    assert len(terms) == 2
    assert None not in terms


@pytest.mark.parametrize("persona", ["coordinator", "analyst", "operator", "hospital-chu", "service-intake"])
async def test_nobody_else_reads_it(looked: Looked, persona: str) -> None:
    for path in (EVENTS, f"{EVENTS}/{new_id()}"):
        assert (await looked.asked(persona, path)).status_code == 403
    assert (await looked.world.as_(persona).post(f"{EVENTS}/_search", data={})).status_code == 403


@pytest.mark.parametrize(
    "asked",
    [
        {"date": "yesterday"},
        {"date": "ge2026-13"},
        {"date": "0001"},
        {"action": "X"},
        {"outcome": "1"},
        {"_count": "0"},
        {"agent": "\0"},
        {"agent-name": "x"},
        {"cursor": "x"},
    ],
)
async def test_what_cannot_be_read_is_refused(looked: Looked, asked: dict[str, str]) -> None:
    assert (await looked.world.as_("auditor").get(EVENTS, params=asked)).status_code == 422
    assert (await by_form(looked, **asked)).status_code == 422
