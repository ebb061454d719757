"""One state table: what is published is what both doors do, for every (from, to, role) cell."""

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import services.referrals
from services.referrals.domain import Actor, Referral, State
from services.referrals.domain.states import MOVES, NEXT, OPEN_CASE, STANDING
from services.referrals.domain.verdicts import Verdict, verdict
from services.referrals.formats.states_page import state_page
from services.referrals.store import ReferralRow
from shared.testing.harness import UnderTest
from tests.referrals.fhir_out.talk import ORGANISATION, merge, patch, referred
from tests.referrals.pushes import read

PERSONAS = {Actor.SENDER: "hospital-chu", Actor.LINE_NURSE: "line-nurse", Actor.COORDINATOR: "coordinator"}
STATUS = {Verdict.ALLOWED: {200, 201}, Verdict.ASKED: {200, 201}, Verdict.NOT_YOURS: {403}, Verdict.NOT_NOW: {409}}

REFUSE: Mapping[str, Any] = {"reason": "at-capacity", "onward_path": "the centre"}
STEPS: Mapping[tuple[State, Actor | None], tuple[str, Mapping[str, Any]]] = {
    (State.IN_TRIAGE, None): ("triage", {}),
    (State.IN_TRIAGE, Actor.SENDER): ("information", {"answer": "yes"}),
    (State.INFORMATION_REQUESTED, None): ("information-request", {"question": "Since when?"}),
    (State.WAITING_LIST, None): ("waiting-list", {}),
    (State.ACCEPTED, None): ("acceptance", {}),
    (State.REFUSED, None): ("refusal", REFUSE),
    (State.REDIRECTED, None): ("redirection", {"organisation": "centre"}),
    (State.CANCELLED, None): ("cancellation-grant", {}),
    (State.CANCELLED, Actor.SENDER): ("cancellation", {"reason": "x"}),
    (State.VOIDED, None): ("voiding", {"reason": "x"}),
}
"""The JSON door's step into each state; the other states come from the case alone."""


def asked(end: State) -> dict[str, Any]:
    """The Task that asks for a state."""
    body = merge(STANDING[end].task_status, None if end is State.VOIDED else end.value, text="why")
    if end is State.REFUSED:
        body["statusReason"]["coding"] = [{"code": "at-capacity"}]
    if end is State.REDIRECTED:
        body["statusReason"]["coding"] = [{"system": ORGANISATION, "code": "centre"}]
    return body


def path_to(state: State) -> list[tuple[State, Actor]]:
    """The shortest way from the beginning into a state."""
    ways: dict[State, list[tuple[State, Actor]]] = {State.RECEIVED: []}
    reached = [State.RECEIVED]
    for start in reached:
        for _, end, by in sorted(move for move in MOVES if move[0] is start):
            if end not in ways:
                ways[end] = [*ways[start], (end, by)]
                reached.append(end)
    return ways[state]


async def brought(referrals: UnderTest, state: State) -> str:
    """A referral in a state, by the domain's own commands; in an open case its cancellation is asked for."""
    one = await referred(referrals)
    async with referrals.app.state.database.transaction() as transaction:
        row = await transaction.session.get(ReferralRow, UUID(one))
        for end, by in path_to(state):
            await transaction.record(row, command(row, end, by, referrals.clock.now()))
        if state in OPEN_CASE:
            await transaction.record(row, row.cancel(Actor.SENDER, referrals.clock.now(), "x"))
        case_id = row.case_id
    await referrals.know(str(case_id))
    return one


def command(row: Referral, end: State, by: Actor, at: Any) -> Any:
    """The command into a state."""
    if by is Actor.SYSTEM:
        return row.serve_elsewhere(at) if end is State.REFUSED else row.follow_case(end, uuid4(), at, "x")
    commands: Mapping[State, Callable[[], Any]] = {
        State.IN_TRIAGE: lambda: row.triage(by, at),
        State.INFORMATION_REQUESTED: lambda: row.ask(by, at, "?"),
        State.WAITING_LIST: lambda: row.wait_list(by, at, None),
        State.ACCEPTED: lambda: row.accept(by, at, None),
        State.REFUSED: lambda: row.refuse(by, at, REFUSE["reason"], "x"),
        State.REDIRECTED: lambda: row.redirect(by, at, "centre", None),
        State.CANCELLED: lambda: row.cancel(by, at, "x"),
        State.VOIDED: lambda: row.void(by, at, "x"),
    }
    return commands[end]()


Door = Callable[[UnderTest, str, State, Actor], Awaitable[int]]


async def by_json(referrals: UnderTest, one: str, end: State, by: Actor) -> int:
    """Ask by the JSON door."""
    name, body = STEPS.get((end, by)) or STEPS[end, None]
    async with referrals.client("coordinator") as reader:
        etag = (await reader.get(f"/referrals/{one}")).headers["etag"]
    async with referrals.client(PERSONAS[by]) as client:
        answer = await client.post(f"/referrals/{one}/{name}", json=dict(body), headers={"if-match": etag})
    return answer.status_code


async def by_fhir(referrals: UnderTest, one: str, end: State, by: Actor) -> int:
    """Ask by the FHIR door."""
    async with referrals.client("coordinator") as reader:
        etag = (await reader.get(f"/referrals/{one}")).headers["etag"]
    return (await patch(referrals, PERSONAS[by], one, asked(end), **{"if-match": etag})).status_code


async def compare(referrals: UnderTest, door: Door, ends: list[State]) -> int:
    """Try every cell; a referral that has moved is replaced. How many cells were tried."""
    tried = 0
    for start in State:
        one = await brought(referrals, start)
        for end in ends:
            for by in PERSONAS:
                expected = verdict(start, end, by)
                if end is start and door is by_fhir:
                    continue
                got = await door(referrals, one, end, by)
                assert got in STATUS[expected], (start, end, by, expected, got)
                tried += 1
                if expected in (Verdict.ALLOWED, Verdict.ASKED):
                    now = (await read(referrals, f"/referrals/{one}"))["state"]
                    assert now == (end if expected is Verdict.ALLOWED else start), (start, end, by)
                    one = await brought(referrals, start)
    return tried


async def test_the_json_door_does_what_the_published_table_says(referrals: UnderTest) -> None:
    ends = sorted({end for end, _ in STEPS})
    assert await compare(referrals, by_json, ends) == len(State) * len(ends) * 3


async def test_the_fhir_door_does_what_the_published_table_says(referrals: UnderTest) -> None:
    assert await compare(referrals, by_fhir, list(State)) == len(State) * (len(State) - 1) * 3


async def test_asking_for_the_state_that_is_there_changes_nothing(referrals: UnderTest) -> None:
    for state in State:
        one = await brought(referrals, state)
        async with referrals.client("coordinator") as client:
            before = (await client.get(f"/referrals/fhir/Task/{one}")).json()
            status = {name: before[name] for name in ("status", "businessStatus", "statusReason") if name in before}
            answer = await patch(referrals, "hospital-chu", one, status)
            assert (answer.status_code, answer.json()["meta"]) == (200, before["meta"]), state


async def test_the_table_is_published_for_everybody(referrals: UnderTest) -> None:
    async with referrals.client() as client:
        table = (await client.get("/referrals/states")).json()
    cells = {(each["from"], each["to"], each["role"]): each["verdict"] for each in table["cells"]}
    assert len(cells) == len(State) ** 2 * len(Actor)
    assert {cell for cell, told in cells.items() if told == "allowed"} == MOVES
    for each in table["states"]:
        assert each["terminal"] == (not NEXT[each["state"]])
        assert all(each["labels"].values())
    assert len(table["refusal_reasons"]) == 8
    assert all(all(each["labels"].values()) for each in table["refusal_reasons"])


def test_the_page_of_states_is_written_from_the_code() -> None:
    page = Path(services.referrals.__file__).parent / "docs" / "states.md"
    assert page.read_text() == state_page()
