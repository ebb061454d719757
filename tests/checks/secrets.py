"""`python -m tests.checks.secrets`: no secret in any file of the tree, nor in any that its history ever held.

Needs no network. Each line is looked at once, however many versions of a file hold it. What is found is named by its
place and kind, never shown. `exceptions.json` says what only looks like a secret, by hash, and why.
"""

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
from detect_secrets.filters import heuristic
from detect_secrets.plugins.base import BasePlugin

from tests.checks import ROOT

EXCEPTIONS = Path(__file__).with_name("exceptions.json")
CLEAN = ROOT / ".cache" / "secrets"
LEFT_OUT = frozenset({"HexHighEntropyString", "Base64HighEntropyString", "IPPublicDetector"})
"""Checksums, keys of events and made-up ids are all of them random; a public address is no secret."""
BY_NAME = frozenset({"Secret Keyword", "Basic Auth Credentials"})
"""Kinds that are told by a name beside them, not by their own form, so that anything could stand there."""
LEAST = 8
"""Characters of such a one: what is shorter opens nothing."""


@dataclass(frozen=True)
class Finding:
    """Where something looks like a secret, and its hash, by which it may be excepted."""

    path: str
    line: int
    kind: str
    digest: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.kind} ({self.digest})"


@cache
def plugins() -> tuple[BasePlugin, ...]:
    """Every kind of secret that is looked for."""
    known: Iterable[type[BasePlugin]] = get_mapping_from_secret_type_to_class().values()
    return tuple(kind() for kind in known if kind.__name__ not in LEFT_OUT)


@cache
def found_in(line: str) -> tuple[tuple[str, str], ...]:
    """What looks like a secret in a line: (kind, hash)."""
    found = set()
    for plugin in plugins():
        for secret in plugin.analyze_line(filename="", line=line, line_number=1):
            is_by_name = secret.type in BY_NAME
            # What has a form of its own is told by parts of it: then the line stands for it.
            value = secret.secret_value or "" if is_by_name else line.strip()
            if not is_by_name or (len(value) >= LEAST and not is_placeholder(value, line)):
                found.add((secret.type, hashlib.sha256(value.encode()).hexdigest()[:16]))
    return tuple(sorted(found))


def is_placeholder(value: str, line: str) -> bool:
    """Whether a value stands for a secret that is elsewhere."""
    return (
        heuristic.is_templated_secret(value)
        or heuristic.is_prefixed_with_dollar_sign(value)
        or heuristic.is_indirect_reference(line)
        or heuristic.is_not_alphanumeric_string(value)
    )


def look(path: str, content: bytes, excepted: Mapping[str, str]) -> Iterator[Finding]:
    """What looks like a secret in a file and is not excepted; what is no text is left alone."""
    if b"\0" in content:
        return
    for number, line in enumerate(content.decode(errors="replace").splitlines(), 1):
        for kind, digest in found_in(line):
            if digest not in excepted:
                yield Finding(path, number, kind, digest)


@dataclass
class History:
    """The repository that a tree belongs to, if it has one."""

    root: Path

    def git(self, *words: str, given: bytes = b"") -> bytes:
        """What git answers, empty where there is no repository."""
        done = subprocess.run(["git", *words], cwd=self.root, input=given, capture_output=True, check=False)
        return done.stdout if done.returncode == 0 else b""

    def files(self) -> list[Path]:
        """The files that are, or are about to be, in the repository; without one all that are there."""
        listed = self.git("ls-files", "-z", "--cached", "--others", "--exclude-standard").decode().split("\0")
        named = [self.root / name for name in listed if name]
        return named or [
            path
            for path in self.root.rglob("*")
            if not any(part.startswith(".") for part in path.relative_to(self.root).parts)
        ]

    def objects(self) -> dict[str, str]:
        """Every version of every file that a commit of this line ever had, and the commits' own words: id -> path."""
        listed = self.git("rev-list", "--objects", "HEAD").decode(errors="replace").splitlines()
        return {name: path or "commit" for name, _, path in (line.partition(" ") for line in listed)}

    def contents(self, names: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """The contents of those objects that hold text of somebody's: not the folders."""
        told = self.git("cat-file", "--batch", given="\n".join(names).encode() + b"\n")
        place = 0
        while place < len(told):
            end = told.index(b"\n", place)
            name, kind, size = told[place:end].decode().split(" ")
            content = told[end + 1 : end + 1 + int(size)]
            place = end + 2 + int(size)
            if kind != "tree":
                yield name, content


def exceptions() -> dict[str, str]:
    """What only looks like a secret: hash -> why."""
    known: dict[str, str] = json.loads(EXCEPTIONS.read_text())
    return known


def rules() -> str:
    """What the looking depends on: where it changes everything is looked at anew."""
    return hashlib.sha256(Path(__file__).read_bytes() + EXCEPTIONS.read_bytes()).hexdigest()[:16]


def main(root: Path = ROOT) -> int:
    """Look at the tree and at its history; 1 where something was found."""
    excepted, history = exceptions(), History(root)
    found: list[Finding] = []
    for path in history.files():
        if path.is_file():
            found += look(str(path.relative_to(root)), path.read_bytes(), excepted)
    objects = history.objects()
    kept = CLEAN / rules()
    known = set(kept.read_text().split()) if kept.exists() else set()
    clean = known & objects.keys()
    for name, content in history.contents(objects.keys() - known):
        inside = list(look(f"{objects[name]} (in the history, {name[:10]})", content, excepted))
        found += inside
        clean |= set() if inside else {name}
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text("\n".join(sorted(clean)))
    for each in dict.fromkeys(found):
        print(each)
    said = f"{len(objects)} objects in the history" if objects else "NO HISTORY HERE: only the tree was checked"
    print(f"{len(found)} secrets; {said}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
