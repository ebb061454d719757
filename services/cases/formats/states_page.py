"""The table of states as a page for people. `python -m services.cases.formats.states_page` writes it."""

import sys
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import TypeVar

from services.cases.domain.labels import CLOSINGS, DECLINES, MOVES, PAUSES, STATES, TRANSFERS, Label
from services.cases.domain.states import ARCS, ENDED, NEXT, OWNED, State, moves_from

Code = TypeVar("Code", bound=StrEnum)

OPENING = """# States of a case

Written from the code, and compared with it by a test: change `domain/states.py`, then run
`python -m services.cases.formats.states_page > services/cases/docs/states.md`.
The same table as JSON: `GET /cases/states`.

A step that the table does not have is answered 409 `illegal-step`, with the state and the steps that are `allowed`.
A case with an owner always has a next step and its day. A case goes on where it was: after a pause or a reopening it is
in care if the first home visit was made, else open. A declined request that is reopened is a request again."""


def states_page() -> str:
    """The whole page."""
    return "\n".join([OPENING, "", *states(), "", *arcs(), "", *reasons(), ""])


def states() -> Iterator[str]:
    """One row per state."""
    yield "| state | fr | nl | de | en | owner, next step, day | over | allowed | goes on to |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for state in State:
        marks = ["yes" if state in some else "" for some in (OWNED, ENDED)]
        cells = [state.value, *texts(STATES[state]), *marks, ", ".join(moves_from(state)), listed(NEXT[state])]
        yield f"| {' | '.join(cells)} |"


def arcs() -> Iterator[str]:
    """One row per arc."""
    yield "| step | from | to | fr | nl | de | en |"
    yield "|---|---|---|---|---|---|---|"
    for each in ARCS:
        yield f"| {each.move} | {listed(each.start)} | {listed(each.end)} | {' | '.join(texts(MOVES[each.move]))} |"


def reasons() -> Iterator[str]:
    """The coded reasons."""
    yield from coded("Why a case rests", PAUSES)
    yield from coded("Why a case ends", CLOSINGS)
    yield from coded("Why a request is not taken", DECLINES)
    yield from coded("Why a case changes hands", TRANSFERS)


def coded(title: str, labels: Mapping[Code, Label]) -> Iterator[str]:
    """One table of codes."""
    yield f"## {title}"
    yield ""
    yield "| code | fr | nl | de | en |"
    yield "|---|---|---|---|---|"
    for code, each in labels.items():
        yield f"| {code} | {' | '.join(texts(each))} |"
    yield ""


def texts(each: Label) -> list[str]:
    """The four texts of a label."""
    return [each.fr, each.nl, each.de, each.en]


def listed(some: frozenset[State]) -> str:
    """States in the order of the table."""
    return ", ".join(state.value for state in State if state in some)


if __name__ == "__main__":
    sys.stdout.write(states_page())
