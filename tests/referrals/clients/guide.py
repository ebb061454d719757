"""Runs a guide as its reader would: every `sh` block in one shell, in order, and what each one prints is looked at."""

import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

BLOCK = re.compile(r"^```(?P<kind>sh|text)\n(?P<content>.*?)^```$", re.MULTILINE | re.DOTALL)
ANYTHING = "…"
MARK = "@@ block"


@dataclass(frozen=True)
class Block:
    """Commands of the guide, and the lines that it promises below them; `…` in a line stands for anything."""

    line: int
    commands: str
    promised: str = ""

    def broken(self, output: str) -> Iterator[str]:
        """The promised lines that were not printed in this order."""
        lines = iter(output.splitlines())
        for wanted in self.promised.splitlines():
            pattern = re.compile(".*".join(re.escape(part) for part in wanted.strip().split(ANYTHING)))
            if wanted.strip() not in ("", ANYTHING) and not any(pattern.fullmatch(line.strip()) for line in lines):
                yield wanted


def blocks_of(text: str) -> list[Block]:
    """The `sh` blocks of a guide, each with the `text` block that follows it, if one does before the next commands."""
    found: list[Block] = []
    for match in BLOCK.finditer(text):
        if match["kind"] == "sh":
            found.append(Block(text.count("\n", 0, match.start()) + 1, match["content"]))
        elif found and not found[-1].promised:
            found[-1] = Block(found[-1].line, found[-1].commands, match["content"])
    return found


def walked(blocks: list[Block], folder: Path, environment: Mapping[str, str], within: float) -> list[str]:
    """What each block prints, run in one shell in this folder; the first command that fails raises AssertionError."""
    script = "set -eu\n"
    for number, block in enumerate(blocks):
        script += f"echo '{MARK} {number}'; echo '{MARK} {number} (line {block.line})' >&2\n{block.commands}\n"
    ended = subprocess.run(
        ["bash", "-c", script], cwd=folder, env=environment, capture_output=True, text=True, timeout=within
    )
    assert ended.returncode == 0, f"The guide stops here:\n{ended.stdout[-3000:]}\n{ended.stderr[-3000:]}"
    return [part.partition("\n")[2] for part in ended.stdout.split(f"{MARK} ")[1:]]
