"""Cut-offs are loaded as data with the days on which they hold; they never overlap and never change."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest

from services.assessment.domain import load_content
from tests.assessment.deliveries import Run, told

LABELS = {"fr": "Haut", "nl": "Hoog", "de": "Hoch", "en": "High"}
PUBLISHED = "assessment.threshold-published.v1"


def cut_off(**changes: Any) -> dict[str, Any]:
    """A made-up cut-off on the raw sum of WHO-5."""
    made = {
        "instrument": "who-5",
        "editions": ["1998"],
        "code": "made_up",
        "labels": LABELS,
        "any_of": [{"results": ["raw"], "side": "at_least", "value": 12}],
        "valid_from": "2026-01-01",
        "valid_to": "2026-06-30",
        "rule_version": "made-up/1",
        "source": "made up for a test",
    }
    return {**made, **changes}


async def load(client: httpx.AsyncClient, **changes: Any) -> httpx.Response:
    """Load a cut-off."""
    return await client.post("/assessment/thresholds", json=cut_off(**changes))


async def test_a_loaded_cut_off_judges_sheets_of_its_days_and_is_frozen(run_service: Run) -> None:
    async with run_service("assessment") as service:
        async with service.client("operator") as operator:
            made, again, changed = [await load(operator, **each) for each in ({}, {}, {"source": "another"})]
            later = await load(operator, rule_version="made-up/2", valid_from="2026-07-01", valid_to=None)
        assert (made.status_code, again.status_code, later.status_code) == (201, 201, 201)
        assert (changed.status_code, changed.json()["code"]) == (409, "version-frozen")
        rules = []
        async with service.client("case-manager-nurse") as nurse:
            for day in ("2025-12-31", "2026-06-30", "2026-07-01"):
                body = {"instrument": "who-5", "edition": "1998", "filled_on": day, "rater": "self"}
                answers = {f"item_{number}": 3 for number in range(1, 6)}
                sheet = await nurse.post(
                    "/assessment/sheets", json={**body, "person_id": str(uuid4()), "answers": answers}
                )
                said = [each for each in sheet.json()["thresholds"] if each["code"] == "made_up"]
                rules.append([(each["rule_version"], each["crossed"]) for each in said])
        assert rules == [[], [("made-up/1", True)], [("made-up/2", True)]]
        assert [each["rule_version"] for each in await told(service, PUBLISHED)] == ["made-up/1", "made-up/2"]


REFUSED: dict[str, tuple[dict[str, Any], list[tuple[str, str]]]] = {
    "it overlaps by a day": ({"valid_from": "2026-06-30", "valid_to": None}, [("overlaps", "/valid_from")]),
    "it surrounds another": ({"valid_from": "2020-01-01", "valid_to": None}, [("overlaps", "/valid_from")]),
    "it ends one that has an end": (
        {"valid_from": "2026-03-01", "replaces": "made-up/1"},
        [("overlaps", "/valid_from")],
    ),
    "no such instrument": ({"instrument": "nowhere"}, [("unknown_instrument", "/instrument")]),
    "no such edition": ({"editions": ["1998", "2050"]}, [("unknown_edition", "/editions/1")]),
    "no such result": (
        {"any_of": [{"results": ["raw", "age"], "side": "below", "value": 3}]},
        [("unknown_result", "/any_of/0/results/1")],
    ),
}


@pytest.mark.parametrize("why", REFUSED)
async def test_a_cut_off_that_cannot_be_is_refused_and_nothing_is_stored(run_service: Run, why: str) -> None:
    change, expected = REFUSED[why]
    async with run_service("assessment") as service, service.client("operator") as operator:
        await load(operator)
        answer = await load(operator, rule_version="made-up/2", **change)
        listed = (await operator.get("/assessment/thresholds")).status_code
        async with service.app.state.database.raw() as connection:
            kept = await connection.fetchval("SELECT count(*) FROM threshold")
        assert (answer.status_code, kept, listed) == (422, 1, 403)
        assert [(fault["code"], fault["pointer"]) for fault in answer.json()["errors"]] == expected
        assert len(await told(service, PUBLISHED)) == 1


async def test_a_cut_off_that_ends_before_it_begins_is_refused(run_service: Run) -> None:
    async with run_service("assessment") as service, service.client("operator") as operator:
        answer = await load(operator, valid_to="2025-01-01")
        assert answer.status_code == 422


async def test_a_new_version_may_end_an_open_one_that_was_shipped(run_service: Run) -> None:
    shipped = next(each for each in load_content().thresholds.versions if each.instrument == "lace")
    new = {
        **shipped.model_dump(mode="json"),
        "rule_version": "lace-high/2",
        "valid_from": "2027-01-01",
        "replaces": shipped.rule_version,
    }
    async with run_service("assessment") as service:
        async with service.client("operator") as operator:
            unnamed = await operator.post("/assessment/thresholds", json={**new, "replaces": None})
            named = await operator.post("/assessment/thresholds", json=new)
        assert (unnamed.status_code, named.status_code) == (422, 201)
        async with service.client("coordinator") as coordinator:
            listed = (await coordinator.get("/assessment/thresholds")).json()["items"]
        assert [(each["rule_version"], each["valid_to"]) for each in listed if each["instrument"] == "lace"] == [
            (shipped.rule_version, "2026-12-31"),
            ("lace-high/2", None),
        ]


async def test_of_two_overlapping_cut_offs_loaded_at_once_one_is_taken(run_service: Run) -> None:
    async with run_service("assessment") as service, service.client("operator") as operator:
        answers = await asyncio.gather(*(load(operator, rule_version=f"made-up/{number}") for number in range(5)))
        assert sorted(answer.status_code for answer in answers) == [201, 422, 422, 422, 422]


@pytest.mark.parametrize("persona", ["coordinator", "case-manager-nurse", "hospital-chu"])
async def test_only_an_operator_loads_cut_offs(run_service: Run, persona: str) -> None:
    async with run_service("assessment") as service, service.client(persona) as client:
        assert (await load(client)).status_code == 403
