"""The checks of `make check` find what they are there for, and say aloud what they could not look at."""

import json
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from shared.local.folder import free_port
from tests.checks import ROOT, advisories, locked, secrets, uv

TOKEN = "ghp_" + "A1b2C3d4E5f6G7h8I9j0" + "K1l2M3n4O5p6Q7r8"
SETTING = "password" + " = 'hunter2-hunter2-hunter2'\n"


def git(folder: Path, *words: str) -> None:
    """Git, as somebody."""
    somebody = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.org")
    subprocess.run(["git", *somebody, *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one commit."""
    monkeypatch.setattr(secrets, "CLEAN", tmp_path / ".git" / "clean")
    git(tmp_path, "init", "-q")
    (tmp_path / "README.md").write_text("Nothing here.\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "Begin")
    return tmp_path


def test_a_secret_in_the_tree_is_found_named_and_not_shown(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert secrets.main(folder) == 0
    (folder / "deploy.sh").write_text(f"export TOKEN={TOKEN}\n")
    assert secrets.main(folder) == 1
    said = capsys.readouterr().out
    assert "deploy.sh:1: GitHub Token" in said
    assert TOKEN not in said


@pytest.mark.parametrize("content", [f"x = '{TOKEN}'\n", SETTING, "-----BEGIN RSA " + "PRIVATE KEY-----\n"])
def test_a_secret_that_was_removed_is_still_found_in_the_history(folder: Path, content: str) -> None:
    (folder / "deploy.sh").write_text(content)
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "Deploy")
    git(folder, "rm", "-q", "deploy.sh")
    git(folder, "commit", "-qm", "Remove what should never have been there")
    assert not (folder / "deploy.sh").exists()
    assert secrets.main(folder) == 1
    assert secrets.main(folder) == 1, "what was found once is found again"


def test_a_secret_in_the_words_of_a_commit_is_found(folder: Path) -> None:
    git(folder, "commit", "--allow-empty", "-qm", f"Deploy with {TOKEN}")
    assert secrets.main(folder) == 1


def test_without_a_history_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: Any) -> None:
    monkeypatch.setattr(secrets, "CLEAN", tmp_path / ".clean")
    (tmp_path / "README.md").write_text("Nothing here.\n")
    assert secrets.main(tmp_path) == 0
    assert "NO HISTORY HERE" in capsys.readouterr().out


def test_every_exception_says_why() -> None:
    assert all(len(digest) == 16 and len(why) > 10 for digest, why in secrets.exceptions().items())


class Osv(BaseHTTPRequestHandler):
    """An advisory service with one advisory, for `jinja2`."""

    affected = "jinja2"
    advisory = {
        "id": "GHSA-made-up-0001",
        "summary": "Made up",
        "modified": "2026-01-01T00:00:00Z",
        "affected": [{"package": {"name": "jinja2", "ecosystem": "PyPI"}, "versions": ["3.1.6"]}],
    }

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))["queries"]
        hit = {"vulns": [{"id": self.advisory["id"], "modified": self.advisory["modified"]}]}
        self._answer({"results": [hit if each["package"]["name"] == self.affected else {} for each in asked]})

    def do_GET(self) -> None:
        self._answer(self.advisory)

    def _answer(self, body: Any) -> None:
        content = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def osv() -> Iterator[str]:
    """The address of that service."""
    server = HTTPServer(("127.0.0.1", 0), Osv)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_known_advisory_fails_the_check(osv: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert advisories.main(["--service-url", osv]) == advisories.FOUND
    assert "GHSA-made-up-0001" in capsys.readouterr().out


def test_where_nothing_is_known_every_package_was_looked_up(
    osv: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Osv, "affected", "nothing")
    assert advisories.main(["--service-url", osv]) == 0
    assert f"{len(locked())} packages looked up" in capsys.readouterr().out


def test_without_a_service_it_says_aloud_that_nothing_was_checked(capsys: pytest.CaptureFixture[str]) -> None:
    count = len(locked())
    assert advisories.main(["--service-url", f"http://127.0.0.1:{free_port()}/"]) == advisories.NOT_CHECKED
    assert f"NOT CHECKED: {count} of {count} packages" in capsys.readouterr().out


def test_another_failure_is_no_lack_of_network() -> None:
    assert advisories.main(["--no-such-option"]) == advisories.FOUND


def test_the_list_of_what_we_are_made_of_holds_every_locked_package(tmp_path: Path) -> None:
    makefile = (ROOT / "Makefile").read_text()
    words = ["export", "--quiet", "--frozen", "--all-groups", "--format", "cyclonedx1.5"]
    assert " ".join(words) in makefile
    written = tmp_path / "relais.cdx.json"
    subprocess.run([uv(), *words, "--output-file", str(written)], cwd=ROOT, check=True, capture_output=True)
    parts = json.loads(written.read_text())["components"]
    assert len(locked()) > 100
    assert {(each["name"], each["version"]) for each in parts} == locked()
    assert all(each["purl"].startswith("pkg:pypi/") for each in parts)
