"""Referrals in every state, by FHIR and by JSON, through real steps and the facts of the other services."""

import json
from typing import Any
from uuid import UUID, uuid4

from shared.clock import SystemClock, local_date
from shared.inbox import Outcome
from tests.referrals.clients.door import Door
from tests.referrals.clients.places import EXAMPLES
from tests.referrals.pushes import FULL, changed

FHIR_JSON = {"content-type": "application/fhir+json"}
GROUP = {"sum": 7, "max": 15, "answered_n": 5, "expected_n": 5, "flagged_n": 3, "sum_lower": 7, "sum_upper": 7}
SCALE = {**GROUP, "groups": {"living_conditions": GROUP, "relationships": {**GROUP, "sum": None, "answered_n": 4}}}


def transaction(number: str) -> dict[str, Any]:
    """The example transaction under an own number."""
    found: dict[str, Any] = json.loads((EXAMPLES / "fhir-transaction.json").read_text().replace("2026-000002", number))
    return found


def by_fhir(door: Door) -> str:
    """A referral by transaction; its id."""
    with door.client() as client:
        answer = client.post(door.fhir, json=transaction(str(uuid4())), headers=FHIR_JSON)
        assert answer.status_code == 200, answer.text
        places = [entry["response"]["location"] for entry in answer.json()["entry"]]
        return str(next(place.split("/")[1] for place in places if place.startswith("Task/")))


def by_json(door: Door) -> str:
    """A referral with everything by push; its id."""
    with door.client() as client:
        document = changed(FULL, "/identifier/value", str(uuid4()))
        answer = client.post("/referrals", json=document)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])


def tell(door: Door, fact: str, aggregate: UUID, **data: Any) -> None:
    """A fact of another service."""
    outcome = door.call(door.referrals.deliver(fact, aggregate, data))
    assert outcome is Outcome.HANDLED, f"{fact}: {outcome}"


def open_case(door: Door, referral: str) -> UUID:
    """Accept, and tell that the case is open."""
    door.step("coordinator", referral, "acceptance", {})
    case = uuid4()
    tell(door, "cases.case-opened.v1", case, case_id=case, origin_kind="referral", origin_id=referral, person_id=None)
    return case


def score(door: Door, referral: str) -> None:
    """Tell that the referral's first sheet was scored."""
    with door.client() as client:
        identifier = client.get(f"/referrals/{referral}").json()["document"]["sheets"][0]["identifier"]
    sheet = uuid4()
    door.neighbour.answers[f"/assessment/sheets/{sheet}/totals"] = {
        "sheet_id": str(sheet),
        "identifier": identifier,
        "instrument": "eladeb-r",
        "state": "completed",
        "scales": {"difficulty": SCALE, "need": {**SCALE, "sum": None}},
    }
    tell(door, "assessment.sheet-completed.v1", sheet, sheet_id=sheet, referral_id=referral, person_id=None)


def talk(door: Door, referral: str) -> None:
    """A question, its answer, and a word from each side."""
    door.step("line-nurse", referral, "information-request", {"question": "Who has the keys?"})
    door.step("hospital-chu", referral, "information", {"answer": "The neighbour."})
    door.step("line-nurse", referral, "information-request", {"question": "Since when?"})


def street(door: Door) -> dict[str, str]:
    """A referral in every state that its sender can see, by state."""
    found = {"received": by_json(door), "information-requested": by_fhir(door)}
    talk(door, found["information-requested"])
    score(door, found["received"])
    score(door, found["information-requested"])
    for state, step, body in (
        ("in-triage", "triage", {}),
        ("waiting-list", "waiting-list", {"note": "From January."}),
        ("accepted", "acceptance", {}),
        ("refused", "refusal", {"reason": "outside-area", "onward_path": "The centre of the region."}),
        ("redirected", "redirection", {"organisation": "centre", "note": "Nearer."}),
    ):
        found[state] = by_fhir(door)
        door.step("coordinator", found[state], step, body)
    found["cancelled"] = by_fhir(door)
    door.step("hospital-chu", found["cancelled"], "cancellation", {"reason": "Discharged elsewhere"})
    for state, reason in (("case-opened", None), ("closed", "goals-reached"), ("not-achieved", "deceased")):
        found[state] = by_fhir(door) if state != "closed" else by_json(door)
        in_care(door, found[state], reason)
    return found


def in_care(door: Door, referral: str, reason: str | None) -> None:
    """The whole course of a case, to its end where there is a reason for one."""
    case = open_case(door, referral)
    tell(door, "cases.case-assigned.v1", case, case_id=case, discipline="nurse", organisation="relais")
    tell(door, "cases.care-started.v1", case, case_id=case)
    tell(door, "cases.plan-agreed.v1", case, case_id=case, plan_version=1, items=[{"domain": "finances"}])
    if reason is None:
        door.step("hospital-chu", referral, "cancellation", {"reason": "The ward closes the form"})
        return
    tell(door, "cases.case-closed.v1", case, case_id=case, closed_on=local_date(SystemClock()), reason=reason)
    tell(
        door,
        "scheduler.follow-up-completed.v1",
        follow_up := uuid4(),
        follow_up_id=follow_up,
        case_id=case,
        kind="one-month",
        items=[{"status": "kept"}],
    )
