"""The five services on real PostgreSQL and Kafka, each a process of its own that a test may stop and start."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from services.__main__ import NAMES, load
from shared.local.folder import free_port
from shared.local.run import register_organisations
from shared.local.stack import Stack
from shared.testing.issuers import OutsideIssuer

ROOT = Path(__file__).parents[1]


@dataclass
class Town:
    """The stack, the processes of the services, and the front that joins them at one origin."""

    stack: Stack
    folder: Path
    ports: dict[str, int] = field(default_factory=lambda: {name: free_port() for name in ("front", *NAMES)})
    more: Mapping[str, str] = field(default_factory=dict)
    """Settings beside ours, which win."""
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        """Where everything is reached."""
        return f"http://127.0.0.1:{self.ports['front']}"

    def environment(self) -> dict[str, str]:
        """The settings of every service, as an operator would give them."""
        given = {
            "RELAIS_ENVIRONMENT": "development",
            "KAFKA_BOOTSTRAP_SERVERS": self.stack.bootstrap_servers,
            "KAFKA_REPLICATION": "1",
            "OIDC_ISSUERS": f"{self.origin}/auth",
            "RELAIS_PEER_ORIGIN": self.origin,
            "RELAIS_CURSOR_KEY": "a key for journeys",
            "RELAIS_AUDIT_KEYS": "journeys:a key for journeys long enough to be one",
            "RELAIS_RATE_PER_MINUTE": "0",
            "RELAIS_RATE_SENSITIVE_PER_MINUTE": "0",
            "RELAIS_CALLBACK_INSECURE": "true",
            "RELAIS_CALLBACK_NETWORKS": "127.0.0.0/8",
        }
        for name, database in self.stack.databases.items():
            given[f"{name.upper()}_DATABASE_URL"] = database.app_url
        return {**os.environ, **given, **self.more}

    def start(self, name: str, *, process: str | None = None, port: int | None = None, **changed: str) -> None:
        """Start a service (or another replica of it under another process name)."""
        command = [sys.executable, "-m", "services", name]
        if name == "front":
            command = [sys.executable, "-m", "tests.front"]
        places = {f"PORT_{each.upper()}": str(number) for each, number in self.ports.items()}
        environment = {**self.environment(), **places, "PORT": str(port or self.ports[name]), **changed}
        with (self.folder / f"{process or name}.log").open("ab") as log:
            started = subprocess.Popen(command, env=environment, cwd=ROOT, stderr=log, stdout=log)
        self.processes[process or name] = started

    def stop(self, name: str, how: signal.Signals = signal.SIGTERM) -> int:
        """Stop one process and give its exit code."""
        process = self.processes.pop(name)
        process.send_signal(how)
        return process.wait(15)

    async def ready(self, names: Sequence[str], within: float = 150) -> None:
        """Wait until these services answer that they are ready."""
        async with httpx.AsyncClient(trust_env=False) as client:
            for name in names:
                url = f"http://127.0.0.1:{self.ports[name]}/{name}/health/ready"
                deadline = time.monotonic() + within
                while True:
                    try:
                        answer = await client.get(url)
                        if answer.status_code == 200:
                            break
                    except httpx.HTTPError:
                        pass
                    assert time.monotonic() < deadline, f"{name} is not ready"
                    await asyncio.sleep(0.1)

    def close(self) -> None:
        """End every process that was started."""
        for process in self.processes.values():
            process.kill()
            process.wait()
        self.processes.clear()


@contextmanager
def running(folder: Path, outside: OutsideIssuer | None) -> Iterator[Town]:
    """A town of all five services, the personas' organisations in its directory.

    It trusts the issuer `outside` and nobody else, or without one its own.
    """
    with ExitStack() as stack:
        # The logs stay for who looks for a failure; the data of one town after the other would fill a disk.
        stack.callback(shutil.rmtree, folder / "postgres", ignore_errors=True)
        built = Town(stack.enter_context(Stack(folder, load(NAMES))), folder)
        built.more = outside.settings(NAMES) if outside else {}
        stack.callback(built.close)
        for name in ("front", *NAMES):
            built.start(name)
        asyncio.run(built.ready(NAMES))
        asyncio.run(registered(built, outside.token("operator") if outside else ""))
        yield built


async def registered(town: Town, token: str) -> None:
    """The personas' organisations are in the directory; without a token, the issuer of the town gives one."""
    async with httpx.AsyncClient(base_url=town.origin, trust_env=False) as client:
        await register_organisations(client, token)
