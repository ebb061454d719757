"""The one table of a case's life, as it is published."""

from pathlib import Path
from typing import Any

import services.cases
from services.cases.domain.states import ARCS, NEXT, State, moves_from
from services.cases.formats.states_page import states_page
from tests.cases.world import ASSIGNMENT, CLOSURE, DECLINE, TODAY, TOMORROW, World

STEPS: dict[str, dict[str, Any]] = {
    "waiting-list": {},
    "decline": DECLINE,
    "assignment": ASSIGNMENT,
    "pause": {"reason": "readmitted", "until": TOMORROW},
    "resumption": {},
    "closure": CLOSURE,
    "reopening": {"reason": "Encore"},
}
VISIT = {"kind": "home-visit", "status": "done", "on": TODAY}
ROADS = {
    "requested": [],
    "waiting": ["waiting-list"],
    "open": ["assignment"],
    "in-care": ["assignment", "visits"],
    "paused": ["assignment", "pause"],
    "closed": ["assignment", "closure"],
    "declined": ["decline"],
}


async def brought(world: World, state: str) -> str:
    """A case in a state."""
    case_id = await world.opened()
    for step in ROADS[state]:
        await world.done(case_id, step, STEPS.get(step, VISIT))
    assert (await world.view(case_id))["state"] == state
    return case_id


async def test_every_step_from_every_state_does_what_the_published_table_says(world: World) -> None:
    table = (await world.as_("coordinator").get("/cases/states")).json()
    arcs = [(arc["move"], set(arc["from"]), set(arc["to"])) for arc in table["arcs"]]
    tried = 0
    for state in ROADS:
        allowed = next(each["allowed"] for each in table["states"] if each["state"] == state)
        for move, body in STEPS.items():
            case_id = await brought(world, state)
            before = await world.view(case_id)
            answer = await world.step(case_id, move, body)
            after = await world.view(case_id)
            if move in allowed:
                ends = set().union(*(end for name, start, end in arcs if name == move and state in start))
                assert (answer.status_code, after["state"] in ends) == (201, True), (state, move)
            else:
                problem = answer.json()
                assert (answer.status_code, problem["code"]) == (409, "illegal-step"), (state, move)
                assert (problem["state"], problem["allowed"], after) == (state, allowed, before)
            tried += 1
    assert tried == len(State) * len(STEPS)


async def test_the_table_is_published_for_everybody_in_four_languages(world: World) -> None:
    async with world.service.client() as nobody:
        table = (await nobody.get("/cases/states")).json()
    assert {each["state"]: set(each["next"]) for each in table["states"]} == {
        state.value: {end.value for end in NEXT[state]} for state in State
    }
    assert {each["state"]: each["allowed"] for each in table["states"]} == {
        state.value: [move.value for move in moves_from(state)] for state in State
    }
    assert len(table["arcs"]) == len(ARCS)
    coded = ("pause_reasons", "closing_reasons", "decline_reasons", "transfer_reasons", "states", "moves", "phases")
    for name in coded:
        assert table[name]
        assert all(set(each["labels"]) == {"fr", "nl", "de", "en"} for each in table[name])


def test_the_page_of_states_is_written_from_the_code() -> None:
    page = Path(services.cases.__file__).parent / "docs" / "states.md"
    assert page.read_text() == states_page()
