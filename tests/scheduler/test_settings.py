"""What an operator sets, and that the service follows it."""

from base64 import b64encode
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import ValidationError

from services.scheduler.settings import Settings
from shared.testing.harness import UnderTest
from tests.scheduler.world import Scheduler

RunService = Callable[..., AbstractAsyncContextManager[UnderTest]]


async def test_closed_days_of_the_settings_are_not_worked(
    run_service: RunService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCHEDULER_CLOSED_DAYS", "2026-12-21, 2026-12-22")
    monkeypatch.setenv("SCHEDULER_CLOSED_ON_27_SEPTEMBER", "true")
    case, autumn = uuid4(), uuid4()
    async with run_service("scheduler") as running:
        scheduler = Scheduler(running, "")
        await scheduler.close(case, date(2026, 11, 20))
        await scheduler.close(autumn, date(2027, 8, 27))

        assert (await scheduler.of_case(case))[0]["due_on"] == "2026-12-23"
        assert (await scheduler.of_case(autumn))[0]["due_on"] == "2027-09-28"


async def test_a_closed_day_that_is_no_day_stops_the_start(
    run_service: RunService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCHEDULER_CLOSED_DAYS", "2026-12-21,tomorrow")
    with pytest.raises(ValidationError):
        async with run_service("scheduler"):
            pass


async def test_closed_days_may_come_from_a_file(
    run_service: RunService, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    days = tmp_path / "closed-days"
    days.write_text("2026-12-21\n")
    monkeypatch.setenv("SCHEDULER_CLOSED_DAYS_FILE", str(days))
    case = uuid4()
    async with run_service("scheduler") as running:
        scheduler = Scheduler(running, "")
        await scheduler.close(case, date(2026, 11, 20))

        assert (await scheduler.of_case(case))[0]["due_on"] == "2026-12-22"


async def test_follow_ups_belong_to_the_organisation_of_the_settings(run_service: RunService) -> None:
    case = uuid4()
    async with run_service("scheduler", organisation="other") as running:
        scheduler = Scheduler(running, "")
        await scheduler.close(case)

        assert await scheduler.of_case(case) == []
        async with running.client("line-nurse", org_id="other") as nurse:
            assert len((await nurse.get("/scheduler/follow-ups")).json()["items"]) == 2


def test_the_services_own_variables_have_its_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCHEDULER_DATABASE_URL", "postgresql+asyncpg://somewhere/scheduler")
    monkeypatch.setenv("SCHEDULER_CLOSED_DAYS", "2026-12-21")
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "bus:9092")
    monkeypatch.setenv("OIDC_ISSUERS", "https://issuer.test")
    monkeypatch.setenv("RELAIS_CURSOR_KEY", "a key that is long enough")
    monkeypatch.setenv("RELAIS_AUDIT_KEYS", "one:a key of the audit that is long enough")
    monkeypatch.setenv("RELAIS_ENCRYPTION_KEYS", f"one:{b64encode(b'a key of 32 bytes for the tests.').decode()}")

    settings = Settings()

    assert settings.database_url.get_secret_value().endswith("/scheduler")
    assert settings.closed_days == {date(2026, 12, 21)}
