"""The timeline of a case over all services: every fact once, at its own time, in whatever order it came."""

import itertools
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest

from services.cases.events import PUBLISHED
from services.cases.formats.timeline import KINDS
from services.cases.handlers.told import TOLD
from shared.events import Envelope, service_of
from shared.ids import new_id
from shared.inbox import Outcome
from tests.cases.world import ASSIGNMENT, CLOSURE, World

START = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)


@dataclass
class Teller:
    """The other services, telling what they know at times of their own."""

    world: World
    versions: dict[tuple[str, UUID], int] = field(default_factory=dict)

    async def tell(self, event_type: str, key: UUID, hour: float, event_id: Any = None, **data: Any) -> Outcome:
        """One fact, at this many hours after the start."""
        source = (service_of(event_type), key)
        self.versions[source] = self.versions.get(source, 0) + 1
        body = json.dumps(data, default=str).encode()
        at = START + timedelta(hours=hour)
        envelope = Envelope(event_id or new_id(), event_type, key, self.versions[source], at, body)
        return await self.world.service.inbox.deliver(envelope.message())


@pytest.fixture
def teller(world: World) -> Teller:
    return Teller(world)


async def entries(world: World, case_id: str, query: str = "") -> list[dict[str, Any]]:
    """The timeline of a case, the oldest first."""
    found: list[dict[str, Any]] = (await world.read(f"/cases/{case_id}/timeline?order=oldest&limit=200{query}"))[
        "items"
    ]
    return found


def names(found: list[dict[str, Any]]) -> list[str]:
    return [f"{each['service']}.{each['kind']}" for each in found]


async def test_a_case_shows_what_every_service_told_of_it_from_before_its_first_day(
    world: World, teller: Teller
) -> None:
    referral, person, contact, outgoing, advice = (new_id() for _ in range(5))
    other = {"person_id": person, "direction": "inbound", "outcome": "answered", "topics": ["care.medication"]}
    await teller.tell("intake.contact-recorded.v1", contact, 1, contact_id=contact, **other)
    received = {"sender": "chu", "urgency": "routine", "factors": ["carer_burden"], "sheets": 1}
    await teller.tell("referrals.referral-received.v1", referral, 2, referral_id=referral, **received)
    named = {"referral_id": referral, "person_id": person, "certainty": "certain"}
    await teller.tell("intake.person-identified.v1", referral, 3, **named)
    assessed = {"referral_id": referral, "person_id": person, "advice": "case_management", "rule_version": "1"}
    await teller.tell(
        "assessment.complexity-assessed.v1", advice, 4, assessment_id=advice, dimensions={"medical": "none"}, **assessed
    )
    accepted = {"referral_id": referral, "person_id": person, "urgency": "routine"}
    await teller.tell("referrals.referral-accepted.v1", referral, 5, **accepted)
    case_id = (await world.told("cases.case-opened.v1"))[-1]["case_id"]
    sent = {"organisation": "centre", "origin": "staff", "channel": "api", "urgency": "routine", "discloses": True}
    ties = {"based_on": None, "replaces": None, "case_id": case_id, "person_id": person}
    await teller.tell("referrals.outgoing-sent.v1", outgoing, 600, outgoing_id=outgoing, **sent, **ties)
    answer = {"organisation": "centre", "state": "accepted", "reason": None, "on_behalf": False}
    await teller.tell("referrals.outgoing-answered.v1", outgoing, 601, outgoing_id=outgoing, **answer)
    call, key = {"follow_up_id": new_id(), "case_id": case_id}, new_id()
    planned = {**call, "person_id": person, "kind": "one-month", "due_on": "2027-01-04"}
    await teller.tell("scheduler.follow-up-planned.v1", key, 602, **planned)
    await teller.tell("scheduler.contact-restored.v1", person, 603, person_id=person)

    found = await entries(world, case_id)

    assert names(found) == [
        "intake.contact-recorded",
        "referrals.referral-received",
        "intake.person-identified",
        "assessment.complexity-assessed",
        "referrals.referral-accepted",
        "cases.case-opened",
        "referrals.outgoing-sent",
        "referrals.outgoing-answered",
        "scheduler.follow-up-planned",
        "scheduler.contact-restored",
    ]
    first, received_, *_ = found
    assert first["at"] == "2026-11-01T09:00:00Z"
    assert first["facts"] == {
        "contact_id": str(contact),
        "person_id": str(person),
        "direction": "inbound",
        "outcome": "answered",
    }
    assert (first["by"], first["words"], first["href"]) == (None, {}, f"/intake/contacts/{contact}")
    assert received_["facts"] == {"referral_id": str(referral), "sender": "chu", "urgency": "routine"}
    hrefs = [each["href"] for each in found]
    assert hrefs[1:4] == [f"/referrals/{referral}", f"/intake/persons/{person}", f"/assessment/admissions/{advice}"]
    assert hrefs[5:7] == [f"/cases/{case_id}", f"/referrals/outgoing/{outgoing}"]
    assert hrefs[8:] == [f"/scheduler/follow-ups/{call['follow_up_id']}", f"/intake/persons/{person}"]


async def test_the_timeline_is_the_same_in_whatever_order_the_facts_come_and_however_often(world: World) -> None:
    shown = []
    for seed in range(12):
        teller, random = Teller(world), Random(seed)
        referral, person, contact, outgoing = (new_id() for _ in range(4))
        case_first: list[tuple[str, UUID, float, dict[str, Any]]] = [
            ("referrals.referral-received.v1", referral, 1, {"sender": "chu", "urgency": "routine"}),
            ("referrals.referral-accepted.v1", referral, 4, {"person_id": None, "urgency": "routine"}),
        ]
        others: list[tuple[str, UUID, float, dict[str, Any]]] = [
            ("intake.person-identified.v1", referral, 3, {"person_id": person, "certainty": "certain"}),
            (
                "intake.contact-recorded.v1",
                contact,
                2,
                {"contact_id": contact, "person_id": person, "direction": "inbound", "outcome": "relayed"},
            ),
        ]
        unsaid = {"based_on": None, "replaces": None, "origin": "staff", "channel": "api", "urgency": "routine"}
        asked = {"outgoing_id": outgoing, "organisation": "centre"}
        sent_out: list[tuple[str, UUID, float, dict[str, Any]]] = [
            ("referrals.outgoing-sent.v1", outgoing, 7, {**asked, **unsaid, "discloses": False}),
            ("referrals.outgoing-person-linked.v1", outgoing, 8, {"outgoing_id": outgoing, "person_id": person}),
            ("referrals.outgoing-expired.v1", outgoing, 9, asked),
        ]
        streams = [[each] for each in others] + [case_first, sent_out]
        order = [each for stream in random.sample(streams, len(streams)) for each in stream]

        for event_type, key, hour, data in order:
            event_id = new_id()
            told = {"referral_id": referral, **data}
            for _ in range(2):
                version = teller.versions.get((service_of(event_type), key), 0)
                outcome = await teller.tell(event_type, key, hour, event_id, **told)
                assert outcome in {Outcome.HANDLED, Outcome.DUPLICATE}, event_type
                teller.versions[(service_of(event_type), key)] = version
            teller.versions[(service_of(event_type), key)] = version + 1

        case_id = (await world.told("cases.case-opened.v1"))[-1]["case_id"]
        found = await entries(world, case_id)
        shown.append([name for name in names(found) if not name.startswith("cases.")])

    assert shown[0] == [
        "referrals.referral-received",
        "intake.contact-recorded",
        "intake.person-identified",
        "referrals.referral-accepted",
        "referrals.outgoing-sent",
        "referrals.outgoing-person-linked",
        "referrals.outgoing-expired",
    ]
    assert all(each == shown[0] for each in shown)


async def test_a_corrected_person_takes_the_facts_of_the_wrong_one_away(world: World, teller: Teller) -> None:
    referral, wrong, right = new_id(), new_id(), new_id()
    for person, hour in ((wrong, 1), (right, 2)):
        contact = new_id()
        told = {"contact_id": contact, "person_id": person, "direction": "inbound", "outcome": "answered"}
        await teller.tell("intake.contact-recorded.v1", contact, hour, **told)
    case_id = await world.opened(referral, wrong)

    await teller.tell(
        "intake.person-identified.v1", referral, 900, referral_id=referral, person_id=right, certainty="reviewed"
    )

    contacts = [each for each in await entries(world, case_id) if each["kind"] == "contact-recorded"]
    assert [each["facts"]["person_id"] for each in contacts] == [str(right)]


async def test_what_is_known_of_the_person_goes_to_every_case_of_hers_that_has_not_ended(
    world: World, teller: Teller
) -> None:
    person = new_id()
    going_on, ended, other = await world.opened(None, person), await world.opened(None, person), await world.opened()
    await world.done(ended, "assignment", ASSIGNMENT)
    await world.done(ended, "closure", CLOSURE)
    contact = new_id()
    told = {"contact_id": contact, "person_id": person, "direction": "inbound", "outcome": "answered"}
    late = (datetime(2026, 12, 1, tzinfo=UTC) - START) / timedelta(hours=1)

    await teller.tell("intake.contact-recorded.v1", contact, late, **told)

    holding = [
        case for case in (going_on, ended, other) if "intake.contact-recorded" in names(await entries(world, case))
    ]
    assert holding == [going_on]


async def test_a_fact_about_a_case_we_do_not_know_is_kept_and_stops_nothing(teller: Teller) -> None:
    case = {"case_id": new_id(), "person_id": None}
    told = {**case, "follow_up_id": new_id(), "kind": "one-month", "due_on": "2027-01-04"}
    assert await teller.tell("scheduler.follow-up-planned.v1", new_id(), 1, **told) is Outcome.HANDLED


async def test_a_timeline_is_read_page_by_page_from_either_end_while_entries_arrive(
    world: World, teller: Teller
) -> None:
    person = new_id()
    case_id = await world.opened(None, person)
    before: set[str] = set()
    for hour in range(25):
        before.add(await contact(teller, person, hour // 3))
    for order in ("newest", "oldest"):
        seen: list[dict[str, Any]] = []
        path = f"/cases/{case_id}/timeline?order={order}&limit=4"
        for number in itertools.count():
            page = await world.read(path)
            seen += page["items"]
            if page["next"] is None:
                break
            await contact(teller, person, number % 9)
            path = f"/cases/{case_id}/timeline?order={order}&limit=4&cursor={page['next']}"
        ids = [each["id"] for each in seen]
        places = [each["at"] for each in seen]

        assert len(ids) == len(set(ids))
        assert before <= {each["facts"].get("contact_id") for each in seen}
        assert places == sorted(places, reverse=order == "newest")


async def contact(teller: Teller, person: UUID, hour: float) -> str:
    """One more contact of a person; its id."""
    key = new_id()
    told = {"contact_id": key, "person_id": person, "direction": "inbound", "outcome": "answered"}
    await teller.tell("intake.contact-recorded.v1", key, hour, **told)
    return str(key)


async def test_a_timeline_is_narrowed_by_service_kind_and_day(world: World, teller: Teller) -> None:
    person = new_id()
    case_id = await world.opened(None, person)
    for hour in (0, 23, 47):
        await contact(teller, person, hour)
    await teller.tell("scheduler.contact-restored.v1", person, 1, person_id=person)

    async def at(query: str) -> list[str]:
        return [each["at"][5:16] for each in await entries(world, case_id, query)]

    assert await at("&service=scheduler") == ["11-01T09:00"]
    assert await at("&kind=contact-recorded&kind=contact-restored&to=2026-11-01") == ["11-01T08:00", "11-01T09:00"]
    assert await at("&service=intake&from=2026-11-02&to=2026-11-02") == ["11-02T07:00"]
    refused = await world.as_("coordinator").get(f"/cases/{case_id}/timeline?service=nobody")
    assert refused.status_code == 422


async def test_nobody_reads_the_timeline_of_another_organisation(world: World) -> None:
    case_id = await world.opened()
    async with world.service.client("coordinator", org_id="other") as stranger:
        assert (await stranger.get(f"/cases/{case_id}/timeline")).status_code == 404


def test_every_fact_that_a_timeline_can_hold_has_its_name_in_four_languages() -> None:
    types = [*(event.type for event in PUBLISHED), *(reading.type for reading in TOLD)]
    assert {each.rsplit(".", 1)[0] for each in types} - {*KINDS} == set()


async def test_the_names_of_the_facts_can_be_read(world: World) -> None:
    found: Any = await world.read("/cases/timeline/kinds")
    [opened] = [each for each in found if (each["service"], each["kind"]) == ("cases", "case-opened")]
    assert set(opened["labels"]) == {"fr", "nl", "de", "en"}
