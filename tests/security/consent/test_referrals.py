"""A referral to an organisation needs the person's consent to share with it; withdrawn later, it is recalled."""

from typing import Any
from uuid import uuid4

import pytest

from shared.testing.harness import UnderTest
from tests.referrals.notifications.receivers import follow
from tests.referrals.outgoing.asking import CONSENT, DEMAND, SECRETS, ask, knows, oriented, told, view, work
from tests.referrals.outgoing.asking import listed as all_of
from tests.referrals.pushes import FULL, id_of, push, register
from tests.security.consent.saying import hear


@pytest.fixture
async def network(referrals: UnderTest) -> UnderTest:
    """The service with two organisations, one with a system."""
    await register(referrals)
    await knows(referrals, "centre")
    await knows(referrals, "partner-other", channel="manual")
    return referrals


async def send(service: UnderTest, **changes: Any) -> tuple[int, str]:
    """What comes of asking an organisation: the status, and the problem's code."""
    async with service.client("case-manager-nurse") as client:
        answer = await client.post("/referrals/outgoing", json={**DEMAND, **changes})
    return answer.status_code, answer.json().get("code", "")


async def test_without_consent_to_share_with_that_organisation_nothing_is_sent(network: UnderTest) -> None:
    person = str(uuid4())
    assert await send(network, person_id=person) == (409, "consent-missing")
    await hear(network, person, "sharing", about="partner-other")
    assert await send(network, person_id=person) == (409, "consent-missing")
    await hear(network, person, "sharing", "refused", about="centre", minutes=1)
    assert await send(network, person_id=person) == (409, "consent-refused")
    await hear(network, person, "sharing", about="centre", minutes=2)
    assert await send(network, person_id=person) == (201, "")
    assert len(await told(network, "outgoing-sent")) == 1


async def test_nobody_is_disclosed_past_the_record_of_consents_by_leaving_out_who_it_is(network: UnderTest) -> None:
    assert await send(network, person_id=None) == (422, "invalid-input")


async def test_a_sent_referral_is_recalled_and_its_document_no_longer_given(network: UnderTest) -> None:
    person = str(uuid4())
    outgoing = await ask(network, person_id=person)
    await work(network, outgoing, "messages", {"text": "Elle a douze canaris."})
    async with network.client("partner-centre") as partner:
        assert (await partner.get(f"/referrals/inbox/{outgoing}")).json()["person"]
        await hear(network, person, "sharing", "withdrawn", about="centre", minutes=9)
        seen = await partner.get(f"/referrals/inbox/{outgoing}")
        listed = (await partner.get("/referrals/inbox")).json()["items"]
        answers = [seen, await partner.get("/referrals/inbox")]
        kinds = ("Task", "ServiceRequest", "Communication", "Patient", f"Task/{outgoing}/_history")
        answers += [await partner.get(f"/referrals/fhir/{kind}") for kind in kinds]
        assert (await partner.get(f"/referrals/fhir/Patient/{outgoing}")).status_code == 404
        task = (await partner.get(f"/referrals/fhir/Task/{outgoing}")).json()
    assert seen.json()["recall_requested_at"] == listed[0]["recall_requested_at"] == "2026-01-05T09:09:00Z"
    assert (seen.json()["person"], seen.json()["messages"], seen.json()["consent"]) == (None, [], None)
    assert not [word for word in SECRETS for answer in answers if word in answer.text]
    assert task["businessStatus"]["coding"][0]["code"] == "recall-requested"
    assert (await view(network, outgoing))["recall_requested_at"] == "2026-01-05T09:09:00Z"
    [fact] = await told(network, "outgoing-recall-requested")
    assert fact == {"outgoing_id": outgoing, "organisation": "centre", "since": "2026-01-05T09:09:00Z"}
    refused = await work(network, outgoing, "messages", {"text": "Encore ceci."})
    assert (refused.status_code, refused.json()["code"]) == (409, "consent-refused")


async def test_the_partner_is_told_of_the_recall_by_its_webhook(network: UnderTest) -> None:
    person = str(uuid4())
    async with network.client("partner-centre") as partner:
        made = await partner.post("/referrals/webhooks", json={"url": "http://127.0.0.1:8443/notices"})
        assert made.status_code == 201, made.text
    await ask(network, person_id=person)
    await hear(network, person, "sharing", "withdrawn", about="centre", minutes=9)
    await follow(network)
    async with network.app.state.database.raw() as connection:
        kinds = await connection.fetch("SELECT kind FROM subscription_notice ORDER BY number")
    assert kinds[-1]["kind"] == "outgoing.recall-requested"


async def test_the_last_word_counts_in_whichever_order_it_is_told(network: UnderTest) -> None:
    person = str(uuid4())
    outgoing = await ask(network, person_id=person)
    await hear(network, person, "sharing", about="centre", minutes=20)
    await hear(network, person, "sharing", "withdrawn", about="centre", minutes=10)
    assert (await view(network, outgoing))["recall_requested_at"] is None
    await hear(network, person, "sharing", "withdrawn", about="centre", minutes=30)
    assert (await view(network, outgoing))["discloses"] is False
    await hear(network, person, "sharing", about="centre", minutes=40)
    again = await view(network, outgoing)
    assert (again["recall_requested_at"], again["discloses"]) == (None, True)


async def test_what_the_line_sent_is_disclosed_only_by_the_record(network: UnderTest) -> None:
    person = uuid4()
    await oriented(network, uuid4(), person)
    await hear(network, person, "sharing", "withdrawn", about="centre", minutes=9)
    [only] = await all_of(network)
    refused = await work(network, only["id"], "disclosure", {"consent": CONSENT})
    assert (refused.status_code, refused.json()["code"]) == (409, "consent-refused")


async def test_a_merge_brings_the_no_of_either_record_and_its_undo_takes_it_back(network: UnderTest) -> None:
    kept, merged, merge = str(uuid4()), str(uuid4()), uuid4()
    outgoing = await ask(network, person_id=kept)
    await hear(network, merged, "sharing", "refused", about="centre", minutes=9)
    both = {"merge_id": merge, "kept_id": kept, "merged_id": merged}
    await network.deliver("intake.persons-merged.v1", merge, both, 1)
    assert (await view(network, outgoing))["recall_requested_at"]
    await network.deliver("intake.merge-undone.v1", merge, both, 2)
    assert (await view(network, outgoing))["recall_requested_at"] is None


async def test_what_a_hospital_brings_is_told_to_the_record_once_its_person_is_known(network: UnderTest) -> None:
    referral = str(id_of(await push(network, FULL)))
    person = str(uuid4())
    identified = {"referral_id": referral, "person_id": person, "certainty": "certain"}
    await network.deliver("intake.person-identified.v1", uuid4(), identified)
    [fact] = await told(network, "consent-brought")
    assert fact == {
        "source_id": referral,
        "person_id": person,
        "purpose": "case-management",
        "recipient": None,
        "how": "oral",
        "on": "2026-11-18",
    }
