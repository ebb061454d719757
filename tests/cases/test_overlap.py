"""Who else follows the person of a case: flagged, kept up to date, and nothing disclosed across organisations."""

import json
from pathlib import Path
from uuid import UUID

from shared.ids import new_id
from shared.inbox import Outcome
from tests.cases.world import ASSIGNMENT, World, identified

CONTRACTS = Path(__file__).parents[2] / "shared" / "contracts" / "referrals"

NURSE = {
    "kind": "professional",
    "role": "home-nurse",
    "organisation": "centre",
    "since": "2024-03-01",
    "mission": "Pansements deux fois par semaine, rien le dimanche",
    "provides": ["physical_health"],
    "provides_since": "2024-03-01",
    "consent_to_share": True,
}


async def test_another_running_case_of_the_person_is_flagged_and_blocks_nothing(world: World) -> None:
    person_id = new_id()
    first, second = await world.opened(person_id=person_id), await world.opened(person_id=person_id)

    overlap = await world.read(f"/cases/{second}/overlap")

    assert overlap["overlap"] is True
    assert [(each["case_id"], each["state"]) for each in overlap["cases"]] == [(first, "requested")]
    assert [item["case_id"] for item in (await world.read("/cases/overlaps"))["items"]] == [first, second]
    await world.done(second, "assignment", ASSIGNMENT)
    await world.done(first, "decline", {"reason": "followed-elsewhere", "onward_path": "Le dossier en cours"})
    assert (await world.read(f"/cases/{second}/overlap"))["overlap"] is False
    assert (await world.read("/cases/overlaps"))["items"] == []


async def test_of_a_case_elsewhere_only_the_organisation_is_told(world: World) -> None:
    person_id = new_id()
    ours, theirs = await world.opened(person_id=person_id), await world.opened(person_id=person_id)
    async with world.service.app.state.database.raw() as connection:
        await connection.execute("UPDATE \"case\" SET organisation = 'elsewhere' WHERE id = $1", UUID(theirs))

    overlap = await world.read(f"/cases/{ours}/overlap")

    assert overlap["cases"] == [{"organisation": "elsewhere", "case_id": None, "state": None, "worker": None}]


async def hear_of(world: World, kind: str, outgoing_id: UUID, **told: object) -> None:
    """Deliver what referrals tells of an outgoing referral, as its contract's example has it but for what is told."""
    example = json.loads((CONTRACTS / f"referrals.{kind}.v1.example.json").read_text())
    nobody = {"person_id": None, "case_id": None, "based_on": None, "replaces": None} if kind == "outgoing-sent" else {}
    data = {**example, **nobody, "outgoing_id": outgoing_id, **told}
    assert await world.hear(f"referrals.{kind}.v1", outgoing_id, data) is Outcome.HANDLED


async def test_what_other_organisations_are_asked_for_the_person_is_kept_up(world: World) -> None:
    person_id, referral_id = new_id(), new_id()
    based, linked = sorted((new_id(), new_id()))
    await world.hear("intake.person-identified.v1", referral_id, identified(referral_id, person_id))
    await hear_of(world, "outgoing-sent", based, based_on=referral_id)
    await hear_of(world, "outgoing-sent", linked)
    await hear_of(world, "outgoing-person-linked", linked, person_id=person_id)
    await hear_of(world, "outgoing-answered", linked, state="accepted")
    case_id = await world.opened(person_id=person_id)

    asked = (await world.read(f"/cases/{case_id}/overlap"))["asked"]
    assert [(each["outgoing_id"], each["state"]) for each in asked] == [
        (str(based), "received"),
        (str(linked), "accepted"),
    ]
    assert [item["case_id"] for item in (await world.read("/cases/overlaps"))["items"]] == [case_id]

    await hear_of(world, "outgoing-cancelled", based)
    await hear_of(world, "service-status-changed", linked, status="used")
    await hear_of(world, "outgoing-closed", linked, achieved=True)
    asked = (await world.read(f"/cases/{case_id}/overlap"))["asked"]
    assert [(each["state"], each["in_use"]) for each in asked] == [("closed", True)]


async def test_who_is_in_place_before_the_opening_is_shown_with_the_mission(world: World) -> None:
    await world.knows("centre")
    case_id = await world.opened()
    await world.done(case_id, "circle", NURSE)

    overlap = await world.read(f"/cases/{case_id}/overlap")

    assert overlap["overlap"] is False
    (provider,) = overlap["providers"]
    assert (provider["organisation"], provider["mission"]) == ("centre", NURSE["mission"])
    assert (provider["provides"], provider["provides_since"]) == (["physical_health"], "2024-03-01")
