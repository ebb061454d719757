"""A secret is nobody's common knowledge, and is shown to nobody: not in what is printed, logged or answered."""

import io
import re
from base64 import b64encode
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from services.__main__ import NAMES
from shared.encryption.keys import DEVELOPMENT
from shared.known_secrets import KNOWN, is_known
from shared.settings import Environment, ServiceSettings
from shared.testing.harness import UnderTest
from tests.conftest import load
from tests.security.canaries.spoken import spoken

__all__ = ["spoken"]

Run = Callable[..., AbstractAsyncContextManager[UnderTest]]
ROOT = Path(__file__).parents[3]
CANARY = "canary-3f9c1e77b2d04a5c-long-and-unsaid"
PLAIN: dict[str, Any] = {
    "database_url": f"postgresql+asyncpg://app:{CANARY}@db/relais",
    "kafka_bootstrap_servers": "kafka:9092",
    "oidc_issuers": "https://login.example.be/realms/relais",
    "cursor_key": CANARY,
    "audit_keys": f"one:{CANARY}",
    "encryption_keys": f"one:{b64encode(CANARY[:32].encode()).decode()}",
    "client_secret": CANARY,
    "owner_database_url": f"postgresql+asyncpg://owner:{CANARY}@db/relais",
}
MORE = {
    "assessment": {"pseudonym_key": CANARY},
    "referrals": {"smtp_url": f"smtps://relais:{CANARY}@mail.example.be"},
}
SECRET_NAMES = re.compile(r"(secret|_keys?|password|token|_url)$")
PATHS = frozenset({"callback_key", "mllp_key", "elsewhere_keys"})
"""Settings that name a file, which holds the key."""


def settled(name: str, **changed: Any) -> ServiceSettings:
    """A service's settings in production, all of its secrets given."""
    values = {"environment": Environment.PRODUCTION, **PLAIN, **MORE.get(name, {}), **changed}
    return load(name).settings(**values)


def secrets_of(name: str) -> dict[str, str]:
    """The secrets of a service's settings."""
    settings = settled(name)
    values = {field: getattr(settings, field) for field in type(settings).model_fields}
    return {field: value.get_secret_value() for field, value in values.items() if isinstance(value, SecretStr)}


@pytest.mark.parametrize("name", NAMES)
def test_a_secret_that_anybody_knows_is_refused_in_production_and_not_repeated(name: str) -> None:
    for field, good in secrets_of(name).items():
        for known in ("a key for tests that is long enough", "changeme", "0" * 40, "<change-me>"):
            given = DEVELOPMENT if field == "encryption_keys" else good.replace(CANARY, known)
            with pytest.raises(ValidationError) as refused:
                settled(name, **{field: given})
            told = str(refused.value)
            assert field in told or field.replace("_keys", "") in told
            assert known not in told
            assert given not in told
            assert CANARY not in told


@pytest.mark.parametrize("name", NAMES)
def test_in_development_the_secrets_of_the_tests_are_allowed(name: str) -> None:
    settings = settled(name)
    assert settings.environment is Environment.PRODUCTION
    easy = load(name).settings(**{**PLAIN, "environment": Environment.DEVELOPMENT, "cursor_key": "a key for tests"})
    assert easy.environment is Environment.DEVELOPMENT


@pytest.mark.parametrize("name", NAMES)
def test_settings_show_none_of_their_secrets(name: str) -> None:
    settings = settled(name)
    assert len(secrets_of(name)) >= 5
    for shown in (repr(settings), str(settings), f"{settings.model_dump()}", settings.model_dump_json()):
        assert CANARY not in shown


@pytest.mark.parametrize("name", NAMES)
def test_what_is_named_like_a_secret_is_typed_as_one(name: str) -> None:
    fields = type(settled(name)).model_fields
    named = {field for field in fields if SECRET_NAMES.search(field)} - PATHS
    assert named >= {"database_url", "cursor_key", "audit_keys", "encryption_keys", "client_secret"}
    assert {field for field in named if "SecretStr" not in str(fields[field].annotation)} == set()


@pytest.mark.parametrize("path", ["shared/testing/harness.py", "tests/town.py"])
def test_the_secrets_that_stand_in_our_own_files_are_known(path: str) -> None:
    written = re.findall(r'"((?:\w+:)?a key for [^"]+)"', (ROOT / path).read_text())
    assert len(written) == 2
    assert all(is_known(each) for each in written)


def test_the_example_of_the_operator_holds_no_secret() -> None:
    lines = (ROOT / "deploy" / "env.example").read_text().splitlines()
    given = [line.split("#")[0].strip().split("=", 1) for line in lines if re.match(r"[A-Z_]+=", line)]
    assert len(given) > 40
    for name, value in given:
        if re.search(r"(SECRET|KEY|KEYS|PASSWORD|DATABASE_URL)$", name):
            assert not value, name


def test_a_good_secret_is_not_taken_for_a_known_one() -> None:
    assert not any(map(is_known, (CANARY, "", f"one:{CANARY}", f"postgresql://relais@db/relais?user={CANARY}")))
    assert all(map(is_known, KNOWN))
    role = "cases_app"
    assert is_known(f"postgresql://{role}:{role}@db/relais")


@pytest.mark.parametrize("name", NAMES)
async def test_no_secret_is_said_while_everything_fails(run_service: Run, name: str, spoken: io.StringIO) -> None:
    given = {field: SecretStr(text) for field, text in {**PLAIN, **MORE.get(name, {})}.items() if CANARY in text}
    del given["database_url"]
    async with run_service(name, **given) as running, running.client("operator") as operator:
        answers = [await operator.get(f"/{name}/events/dead-letters?cursor=bad"), await operator.get(f"/{name}/no")]
        answers.append(await operator.get(f"/{name}/health/ready"))
        await running.app.state.database.close()
        answers.append(await operator.get(f"/{name}/audit/records"))
        answers.append(await operator.get(f"/{name}/metrics"))
    said = spoken.getvalue() + "".join(answer.text + str(answer.headers) for answer in answers)
    assert '"event"' in said
    assert CANARY not in said
