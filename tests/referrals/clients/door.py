"""The referrals service alone behind a real port, with the development issuer, noting every FHIR body that it emits."""

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx
import uvicorn
from pydantic import SecretStr
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.clock import SystemClock
from shared.host import SideBySide, build
from shared.local.folder import LOOPBACK, free_port
from shared.local.issuer import DevelopmentIssuer
from shared.local.postgres import DatabaseUrls
from shared.local.run import register_organisations
from shared.service import Service
from shared.settings import Environment
from shared.testing.clock import MovableClock
from shared.testing.harness import Neighbours, UnderTest
from shared.testing.memory_bus import MemoryBus

T = TypeVar("T")
FHIR = "application/fhir+json"
STARTS_WITHIN = 60.0


@dataclass(frozen=True)
class Emitted:
    """One FHIR body as it left the door."""

    method: str
    path: str
    status: int
    body: bytes

    @property
    def resource(self) -> dict[str, Any]:
        """The resource."""
        found: dict[str, Any] = json.loads(self.body)
        return found


@dataclass
class Recorder:
    """Keeps what the app answers as FHIR; `judged` is how many of these have been taken."""

    app: ASGIApp
    kept: list[Emitted] = field(default_factory=list)
    judged: int = 0

    def take(self) -> list[Emitted]:
        """Those that were not taken yet."""
        fresh = self.kept[self.judged :]
        self.judged += len(fresh)
        return fresh

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request and note its answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status, media, pieces = 0, "", list[bytes]()

        async def note(message: Message) -> None:
            nonlocal status, media
            if message["type"] == "http.response.start":
                headers = {name.lower(): value.decode() for name, value in message["headers"]}
                status, media = message["status"], headers.get(b"content-type", "")
            elif message["type"] == "http.response.body":
                pieces.append(message.get("body", b""))
                # Before the last of it goes: whoever reads the answer next finds it here.
                if media.startswith(FHIR) and any(pieces) and not message.get("more_body", False):
                    self.kept.append(Emitted(scope["method"], scope["path"], status, b"".join(pieces)))
            await send(message)

        await self.app(scope, receive, note)


@dataclass
class Neighbour:
    """What other services would answer, by path; 503 for the rest, as if they were down."""

    answers: dict[str, Any] = field(default_factory=dict)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        known = scope["path"] in self.answers
        answer = JSONResponse(self.answers[scope["path"]]) if known else Response(status_code=503)
        await answer(scope, receive, send)


class Door:
    """The running service. It lives in a thread of its own: some of the stock clients block."""

    def __init__(
        self, service: Service, databases: Callable[[Service], Awaitable[DatabaseUrls]], **settings: Any
    ) -> None:
        self.port = free_port()
        self.origin = f"http://{LOOPBACK}:{self.port}"
        self.fhir = f"{self.origin}/referrals/fhir"
        self.issuer = DevelopmentIssuer(f"{self.origin}/auth", Environment.DEVELOPMENT)
        self.neighbour = Neighbour()
        self.recorder: Recorder
        self.referrals: UnderTest
        self._service = service
        self._databases = databases
        self._settings = settings
        self._loop: asyncio.AbstractEventLoop
        self._started = threading.Event()
        self._failed: BaseException | None = None
        self._server: uvicorn.Server | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def environment(self, persona: str = "hospital-chu") -> dict[str, str]:
        """What the examples want to be told."""
        return {"RELAIS": self.origin, "TOKEN": self.issuer.token(persona)}

    def client(self, persona: str | None = "hospital-chu") -> httpx.Client:
        """A plain client with a persona's token."""
        headers = {"authorization": f"Bearer {self.issuer.token(persona)}"} if persona else {}
        return httpx.Client(base_url=self.origin, headers=headers, trust_env=False, timeout=30)

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something inside the service's loop, such as a delivery."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def step(self, persona: str, referral_id: str, name: str, body: Mapping[str, Any] | None = None) -> None:
        """A step of the programme, in the version that is there now."""
        with self.client(persona) as client:
            etag = client.get(f"/referrals/{referral_id}").headers["etag"]
            answer = client.post(f"/referrals/{referral_id}/{name}", json=body, headers={"if-match": etag})
            assert answer.is_success, answer.text

    def state(self, referral_id: str) -> str:
        """The state of a referral, as the programme sees it by the JSON door."""
        with self.client("coordinator") as client:
            return str(client.get(f"/referrals/{referral_id}").json()["state"])

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._started.wait(STARTS_WITHIN), "the door did not open"
        if self._failed:
            raise self._failed
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._server:
            self._server.should_exit = True
        self._thread.join(30)
        assert not self._thread.is_alive(), "the door did not close"

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as problem:  # handed to the thread that waits
            self._failed = problem
        self._started.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        bus, clock, database = MemoryBus(), SystemClock(), await self._databases(self._service)
        app = build(self._service, self._service.settings(**self._knobs(database)), bus, clock)
        self.referrals = UnderTest(self._service, app, bus, MovableClock(), Neighbours())
        apps: dict[str, ASGIApp] = {self._service.name: app, "auth": self.issuer.app()}
        self.recorder = Recorder(SideBySide({**apps, "assessment": self.neighbour, "cases": self.neighbour}))
        config = uvicorn.Config(self.recorder, LOOPBACK, self.port, log_config=None, access_log=False)
        self._server = uvicorn.Server(config)
        serving = asyncio.ensure_future(self._server.serve())
        while not self._server.started and not serving.done():
            await asyncio.sleep(0.02)
        if not serving.done():
            async with httpx.AsyncClient(base_url=self.origin, trust_env=False) as client:
                await register_organisations(client)
            self._started.set()
        await serving

    def _knobs(self, database: DatabaseUrls) -> dict[str, Any]:
        return {
            "database_url": SecretStr(database.app_url),
            "environment": Environment.DEVELOPMENT,
            "kafka_bootstrap_servers": "memory",
            "oidc_issuers": self.issuer.issuer,
            "peer_origin": self.origin,
            "cursor_key": SecretStr("a key for tests"),
            "pool_size": 10,
            "callback_networks": f"{LOOPBACK}/32",
            "callback_insecure": True,
            **self._settings,
        }
