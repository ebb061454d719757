"""Runs one program and ends it as soon as the process that asked for it is gone (a script of its own, not imported)."""

import ctypes
import json
import os
import pwd
import select
import signal
import struct
import subprocess
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG, PR_SET_SECUREBITS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 1, 28, 47, 2
SECBIT_NO_SETUID_FIXUP, CAP_DAC_OVERRIDE, CAPABILITY_VERSION_3 = 4, 1, 0x20080522
ENDING = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
STDIN = 0


def become(user: str, libc: ctypes.CDLL) -> None:
    """Give up root for `user`, keeping only the right to pass folders: the project may sit in /root.

    Without the secure bit access(2), by which initdb looks for its neighbours, would not count that right.
    """
    account = pwd.getpwnam(user)
    libc.prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0)
    os.setgroups([])
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)
    header = struct.pack("=II", CAPABILITY_VERSION_3, 0)
    bit = 1 << CAP_DAC_OVERRIDE
    libc.capset(header, struct.pack("=IIIIII", bit, bit, bit, 0, 0, 0))
    libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0)


def before_exec(user: str | None) -> Callable[[], None] | None:
    """What the child does first on Linux. The kernel forgets the death signal on setuid: so it comes second."""
    if sys.platform != "linux":
        return None
    libc, guard = ctypes.CDLL(None), os.getpid()

    def prepare() -> None:
        if user:
            become(user, libc)
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != guard:
            os._exit(1)

    return prepare


def start(command: list[str], log: str, user: str | None) -> subprocess.Popen[bytes]:
    """Start the program in a session of its own, so that a Ctrl-C at the terminal does not reach it."""
    with open(log, "ab") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=before_exec(user),
        )


def end(child: subprocess.Popen[bytes], polite: int, grace: float) -> None:
    """Ask, wake it in case it was stopped, wait, then kill."""
    os.killpg(child.pid, polite)
    os.killpg(child.pid, signal.SIGCONT)
    try:
        child.wait(grace)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def watch(child: subprocess.Popen[bytes], asker: int, alarm: int, polite: int, grace: float) -> None:
    """Pass on the signals asked for, one byte each; end of input means that the asker is gone."""
    while child.poll() is None:
        ready, _, _ = select.select([STDIN, alarm], [], [], 1.0)
        told = alarm in ready and ENDING & set(os.read(alarm, 64))
        orders = os.read(STDIN, 64) if STDIN in ready else None
        if told or orders == b"" or os.getppid() != asker:
            end(child, polite, grace)
            return
        for number in orders or b"":
            os.killpg(child.pid, number)


def main() -> int:
    """Read the order, start, report the process id, watch."""
    order = json.loads(sys.argv[1])
    alarm, ring = os.pipe()
    os.set_blocking(ring, False)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    signal.set_wakeup_fd(ring)
    for number in (signal.SIGCHLD, *ENDING):
        signal.signal(number, lambda *_: None)
    try:
        child = start(order["command"], order["log"], order["user"])
    except (OSError, subprocess.SubprocessError) as problem:
        os.write(1, str(problem).encode())
        return 127
    os.write(1, f"{child.pid}\n".encode())
    os.close(1)
    watch(child, order["asker"], alarm, order["polite"], order["grace"])
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


if __name__ == "__main__":
    sys.exit(main())
