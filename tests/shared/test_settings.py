"""An operator's knobs: from the environment or from files, named clearly when they are missing."""

import os
import subprocess
import sys
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from shared.encryption.keys import DEVELOPMENT
from shared.settings import Environment, Role
from tests.shared.toy_service import Settings

ROOT = Path(__file__).parents[2]
NEEDED = {
    "COUNTING_DATABASE_URL": "postgresql+asyncpg://counting@db/counting",
    "KAFKA_BOOTSTRAP_SERVERS": "kafka:9092",
    "OIDC_ISSUERS": "https://login.example.be/realms/relais",
    "RELAIS_CURSOR_KEY": "a secret that is long enough",
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Only what is needed is set."""
    for name in list(os.environ):
        if name.upper().startswith(("COUNTING_", "KAFKA_", "OIDC_", "RELAIS_")):
            monkeypatch.delenv(name)
    for name, value in NEEDED.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("RELAIS_AUDIT_KEYS", "one:a secret of the audit that is long enough")
    monkeypatch.setenv("RELAIS_ENCRYPTION_KEYS", f"one:{b64encode(b'a key of 32 bytes for the tests.').decode()}")
    return monkeypatch


def read() -> Any:
    """The settings as a process would read them."""
    return Settings()


def test_what_is_needed_is_enough_and_the_rest_is_safe() -> None:
    settings = read()
    assert settings.database_url.get_secret_value() == NEEDED["COUNTING_DATABASE_URL"]
    assert settings.environment is Environment.PRODUCTION
    assert settings.role is Role.BOTH
    assert settings.oidc_audience == "relais"


@pytest.mark.parametrize("name", sorted(NEEDED))
def test_a_missing_setting_is_named_and_none_is_made_up(environment: pytest.MonkeyPatch, name: str) -> None:
    environment.delenv(name)
    with pytest.raises(ValidationError) as missing:
        read()
    [fault] = missing.value.errors()
    assert str(fault["loc"][0]).upper() in {name, name.removeprefix("COUNTING_")}


@pytest.mark.parametrize("name", sorted(NEEDED))
def test_every_needed_setting_may_come_from_a_file(environment: pytest.MonkeyPatch, tmp_path: Path, name: str) -> None:
    path = tmp_path / "secret"
    path.write_text("https://from-a-file.example\n")
    environment.delenv(name)
    environment.setenv(f"{name}_FILE", str(path))
    settings = read()
    found = getattr(settings, name.lower().removeprefix("counting_").removeprefix("relais_"))
    assert getattr(found, "get_secret_value", lambda: found)() == "https://from-a-file.example"


def test_the_environment_goes_before_a_file(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "role").write_text("worker")
    environment.setenv("COUNTING_ROLE_FILE", str(tmp_path / "role"))
    assert read().role is Role.WORKER
    environment.setenv("COUNTING_ROLE", "api")
    assert read().role is Role.API


@pytest.mark.parametrize(
    ("name", "value"), [("COUNTING_ROLE", "boss"), ("COUNTING_POOL_SIZE", "1"), ("RELAIS_ENVIRONMENT", "test")]
)
def test_a_setting_that_cannot_be_is_refused(environment: pytest.MonkeyPatch, name: str, value: str) -> None:
    environment.setenv(name, value)
    with pytest.raises(ValidationError):
        read()


def test_another_service_s_settings_are_not_ours(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("LISTENING_POOL_SIZE", "7")
    environment.setenv("POOL_SIZE", "7")
    assert read().pool_size == 20


def test_secrets_are_not_in_what_is_printed() -> None:
    shown = f"{read()!r} {read()}"
    assert "a secret that is long enough" not in shown
    assert "counting@db" not in shown


def test_issuers_are_a_list_of_exact_addresses(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("OIDC_ISSUERS", " https://one.example, https://two.example/realm ,")
    assert read().issuers == ["https://one.example", "https://two.example/realm"]


def test_a_peer_is_where_its_own_setting_says_else_at_the_one_origin(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("RELAIS_PEER_ORIGIN", "http://ingress/")
    environment.setenv("LISTENING_URL", "http://listening:8000/")
    assert (read().peer("listening"), read().peer("counting")) == ("http://listening:8000", "http://ingress")


def test_a_service_without_its_settings_says_in_one_line_what_is_missing() -> None:
    left = {name: value for name, value in os.environ.items() if name not in NEEDED}
    left["REFERRALS_ROLE"] = "Odette"
    asked = [sys.executable, "-m", "services", "referrals"]
    ended = subprocess.run(asked, cwd=ROOT, env=left, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode != 0
    assert ended.stderr.count("\n") == 1
    for name in ("database_url", "kafka_bootstrap_servers", "oidc_issuers", "relais_cursor_key", "role", "REFERRALS_"):
        assert name in ended.stderr
    assert "Odette" not in ended.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OIDC_ISSUERS", "http://one.example"),
        ("RELAIS_CURSOR_KEY", "short"),
        ("RELAIS_AUDIT_KEYS", "one:short"),
        ("RELAIS_AUDIT_KEYS", ""),
        ("RELAIS_ENCRYPTION_KEYS", ""),
        ("RELAIS_ENCRYPTION_KEYS", DEVELOPMENT),
    ],
    ids=["http", "short", "short-audit-key", "no-audit-key", "no-encryption-key", "known-encryption-key"],
)
def test_production_refuses_an_issuer_without_tls_and_a_toy_key(
    environment: pytest.MonkeyPatch, name: str, value: str
) -> None:
    environment.setenv(name, value)
    with pytest.raises(ValidationError):
        read()
    environment.setenv("RELAIS_ENVIRONMENT", "development")
    assert read()
