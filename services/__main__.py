"""`python -m services ...`: the only place that names the services, as strings."""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from importlib import import_module
from pathlib import Path

from pydantic import ValidationError

from shared import catalogue, migrate
from shared.service import Service
from shared.settings import ServiceSettings

NAMES = ("intake", "cases", "assessment", "scheduler", "referrals")
LISTS = {
    "import": ("referrals", "send a CSV or Excel file of referrals to a running Relais"),
    "import-persons": ("intake", "send a list of people to a running Relais"),
    "import-contacts": ("intake", "send a list of past contacts to a running Relais"),
}
HERE = Path(__file__).parent


def load(names: Sequence[str]) -> list[Service]:
    """The services of these names, imported only now."""
    unknown = set(names) - set(NAMES)
    if unknown:
        raise SystemExit(f"Unknown service {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}.")
    found: list[Service] = [import_module(f"services.{name}.app").service for name in names]
    return found


def serve(names: Sequence[str], port: int) -> None:
    """Serve services whose settings the environment gives; nothing is started for them."""
    import uvicorn

    from shared import logs
    from shared.bus.kafka import KafkaBus
    from shared.host import SideBySide, build

    logs.configure()
    apps = {}
    for service in load(names):
        settings = settled(service)
        asyncio.run(fenced(service, settings))
        bus = KafkaBus(settings.kafka_bootstrap_servers, settings.kafka_replication, settings.replica)
        apps[service.name] = build(service, settings, bus)
    host = os.environ.get("HOST", "127.0.0.1")
    # uvicorn stops in order and then raises the signal again: by then leaving is success.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    proxies = os.environ.get("RELAIS_TRUSTED_PROXIES", "127.0.0.1")
    uvicorn.run(
        SideBySide(apps),
        host=host,
        port=port,
        forwarded_allow_ips=proxies,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=8,
    )


def settled(service: Service) -> ServiceSettings:
    """A service's settings, or one clear sentence about what is missing."""
    try:
        return service.settings()
    except ValidationError as error:
        prefix = service.name.upper()
        wrong = sorted({str(fault["loc"][0]) if fault["loc"] else fault["msg"] for fault in error.errors()})
        raise SystemExit(
            f"{service.name} cannot start: missing or wrong setting {', '.join(wrong)} "
            f"(environment, with prefix {prefix}_ where it is the service's own; see deploy/env.example)."
        ) from None


async def fenced(service: Service, settings: ServiceSettings) -> None:
    """Leave with one clear sentence where row-level security would not bind the service's database role."""
    from shared.clock import SystemClock
    from shared.fenced_role import AboveTheFences, refuse_unfenced_role
    from shared.store import Database

    database = Database(settings.database_url.get_secret_value(), SystemClock(), 2, settings)
    try:
        # A database that is away stops no start: the readiness looks again.
        with suppress(ConnectionError):
            await refuse_unfenced_role(service.name, database)
    except AboveTheFences as refusal:
        raise SystemExit(str(refusal)) from None
    finally:
        await database.close()


def migrate_all(names: Sequence[str]) -> None:
    """Bring the databases of these services to the newest revision, as their owner."""
    for service in load(names):
        settings = settled(service)
        url = settings.owner_database_url or settings.database_url
        asyncio.run(migrate.upgrade(service.migrations, url.get_secret_value()))
        print(f"{service.name}: at head", flush=True)


def contracts(check: bool) -> int:
    """Write the contracts from the code, or say where they differ."""
    from shared.host import described
    from shared.permission_page import permission_page

    found: list[str] = []
    apps = {service.name: described(service) for service in load(NAMES)}
    for files in (*(catalogue.contracts(each, apps[each.name]) for each in load(NAMES)), permission_page(apps)):
        found += catalogue.check(files) if check else catalogue.write(files)
    for problem in found:
        print(problem, file=sys.stderr)
    return 1 if found else 0


def republish(names: Sequence[str], since: datetime) -> None:
    """Send the facts of these services since an instant once more."""
    from shared.clock import SystemClock
    from shared.relay import republish as send_again
    from shared.store import Database

    async def again(service: Service) -> int:
        database = Database(settled(service).database_url.get_secret_value(), SystemClock(), 2)
        try:
            return await send_again(database, since)
        finally:
            await database.close()

    for service in load(names):
        print(f"{service.name}: {asyncio.run(again(service))} facts to be sent again", flush=True)


def audit(act: str, names: Sequence[str], anchors: Sequence[str]) -> int:
    """Verify the audit of these services, or end what is older than must be kept; 1 where one was tampered with."""
    from shared.audit import command

    if act == "prune":
        for service in load(names):
            print(f"{service.name}: {asyncio.run(command.prune(settled(service)))} records ended", flush=True)
        return 0
    told = [command.anchor(each) for each in anchors]
    wrong = 0
    for service in load(names):
        verdict = asyncio.run(command.verify(service.name, settled(service), told))
        print(command.sentence(service.name, verdict), flush=True)
        wrong += verdict.finding is not None
    return 1 if wrong else 0


def encryption(act: str, names: Sequence[str]) -> int:
    """Write values at rest under the key in use, or tell which they stand under; 1 where a rotation left old ones."""
    from shared.encryption import command

    asked = command.rotate if act == "rotate" else command.status
    tell = partial(print, flush=True)
    old = [asyncio.run(asked(service, settled(service), tell)) for service in load(names)]
    return 1 if act == "rotate" and any(old) else 0


def look_after(asked: argparse.Namespace) -> int:
    """What an operator does with the data at rest."""
    if asked.command == "audit":
        return audit(asked.act, asked.names, asked.anchor)
    return encryption(asked.act, asked.names)


def add_encryption(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """What can be asked about values at rest."""
    keeping = commands.add_parser("encryption", help="values at rest: under the key in use, or under which they are")
    keeping.add_argument("act", choices=["rotate", "status"])
    keeping.add_argument("names", nargs="*", default=list(NAMES))


def arguments() -> argparse.ArgumentParser:
    """What can be asked for."""
    parser = argparse.ArgumentParser(prog="python -m services", description="Run and look after the services.")
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="everything at one origin, with its own PostgreSQL and Kafka")
    run.add_argument("names", nargs="*", default=os.environ.get("SERVICES", "").replace(",", " ").split())
    demo = commands.add_parser("demo", help="play the main road for made-up people")
    demo.add_argument("--origin", default=os.environ.get("RELAIS_ORIGIN"))
    for name in NAMES:
        commands.add_parser(name, help=f"serve {name} alone, with settings from the environment")
    for command, about in (("serve", "serve several, settings from the environment"), ("migrate", "migrate databases")):
        commands.add_parser(command, help=about).add_argument("names", nargs="*", default=list(NAMES))
    commands.add_parser("contracts", help="write the contracts").add_argument("--check", action="store_true")
    migration = commands.add_parser("migration", help="draft a migration from the models")
    migration.add_argument("service")
    migration.add_argument("about", help="like `add phase`, or `post drop phase`")
    for command, (name, about) in LISTS.items():
        sending = commands.add_parser(command, help=about)
        if command in sys.argv[1:2]:
            import_module(f"services.{name}.api.imports_command").add_arguments(sending)
    auditing = commands.add_parser(
        "audit", help="verify that nothing in the audit was changed, or end what is older than must be kept"
    )
    auditing.add_argument("act", choices=["verify", "prune"])
    auditing.add_argument("names", nargs="*", default=list(NAMES))
    auditing.add_argument(
        "--anchor", action="append", default=[], help="service:sequence:link, from the log or the bus"
    )
    add_encryption(commands)
    again = commands.add_parser("republish", help="send facts once more")
    again.add_argument("names", nargs="+")
    again.add_argument("--since", type=datetime.fromisoformat, required=True)
    return parser


def main() -> int:
    """Do what was asked."""
    asked = arguments().parse_args()
    port = int(os.environ.get("PORT", "8000"))
    if asked.command in NAMES:
        serve([asked.command], port)
    elif asked.command == "serve":
        serve(asked.names, port)
    elif asked.command == "migrate":
        migrate_all(asked.names)
    elif asked.command == "contracts":
        return contracts(asked.check)
    elif asked.command in LISTS:
        return int(import_module(f"services.{LISTS[asked.command][0]}.api.imports_command").main(asked))
    elif asked.command in ("audit", "encryption"):
        return look_after(asked)
    elif asked.command == "republish":
        republish(asked.names, asked.since.astimezone())
    else:
        return local(asked, port)
    return 0


def local(asked: argparse.Namespace, port: int) -> int:
    """What needs the parts for a laptop: they are not in the images."""
    part = import_module(f"shared.local.{asked.command}")
    if asked.command == "run":
        status = part.main(load(asked.names or NAMES), port)
    elif asked.command == "demo":
        status = part.main(load(NAMES), asked.origin)
    else:
        status = part.main(load([asked.service])[0], asked.about)
    return int(status)


if __name__ == "__main__":
    raise SystemExit(main())
