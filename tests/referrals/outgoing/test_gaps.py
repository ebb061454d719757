"""Needs that met no help are told, once and without a person; who is left without is known by id."""

from typing import Any
from uuid import UUID, uuid4

from shared.testing.harness import UnderTest
from tests.referrals.outgoing.asking import ANONYMOUS, CONSENT, REFUSAL, answer, ask, oriented, told, work
from tests.referrals.pushes import FULL, fresh, id_of, push, step
from tests.security.consent.saying import hear


async def left_without(referrals: UnderTest) -> list[dict[str, Any]]:
    """The register of people left without."""
    async with referrals.client("case-manager-nurse") as client:
        return list((await client.get("/referrals/left-without")).json()["items"])


async def refused(referrals: UnderTest, document: Any = None, reason: str = "at-capacity") -> str:
    """An incoming referral that was refused."""
    path = await push(referrals, document)
    answered = await step(referrals, "coordinator", path, "refusal", {"reason": reason, "onward_path": "x"})
    assert answered.status_code == 201
    return path


async def test_every_refusal_of_ours_is_a_gap_per_need(network: UnderTest) -> None:
    await refused(network, FULL)
    [gap] = await told(network, "gap-recorded")
    assert {name: gap[name] for name in gap if name != "gap_id"} == {
        "source": "incoming",
        "domain": "housework",
        "commune": "62063",
        "reason": "at-capacity",
        "month": "2026-11",
        "source_id": None,
    }


async def test_a_demand_that_names_no_need_counts_as_unknown(network: UnderTest) -> None:
    await refused(network, fresh())
    [gap] = await told(network, "gap-recorded")
    assert (gap["domain"], gap["commune"]) == ("unknown", None)


async def test_a_refusal_by_a_partner_is_a_gap_and_a_sensitive_need_is_told_as_other(network: UnderTest) -> None:
    outgoing = await ask(network, ANONYMOUS, needs=["addiction", "food"])
    await answer(network, outgoing, "refusal", REFUSAL)
    gaps = await told(network, "gap-recorded")
    assert sorted((gap["domain"], gap["source"]) for gap in gaps) == [("food", "outgoing"), ("other", "outgoing")]


async def test_what_is_served_by_another_road_is_no_gap(network: UnderTest) -> None:
    path, person = await push(network, FULL), uuid4()
    identified = {"referral_id": id_of(path), "person_id": person}
    await network.deliver("intake.person-identified.v1", id_of(path), identified)
    case = uuid4()
    opened = {"case_id": case, "origin_kind": "contact", "origin_id": uuid4(), "person_id": person}
    await network.deliver("cases.case-opened.v1", case, opened)
    assert "referrals.referral-refused.v1" in await network.types()
    assert await told(network, "gap-recorded") == []


async def test_a_contact_that_nobody_could_help_is_a_gap_once(network: UnderTest) -> None:
    contact = uuid4()
    for outcome in ("no-one-could-help", "no-one-could-help", "answered"):
        data = {"contact_id": contact, "outcome": outcome, "topics": ["need.housework", "rights"]}
        await network.deliver("intake.contact-recorded.v1", contact, data)
    gaps = await told(network, "gap-recorded")
    assert sorted(gap["domain"] for gap in gaps) == ["housework", "rights"]
    assert {gap["source_id"] for gap in gaps} == {str(contact)}


async def test_a_demand_that_nothing_exists_for_is_told_and_counted_nowhere_else_than_in_intake(
    network: UnderTest,
) -> None:
    async with network.client("line-nurse") as nurse:
        body = {"needs": ["food"], "commune": "62063"}
        assert (await nurse.post("/referrals/gaps", json=body)).status_code == 204
    [gap] = await told(network, "gap-recorded")
    assert (gap["domain"], gap["commune"], gap["reason"]) == ("food", "62063", "no-service")
    for persona in ("coordinator", "analyst"):
        async with network.client(persona) as client:
            assert (await client.get("/referrals/gaps")).status_code == 405


async def test_a_refused_person_is_left_without_until_somebody_accepts(network: UnderTest) -> None:
    path = await refused(network, FULL)
    [left] = await left_without(network)
    assert (left["kind"], left["referral_id"], left["reason"], left["is_pending"]) == (
        "incoming",
        str(id_of(path)),
        "at-capacity",
        False,
    )
    person = uuid4()
    identified = {"referral_id": id_of(path), "person_id": person}
    await network.deliver("intake.person-identified.v1", id_of(path), identified)
    network.clock.move(hours=1)
    first = await ask(network, person_id=str(person))
    assert [each["is_pending"] for each in await left_without(network)] == [True]
    await answer(network, first, "refusal", REFUSAL)
    assert [(each["kind"], each["referral_id"]) for each in await left_without(network)] == [("outgoing", first)]
    network.clock.move(hours=1)
    await hear(network, person, "sharing", about="partner-other")
    moved = await work(network, first, "resending", {"organisation": "partner-other", "consent": CONSENT})
    second = moved.json()["id"]
    heard = {"how": "phone", "on": "2026-11-20"}
    await work(network, second, "answers", {"answer": {"kind": "acceptance"}, "heard": heard})
    assert await left_without(network) == []


async def test_a_person_whom_we_follow_ourselves_is_not_left_without(network: UnderTest) -> None:
    person, case = uuid4(), uuid4()
    outgoing = await ask(network, person_id=str(person))
    await answer(network, outgoing, "refusal", REFUSAL)
    assert len(await left_without(network)) == 1
    opened = {"case_id": case, "origin_kind": "contact", "origin_id": uuid4(), "person_id": person}
    await network.deliver("cases.case-opened.v1", case, opened)
    assert await left_without(network) == []


async def test_nobody_is_left_without_by_a_duplicate_or_by_their_own_no(network: UnderTest) -> None:
    for reason in ("duplicate", "existing-case-manager", "patient-refused"):
        await refused(network, fresh(), reason)
    assert await left_without(network) == []
    await refused(network, fresh(), "no-consent")
    assert len(await left_without(network)) == 1


async def test_an_anonymous_contact_without_an_answer_is_on_the_register_by_its_chain(network: UnderTest) -> None:
    await oriented(network, uuid4(), None)
    for _ in range(2):
        network.clock.move(days=8)
        await network.tick()
    [left] = await left_without(network)
    assert (left["person_id"], left["reason"]) == (None, "no-answer")


async def test_the_register_goes_on_page_by_page(network: UnderTest) -> None:
    for _ in range(5):
        await refused(network, fresh())
        network.clock.move(minutes=1)
    seen, place = [], "/referrals/left-without?limit=2"
    async with network.client("coordinator") as client:
        while place:
            page = (await client.get(place)).json()
            seen += [each["referral_id"] for each in page["items"]]
            place = f"/referrals/left-without?limit=2&cursor={page['next']}" if page["next"] else ""
    assert len(seen) == len(set(seen)) == 5


async def test_registers_are_for_staff_alone(network: UnderTest) -> None:
    for persona in ("hospital-chu", "partner-centre"):
        async with network.client(persona) as client:
            assert (await client.get("/referrals/left-without")).status_code == 403
            assert (await client.post("/referrals/gaps", json={"needs": ["food"]})).status_code == 403


async def test_a_refusal_can_offer_services_for_each_need_where_the_person_lives(network: UnderTest) -> None:
    async with network.client("coordinator") as client:
        for code, domain, commune in (
            ("near", "housework", "62063"),
            ("far", "housework", "21004"),
            ("food", "food", "62063"),
        ):
            known = {"organisation": "centre", "code": code, "name": code, "domains": [domain], "communes": [commune]}
            made = await client.post("/referrals/directory/services", json=known)
            assert made.status_code == 201, made.text
        path = await push(network, FULL)
        paths = (await client.get(f"{path}/onward-paths")).json()["items"]
    assert [(each["domain"], [service["code"] for service in each["services"]]) for each in paths] == [
        ("housework", ["near"])
    ]
    assert "covers-place" in paths[0]["services"][0]["because"]
    async with network.client("hospital-chu") as hospital:
        assert (await hospital.get(f"{path}/onward-paths")).status_code == 403


async def test_a_gap_is_recorded_with_its_fact_or_not_at_all(network: UnderTest) -> None:
    async with network.app.state.database.raw() as connection:
        await refused(network, FULL)
        rows = await connection.fetch("SELECT id FROM gap")
    assert [UUID(gap["gap_id"]) for gap in await told(network, "gap-recorded")] == [row["id"] for row in rows]
