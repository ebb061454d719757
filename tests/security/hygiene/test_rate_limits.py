"""One caller who asks too often is told to wait, and nobody else is."""

import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from services.__main__ import NAMES
from shared import rate_limits
from shared.access import matrix
from shared.testing.harness import UnderTest, token_of
from tests.security.audit.records import records

Run = Callable[..., AbstractAsyncContextManager[UnderTest]]
LIST = "/intake/callbacks"
SEARCH = "/intake/persons/search"
TITLES = {
    "fr": "Trop de requêtes, réessayez plus tard",
    "nl": "Te veel verzoeken, probeer het later opnieuw",
    "de": "Zu viele Anfragen, bitte später erneut versuchen",
    "en": "Too many requests, try again later",
}


def left(answer: Any) -> list[int]:
    """How many requests an answer says are left, limit by limit."""
    return [int(each) for each in re.findall(r";r=(\d+)", answer.headers["ratelimit"])]


async def test_the_request_after_the_last_one_is_refused_and_told_when_to_come_again(run_service: Run) -> None:
    async with run_service("intake", rate_per_minute=100) as intake, intake.client("coordinator") as coordinator:
        answers = [await coordinator.get(LIST) for _ in range(100)]
        assert {answer.status_code for answer in answers} == {200}
        assert [left(answer) for answer in answers] == [[number] for number in reversed(range(100))]
        assert answers[0].headers["ratelimit-policy"] == '"caller";q=100;w=60'
        for language, title in TITLES.items():
            refused = await coordinator.get(LIST, headers={"accept-language": language})
            assert (refused.status_code, refused.json()["code"]) == (429, "rate-limited")
            assert refused.json()["title"] == title
            assert 1 <= int(refused.headers["retry-after"]) <= 60
            assert left(refused) == [0]


async def test_others_are_served_though_they_share_an_application_and_an_address(run_service: Run) -> None:
    async with run_service("intake", rate_per_minute=2) as intake:
        first = {"authorization": f"Bearer {token_of('coordinator', sub='first', azp='console')}"}
        second = {"authorization": f"Bearer {token_of('coordinator', sub='second', azp='console')}"}
        async with intake.client() as console:
            assert [(await console.get(LIST, headers=first)).status_code for _ in range(3)] == [200, 200, 429]
            assert (await console.get(LIST, headers=second)).status_code == 200


async def test_a_search_for_people_has_a_limit_of_its_own(run_service: Run) -> None:
    async with run_service("intake", rate_sensitive_per_minute=3) as intake, intake.client("line-nurse") as nurse:
        found = [await nurse.post(SEARCH, json={"name": "Nobody"}) for _ in range(4)]
        assert [answer.status_code for answer in found] == [200, 200, 200, 429]
        assert (await nurse.get(LIST)).status_code == 200


async def test_a_forbidden_request_counts_too(run_service: Run) -> None:
    async with run_service("intake", rate_per_minute=2) as intake, intake.client("analyst") as analyst:
        assert [(await analyst.get(LIST)).status_code for _ in range(3)] == [403, 403, 429]


async def test_refused_tokens_are_counted_by_address_and_a_good_one_from_there_is_served(run_service: Run) -> None:
    async with run_service("intake", rate_refused_per_minute=3) as intake, intake.client() as somebody:
        bad = {"authorization": "Bearer no.good.token"}
        assert [(await somebody.get(LIST, headers=bad)).status_code for _ in range(4)] == [401, 401, 401, 429]
        assert (await somebody.get(LIST)).status_code == 429
        good = {"authorization": f"Bearer {token_of('coordinator')}"}
        assert (await somebody.get(LIST, headers=good)).status_code == 200


async def test_health_and_metrics_are_never_refused(run_service: Run) -> None:
    limits = {"rate_per_minute": 1, "rate_sensitive_per_minute": 1, "rate_refused_per_minute": 1}
    async with run_service("intake", **limits) as intake, intake.client() as anybody:
        for path in ("/intake/health/live", "/intake/health/ready", "/intake/metrics", "/intake/openapi.json"):
            assert [(await anybody.get(path)).status_code for _ in range(3)] == [200] * 3


async def test_the_services_who_ask_each_other_have_no_limit(run_service: Run) -> None:
    async with run_service("intake", rate_per_minute=1) as intake, intake.client("service-cases") as cases:
        assert 429 not in [(await cases.get(LIST)).status_code for _ in range(3)]


async def test_a_flood_is_recorded_once_and_counted_whole(run_service: Run) -> None:
    async with run_service("intake", rate_per_minute=1) as intake:
        async with intake.client("coordinator") as coordinator:
            for _ in range(5):
                await coordinator.get(LIST)
            metrics = (await coordinator.get("/intake/metrics")).text
        statuses = [each["status"] for each in await records(intake)]
    assert sorted(statuses) == [200, 429]
    assert re.search(r'relais_requests_total{[^}]*status="429"} 4.0', metrics)


async def test_under_the_fhir_base_it_is_an_operation_outcome(run_service: Run) -> None:
    async with run_service("referrals", rate_per_minute=1) as referrals, referrals.client("hospital-chu") as hospital:
        answers = [await hospital.get("/referrals/fhir/ServiceRequest") for _ in range(2)]
    assert answers[1].status_code == 429
    assert answers[1].json()["issue"][0]["code"] == "throttled"
    assert "retry-after" in answers[1].headers


def test_what_is_sensitive_and_who_is_unlimited_is_in_the_matrix() -> None:
    rules = rate_limits.published()
    assert rules.sensitive <= matrix().keys()
    assert rules.unlimited == {f"service-{name}" for name in NAMES}
