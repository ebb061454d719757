"""The guide "Connect a hospital in a day": every block of it runs, and prints what it promises."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.local.folder import free_port
from tests.conftest import Databases, load
from tests.outside.runtimes import node_modules
from tests.referrals.clients.door import Door
from tests.referrals.clients.guide import Block, blocks_of, walked
from tests.referrals.clients.places import EXAMPLES, NODE

GUIDE = EXAMPLES.parent / "docs" / "connect-a-hospital.md"
WITHIN = 180.0


@pytest.fixture
def ports() -> dict[str, str]:
    """Free ports for what listens in the guide, by the names that it gives them."""
    return {name: str(free_port()) for name in ("MLLP", "HOOK", "NOTICES")}


@pytest.fixture
def door(databases: Databases, ports: dict[str, str]) -> Iterator[Door]:
    """The service, with a port for HL7 v2."""
    knobs = {"mllp_port": int(ports["MLLP"]), "mllp_senders": "CHU=chu@127.0.0.0/8"}
    with Door(load("referrals"), databases.fresh, **knobs) as opened:
        yield opened


def test_the_guide_does_what_it_says(door: Door, ports: dict[str, str], tmp_path: Path) -> None:
    assert shutil.which("curl"), "The guide's commands need curl: install it (on Debian and Ubuntu: apt install curl)."
    folder = tmp_path / "examples"
    shutil.copytree(EXAMPLES, folder)
    (folder / "node_modules").symlink_to(node_modules(NODE))
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**os.environ, **ports, "RELAIS": door.origin, "PATH": path, "NO_PROXY": "*"}
    blocks = blocks_of(GUIDE.read_text())
    printed = walked(blocks, folder, environment, WITHIN)
    broken = [
        f"line {block.line}: {line!r} was not printed, but:\n{output}"
        for block, output in zip(blocks, printed, strict=True)
        for line in block.broken(output)
    ]
    assert not broken, "\n".join(broken)
    assert len([block for block in blocks if block.promised]) > len(blocks) / 2


@pytest.mark.parametrize(
    ("promised", "printed", "is_kept"),
    [
        ("one …", "zero\none two\n", True),
        ("b\na", "a\nb\n", False),
        ("one", "one two\n", False),
        ("…\nlast", "first\nlast\n", True),
    ],
)
def test_a_broken_promise_of_the_guide_is_noticed(promised: str, printed: str, is_kept: bool) -> None:
    assert (not list(Block(1, "", promised).broken(printed))) is is_kept
