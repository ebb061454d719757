"""Child processes that never outlive us, even when we are killed outright."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from shared.local.errors import LocalStartError

GUARD = Path(__file__).with_name("guard.py")


class Child:
    """One program behind a guard process, which ends it when the pipe from us closes.

    A pipe and not PR_SET_PDEATHSIG on our side: that signal fires when the starting *thread* ends, and macOS has none.
    """

    def __init__(
        self,
        command: list[str],
        *,
        log: Path,
        polite: signal.Signals = signal.SIGTERM,
        grace: float = 10.0,
        user: str | None = None,
    ) -> None:
        order = {
            "command": command,
            "log": str(log),
            "polite": int(polite),
            "grace": grace,
            "user": user,
            "asker": os.getpid(),
        }
        self._guard = subprocess.Popen(
            [sys.executable, "-I", "-S", str(GUARD), json.dumps(order)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,
        )
        assert self._guard.stdout is not None
        with self._guard.stdout as reply:
            said = reply.read().decode()
        if not said.strip().isdigit():
            self._guard.wait()
            raise LocalStartError(f"{Path(command[0]).name} could not be started: {said.strip() or 'see ' + str(log)}.")
        self.pid = int(said)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the program; nothing happens if it has already ended."""
        assert self._guard.stdin is not None
        if not self._guard.stdin.closed:
            with suppress(BrokenPipeError):
                self._guard.stdin.write(bytes([number]))

    def running(self) -> bool:
        """Whether the program still runs."""
        return self._guard.poll() is None

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the program to end by itself and return its exit code."""
        code = self._guard.wait(timeout)
        self.stop()
        return code

    def stop(self) -> None:
        """Ask the program to end, and kill it if it has not after the grace period."""
        assert self._guard.stdin is not None
        self._guard.stdin.close()
        self._guard.wait()

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        self.signal(signal.SIGKILL)
        self.wait()


def last_lines(log: Path, count: int = 8) -> str:
    """The end of a log, for an error message."""
    if not log.exists():
        return "(no log)"
    return "\n".join(log.read_text(errors="replace").splitlines()[-count:]) or "(the log is empty)"


def run_to_end(command: list[str], *, log: Path, user: str | None = None) -> None:
    """Run a short program; if it fails, one sentence and the end of its log."""
    log.unlink(missing_ok=True)
    code = Child(command, log=log, user=user).wait()
    if code:
        name = Path(command[0]).name
        raise LocalStartError(f"{name} failed with exit code {code}; the end of {log}:\n{last_lines(log)}")


def wait_until_ready(child: Child, name: str, ready: Callable[[], bool], *, log: Path, timeout: float = 120.0) -> None:
    """Poll until `ready` says so; if it never does, leave nothing running and show the end of the log."""
    deadline = time.monotonic() + timeout
    try:
        while not ready():
            if not child.running():
                raise LocalStartError(f"{name} ended while starting; the end of {log}:\n{last_lines(log)}")
            if time.monotonic() > deadline:
                raise LocalStartError(
                    f"{name} was not ready after {timeout:.0f} s and was stopped; the end of {log}:\n{last_lines(log)}"
                )
            time.sleep(0.03)
    except BaseException:
        child.stop()
        raise
