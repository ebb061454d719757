"""Before acceptance staff sees who serves the person already: it is flagged, and never in the way."""

from typing import Any
from uuid import UUID, uuid4

from shared.testing.harness import UnderTest
from tests.referrals.outgoing.asking import answer, ask
from tests.referrals.pushes import fresh, id_of, push, read, step


async def identified(network: UnderTest, person: UUID) -> str:
    """A referral about this person."""
    path = await push(network, fresh())
    await network.deliver("intake.person-identified.v1", id_of(path), {"referral_id": id_of(path), "person_id": person})
    return path


async def overlap(network: UnderTest, path: str) -> list[dict[str, Any]]:
    """Who serves the person."""
    async with network.client("line-nurse") as nurse:
        answered = await nurse.get(f"{path}/overlap")
        assert answered.status_code == 200, answered.text
        return list(answered.json()["items"])


async def flag(network: UnderTest, path: str) -> Any:
    """The flag as staff sees it."""
    async with network.client("coordinator") as client:
        return (await client.get(path)).json()["overlap"]


async def opened(network: UnderTest, person: UUID | None) -> UUID:
    """A case of ours that began by another road."""
    case = uuid4()
    data = {"case_id": case, "origin_kind": "contact", "origin_id": uuid4(), "person_id": person}
    await network.deliver("cases.case-opened.v1", case, data)
    return case


async def case_tells(network: UnderTest, fact: str, case: UUID, **data: Any) -> None:
    """A later fact of a case."""
    await network.deliver(f"cases.{fact}.v1", case, {"case_id": case, **data})


async def test_our_open_cases_are_shown_until_they_close(network: UnderTest) -> None:
    person = uuid4()
    case = await opened(network, None)
    await case_tells(network, "case-assigned", case, discipline="nurse", organisation="relais")
    path = await identified(network, person)
    assert (await overlap(network, path), await flag(network, path)) == ([], False)
    await case_tells(network, "person-linked", case, person_id=person)
    [shown] = await overlap(network, path)
    assert (shown["kind"], shown["id"], shown["organisation"]) == ("case", str(case), "relais")
    assert await flag(network, path) is True
    assert (await read(network, path))["state"] == "received"
    await case_tells(network, "case-closed", case, closed_on="2026-11-20", reason="goals-reached")
    assert await overlap(network, path) == []
    await case_tells(network, "case-reopened", case)
    assert len(await overlap(network, path)) == 1


async def test_other_referrals_and_partners_who_help_are_shown_with_their_mission(network: UnderTest) -> None:
    person = uuid4()
    path, other = await identified(network, person), await identified(network, person)
    asked = await ask(network, person_id=str(person))
    assert [each["kind"] for each in await overlap(network, path)] == ["incoming"]
    await answer(network, asked, "acceptance")
    incoming, outgoing = await overlap(network, path)
    assert (incoming["id"], incoming["organisation"]) == (str(id_of(other)), "chu")
    assert (outgoing["id"], outgoing["organisation"], outgoing["mission"]) == (asked, "centre", "Aide à domicile")
    assert outgoing["needs"] == ["housework", "food"]
    await step(network, "hospital-chu", other, "cancellation", {"reason": "x"})
    assert [each["kind"] for each in await overlap(network, path)] == ["outgoing"]


async def test_an_overlap_blocks_nothing_and_its_own_case_is_none(network: UnderTest) -> None:
    person = uuid4()
    path = await identified(network, person)
    await answer(network, await ask(network, person_id=str(person)), "acceptance")
    accepted = await step(network, "coordinator", path, "acceptance", {})
    assert (accepted.status_code, accepted.json()["overlap"]) == (201, True)
    case = uuid4()
    data = {"case_id": case, "origin_kind": "referral", "origin_id": id_of(path), "person_id": person}
    await network.deliver("cases.case-opened.v1", case, data)
    assert [each["kind"] for each in await overlap(network, path)] == ["outgoing"]


async def test_nobody_identified_has_no_overlap_and_a_sender_learns_nothing_of_it(network: UnderTest) -> None:
    path = await push(network, fresh())
    assert (await overlap(network, path), await flag(network, path)) == ([], False)
    assert (await read(network, path))["overlap"] is None
    async with network.client("hospital-chu") as hospital:
        assert (await hospital.get(f"{path}/overlap")).status_code == 403
