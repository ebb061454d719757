"""The folder that holds the local data, the free ports, and the space they need."""

import fcntl
import os
import shutil
import socket
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from shared.local.errors import LocalStartError

LOOPBACK = "127.0.0.1"
NEEDED_BYTES = 500_000_000


class DataFolder:
    """A data folder that one process holds at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self._lock: IO[str] | None = None

    def hold(self) -> None:
        """Create the folder if needed, lock it, and check that the disk has room."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = (self.path / "lock").open("a+", encoding="ascii")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as problem:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            lock.close()
            raise LocalStartError(
                f"Process {holder} already uses the data folder {self.path}: stop it first (Ctrl-C in its terminal, "
                f"or kill {holder})."
            ) from problem
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        self._lock = lock
        try:
            require_disk_space(self.path)
        except LocalStartError:
            self.release()
            raise

    def release(self) -> None:
        """Let another process have the folder."""
        if self._lock:
            self._lock.close()
            self._lock = None

    def __enter__(self) -> Self:
        self.hold()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.release()


def free_ports(count: int) -> list[int]:
    """Ports of the loopback interface that nobody uses now, all different."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind((LOOPBACK, 0))
        return [each.getsockname()[1] for each in sockets]


def free_port() -> int:
    """A port of the loopback interface that nobody uses now."""
    return free_ports(1)[0]


def require_free_port(port: int) -> None:
    """Refuse a port on which another program listens."""
    problem = _problem_with(port)
    if problem:
        raise LocalStartError(
            f"Port {port} cannot be used ({problem}): choose another one with PORT=, for example PORT={free_port()}."
        )


def _problem_with(port: int) -> str | None:
    """Try to connect before binding: macOS lets a loopback port be bound beside a listener on all addresses."""
    try:
        with socket.socket() as caller:
            caller.settimeout(1)
            if caller.connect_ex((LOOPBACK, port)) == 0:
                return "another program listens there"
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((LOOPBACK, port))
    except (OSError, OverflowError) as problem:
        return str(problem)
    return None


def require_disk_space(folder: Path, needed: int = NEEDED_BYTES) -> None:
    """Refuse to start on a disk that is nearly full."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise LocalStartError(
            f"Only {free // 1_000_000} MB are free on the disk of {folder}: "
            f"free at least {needed // 1_000_000} MB and start again."
        )
