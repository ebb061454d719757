"""The figures, from the contacts and facts that they are made of."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from html.parser import HTMLParser
from typing import Any
from uuid import uuid4

import pytest

from shared.testing.harness import UnderTest
from tests.intake.contacts.desk import UNMET
from tests.intake.people import CALL, faults, receive, registered

Run = Callable[..., AbstractAsyncContextManager[UnderTest]]

OCTOBER = {"started_at": "2026-10-20T09:00:00Z", "ended_at": "2026-10-20T09:12:00Z"}
FOOD = {**UNMET, **OCTOBER, "topics": ["need.food"]}
HOUSING = {**UNMET, **OCTOBER, "topics": ["services.housing"], "reason": "no-service"}
GAP = {"source": "outgoing", "domain": "food", "commune": "62063", "reason": "at-capacity", "month": "2026-10"}


async def record(intake: UnderTest, body: dict[str, Any], times: int, **more: Any) -> list[str]:
    """Record as many contacts."""
    made = []
    async with intake.client("line-nurse") as nurse:
        for _ in range(times):
            answer = await nurse.post("/intake/contacts", json={**body, **more})
            assert answer.status_code == 201, answer.text
            made.append(answer.json()["id"])
    return made


async def read(intake: UnderTest, path: str) -> Any:
    """What an analyst reads."""
    async with intake.client("analyst") as analyst:
        answer = await analyst.get(f"/intake/analytics/{path}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def topics(intake: UnderTest) -> dict[str, int]:
    """Unmet demands by topic."""
    return {row["topic"]: row["count"] for row in (await read(intake, "gaps"))["rows"]}


async def test_the_planted_gap_comes_first_and_small_ones_are_hidden(run_service: Run) -> None:
    async with run_service("intake") as intake:
        await record(intake, FOOD, 12)
        await record(intake, HOUSING, 17)
        await record(intake, HOUSING, 2, topics=["services.meals"])
        await record(intake, HOUSING, 3, topics=["services.transport"])
        table = await read(intake, "gaps")
        assert table["rows"][0]["topic"] == "services.housing"
        assert {row["topic"]: row["count"] for row in table["rows"]} == {"services.housing": 17, "need.food": 12}
        assert table["total"] == 34


async def test_only_whole_months_are_counted(run_service: Run) -> None:
    async with run_service("intake") as intake:
        await record(intake, UNMET, 6)
        assert await topics(intake) == {}


async def test_a_demand_is_counted_once_whoever_tells_of_it(run_service: Run) -> None:
    async with run_service("intake") as intake:
        await record(intake, FOOD, 6)
        for source, reason, number in (("no-service", "no-one-could-help", 6), ("outgoing", "at-capacity", 2)):
            for _ in range(number):
                gap_id = uuid4()
                data = {**GAP, "gap_id": gap_id, "source": source, "reason": reason}
                for _ in range(2):
                    await intake.deliver("referrals.gap-recorded.v1", gap_id, data, 1)
        assert await topics(intake) == {"need.food": 8}


async def test_a_gap_of_our_own_contact_is_known_by_the_contact_and_one_of_another_road_by_none(
    run_service: Run,
) -> None:
    async with run_service("intake") as intake:
        own = await record(intake, FOOD, 6)
        for contact in (*own, *(uuid4() for _ in range(3))):
            gap_id = uuid4()
            told_of = {"source": "no-service", "reason": "no-one-could-help", "source_id": contact}
            await intake.deliver("referrals.gap-recorded.v1", gap_id, {**GAP, "gap_id": gap_id, **told_of}, 1)
        assert await topics(intake) == {"need.food": 9}


async def test_an_amendment_moves_a_demand_to_its_new_topic(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        made = await record(intake, FOOD, 6)
        for contact_id in made:
            answer = await nurse.post(
                f"/intake/contacts/{contact_id}/amendments",
                json={"reason": "wrong-code", "changes": {"topics": ["services.meals"]}},
                headers={"if-match": (await nurse.get(f"/intake/contacts/{contact_id}")).headers["etag"]},
            )
            assert answer.status_code == 201, answer.text
        assert await topics(intake) == {"services.meals": 6}


async def test_gaps_are_told_by_topic_commune_reason_and_year_at_once(run_service: Run) -> None:
    async with run_service("intake") as intake:
        person = await registered(intake, address={"nis_code": "62063"})
        await record(intake, FOOD, 7, person_id=person)
        table = await read(intake, "gaps?by=topic&by=commune&by=reason&by=year")
        assert table["rows"] == [
            {"topic": "need.food", "commune": "62063", "reason": "at-capacity", "month": "2026", "count": 7}
        ]
        assert (await read(intake, "gaps?period=2026-10"))["rows"][0]["count"] == 7
        assert (await read(intake, "gaps?period=2025"))["rows"] == []


@pytest.mark.parametrize(
    "query", ["by=topic&by=commune&by=month", "by=topic&by=domain", "by=topic&by=reason&period=2026"]
)
async def test_a_table_that_would_give_others_away_is_refused(run_service: Run, query: str) -> None:
    async with run_service("intake") as intake, intake.client("analyst") as analyst:
        answer = await analyst.get(f"/intake/analytics/gaps?{query}")
        assert (answer.status_code, faults(answer)) == (422, {("/by", "not-together")})


async def test_the_share_solved_at_the_line_is_told_by_topic(run_service: Run) -> None:
    async with run_service("intake") as intake:
        await record(intake, {**CALL, **OCTOBER}, 15)
        await record(intake, FOOD, 5, topics=["care.medication"])
        [medication] = [row for row in await read(intake, "line") if row["topic"] == "care.medication"]
        assert (medication["contacts"], medication["solved"], medication["share"]) == (20, 15, 0.75)


async def call(intake: UnderTest, person: str, on: str, worker: str, **more: Any) -> None:
    """A call about somebody, answered by this worker."""
    body = {**CALL, "person_id": person, "started_at": f"{on}T09:00:00Z", "ended_at": f"{on}T09:12:00Z", **more}
    async with intake.client("line-nurse", sub=worker) as nurse:
        answer = await nurse.post("/intake/contacts", json=body)
    assert answer.status_code == 201, answer.text


async def test_who_calls_again_within_a_year_finds_the_same_worker_or_another(run_service: Run) -> None:
    async with run_service("intake") as intake:
        for number in range(13):
            person = await registered(intake, given_names=f"Zoé {'abcdefghijklm'[number]}", phones=[])
            await call(intake, person, "2025-01-06", "nurse-1")
            await call(intake, person, "2026-09-07", "nurse-1" if number < 7 else "nurse-2")
            await call(intake, person, "2026-09-21", "nurse-2", direction="outbound")
            await call(intake, person, "2026-10-05", "nurse-2" if number < 8 else "nurse-1")
            await call(intake, person, "2026-11-05", "nurse-2")
        everybody, nurses, *months = await read(intake, "continuity")
        told = {"repeats": 13, "same": 8, "share": 0.6154}
        assert everybody == {"discipline": None, "month": None, **told}
        assert nurses == {"discipline": "nurse", "month": None, **told}
        assert [(row["month"], row["repeats"], row["same"]) for row in months] == [("2026-10", 13, 8)]


async def test_the_same_worker_is_not_told_of_few(run_service: Run) -> None:
    async with run_service("intake") as intake:
        for number in range(7):
            person = await registered(intake, given_names=f"Zoé {'abcdefg'[number]}", phones=[])
            for on in ("2026-10-05", "2026-10-06"):
                await call(intake, person, on, "nurse-1" if number < 3 else f"nurse-{on}")
        everybody, *_ = await read(intake, "continuity")
        assert (everybody["repeats"], everybody["same"], everybody["share"]) == (7, None, None)


async def test_demand_per_inhabitant_needs_a_population_file(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("analyst") as analyst:
        person = await registered(intake, address={"nis_code": "62063"})
        await record(intake, {**CALL, **OCTOBER}, 8, person_id=person, heard_from="outreach")
        path = "/intake/analytics/populations/2026-01-01"
        assert {row["per_1000"] for row in await read(intake, "demand")} == {None}
        loaded = await analyst.put(
            path, content="nis_code,inhabitants\n62063,2000\n", headers={"content-type": "text/csv"}
        )
        assert (loaded.status_code, loaded.json()["inhabitants"]) == (200, 2000), loaded.text
        rates = {(row["source"], row["commune"]): row["per_1000"] for row in await read(intake, "demand")}
        assert rates[None, "62063"] == 4.0
        assert rates["outreach", None] is None
        wrong = await analyst.put(
            path, content="nis_code,inhabitants\n62063,many\n1,5\n", headers={"content-type": "text/csv"}
        )
        assert faults(wrong) == {("/2", "wrong-format"), ("/3", "wrong-format")}
        assert "many" not in wrong.text


async def test_a_planted_bias_is_shown(run_service: Run) -> None:
    """Of two languages one is refused mostly: its figures say so; those of complexity do not."""
    async with run_service("intake") as intake:
        for number in range(60):
            language = ("fr", "nl")[number % 2]
            names = {"family_name": f"Famille{'abcdefghij'[number % 10]}{'klmnop'[number // 10]}", "given_names": "Zoé"}
            person = {**names, "birth_date": f"19{30 + number}-02-03", "language": language}
            referral, _ = await receive(intake, person)
            accepted = number % 20 != 0 if language == "fr" else number % 6 == 1
            kind = "accepted" if accepted else "refused"
            data = {"referral_id": referral, "reason": "at-capacity"}
            await intake.deliver(f"referrals.referral-{kind}.v1", referral, data)
            assessed = {"referral_id": referral, "dimensions": {"medical": "present", "context": "none"}}
            await intake.deliver("assessment.complexity-assessed.v1", uuid4(), assessed)
        intake.clock.at = intake.clock.at.replace(month=12)
        found = {(row["by"], row["group"]): row for row in await read(intake, "equity")}
        assert found["language", "nl"]["acceptance"] < 0.5
        assert found["language", "nl"]["differs"]
        assert found["complexity", "one"]["demands"] == 60
        assert not found["complexity", "one"]["differs"]


class Links(HTMLParser):
    """What a page would load, and what it runs."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.outside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what an element loads."""
        self.tags.add(tag)
        self.outside += [name for name, _ in attrs if name in {"src", "href", "srcset", "style", "xlink:href", "data"}]


async def test_the_page_has_plots_and_needs_nothing_from_outside(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("analyst") as analyst:
        person = await registered(intake, address={"nis_code": "62063"})
        await record(intake, FOOD, 7, person_id=person)
        pages = {}
        for lang in ("fr", "nl", "de", "en"):
            answer = await analyst.get(f"/intake/analytics/report?lang={lang}")
            assert answer.status_code == 200, answer.text
            assert answer.headers["content-security-policy"].startswith("default-src 'none'")
            links = Links()
            links.feed(answer.text)
            assert links.outside == []
            assert {"svg", "rect", "circle", "table"} <= links.tags
            assert not {"script", "link", "img", "iframe"} & links.tags
            assert "url(" not in answer.text
            assert "http" not in answer.text
            pages[lang] = answer.text
        assert len(set(pages.values())) == 4
        assert "62063" in pages["fr"]
        assert "Alimentation" in pages["fr"]


async def test_the_same_numbers_are_told_as_csv(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("coordinator") as coordinator:
        await record(intake, FOOD, 7)
        answer = await coordinator.get("/intake/analytics/gaps.csv")
        assert answer.headers["content-type"].startswith("text/csv")
        assert answer.text.splitlines()[1] == "need.food,,,,7"
        for name in ("line", "continuity", "demand", "equity"):
            assert (await coordinator.get(f"/intake/analytics/{name}.csv")).status_code == 200


async def test_the_offer_stands_beside_the_demand(run_service: Run) -> None:
    async with run_service("intake") as intake:
        await record(intake, FOOD, 7)
        service_id = uuid4()
        about = {"service_id": service_id, "domains": ["food"], "active": True}
        await intake.deliver("referrals.service-changed.v1", service_id, about)
        await intake.deliver(
            "referrals.capacity-changed.v1", service_id, {"service_id": service_id, "capacity": "full"}
        )
        assert await read(intake, "offer") == [{"topic": "need.food", "unmet": 7, "services": 1, "with_room": 0}]


async def test_only_analysts_and_coordinators_read_figures_of_their_own_programme(run_service: Run) -> None:
    async with run_service("intake") as intake:
        await record(intake, FOOD, 7)
        for persona in ("line-nurse", "case-manager-nurse", "hospital-chu", "partner-centre"):
            async with intake.client(persona) as other:
                for path in ("gaps", "line", "continuity", "demand", "equity", "offer", "report"):
                    assert (await other.get(f"/intake/analytics/{path}")).status_code == 403
        async with intake.client("coordinator", org_id="elsewhere") as stranger:
            assert (await stranger.get("/intake/analytics/gaps")).json()["rows"] == []
        async with intake.client("analyst", org_id="elsewhere") as stranger:
            assert (await stranger.get("/intake/analytics/gaps")).status_code == 403
