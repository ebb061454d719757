"""Notices as they arrive: the judge finds them valid FHIR, and the stock JavaScript verifier believes the signature."""

import json
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.outside.judge import Judge
from tests.outside.runtimes import node_command
from tests.referrals.clients.door import Door
from tests.referrals.clients.places import EXAMPLES, NODE
from tests.referrals.clients.street import FHIR_JSON, by_fhir, talk

WITHIN = 40.0


class Heard(ThreadingHTTPServer):
    """A receiver on this machine that answers 204 and remembers."""

    def __init__(self) -> None:
        self.requests: list[tuple[dict[str, str], str]] = []
        heard = self.requests

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                heard.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Keep quiet."""

        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}/notices"

    def wait(self, count: int) -> list[tuple[dict[str, str], str]]:
        """What it heard, once it is so much."""
        deadline = time.monotonic() + WITHIN
        while len(self.requests) < count:
            assert time.monotonic() < deadline, f"{len(self.requests)} of {count} notices arrived"
            time.sleep(0.1)
        return list(self.requests)


@pytest.fixture
def receiver() -> Iterator[Heard]:
    """A receiver for one test."""
    with Heard() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("topic", ["task-status", "communication"])
@pytest.mark.parametrize("payload", ["id-only", "empty"])
def test_fhir_notifications_are_valid_whatever_the_topic_and_the_payload(
    door: Door, judge: Judge, receiver: Heard, topic: str, payload: str
) -> None:
    wish = json.loads((EXAMPLES / "fhir-subscription.json").read_text())
    wish["criteria"] = wish["criteria"].replace("task-status", topic)
    wish["channel"]["endpoint"] = receiver.url
    wish["channel"]["_payload"]["extension"][0]["valueCode"] = payload
    assert judge.errors(wish) == []
    with door.client() as client:
        made = client.post(f"{door.fhir}/Subscription", json=wish, headers=FHIR_JSON)
        assert made.status_code == 201, made.text
        place = f"{door.fhir}/Subscription/{made.json()['id']}"
        receiver.wait(1)
        talk(door, by_fhir(door))
        heard = receiver.wait(3)
        for path in ("", "/$status", "/$events?eventsSinceNumber=1"):
            assert client.get(f"{place}{path}").status_code == 200
        assert client.get(f"{door.fhir}/Subscription").status_code == 200
        assert client.get(f"{door.fhir}/Subscription/$status").status_code == 200
        assert client.delete(place).status_code in (200, 204)
    for headers, body in heard:
        assert headers["authorization"] == "Bearer of-your-own"
        assert judge.errors(json.loads(body)) == []


def test_the_stock_javascript_verifier_believes_our_signature_and_nothing_else(
    door: Door, receiver: Heard, tmp_path: Path
) -> None:
    with door.client() as client:
        made = client.post("/referrals/webhooks", json={"url": receiver.url}).json()
        by_fhir(door)
        [(headers, body), *_] = receiver.wait(1)
        client.delete(f"/referrals/webhooks/{made['id']}")
    signed = {name: value for name, value in headers.items() if name.startswith("webhook-")}
    asked = [
        {"secret": made["secret"], "headers": signed, "body": body},
        {"secret": made["secret"], "headers": signed, "body": body.replace("received", "accepted")},
        {"secret": made["secret"], "headers": {**signed, "webhook-timestamp": "1700000000"}, "body": body},
        {"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "headers": signed, "body": body},
    ]
    ended = subprocess.run(
        node_command(NODE / "verify.mjs", NODE, tmp_path),
        input="".join(f"{json.dumps(each)}\n" for each in asked),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 0, ended.stderr
    assert [json.loads(line)["ok"] for line in ended.stdout.splitlines()] == [True, False, False, False]
