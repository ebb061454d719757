"""Every referral that leaves the programme comes back with an answer: by the partner's inbox, or recorded by staff."""

from uuid import uuid4

import pytest

from shared.testing.harness import UnderTest
from tests.referrals.outgoing.asking import (
    ANONYMOUS,
    CONSENT,
    DEMAND,
    HEARD,
    PERSON,
    REFUSAL,
    SECRETS,
    answer,
    ask,
    listed,
    told,
    view,
    work,
)

PARTNER_STEPS = {
    "acknowledgement": {},
    "acceptance": {},
    "waiting-list": {},
    "refusal": REFUSAL,
    "question": {"question": "Y a-t-il un ascenseur ?"},
    "progress": {"stage": "started"},
    "cancellation-grant": {},
    "messages": {"text": "bonjour"},
}


async def test_the_loop_closes_by_the_partners_inbox(network: UnderTest) -> None:
    outgoing = await ask(network, person_id=str(uuid4()))
    async with network.client("partner-centre") as partner:
        [waiting] = (await partner.get("/referrals/inbox?state=received")).json()["items"]
        seen = (await partner.get(f"/referrals/inbox/{outgoing}")).json()
    assert (waiting["id"], waiting["waits_for"]) == (outgoing, "fulfiller")
    assert seen["person"]["family_name"] == PERSON["family_name"]
    assert "person_id" not in seen
    states = []
    for step, body in (
        ("acknowledgement", {}),
        ("question", PARTNER_STEPS["question"]),
    ):
        states.append((await answer(network, outgoing, step, body)).json()["state"])
    states.append((await work(network, outgoing, "information", {"answer": "oui"})).json()["state"])
    for step, body in (
        ("acceptance", {"note": "dès lundi"}),
        ("progress", {"stage": "started"}),
        ("progress", {"stage": "paused", "reason": "readmitted"}),
        ("progress", {"stage": "resumed"}),
        ("progress", {"stage": "done", "reason": "goals-reached", "result": "Tout va bien."}),
    ):
        states.append((await answer(network, outgoing, step, body)).json()["state"])
    assert states == [
        "in-triage",
        "information-requested",
        "in-triage",
        "accepted",
        "case-opened",
        "paused",
        "case-opened",
        "closed",
    ]
    facts = [kind.removeprefix("referrals.") for kind in await network.types() if "outgoing" in kind]
    assert facts == [
        "outgoing-sent.v1",
        "outgoing-answered.v1",
        "outgoing-answered.v1",
        "outgoing-message-sent.v1",
        "outgoing-answered.v1",
        *["outgoing-progressed.v1"] * 3,
        "outgoing-closed.v1",
    ]
    found = await view(network, outgoing)
    assert [(message["kind"], message["actor"]) for message in found["messages"]] == [
        ("question", "coordinator"),
        ("answer", "sender"),
    ]
    assert found["messages"][1]["answers"] == 1
    assert (found["moves"][-1]["reason"], found["moves"][-1]["note"]) == ("goals-reached", "Tout va bien.")


async def test_nothing_personal_is_told_to_others(network: UnderTest) -> None:
    outgoing = await ask(network)
    await answer(network, outgoing, "question", {"question": "Madame Vandenkanarie ?"})
    await work(network, outgoing, "information", {"answer": "Serafine"})
    await answer(network, outgoing, "refusal", {**REFUSAL, "onward_path": "Rue du Canari"})
    everything = str(await network.announced())
    assert not [word for word in SECRETS if word in everything]


@pytest.mark.parametrize("consent", [None, {"given": False}])
async def test_nobody_is_disclosed_without_consent(network: UnderTest, consent: dict[str, bool] | None) -> None:
    async with network.client("line-nurse") as nurse:
        refused = await nurse.post("/referrals/outgoing", json={**DEMAND, "consent": consent})
        assert (refused.status_code, refused.json()["type"].rsplit("#", 1)[-1]) == (409, "consent-missing")
    assert await listed(network) == []


async def test_a_demand_about_nobody_needs_no_consent_and_can_be_given_a_person_later(network: UnderTest) -> None:
    outgoing = await ask(network, ANONYMOUS)
    async with network.client("partner-centre") as partner:
        seen = (await partner.get(f"/referrals/inbox/{outgoing}")).json()
    assert (seen["person"], seen["withheld"]) == (None, False)
    refused = await work(network, outgoing, "disclosure", {"disclosed": PERSON, "consent": {"given": False}})
    assert refused.status_code == 409
    given = await work(network, outgoing, "disclosure", {"disclosed": PERSON, "consent": CONSENT})
    assert (given.status_code, given.json()["discloses"]) == (201, True)
    assert len(await told(network, "outgoing-disclosed")) == 1


async def test_what_is_addressed_to_another_organisation_does_not_exist_for_a_partner(network: UnderTest) -> None:
    outgoing = await ask(network)
    async with network.client("partner-other") as other:
        assert (await other.get("/referrals/inbox")).json()["items"] == []
        assert (await other.get(f"/referrals/inbox/{outgoing}")).status_code == 404
    for step, body in PARTNER_STEPS.items():
        assert (await answer(network, outgoing, step, body, persona="partner-other")).status_code == 404
    assert (await view(network, outgoing))["state"] == "received"


async def test_each_side_has_its_own_routes(network: UnderTest) -> None:
    outgoing = await ask(network)
    for step, body in PARTNER_STEPS.items():
        for persona in ("case-manager-nurse", "coordinator", "hospital-chu"):
            assert (await answer(network, outgoing, step, body, persona=persona)).status_code == 403
    for persona in ("partner-centre", "hospital-chu", "analyst"):
        assert (await work(network, outgoing, "cancellation", {"reason": "x"}, persona=persona)).status_code == 403
        async with network.client(persona) as client:
            assert (await client.post("/referrals/outgoing", json=DEMAND)).status_code == 403
            assert (await client.get(f"/referrals/outgoing/{outgoing}")).status_code == 403


async def test_a_step_on_what_changed_meanwhile_is_refused(network: UnderTest) -> None:
    outgoing = await ask(network)
    async with network.client("partner-centre") as partner:
        place = f"/referrals/inbox/{outgoing}"
        etag = (await partner.get(place)).headers["etag"]
        codes = [
            (await partner.post(f"{place}/acknowledgement", json={}, headers=headers)).status_code
            for headers in ({"if-match": etag}, {"if-match": etag}, {})
        ]
    assert codes == [201, 412, 428]


async def test_a_step_that_the_state_forbids_names_what_is_allowed(network: UnderTest) -> None:
    outgoing = await ask(network)
    await answer(network, outgoing, "refusal", REFUSAL)
    again = await answer(network, outgoing, "acceptance")
    assert (again.status_code, again.json()["state"], again.json()["allowed"]) == (409, "refused", [])


async def test_the_same_request_sent_twice_asks_once(network: UnderTest) -> None:
    async with network.client("case-manager-nurse") as nurse:
        headers = {"idempotency-key": "k-1"}
        first = await nurse.post("/referrals/outgoing", json=DEMAND, headers=headers)
        second = await nurse.post("/referrals/outgoing", json=DEMAND, headers=headers)
    assert (first.status_code, second.content) == (201, first.content)
    assert len(await listed(network)) == 1


async def test_the_loop_closes_with_a_partner_that_has_no_system(network: UnderTest) -> None:
    outgoing = await ask(network, organisation="partner-other")
    prepared = await view(network, outgoing)
    assert (prepared["channel"], prepared["sent_at"], prepared["due_at"]) == ("manual", None, None)
    sent = (await work(network, outgoing, "sending", {"heard": {"how": "letter", "on": "2026-11-20"}})).json()
    assert sent["sent_at"]
    assert sent["due_at"]
    acknowledged = {"answer": {"kind": "acknowledgement"}, "heard": HEARD}
    assert (await work(network, outgoing, "answers", acknowledged)).json()["state"] == "in-triage"
    accepted = {"answer": {"kind": "acceptance", "note": "vient lundi"}, "heard": HEARD}
    assert (await work(network, outgoing, "answers", accepted)).json()["state"] == "accepted"
    done = {"answer": {"kind": "progress", "stage": "done"}, "heard": {**HEARD, "how": "meeting"}}
    closed = (await work(network, outgoing, "answers", done, persona="line-nurse")).json()
    assert closed["state"] == "closed"
    assert [move["recorded"] and (move["recorded"]["by"], move["recorded"]["how"]) for move in closed["moves"]] == [
        None,
        ("case-manager-nurse", "letter"),
        ("case-manager-nurse", "phone"),
        ("case-manager-nurse", "phone"),
        ("line-nurse", "meeting"),
        ("line-nurse", "meeting"),
    ]
    assert [fact["on_behalf"] for fact in await told(network, "outgoing-answered")] == [True, True]
    facts = [kind.split(".")[1] for kind in await network.types() if "outgoing" in kind]
    assert facts == ["outgoing-prepared", "outgoing-sent", *["outgoing-answered"] * 2, "outgoing-closed"]


async def test_it_is_sent_by_hand_once(network: UnderTest) -> None:
    outgoing = await ask(network, organisation="partner-other")
    body = {"heard": {"how": "phone", "on": "2026-11-20"}}
    assert (await work(network, outgoing, "sending", body)).status_code == 201
    assert (await work(network, outgoing, "sending", body)).status_code == 409
    future = await work(
        network, outgoing, "answers", {"answer": {"kind": "acceptance"}, "heard": {**HEARD, "on": "2026-11-21"}}
    )
    assert [(each["pointer"], each["code"]) for each in future.json()["errors"]] == [("/heard/on", "in-future")]


async def test_no_answer_is_reminded_then_given_up_and_counts_as_a_gap(network: UnderTest) -> None:
    outgoing = await ask(network)
    network.clock.move(days=7, minutes=1)
    await network.tick()
    await network.tick()
    assert [fact["reminders"] for fact in await told(network, "outgoing-overdue")] == [1]
    assert (await view(network, outgoing))["expired_at"] is None
    network.clock.move(days=7)
    await network.tick()
    await network.tick()
    assert [fact["outgoing_id"] for fact in await told(network, "outgoing-expired")] == [outgoing]
    assert sorted((gap["domain"], gap["reason"]) for gap in await told(network, "gap-recorded")) == [
        ("food", "no-answer"),
        ("housework", "no-answer"),
    ]
    [shown] = await listed(network, "?expired=true")
    assert (shown["id"], shown["state"]) == (outgoing, "received")


async def test_a_late_answer_is_still_an_answer(network: UnderTest) -> None:
    outgoing = await ask(network)
    for _ in range(3):
        network.clock.move(days=8)
        await network.tick()
    assert (await view(network, outgoing))["expired_at"]
    late = (await answer(network, outgoing, "acceptance")).json()
    assert late["state"] == "accepted"
    assert (await view(network, outgoing))["expired_at"] is None


async def test_a_day_to_answer_by_goes_before_the_setting(network: UnderTest) -> None:
    outgoing = await ask(network, answer_by="2026-11-23")
    assert (await view(network, outgoing))["due_at"] == "2026-11-23T16:00:00Z"
    network.clock.move(days=4)
    await network.tick()
    assert len(await told(network, "outgoing-overdue")) == 1


async def test_our_own_late_answer_is_reminded_and_never_expires(network: UnderTest) -> None:
    outgoing = await ask(network)
    await answer(network, outgoing, "question", {"question": "?"})
    for _ in range(4):
        network.clock.move(days=10)
        await network.tick()
    late = await told(network, "outgoing-overdue")
    assert {fact["waits_for"] for fact in late} == {"placer"}
    assert len(late) == 4
    assert await told(network, "outgoing-expired") == []


async def test_a_failed_referral_goes_to_another_organisation_and_the_chain_shows(network: UnderTest) -> None:
    first = await ask(network)
    await answer(network, first, "refusal", REFUSAL)
    elsewhere = {"organisation": "partner-other", "consent": CONSENT}
    second = (await work(network, first, "resending", elsewhere)).json()
    assert (second["origin"], second["replaces"], second["chain_id"]) == ("resending", first, first)
    assert second["disclosed"]["family_name"] == PERSON["family_name"]
    assert [each["id"] for each in await listed(network, f"?chain_id={first}")] == [second["id"], first]


async def test_sending_elsewhere_withdraws_what_waits_and_needs_a_consent_of_its_own(network: UnderTest) -> None:
    first = await ask(network)
    refused = await work(network, first, "resending", {"organisation": "partner-other"})
    assert refused.status_code == 409
    assert (await view(network, first))["state"] == "received"
    moved = await work(network, first, "resending", {"organisation": "partner-other", "consent": CONSENT})
    assert moved.status_code == 201
    before = await view(network, first)
    assert (before["state"], before["moves"][-1]["reason"]) == ("cancelled", "sent-elsewhere")


async def test_what_was_taken_on_is_not_sent_elsewhere(network: UnderTest) -> None:
    outgoing = await ask(network)
    await answer(network, outgoing, "acceptance")
    moved = await work(network, outgoing, "resending", {"organisation": "partner-other", "consent": CONSENT})
    assert moved.status_code == 409
    assert len(await listed(network)) == 1


async def test_once_begun_we_can_only_ask_to_end_it(network: UnderTest) -> None:
    outgoing = await ask(network)
    await answer(network, outgoing, "acceptance")
    await answer(network, outgoing, "progress", {"stage": "started"})
    asked = (await work(network, outgoing, "cancellation", {"reason": "autre solution"})).json()
    assert (asked["state"], asked["cancellation_requested"]) == ("case-opened", True)
    granted = await answer(network, outgoing, "cancellation-grant")
    assert granted.json()["state"] == "cancelled"
    assert [fact["code"] for fact in await told(network, "outgoing-cancelled")] == ["granted"]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"organisation": "nowhere"}, ("/organisation", "unknown-organisation")),
        ({"service_id": str(uuid4())}, ("/service_id", "unknown-service")),
        ({"needs": []}, ("/needs", "too-short")),
        ({"answer_by": "2026-11-19"}, ("/answer_by", "in-past")),
        ({"consent": {**CONSENT, "on": "2026-11-21"}}, ("/consent/on", "in-future")),
        ({"disclosed": {**PERSON, "birth_date": "2026-11-21"}}, ("/disclosed/birth_date", "in-future")),
        ({"disclosed": {**PERSON, "niss": "85073003327"}}, ("/disclosed/niss", "niss-check-digits")),
        ({"diagnosis": "F20"}, ("/diagnosis", "unknown-field")),
    ],
)
async def test_a_wrong_demand_is_refused_with_its_place(
    network: UnderTest, changes: dict[str, object], fault: tuple[str, str]
) -> None:
    async with network.client("coordinator") as client:
        refused = await client.post("/referrals/outgoing", json={**DEMAND, **changes})
    assert refused.status_code == 422
    assert [(each["pointer"], each["code"]) for each in refused.json()["errors"]] == [fault]
