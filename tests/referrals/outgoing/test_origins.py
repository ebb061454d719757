"""Where outgoing referrals come from besides staff: orientations by the line, and redirected referrals."""

import asyncio
from uuid import UUID, uuid4

from shared.inbox import Outcome
from shared.testing.harness import UnderTest
from tests.referrals.outgoing.asking import (
    ANONYMOUS,
    CONSENT,
    SECRETS,
    answer,
    ask,
    knows,
    listed,
    oriented,
    told,
    view,
    work,
)
from tests.referrals.pushes import CANARIES, FULL, changed, fresh, id_of, push, step


async def test_an_orientation_is_one_tracked_referral_however_often_it_is_told(network: UnderTest) -> None:
    contact, person = uuid4(), uuid4()
    for _ in range(5):
        assert await oriented(network, contact, person) is Outcome.HANDLED
    outcomes = await asyncio.gather(*(oriented(network, contact, person) for _ in range(5)))
    assert set(outcomes) == {Outcome.HANDLED}
    [only] = await listed(network, f"?contact_id={contact}")
    found = await view(network, only["id"])
    assert (found["origin"], found["organisation"], found["person_id"]) == ("orientation", "centre", str(person))
    assert found["needs"] == ["housework"]
    assert len(await told(network, "outgoing-sent")) == 1
    await oriented(network, contact, person, "partner-other")
    assert len(await listed(network, f"?contact_id={contact}")) == 2


async def test_a_person_whom_the_line_oriented_is_disclosed_once_they_agree(network: UnderTest) -> None:
    await oriented(network, uuid4(), uuid4())
    [only] = await listed(network)
    async with network.client("partner-centre") as partner:
        place = f"/referrals/inbox/{only['id']}"
        withheld = await partner.get(place)
        assert (withheld.json()["person"], withheld.json()["withheld"]) == (None, True)
        assert not [word for word in SECRETS if word in withheld.text]
        assert (await work(network, only["id"], "disclosure", {"consent": CONSENT})).status_code == 201
        seen = (await partner.get(place)).json()
    assert (seen["person"]["given_names"], seen["withheld"]) == ("Serafine-Josse", False)
    assert [fact["discloses"] for fact in await told(network, "outgoing-sent")] == [False]


async def test_an_anonymous_orientation_is_tracked_by_its_contact(network: UnderTest) -> None:
    contact = uuid4()
    await oriented(network, contact, None)
    assert network.neighbours.asked == []
    [only] = await listed(network, f"?contact_id={contact}")
    assert (await view(network, only["id"]))["person_id"] is None
    assert (await answer(network, only["id"], "acceptance")).json()["state"] == "accepted"


async def test_an_orientation_waits_until_intake_can_be_asked(network: UnderTest) -> None:
    person = uuid4()
    outcome = await network.deliver(
        "intake.orientation-requested.v1",
        uuid4(),
        {"contact_id": uuid4(), "person_id": person, "organisation": "centre", "topics": []},
    )
    assert outcome is Outcome.WAITING
    assert await listed(network) == []


async def test_an_orientation_to_somebody_unknown_is_tracked_and_reached_by_hand(network: UnderTest) -> None:
    await oriented(network, uuid4(), None, "cercle-de-quartier")
    [only] = await listed(network)
    assert (only["organisation"], only["channel"], only["sent_at"]) == ("cercle-de-quartier", "manual", None)


async def test_staff_does_not_ask_again_what_the_line_has_asked(network: UnderTest) -> None:
    contact = uuid4()
    await oriented(network, contact, None)
    [only] = await listed(network)
    async with network.client("line-nurse") as nurse:
        again = await nurse.post("/referrals/outgoing", json={**ANONYMOUS, "contact_id": str(contact)})
    assert (again.status_code, again.json()["outgoing_id"]) == (409, only["id"])


async def test_a_redirected_referral_goes_on_to_the_other_organisation(network: UnderTest) -> None:
    path = await push(network, FULL)
    await step(network, "coordinator", path, "redirection", {"organisation": "centre"})
    [only] = await listed(network, f"?based_on={id_of(path)}")
    found = await view(network, only["id"])
    assert (found["origin"], found["chain_id"], found["urgency"]) == ("redirection", str(id_of(path)), "urgent")
    assert (found["needs"], found["commune"]) == (["housework"], "62063")
    async with network.client("partner-centre") as partner:
        seen = (await partner.get(f"/referrals/inbox/{only['id']}")).json()
    assert seen["person"]["family_name"] == CANARIES["family_name"]
    assert (seen["person"]["niss"], seen["person"]["general_practitioner"]) == (None, None)
    assert seen["reason_text"] == CANARIES["text"]


async def test_without_consent_a_redirected_referral_names_nobody(network: UnderTest) -> None:
    path = await push(network, changed(FULL, "/consent/given", False))
    await step(network, "coordinator", path, "redirection", {"organisation": "centre"})
    [only] = await listed(network)
    async with network.client("partner-centre") as partner:
        seen = await partner.get(f"/referrals/inbox/{only['id']}")
    assert (seen.json()["withheld"], seen.json()["person"], seen.json()["reason_text"]) == (True, None, None)
    assert not [word for word in CANARIES.values() if word in seen.text]


async def test_the_person_of_a_redirected_referral_is_known_once_intake_knows(network: UnderTest) -> None:
    path, person = await push(network, fresh()), uuid4()
    await step(network, "coordinator", path, "redirection", {"organisation": "centre"})
    identified = {"referral_id": id_of(path), "person_id": person}
    await network.deliver("intake.person-identified.v1", id_of(path), identified)
    [only] = await listed(network, f"?person_id={person}")
    assert only["origin"] == "redirection"


async def test_a_service_may_be_asked_by_its_own_road(network: UnderTest) -> None:
    async with network.client("coordinator") as client:
        known = {"organisation": "centre", "code": "meals", "name": "Repas", "domains": ["food"], "whole_region": True}
        made = await client.post("/referrals/directory/services", json={**known, "channel": "manual"})
        assert made.status_code == 201, made.text
    outgoing = await ask(network, service_id=made.json()["id"])
    assert (await view(network, outgoing))["channel"] == "manual"
    assert UUID(outgoing)
    await knows(network, "elsewhere")
    async with network.client("coordinator") as client:
        wrong = await client.post(
            "/referrals/outgoing",
            json={**ANONYMOUS, "organisation": "elsewhere", "service_id": made.json()["id"]},
        )
    assert wrong.status_code == 422
