"""Needs that met no help are counted, and nobody can be found in the counts; who is left without is known by id."""

from typing import Any
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from services.referrals.domain.gap import SMALLEST, Dimension, GapCounts, Key
from shared.testing.harness import UnderTest
from tests.referrals.outgoing.asking import ANONYMOUS, CONSENT, REFUSAL, answer, ask, oriented, told, work
from tests.referrals.pushes import FULL, fresh, id_of, push, step

CELLS = st.dictionaries(
    st.tuples(st.sampled_from("abc"), st.sampled_from(["x", "y", None]), st.sampled_from("pq"), st.sampled_from("12")),
    st.integers(min_value=1, max_value=12),
    max_size=20,
)


@given(CELLS)
def test_no_small_count_is_shown_or_follows_from_a_sum_of_any_question(counts: dict[Key, int]) -> None:
    table = GapCounts(counts)
    assert all(table.shown(key) is None for key, count in table.counts.items() if count < SMALLEST)
    for (whole, _), parts in table.sums.items():
        assert table.counts[whole] == sum(table.counts[key] for key in parts)
        covered = [key for key in parts if key in table.hidden]
        assert len(covered) + (whole in table.hidden) != 1
        if covered and whole not in table.hidden:
            assert sum(table.counts[key] for key in covered) >= SMALLEST


def shown(*cells: tuple[str, str, int]) -> dict[tuple[str | None, str | None], int | None]:
    """The counts by domain and commune, of one reason and month."""
    table = GapCounts({(domain, commune, "r", "m"): count for domain, commune, count in cells})
    return {(key[0], key[1]): table.shown(key) for key in table.rows([Dimension.DOMAIN, Dimension.COMMUNE])}


def test_large_counts_are_all_shown() -> None:
    assert shown(("a", "x", 5), ("b", "x", 60)) == {("a", "x"): 5, ("b", "x"): 60}
    assert shown() == {}


def test_one_small_count_takes_others_with_it_and_leaves_the_rest() -> None:
    small = shown(("a", "x", 2), ("a", "y", 9), ("b", "x", 8), ("b", "y", 7), ("c", "x", 60), ("c", "y", 70))
    assert small == {
        ("a", "x"): None,
        ("a", "y"): None,
        ("b", "x"): None,
        ("b", "y"): None,
        ("c", "x"): 60,
        ("c", "y"): 70,
    }


async def counted(referrals: UnderTest, query: str, persona: str = "coordinator") -> dict[str, Any]:
    """A table of gaps."""
    async with referrals.client(persona) as client:
        found = await client.get(f"/referrals/gaps{query}")
        assert found.status_code == 200, found.text
        table: dict[str, Any] = found.json()
        return table


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
    assert sorted(gap["domain"] for gap in await told(network, "gap-recorded")) == ["housework", "rights"]


async def test_gaps_are_counted_as_asked_and_small_cells_hidden(network: UnderTest) -> None:
    async with network.client("line-nurse") as nurse:
        for needs, commune, number in ((["food"], "62063", 6), (["housework"], "62063", 7), (["food"], "62096", 2)):
            for _ in range(number):
                body = {"needs": needs, "commune": commune}
                assert (await nurse.post("/referrals/gaps", json=body)).status_code == 204
    by_domain = await counted(network, "?by=domain")
    assert [(row["domain"], row["count"]) for row in by_domain["rows"]] == [("food", 8), ("housework", 7)]
    assert (by_domain["total"], by_domain["smallest"]) == (15, 5)
    by_both = await counted(network, "?by=domain&by=commune")
    cells = {(row["domain"], row["commune"]): row["count"] for row in by_both["rows"]}
    assert cells == {("food", "62063"): None, ("food", "62096"): None, ("housework", "62063"): 7}
    by_commune = await counted(network, "?by=commune")
    assert [row["count"] for row in by_commune["rows"]] == [None, None]
    by_reason = await counted(network, "?by=reason&month=2026-11")
    assert [(row["reason"], row["month"], row["count"]) for row in by_reason["rows"]] == [("no-service", "2026-11", 15)]
    empty = await counted(network, "?month=2026-10", persona="analyst")
    assert (empty["rows"], empty["total"]) == ([], 0)


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
            for place in ("gaps", "left-without"):
                assert (await client.get(f"/referrals/{place}")).status_code == 403


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
