"""A new instrument without code: loaded, answered, scored, and frozen from then on."""

from typing import Any
from uuid import uuid4

from tests.assessment.deliveries import Run
from tests.assessment.test_forms import pack

SHEET = {"instrument": "made-up", "edition": "1998", "filled_on": "2026-11-19", "rater": "self"}


async def test_an_instrument_is_loaded_answered_and_scored_without_touching_code(run_service: Run) -> None:
    async with run_service("assessment") as service:
        body = {**SHEET, "person_id": str(uuid4()), "answers": {f"item_{number}": 4 for number in range(1, 6)}}
        async with service.client("case-manager-nurse") as nurse:
            early = await nurse.post("/assessment/sheets", json=body)
            assert (early.status_code, early.json()["errors"][0]["code"]) == (422, "unknown_instrument")
        async with service.client("operator") as operator:
            loaded = await operator.post("/assessment/instruments", json=pack())
            again = await operator.post("/assessment/instruments", json=pack())
            changed = await operator.post("/assessment/instruments", json=pack(name="Other"))
        assert (loaded.status_code, again.status_code) == (201, 201)
        assert (changed.status_code, changed.json()["code"]) == (409, "version-frozen")
        async with service.client("case-manager-nurse") as nurse:
            made = await nurse.post("/assessment/sheets", json=body)
            read = await nurse.get("/assessment/instruments/made-up/1.0.0")
        assert made.status_code == 201, made.text
        assert made.json()["result"]["scales"]["percent"]["value"] == 80
        assert read.json()["name"] == "Made up"
        published = [data for kind, data in await service.announced() if kind.endswith("instrument-published.v1")]
        assert [each["code"] for each in published] == ["made-up"]


async def test_only_an_operator_loads_and_nothing_wrong_is_stored(run_service: Run) -> None:
    async with run_service("assessment") as service:
        for persona in ("coordinator", "case-manager-nurse", "hospital-chu"):
            async with service.client(persona) as client:
                assert (await client.post("/assessment/instruments", json=pack())).status_code == 403
        wrong: dict[str, Any] = pack(scales=[{"code": "a", "order": 1, "rule": "sum", "scales": ["a"]}])
        async with service.client("operator") as operator:
            answer = await operator.post("/assessment/instruments", json=wrong)
            assert (answer.status_code, answer.json()["code"]) == (422, "invalid-instrument")
            assert answer.json()["contradictions"]
            assert (await operator.post("/assessment/instruments", json={**pack(), "colour": 1})).status_code == 422
            assert (await operator.post("/assessment/instruments", json=pack())).status_code == 201
