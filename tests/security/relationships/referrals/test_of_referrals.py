"""A referral is open to its two parties, to whoever it waits for, and to whoever follows its person."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import httpx
import pytest

from shared.testing.harness import UnderTest
from tests.referrals.outgoing.asking import ANONYMOUS, DEMAND, knows, oriented
from tests.referrals.pushes import FULL, id_of, push, register, step
from tests.security.relationships import strangers

Run = Callable[..., AbstractAsyncContextManager[UnderTest]]
ACCEPTED: dict[str, str] = {}
REFUSED = {"reason": "at-capacity", "onward_path": "Un autre centre."}


@dataclass
class Followed:
    """A hospital's referral about a person, and a demand of ours about the same person."""

    running: UnderTest
    person: UUID = field(default_factory=uuid4)
    case: UUID = field(default_factory=uuid4)
    referral: str = ""
    outgoing: str = ""

    async def asked(self) -> None:
        """The referral came in, intake knows whom it is about; the line oriented the person to the centre."""
        await register(self.running)
        await knows(self.running, "centre")
        self.referral = await push(self.running, FULL)
        said = {"referral_id": id_of(self.referral), "person_id": self.person, "certainty": "certain"}
        await self.running.deliver("intake.person-identified.v1", id_of(self.referral), said)
        contact = uuid4()
        await oriented(self.running, contact, self.person)
        async with self.running.client("coordinator") as lead:
            listed = (await lead.get(f"/referrals/outgoing?contact_id={contact}")).json()["items"]
        self.outgoing = listed[0]["id"]

    async def in_care(self) -> None:
        """It was accepted, led to a case, and the demand is over: nothing waits for anybody any more."""
        await self.settled()
        opened = {"case_id": self.case, "origin_kind": "referral", "origin_id": id_of(self.referral)}
        accepted = await step(self.running, "coordinator", self.referral, "acceptance", ACCEPTED)
        assert accepted.status_code == 201, accepted.text
        said = {**opened, "person_id": self.person, "urgency": "routine"}
        await self.running.deliver("cases.case-opened.v1", self.case, said)
        assigned = {"case_id": self.case, "organisation": "relais", "worker": "sara", "discipline": "nurse"}
        await self.running.deliver("cases.case-assigned.v1", self.case, assigned)
        self.running.clock.move(days=40)

    async def settled(self) -> None:
        """The demand is taken back."""
        async with self.running.client("coordinator") as lead:
            path = f"/referrals/outgoing/{self.outgoing}"
            seen = {"if-match": (await lead.get(path)).headers["etag"]}
            answer = await lead.post(f"{path}/cancellation", json={"reason": "La famille aide."}, headers=seen)
            assert answer.status_code == 201, answer.text

    @property
    def singles(self) -> list[str]:
        """Each record by itself."""
        referral = str(id_of(self.referral))
        fhir = [f"/referrals/fhir/{kind}/{referral}" for kind in ("Patient", "ServiceRequest", "Task")]
        parts = [f"{self.referral}/{part}" for part in ("overlap", "onward-paths")]
        return [self.referral, *parts, *fhir, f"/referrals/fhir/Task/{referral}/_history"]

    async def seen_by(self, client: httpx.AsyncClient, **headers: str) -> tuple[set[int], int]:
        """The statuses of the single records, and how many the lists hold."""
        statuses = {(await client.get(path, headers=headers)).status_code for path in self.singles}
        listed = (await client.get("/referrals", headers=headers)).json()["items"]
        found = (await client.get("/referrals/fhir/Patient", headers=headers)).json().get("entry", [])
        return statuses, len(listed) + len(found)

    async def outgoing_seen(self, client: httpx.AsyncClient) -> tuple[int, int]:
        """The status of our demand, and how many stand in the list."""
        one = (await client.get(f"/referrals/outgoing/{self.outgoing}")).status_code
        return one, len((await client.get(f"/referrals/outgoing?person_id={self.person}")).json()["items"])


ALL, NOTHING = ({200}, 2), ({404}, 0)


@pytest.fixture
async def followed(run_service: Run) -> AsyncIterator[Followed]:
    """The referral, awaiting its triage."""
    async with run_service("referrals") as running:
        made = Followed(running)
        await made.asked()
        yield made


async def test_whoever_decides_on_a_referral_sees_it_without_any_other_link(followed: Followed) -> None:
    await strangers.forget_everybody(followed.running)
    for role in ("line-nurse", "coordinator"):
        async with followed.running.client(role) as client:
            assert await followed.seen_by(client) == ALL
    async with followed.running.client("case-manager-nurse") as manager:
        assert await followed.outgoing_seen(manager) == (200, 1)


async def test_in_care_it_is_open_to_those_who_hold_the_case_and_to_its_sender(followed: Followed) -> None:
    await followed.in_care()
    async with followed.running.client("line-nurse") as nurse, followed.running.client("coordinator") as lead:
        assert await followed.seen_by(nurse) == NOTHING
        assert await followed.outgoing_seen(nurse) == (404, 0)
        assert await followed.seen_by(lead) == ALL
        assert await followed.outgoing_seen(lead) == (200, 1)
        await strangers.forget_everybody(followed.running)
        assert await followed.seen_by(lead) == NOTHING
    assert set(await strangers.denied(followed.running)) == {"no-relationship"}
    async with followed.running.client("hospital-chu") as hospital:
        assert (await hospital.get(followed.referral)).status_code == 200
    async with followed.running.client("partner-centre") as partner:
        assert (await partner.get(f"/referrals/inbox/{followed.outgoing}")).status_code == 200


async def test_a_call_at_the_line_opens_it_for_three_days(followed: Followed) -> None:
    await followed.in_care()
    contact = uuid4()
    said = {"contact_id": contact, "person_id": followed.person, "direction": "inbound", "outcome": "answered"}
    async with followed.running.client("line-nurse") as nurse:
        await followed.running.deliver("intake.contact-recorded.v1", contact, {**said, "topics": []})
        assert await followed.seen_by(nurse) == ALL
        followed.running.clock.move(hours=72)
        assert await followed.seen_by(nurse) == NOTHING


async def test_nobody_is_left_without_and_unseen(followed: Followed) -> None:
    refused = await step(followed.running, "coordinator", followed.referral, "refusal", REFUSED)
    assert refused.status_code == 201, refused.text
    await followed.settled()
    await strangers.forget_everybody(followed.running)
    followed.running.clock.move(days=90)
    async with followed.running.client("line-nurse") as nurse:
        left = (await nurse.get("/referrals/left-without")).json()["items"]
        assert [each["person_id"] for each in left] == [str(followed.person)]
        assert await followed.seen_by(nurse) == ALL
        await strangers.exclude(followed.running, followed.person)
        assert (await nurse.get("/referrals/left-without")).json()["items"] == []


async def test_an_exclusion_closes_it_to_the_programme_and_not_to_its_sender(followed: Followed) -> None:
    await strangers.exclude(followed.running, followed.person)
    async with followed.running.client("line-nurse") as nurse, followed.running.client("hospital-chu") as hospital:
        assert await followed.seen_by(nurse) == NOTHING
        assert await followed.outgoing_seen(nurse) == (404, 0)
        assert (await hospital.get(followed.referral)).status_code == 200
        triage = await nurse.post(f"{followed.referral}/triage", headers={"if-match": '"2"'})
        assert triage.status_code == 404
        demand = {**DEMAND, "person_id": str(followed.person)}
        assert (await nurse.post("/referrals/outgoing", json=demand)).status_code == 404
    assert set(await strangers.denied(followed.running)) == {"excluded"}


async def test_nobody_asks_for_help_for_a_person_whom_they_do_not_follow(followed: Followed) -> None:
    async with followed.running.client("case-manager-nurse") as manager:
        demand = {**DEMAND, "person_id": str(uuid4())}
        assert (await manager.post("/referrals/outgoing", json=demand)).status_code == 404
        assert (await manager.post("/referrals/outgoing", json=dict(ANONYMOUS))).status_code == 201, (
            "about nobody known"
        )


async def test_emergency_access_opens_it_and_ends_by_the_clock(followed: Followed) -> None:
    await followed.in_care()
    async with followed.running.client("line-nurse") as nurse:
        header = await strangers.break_glass(followed.running, nurse, followed.person)
        assert await followed.seen_by(nurse, **header) == ALL
        followed.running.clock.move(minutes=60)
        assert (await nurse.get(followed.referral, headers=header)).status_code == 403


async def walked(followed: Followed) -> list[str]:
    """Every route of the service, asked by everybody, about a person to whom nobody is related."""
    await followed.in_care()
    await strangers.forget_everybody(followed.running)
    ids = [str(id_of(followed.referral)), followed.outgoing, str(followed.person), str(followed.case)]
    queries = [f"person_id={followed.person}", "identifier=50020300103"]
    names = {"Vandenkanarie", "Serafine"}
    return await strangers.told(followed.running, {*ids, *names}, ids[:2], queries, ("line-nurse", "coordinator"))


async def test_no_route_tells_anything_of_a_person_to_whom_nobody_is_related(followed: Followed) -> None:
    assert await walked(followed) == []


async def test_the_walk_finds_what_a_build_without_the_rule_tells(
    followed: Followed, monkeypatch: pytest.MonkeyPatch
) -> None:
    strangers.without_the_rule(monkeypatch)
    told = " ".join(await walked(followed))
    assert all(name in told for name in ("/fhir/Patient", "/outgoing"))
