"""Sheets, profile, advice and outcomes are open to whoever is related to the person, and to nobody else."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from shared.testing.harness import UnderTest
from tests.assessment.deliveries import filled, identify, receive
from tests.assessment.outcomes.cases import close_case, open_case
from tests.assessment.profile.people import NOW
from tests.security.consent.saying import hear
from tests.security.relationships import strangers

Run = Callable[..., AbstractAsyncContextManager[UnderTest]]
SHEET = {name: value for name, value in filled(NOW).items() if name != "identifier"}
OUTCOME = {"point": "start", "measured_on": "2026-11-20", "living_situation": "at-home"}
CONSENT = {"audience": "chu", "given_by": "person", "how": "oral", "until": "2027-11-20"}


@dataclass
class Followed:
    """A person with a case, and all that assessment may know of somebody."""

    running: UnderTest
    person: UUID = field(default_factory=uuid4)
    case: UUID = field(default_factory=uuid4)
    ids: dict[str, str] = field(default_factory=dict)

    async def everything(self) -> None:
        """A sheet, a draft, an advice, an outcome, an agreement: made by those who follow the person."""
        await open_case(self.running, case_id=self.case, person_id=self.person)
        await hear(self.running, self.person, "sharing", about=CONSENT["audience"])
        about = {"person_id": str(self.person)}
        async with self.running.client("case-manager-nurse") as manager:
            for name, path, body in (
                ("sheet", "sheets", {**SHEET, **about}),
                ("draft", "drafts", {**about, "content": {}}),
                ("admission", "admissions", about),
                ("outcome", "outcomes", {**OUTCOME, "case_id": str(self.case)}),
                ("consent", f"persons/{self.person}/profile-consents", CONSENT),
            ):
                answer = await manager.post(f"/assessment/{path}", json=body)
                assert answer.status_code == 201, (name, answer.text)
                self.ids[name] = answer.json()["id"]

    @property
    def singles(self) -> list[str]:
        """Each record by itself."""
        return [
            f"/assessment/sheets/{self.ids['sheet']}",
            f"/assessment/sheets/{self.ids['sheet']}/scores",
            f"/assessment/fhir/QuestionnaireResponse/{self.ids['sheet']}",
            f"/assessment/fhir/Observation?derived-from=QuestionnaireResponse/{self.ids['sheet']}",
            f"/assessment/drafts/{self.ids['draft']}",
            f"/assessment/admissions/{self.ids['admission']}",
            f"/assessment/outcomes/{self.ids['outcome']}",
            f"/assessment/profile-consents/{self.ids['consent']}",
            f"/assessment/persons/{self.person}/profile",
        ]

    @property
    def lists(self) -> list[str]:
        """Each list of them."""
        asked = [f"/assessment/{name}?person_id={self.person}" for name in ("sheets", "admissions", "outcomes")]
        drafts, cases = f"/assessment/drafts?person_id={self.person}", f"/assessment/outcomes?case_id={self.case}"
        return [*asked, drafts, cases, f"/assessment/persons/{self.person}/profile-consents"]

    async def seen_by(self, client: httpx.AsyncClient, **headers: str) -> tuple[set[int], int]:
        """The statuses of the single records, and how many the lists hold."""
        statuses = {(await client.get(path, headers=headers)).status_code for path in self.singles}
        found = [(await client.get(path, headers=headers)).json() for path in self.lists]
        return statuses, sum(len(each["items"] if isinstance(each, dict) else each) for each in found)


ALL, NOTHING = ({200}, 6), ({404}, 0)


@pytest.fixture
async def followed(run_service: Run) -> AsyncIterator[Followed]:
    """The person, followed by relais since today."""
    async with run_service("assessment") as running:
        made = Followed(running)
        await made.everything()
        yield made


async def test_those_who_follow_the_person_see_all_and_a_role_alone_sees_nothing(followed: Followed) -> None:
    async with followed.running.client("case-manager-social-worker") as colleague:
        assert await followed.seen_by(colleague) == ALL
        await strangers.forget_everybody(followed.running)
        statuses, found = await followed.seen_by(colleague)
    assert (statuses, found) == NOTHING
    reasons = await strangers.denied(followed.running)
    assert set(reasons) == {"no-relationship"}


async def test_nobody_writes_about_a_person_whom_they_do_not_follow(followed: Followed) -> None:
    await strangers.forget_everybody(followed.running)
    about: dict[str, Any] = {"person_id": str(followed.person)}
    async with followed.running.client("case-manager-nurse") as manager:
        for path, body in (
            ("sheets", {**SHEET, **about}),
            ("drafts", {**about, "content": {}}),
            ("admissions", about),
            (f"persons/{followed.person}/profile-consents", CONSENT),
        ):
            assert (await manager.post(f"/assessment/{path}", json=body)).status_code == 404, path
        refused = await manager.post("/assessment/outcomes", json={**OUTCOME, "case_id": str(followed.case)})
    assert refused.status_code == 422


async def test_the_team_sees_the_person_for_some_time_after_the_closing_and_the_coordinator_longer(
    followed: Followed,
) -> None:
    await close_case(followed.running, followed.case, "2026-11-20")
    path = followed.singles[0]
    async with followed.running.client("case-manager-nurse") as manager, followed.running.client("coordinator") as lead:
        followed.running.clock.move(days=199)
        assert (await manager.get(path)).status_code == 200
        followed.running.clock.move(days=1)
        assert (await manager.get(path)).status_code == 404
        assert (await manager.get(followed.lists[0])).json()["items"] == []
        assert (await lead.get(path)).status_code == 200


async def test_another_programmes_team_sees_it_once_it_has_the_case(followed: Followed) -> None:
    handed = {"case_id": followed.case, "transfer_id": uuid4(), "worker": "x", "from_organisation": "relais"}
    path = followed.singles[0]
    async with followed.running.client("coordinator") as lead:
        assert (await lead.get(path)).status_code == 200
        said = {**handed, "organisation": "centre"}
        await followed.running.deliver("cases.case-handed-over.v1", followed.case, said)
        assert (await lead.get(path)).status_code == 404


async def test_a_promised_call_opens_the_record_until_some_days_after_it_was_made(followed: Followed) -> None:
    await strangers.forget_everybody(followed.running)
    call, path = uuid4(), followed.singles[0]
    planned = {"follow_up_id": call, "case_id": followed.case, "person_id": followed.person}
    async with followed.running.client("case-manager-nurse") as manager:
        await followed.running.deliver("scheduler.follow-up-planned.v1", call, {**planned, "kind": "one-month"})
        assert (await manager.get(path)).status_code == 200
        made = {**planned, "kind": "one-month", "items": []}
        await followed.running.deliver("scheduler.follow-up-completed.v1", call, made)
        assert (await manager.get(path)).status_code == 200
        followed.running.clock.move(days=31)
        assert (await manager.get(path)).status_code == 404


async def test_a_referral_opens_what_came_with_it_before_and_after_its_person_is_known(run_service: Run) -> None:
    async with run_service("assessment") as running, running.client("coordinator") as lead:
        referral, person = await receive(running, [filled(NOW)]), uuid4()
        listed = (await lead.get(f"/assessment/sheets?referral_id={referral}")).json()["items"]
        path = f"/assessment/sheets/{listed[0]['id']}"
        assert (await lead.get(path)).status_code == 200
        await identify(running, referral, person)
        assert (await lead.get(path)).json()["person_id"] == str(person)
        said = {"referral_id": referral, "reason": "at-capacity"}
        await running.deliver("referrals.referral-refused.v1", referral, said)
        running.clock.move(days=31)
        assert (await lead.get(path)).status_code == 404


async def test_the_person_may_be_known_before_the_referral_is(run_service: Run) -> None:
    async with run_service("assessment") as running, running.client("coordinator") as lead:
        referral, person = uuid4(), uuid4()
        await identify(running, referral, person)
        assert (await lead.get(f"/assessment/persons/{person}/profile")).status_code == 404
        await receive(running, [filled(NOW)], referral_id=referral)
        assert len((await lead.get(f"/assessment/sheets?person_id={person}")).json()["items"]) == 1


async def test_a_call_at_the_line_opens_the_advice_for_three_days(followed: Followed) -> None:
    await strangers.forget_everybody(followed.running)
    path, contact = f"/assessment/admissions/{followed.ids['admission']}", uuid4()
    said = {"contact_id": contact, "person_id": followed.person, "direction": "inbound", "outcome": "answered"}
    async with followed.running.client("line-nurse") as nurse:
        assert (await nurse.get(path)).status_code == 404
        await followed.running.deliver("intake.contact-recorded.v1", contact, {**said, "topics": []})
        assert (await nurse.get(path)).status_code == 200
        followed.running.clock.move(hours=71)
        assert (await nurse.get(path)).status_code == 200
        followed.running.clock.move(hours=1)
        assert (await nurse.get(path)).status_code == 404


async def test_an_exclusion_goes_before_every_link_and_yields_to_a_threat_to_life_alone(followed: Followed) -> None:
    await strangers.exclude(followed.running, followed.person)
    path = followed.singles[0]
    async with followed.running.client("case-manager-nurse") as manager:
        assert await followed.seen_by(manager) == NOTHING
        assert set(await strangers.denied(followed.running)) == {"excluded"}
        urgent = await strangers.break_glass(followed.running, manager, followed.person)
        assert (await manager.get(path, headers=urgent)).status_code == 404
        vital = await strangers.break_glass(followed.running, manager, followed.person, "threat-to-life")
        assert (await manager.get(path, headers=vital)).status_code == 200


async def test_one_excluded_colleague_does_not_close_it_for_the_team(followed: Followed) -> None:
    async with followed.running.client("case-manager-nurse", sub="somebody-else") as manager:
        await strangers.exclude(followed.running, followed.person, worker="somebody-else")
        assert await followed.seen_by(manager) == NOTHING
    async with followed.running.client("case-manager-nurse") as manager:
        assert await followed.seen_by(manager) == ALL


async def test_a_partner_whom_the_person_excludes_reads_no_shared_profile(followed: Followed) -> None:
    path = f"/assessment/persons/{followed.person}/shared-profile"
    async with followed.running.client("hospital-chu") as hospital:
        assert (await hospital.get(path)).status_code == 200
        await strangers.exclude(followed.running, followed.person, "chu")
        assert (await hospital.get(path)).status_code == 404


async def test_emergency_access_opens_all_of_it_and_ends_by_the_clock(followed: Followed) -> None:
    await strangers.forget_everybody(followed.running)
    async with followed.running.client("case-manager-nurse") as manager:
        header = await strangers.break_glass(followed.running, manager, followed.ids["sheet"])
        assert await followed.seen_by(manager, **header) == ALL
        assert (await manager.get(followed.singles[0])).status_code == 404, "only requests that name it"
        followed.running.clock.move(minutes=60)
        assert (await manager.get(followed.singles[0], headers=header)).status_code == 403


QUERIES = ("person_id={person}", "case_id={case}", "first={sheet}&second={sheet}")


async def walked(followed: Followed) -> list[str]:
    """Every route of the service, asked by everybody, about a person to whom nobody is related."""
    await strangers.forget_everybody(followed.running)
    names = {**followed.ids, "person": str(followed.person), "case": str(followed.case)}
    queries = [query.format(**names) for query in QUERIES]
    queries.append(f"derived-from=QuestionnaireResponse/{names['sheet']}")
    return await strangers.told(followed.running, set(names.values()), list(names.values()), queries)


async def test_no_route_tells_anything_of_a_person_to_whom_nobody_is_related(followed: Followed) -> None:
    assert await walked(followed) == []


async def test_the_walk_finds_what_a_build_without_the_rule_tells(
    followed: Followed, monkeypatch: pytest.MonkeyPatch
) -> None:
    strangers.without_the_rule(monkeypatch)
    told = " ".join(await walked(followed))
    assert all(f"/{name}" in told for name in ("sheets", "drafts", "admissions", "outcomes", "profile-consents"))
