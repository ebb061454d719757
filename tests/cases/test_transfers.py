"""A case changes hands only when the other side agrees."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.cases.world import ASSIGNMENT, CLOSURE, TODAY, YESTERDAY, World, named

SHEET = {
    "situation": "Vit seule avec son chat canari",
    "agreed": "Visite chaque mardi",
    "safety_notes": ["Chien dans la cour"],
    "contacts": [{"role": "infirmière à domicile", "organisation": "centre", "why": "passe chaque jour"}],
    "watch": ["Ne mange plus"],
    "person_informed": True,
    "person_informed_on": TODAY,
}
OFFER = {"kind": "transfer", "to_worker": "case-manager-social-worker", "reason": "workload"}
TAKEOVER = {"kind": "takeover-request", "reason": "knows-the-person"}
STEP = {"kind": "home-visit", "due_on": "2026-11-28"}
ACCEPTANCE = {"discipline": "social-worker", "next_step": STEP}
OWNER, OTHER = "case-manager-nurse", "case-manager-social-worker"


async def ready(world: World) -> str:
    """An owned case with its hand-over sheet."""
    case_id = await world.assigned()
    await world.done(case_id, "hand-over", SHEET)
    return case_id


async def asked(world: World, case_id: str, body: dict[str, Any] = OFFER, persona: str = OWNER) -> dict[str, Any]:
    """A transfer that waits for its answer."""
    answer = await world.step(case_id, "transfers", body, persona)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def answered(
    world: World, transfer: dict[str, Any], step: str, body: dict[str, Any], persona: str = OTHER, etag: str = '"1"'
) -> httpx.Response:
    """An answer to a transfer."""
    path = f"/cases/transfers/{transfer['id']}/{step}"
    return await world.as_(persona).post(path, json=body, headers={"if-match": etag})


async def lines(world: World) -> list[str]:
    """The reasons on the agenda."""
    return [reason for reason, _ in await world.agenda()]


async def test_an_accepted_transfer_gives_the_case_its_new_owner(world: World) -> None:
    case_id = await ready(world)
    transfer = await asked(world, case_id)
    assert "transfer-waiting" in await lines(world)
    assert (await world.view(case_id))["worker"] == OWNER

    accepted = await answered(world, transfer, "acceptance", ACCEPTANCE)

    assert (accepted.status_code, accepted.json()["state"]) == (201, "accepted")
    view = await world.view(case_id)
    assert (view["worker"], view["discipline"], view["next_step"]) == (OTHER, "social-worker", STEP)
    [handed] = await world.told("cases.case-handed-over.v1")
    assert (handed["worker"], handed["organisation"], handed["transfer_id"]) == (OTHER, "relais", transfer["id"])
    assert (await world.told("cases.case-assigned.v1"))[-1]["worker"] == OTHER
    assert "transfer-waiting" not in await lines(world)
    kinds = [entry["kind"] for entry in (await world.read(f"/cases/{case_id}/timeline"))["items"]]
    assert {"case-transfer-offered", "case-transfer-ended", "case-handed-over"} <= set(kinds)
    assert "canari" not in str(await world.service.announced())


async def test_a_request_to_take_over_is_answered_by_the_owner(world: World) -> None:
    case_id = await ready(world)
    transfer = await asked(world, case_id, TAKEOVER, OTHER)

    own = await answered(world, transfer, "acceptance", ACCEPTANCE, OTHER)
    granted = await answered(world, transfer, "acceptance", ACCEPTANCE, OWNER)

    assert (own.status_code, own.json()["code"]) == (403, "not-your-transfer")
    assert granted.status_code == 201
    assert (await world.view(case_id))["worker"] == OTHER


async def test_only_the_sides_of_a_transfer_answer_or_withdraw_it(world: World) -> None:
    case_id = await ready(world)
    stranger = await world.step(case_id, "transfers", OFFER, OTHER)
    transfer = await asked(world, case_id)

    by_owner = await answered(world, transfer, "acceptance", ACCEPTANCE, OWNER)
    withdrawn_by_receiver = await answered(world, transfer, "withdrawal", {}, OTHER)
    to_another = await answered(world, transfer, "acceptance", {**ACCEPTANCE, "worker": "somebody"})
    withdrawn = await answered(world, transfer, "withdrawal", {"note": "Je reste"}, OWNER)

    assert [each.status_code for each in (stranger, by_owner, withdrawn_by_receiver)] == [403] * 3
    assert named(to_another) == [("/worker", "not-the-one-named")]
    assert withdrawn.json()["state"] == "withdrawn"
    assert (await world.view(case_id))["worker"] == OWNER
    assert "transfer-waiting" not in await lines(world)


async def test_a_refused_transfer_leaves_the_case_where_it_is_and_is_not_answered_again(world: World) -> None:
    case_id = await ready(world)
    transfer = await asked(world, case_id)
    refused = await answered(world, transfer, "refusal", {"note": "Plus de place"})
    late = await answered(world, transfer, "acceptance", ACCEPTANCE, etag=refused.headers["etag"])
    stale = await answered(world, transfer, "acceptance", ACCEPTANCE)

    assert refused.json()["state"] == "refused"
    assert (late.status_code, late.json()["code"], late.json()["state"]) == (409, "transfer-ended", "refused")
    assert stale.status_code == 412
    assert (await world.view(case_id))["worker"] == OWNER


async def test_one_transfer_at_a_time(world: World) -> None:
    case_id = await ready(world)
    first = await asked(world, case_id)
    second = await world.step(case_id, "transfers", TAKEOVER, OTHER)
    assert (second.status_code, second.json()["code"], second.json()["transfer_id"]) == (
        409,
        "transfer-pending",
        first["id"],
    )
    await answered(world, first, "refusal", {"note": "Non"})
    await asked(world, case_id)


@pytest.mark.parametrize(
    ("step", "body"), [("closure", CLOSURE), ("assignment", {**ASSIGNMENT, "worker": "somebody-else"})]
)
async def test_a_transfer_lapses_when_the_case_ends_or_goes_elsewhere(
    world: World, step: str, body: dict[str, Any]
) -> None:
    case_id = await ready(world)
    transfer = await asked(world, case_id)
    await world.done(case_id, step, body)

    late = await answered(world, transfer, "acceptance", ACCEPTANCE)
    read = await world.read(f"/cases/transfers/{transfer['id']}")

    assert late.status_code == 412
    assert read["state"] == "lapsed"
    assert "transfer-waiting" not in await lines(world)


async def test_a_transfer_needs_a_hand_over_sheet_of_the_present_stretch(world: World) -> None:
    case_id = await world.assigned()
    missing = await world.step(case_id, "transfers", OFFER, OWNER)
    await world.done(case_id, "hand-over", SHEET)
    await world.done(case_id, "closure", CLOSURE)
    await world.done(case_id, "reopening", {"reason": "Perdu"})
    outdated = await world.step(case_id, "transfers", OFFER, OWNER)
    for each in (missing, outdated):
        assert (each.status_code, each.json()["code"]) == (409, "hand-over-missing")


async def test_to_another_organisation_the_case_moves_on_acceptance_and_shows_a_short_sheet_before(
    world: World,
) -> None:
    case_id = await ready(world)
    unknown = await world.step(case_id, "transfers", {"to_organisation": "other", "reason": "person-moved"}, OWNER)
    assert (unknown.status_code, named(unknown)) == (422, [("/to_organisation", "unknown-organisation")])
    await world.knows("other")
    transfer = await asked(world, case_id, {"to_organisation": "other", "reason": "person-moved"})

    async with (
        world.service.client(OTHER, org_id="other") as other,
        world.service.client(OTHER, org_id="third") as third,
    ):
        inbox = (await other.get("/cases/transfers?for=organisation")).json()["items"]
        before = await other.get(f"/cases/{case_id}")
        foreign = await third.get(f"/cases/transfers/{transfer['id']}")
        path = f"/cases/transfers/{transfer['id']}/acceptance"
        accepted = await other.post(path, json=ACCEPTANCE, headers={"if-match": '"1"'})
        after = await other.get(f"/cases/{case_id}")
        sheet = (await other.get(f"/cases/{case_id}/hand-over")).json()["sheet"]

    assert [each["id"] for each in inbox] == [transfer["id"]]
    assert "person_id" not in str(inbox)
    assert "canari" not in str(inbox)
    assert (before.status_code, foreign.status_code, accepted.status_code, after.status_code) == (404, 404, 201, 200)
    assert (after.json()["organisation"], after.json()["worker"]) == ("other", OTHER)
    assert sheet["situation"] == SHEET["situation"]
    assert (await world.as_("coordinator").get(f"/cases/{case_id}")).status_code == 404
    [handed] = await world.told("cases.case-handed-over.v1")
    assert (handed["from_organisation"], handed["organisation"]) == ("relais", "other")
    assert (await world.told("cases.case-assigned.v1"))[-1]["organisation"] == "other"


async def test_the_inbox_shows_who_has_to_answer(world: World) -> None:
    offered, wanted = await ready(world), await ready(world)
    first, second = await asked(world, offered), await asked(world, wanted, TAKEOVER, OTHER)

    async def inbox(persona: str, whose: str) -> list[str]:
        return [each["id"] for each in (await world.read(f"/cases/transfers?for={whose}", persona))["items"]]

    assert await inbox(OTHER, "me") == [first["id"]]
    assert await inbox(OWNER, "me") == [second["id"]]
    assert await inbox(OWNER, "sent") == [first["id"]]
    assert set(await inbox("coordinator", "organisation")) == {first["id"], second["id"]}


async def test_an_acceptance_sent_by_many_at_once_has_one_winner(world: World) -> None:
    case_id = await ready(world)
    transfer = await asked(world, case_id)

    answers = await asyncio.gather(*(answered(world, transfer, "acceptance", ACCEPTANCE) for _ in range(8)))

    assert sorted(each.status_code for each in answers) == [201] + [412] * 7
    assert len(await world.told("cases.case-handed-over.v1")) == 1


async def test_a_closing_and_an_acceptance_at_once_leave_one_of_the_two(world: World) -> None:
    for _ in range(5):
        case_id = await ready(world)
        transfer = await asked(world, case_id)
        closing, accepting = await asyncio.gather(
            world.step(case_id, "closure", CLOSURE), answered(world, transfer, "acceptance", ACCEPTANCE)
        )
        view, ended = await world.view(case_id), await world.read(f"/cases/transfers/{transfer['id']}")
        won = (closing.status_code, accepting.status_code)
        assert won in {(201, 412), (412, 201)}, (closing.text, accepting.text)
        expected = ("closed", "lapsed") if won == (201, 412) else ("open", "accepted")
        assert (view["state"], ended["state"]) == expected


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"reason": "workload"}, ("", "addressee")),
        ({**TAKEOVER, "to_worker": "x"}, ("", "addressee")),
        ({**OFFER, "reason": "bored"}, ("/reason", "not-one-of")),
        ({**OFFER, "to_worker": OWNER}, ("/to_worker", "owns-it-already")),
    ],
)
async def test_what_cannot_be_right_is_refused(world: World, body: dict[str, Any], fault: tuple[str, str]) -> None:
    case_id = await ready(world)
    answer = await world.step(case_id, "transfers", body, OWNER)
    assert (answer.status_code, named(answer)) == (422, [fault])


async def test_nobody_transfers_a_request_nor_to_an_absent_worker_nor_into_the_past(world: World) -> None:
    request = await world.opened()
    unowned = await world.step(request, "transfers", OFFER, "coordinator")
    assert (unowned.status_code, unowned.json()["allowed"]) == (409, ["waiting-list", "decline", "assignment"])
    case_id = await ready(world)
    transfer = await asked(world, case_id)
    past = {**ACCEPTANCE, "next_step": {**STEP, "due_on": YESTERDAY}}
    refused = await answered(world, transfer, "acceptance", past)
    assert named(refused) == [("/next_step/due_on", "in-past")]
    assert (await world.read(f"/cases/transfers/{transfer['id']}"))["state"] == "offered"
