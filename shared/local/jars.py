"""Jars (and zips) that a lock lists: fetched once from Maven Central, each one compared with the committed lock."""

import fcntl
import hashlib
import json
import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import jgo.maven

from shared.local.errors import LocalStartError
from shared.local.progress import counted

LOCK = Path(__file__).with_name("kafka-jars.lock.json")
STAMP = "verified"
AT_ONCE = 6


@dataclass(frozen=True)
class Jar:
    """One jar as the lock knows it; the coordinate is group:artifact:version, and `:zip` for what is no jar."""

    coordinate: str
    sha256: str
    size: int

    @property
    def file_name(self) -> str:
        """The name under which Maven stores it."""
        _, artifact, version, packaging = parts_of(self.coordinate)
        return f"{artifact}-{version}.{packaging}"


def parts_of(coordinate: str) -> tuple[str, str, str, str]:
    """Group, artifact, version and packaging of a coordinate."""
    group, artifact, version, *packaging = coordinate.split(":")
    return group, artifact, version, packaging[0] if packaging else "jar"


def cache_folder() -> Path:
    """Where fetched things are kept between runs, outside the tree."""
    chosen = os.environ.get("RELAIS_CACHE")
    if chosen:
        return Path(chosen).expanduser().resolve()
    default = Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")
    return Path(os.environ.get("XDG_CACHE_HOME") or default) / "relais"


def locked_jars(lock: Path) -> list[Jar]:
    """The jars that the lock lists."""
    entries = json.loads(lock.read_text())["jars"]
    return [Jar(coordinate, entry["sha256"], entry["size"]) for coordinate, entry in entries.items()]


@dataclass(frozen=True)
class JarSet:
    """The jars of one lock; `name` is their folder in the cache, `title` what a person at the terminal reads."""

    lock: Path
    name: str
    title: str

    def files(self, cache: Path | None = None) -> list[Path]:
        """The jars to put on a class path, fetched the first time. Later calls look at names and sizes only."""
        version = hashlib.sha256(self.lock.read_bytes()).hexdigest()[:16]
        folder = (cache or cache_folder()) / self.name / version
        jars = locked_jars(self.lock)
        if not (folder / STAMP).exists() or not all(_has_its_size(folder, jar) for jar in jars):
            with alone(folder):
                self._complete(folder, jars)
        return [folder / jar.file_name for jar in jars]

    def _complete(self, folder: Path, jars: list[Jar]) -> None:
        missing = [jar for jar in jars if not (folder / jar.file_name).exists()]
        for jar in jars:
            if jar not in missing:
                self._compare(folder / jar.file_name, jar)
        if missing:
            self._fetch_all(folder, missing)
        (folder / STAMP).touch()

    def _fetch_all(self, folder: Path, jars: list[Jar]) -> None:
        """Fetch into a temporary folder, compare, then move: an interrupted fetch leaves no half file."""
        title = f"Fetching {self.title}, the first time only ({len(jars)} files)"
        with (
            tempfile.TemporaryDirectory(dir=folder) as landing,
            counted(title, sum(jar.size for jar in jars)) as done,
            ThreadPoolExecutor(AT_ONCE) as pool,
        ):

            def fetch_one(jar: Jar) -> None:
                fetched = fetch(jar.coordinate, Path(landing))
                self._compare(fetched, jar)
                fetched.replace(folder / jar.file_name)
                done(jar.size)

            try:
                list(pool.map(fetch_one, jars))
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise

    def _compare(self, file: Path, jar: Jar) -> None:
        if sha256(file) != jar.sha256:
            raise LocalStartError(
                f"The jar {file.name} in {file.parent} is not the one in {self.lock.name}, so {self.title} "
                "was not started: delete that folder and start again; if it happens again, the source is not to be "
                "trusted."
            )


def kafka_jars(cache: Path | None = None) -> list[Path]:
    """The jars to put on Kafka's class path."""
    return JarSet(LOCK, "kafka", "Kafka").files(cache)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Two first starts at the same time must not write the same files."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        turn = (folder / "lock").open("w")
    except OSError as problem:
        raise LocalStartError(
            f"The cache folder {folder} cannot be written ({problem.strerror}): choose another one with RELAIS_CACHE=."
        ) from problem
    with turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield


def fetch(coordinate: str, landing: Path) -> Path:
    """Fetch one jar with jgo, under `landing`."""
    logging.getLogger("jgo").setLevel(logging.ERROR)
    group, artifact, version, packaging = parts_of(coordinate)
    context = jgo.maven.MavenContext(repo_cache=landing, timeout=30)
    try:
        return context.project(group, artifact).at_version(version).artifact(packaging=packaging).resolve()
    except (OSError, RuntimeError) as problem:
        raise LocalStartError(
            f"{coordinate} could not be fetched from Maven Central ({type(problem).__name__}): "
            "the first start needs the network (and HTTPS_PROXY behind a proxy); start again when it is there."
        ) from problem


def sha256(file: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _has_its_size(folder: Path, jar: Jar) -> bool:
    file = folder / jar.file_name
    return file.exists() and file.stat().st_size == jar.size
