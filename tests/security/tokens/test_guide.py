"""The guide "Get a token for a hospital system": every block of it runs, and prints what it promises."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.scopes import needs, systems
from tests.conftest import Databases, load
from tests.referrals.clients.door import Door
from tests.referrals.clients.guide import blocks_of, walked
from tests.referrals.clients.places import EXAMPLES

GUIDE = EXAMPLES.parent / "docs" / "get-a-token.md"
WITHIN = 120.0


@pytest.fixture
def door(databases: Databases) -> Iterator[Door]:
    """The service behind a port, with the development issuer."""
    with Door(load("referrals"), databases.fresh) as opened:
        yield opened


def test_the_guide_does_what_it_says(door: Door, tmp_path: Path) -> None:
    for program in ("curl", "openssl"):
        assert shutil.which(program), f"The guide's commands need {program}: install it."
    folder = tmp_path / "examples"
    shutil.copytree(EXAMPLES, folder)
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    blocks = blocks_of(GUIDE.read_text())
    printed = walked(blocks, folder, {**os.environ, "RELAIS": door.origin, "PATH": path, "NO_PROXY": "*"}, WITHIN)
    broken = [
        f"line {block.line}: {line!r} was not printed, but:\n{output}"
        for block, output in zip(blocks, printed, strict=True)
        for line in block.broken(output)
    ]
    assert not broken, "\n".join(broken)
    assert (folder / "private-key.pem").stat().st_mode & 0o077 == 0


def test_the_guide_names_the_scope_of_what_a_hospital_does() -> None:
    assert "hospital" in systems()
    for action in ("referral:push", "referral:read", "referral:cancel", "webhook:manage", "directory:read"):
        assert f"`system/{needs()[action]}`" in GUIDE.read_text(), action
