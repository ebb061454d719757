"""`make run`: embedded PostgreSQL and Kafka, the services side by side, a portal and the development issuer."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import httpx
import uvicorn
from starlette.types import ASGIApp

from shared import logs
from shared.encryption.command import rotate
from shared.host import SideBySide, build
from shared.local.demo_directory import register_directory
from shared.local.errors import LocalStartError
from shared.local.folder import DataFolder, require_free_port
from shared.local.issuer import DevelopmentIssuer, organisations
from shared.local.portal import portal
from shared.local.road import development_token
from shared.local.stack import Stack
from shared.service import Service
from shared.settings import Environment

HOST = "127.0.0.1"
REGISTERED_WITHIN = 30.0


def main(services: Sequence[Service], port: int) -> int:
    """Run until Ctrl-C; whatever prevents the start ends in one sentence."""
    try:
        with ExitStack() as stack:
            require_free_port(port)
            folder = stack.enter_context(DataFolder(data_folder()))
            parts = stack.enter_context(Stack(folder.path, services))
            serve(parts, services, port)
    except LocalStartError as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    return 0


def data_folder() -> Path:
    """Where the data of `make run` lies: RELAIS_DATA, else `.local` beside the code."""
    return Path(os.environ.get("RELAIS_DATA", Path(__file__).parents[2] / ".local"))


def assemble(parts: Stack, services: Sequence[Service], origin: str) -> SideBySide:
    """The services, the portal and the issuer at one origin."""
    issuer = DevelopmentIssuer(f"{origin}/auth", Environment.DEVELOPMENT, HOST)
    apps: dict[str, ASGIApp] = {"auth": issuer.app()}
    for service in services:
        apps[service.name] = build(service, parts.settings(service, origin), parts.bus())
    return SideBySide(apps, front=portal(services))


def serve(parts: Stack, services: Sequence[Service], port: int) -> None:
    """Serve, and say what to do once everything answers."""
    # After uvicorn has stopped in order, PostgreSQL and Kafka are stopped in order too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    logs.configure(stream=(parts.folder / "relais.log").open("a", buffering=1))
    origin = f"http://{HOST}:{port}"
    app = assemble(parts, services, origin)
    config = uvicorn.Config(app, HOST, port, log_config=None, access_log=False, timeout_graceful_shutdown=5)
    server = uvicorn.Server(config)

    async def run() -> None:
        for service in services:
            await rotate(service, parts.settings(service, origin), lambda _: None)
        welcome = asyncio.ensure_future(greet(origin, services))
        await server.serve()
        welcome.cancel()

    asyncio.run(run())


async def greet(origin: str, services: Sequence[Service]) -> None:
    """Register the personas' organisations and print what to open next."""
    deadline = time.monotonic() + REGISTERED_WITHIN
    async with httpx.AsyncClient(base_url=origin, trust_env=False) as client:
        while time.monotonic() < deadline:
            try:
                if any(service.name == "referrals" for service in services):
                    await register_organisations(client)
                break
            except httpx.HTTPError:
                await asyncio.sleep(0.2)
    print(WELCOME.format(origin=origin, log=data_folder() / "relais.log"), flush=True)


async def register_organisations(client: httpx.AsyncClient, token: str = "") -> None:
    """Put the made-up organisations and what they offer into the directory, through its own door, as its operator."""
    bearer = {"authorization": f"Bearer {token or await development_token(client, 'operator')}"}
    for code, description in organisations().items():
        put = await client.put(f"/referrals/directory/organisations/{code}", json=description, headers=bearer)
        put.raise_for_status()
    await register_directory(client, bearer)


WELCOME = """
Relais is running at {origin}   (Ctrl-C stops it, the data stays)

  Portal          {origin}/
  Documentation   {origin}/referrals/docs   (likewise /intake /cases /assessment /scheduler)

  A first referral, from the folder of this README:
    TOKEN=$(curl -s {origin}/auth/token -d grant_type=client_credentials -d client_id=hospital-chu | cut -d'"' -f4)
    curl -i {origin}/referrals -H "authorization: Bearer $TOKEN" \\
         -H "content-type: application/json" -d @services/referrals/examples/referral.json

  Logs            {log}

  The whole road, told step by step:   make demo   (in another terminal)
"""
