"""Of any list exactly the faulty rows are named and the good ones enter once, wherever it was interrupted."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.testing.harness import UnderTest
from tests.intake.imports.lists import (
    CONTACT,
    CONTACT_FAULTS,
    FAULTS,
    PERSON,
    csv_of,
    errors,
    finished,
    listed,
    made_up,
    rows_of,
    send,
    work,
)
from tests.intake.people import told

Run = Callable[..., AbstractAsyncContextManager[UnderTest]]
Plan = Sequence[tuple[int, int | None]]
"""Row by row: which person or contact it is of, and which fault it has, if any."""

MOST = 12
SETTINGS = settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def plans(faults: Sequence[object]) -> st.SearchStrategy[Plan]:
    """Good, faulty and repeated rows in any mix: at most so many different ones."""
    row = st.tuples(st.integers(0, MOST - 1), st.none() | st.integers(0, len(faults) - 1))
    return st.lists(row, min_size=1, max_size=70)


def rows(
    plan: Plan, good: Callable[[int], Mapping[str, str]], faults: Sequence[tuple[str, str, str]]
) -> tuple[list[dict[str, str]], list[tuple[int, str, str]]]:
    """The rows of a plan, and the faults that they must give."""
    made, planted = [], []
    for place, (which, fault) in enumerate(plan, start=2):
        row = dict(good(which))
        if fault is not None:
            column, value, code = faults[fault]
            row |= {column: value}
            planted.append((place, column, code))
        made.append(row)
    return made, planted


def person(number: int) -> Mapping[str, str]:
    """Somebody who resembles nobody else; a column for every fault."""
    return {**dict.fromkeys(PERSON, ""), **made_up(number)}


def contact(number: int) -> Mapping[str, str]:
    """A question without a person, of its own day."""
    blank = {"person_niss": "", "caller_organisation": "", "organisation": "", "person_reference": ""}
    return {**CONTACT, **blank, "reference": f"C-{number}", "started_at": f"2024-03-{number + 1:02} 10:00"}


CASES = [fault for fault in CONTACT_FAULTS if fault[0] != "reference"]


async def imported(intake: UnderTest, body: bytes, kind: str, stops: Sequence[int]) -> dict[str, Any]:
    """The import of a list that is stopped after so many steps, killed within one, and sent once more each time."""
    for steps in stops:
        await send(intake, body, kind)
        await work(intake, steps)
        await killed(intake)
    return await finished(intake, await send(intake, body, kind))


async def killed(intake: UnderTest) -> None:
    """A step of the import is done, and the process dies before it is committed."""
    [tick] = [each for each in intake.service.handlers.ticks if each.name == "go_on_with_imports"]
    database = intake.app.state.database
    transaction = database.transaction()
    unfinished = await transaction.__aenter__()
    await tick.call(unfinished)
    assert await transaction.__aexit__(SystemExit, SystemExit(), None) is not True


async def judge(
    intake: UnderTest, found: Mapping[str, Any], plan: Plan, planted: Sequence[tuple[int, str, str]], fact: str
) -> None:
    """Exactly the faulty rows are named; each good one came in once, and its repetitions are known as the same."""
    good = [which for which, fault in plan if fault is None]
    assert await errors(intake, found["id"]) == planted
    assert (found["rows"], found["entered"]) == (len(plan), len(set(good)))
    assert (found["known"], found["rejected"]) == (len(good) - len(set(good)), len(planted))
    states = {row["row"]: row for row in await rows_of(intake, found["id"])}
    targets = {(which, states[place]["target_id"]) for place, (which, fault) in enumerate(plan, 2) if fault is None}
    assert len(targets) == len({target for _, target in targets}) == len(set(good))
    facts = Counter(each[f"{fact.partition('-')[0]}_id"] for each in await told(intake, fact))
    assert facts == Counter({target: 1 for _, target in targets})


@SETTINGS
@given(plans(FAULTS), st.lists(st.integers(0, 2), max_size=3))
async def test_of_any_list_of_people_the_faulty_rows_are_named_and_the_others_enter_once(
    run_service: Run, plan: Plan, stops: list[int]
) -> None:
    made, planted = rows(plan, person, FAULTS)
    async with run_service("intake") as intake:
        dry = (await send(intake, csv_of(made), dry_run=True)).json()
        assert listed(dry["errors"]) == planted
        assert await intake.announced() == []
        found = await imported(intake, csv_of(made), "persons", stops)
        await judge(intake, found, plan, planted, "person-registered")
        assert {name: dry[name] for name in ("entered", "known", "rejected")} == {
            name: found[name] for name in ("entered", "known", "rejected")
        }


@SETTINGS
@given(plans(CASES), st.lists(st.integers(0, 2), max_size=3))
async def test_of_any_list_of_contacts_the_faulty_rows_are_named_and_the_others_enter_once(
    run_service: Run, plan: Plan, stops: list[int]
) -> None:
    made, planted = rows(plan, contact, CASES)
    async with run_service("intake") as intake:
        dry = (await send(intake, csv_of(made), "contacts", dry_run=True)).json()
        assert listed(dry["errors"]) == planted
        found = await imported(intake, csv_of(made), "contacts", stops)
        await judge(intake, found, plan, planted, "contact-imported")
