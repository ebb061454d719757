"""One door and one judge for the stock clients; after each test, all that the door emitted meanwhile is judged."""

from collections.abc import Iterator
from functools import partial

import pytest

from tests.conftest import Databases, load
from tests.outside.judge import Judge
from tests.referrals.clients.door import Door
from tests.referrals.clients.verdicts import teach, verdicts


@pytest.fixture(scope="session")
def door(databases: Databases) -> Iterator[Door]:
    """The service behind a port, for all these tests."""
    with Door(load("referrals"), partial(databases.fresh, lasting=True)) as opened:
        yield opened


@pytest.fixture(scope="session")
def judge(door: Door, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judge]:
    """The judge, knowing the forms, profiles and code lists that the door publishes."""
    with Judge(tmp_path_factory.mktemp("judge") / "log") as made:
        teach(made, door)
        yield made
        print(f"judged {made.judged} different bodies; {len(door.recorder.kept)} FHIR answers of the door", flush=True)


@pytest.fixture(autouse=True)
def everything_emitted_is_valid(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever the door answered as FHIR during a test, and to prepare it, has no error."""
    if "door" not in request.fixturenames:
        yield
        return
    door: Door = request.getfixturevalue("door")
    judge: Judge = request.getfixturevalue("judge")
    yield
    wrong = verdicts(judge, door.recorder.take())
    assert not wrong, "\n".join(wrong)
