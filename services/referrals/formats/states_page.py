"""The state table as a page for people. `python -m services.referrals.formats.states_page` writes it."""

import sys
from collections.abc import Iterator

from services.referrals.domain.labels import ACTORS, REFUSALS, STATES
from services.referrals.domain.states import ARCS, NEXT, STANDING, Actor, State
from services.referrals.domain.verdicts import Verdict, verdict
from services.referrals.events import RefusalReason

OPENING = """# States of a referral

Written from the code, and compared with it by a test: change `domain/states.py`, then run
`python -m services.referrals.formats.states_page > services/referrals/docs/states.md`.
The same table as JSON, every cell of it: `GET /referrals/states`.

`Task.status` stays within the subset of Gravity's SDOH Clinical Care guide; the fine step is `Task.businessStatus`.
RF1-1 is HL7 v2 (table 0283). A state that goes nowhere never reopens: a new demand is a new referral."""

RULES = """## What a wish to move hears

A: done. W: noted as a wish, a coordinator grants it. no: 403, this move is somebody else's. late: 409 with the allowed
next states. `system` is the case itself: nobody asks for these moves by any door."""


def state_page() -> str:
    """The whole page."""
    return "\n".join([OPENING, "", *states(), "", *moves(), "", RULES, "", *verdicts(), "", *refusals(), ""])


def states() -> Iterator[str]:
    """One row per state."""
    yield "| state | fr | nl | de | en | Task.status | RF1-1 | who acts next | goes on to |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for state in State:
        label, standing = STATES[state], STANDING[state]
        waits = ACTORS[standing.waits_for].en if standing.waits_for else ""
        onward = ", ".join(sorted(NEXT[state]))
        cells = [state.value, label.fr, label.nl, label.de, label.en, standing.task_status, standing.referral_status]
        yield f"| {' | '.join([*cells, waits, onward])} |"


def moves() -> Iterator[str]:
    """One row per arc."""
    yield "| from | to | by |"
    yield "|---|---|---|"
    for each in ARCS:
        yield f"| {listed(each.start)} | {listed(each.end)} | {', '.join(sorted(each.by))} |"


def listed(some: frozenset[State]) -> str:
    """States in the order of the table."""
    return ", ".join(state.value for state in State if state in some)


SHORT = {Verdict.ALLOWED: "A", Verdict.ASKED: "W", Verdict.NOT_YOURS: "no", Verdict.NOT_NOW: "late"}


def verdicts() -> Iterator[str]:
    """For each role, what it hears per (from, to)."""
    for actor in (Actor.SENDER, Actor.LINE_NURSE, Actor.COORDINATOR):
        ends = [end for end in State if any(verdict(start, end, actor) is not Verdict.NOT_YOURS for start in State)]
        yield f"**{ACTORS[actor].en}** (every other move: no)"
        yield ""
        yield f"| from \\ to | {' | '.join(ends)} |"
        yield f"|---|{'---|' * len(ends)}"
        for start in State:
            yield f"| {start} | {' | '.join(SHORT[verdict(start, end, actor)] for end in ends)} |"
        yield ""


def refusals() -> Iterator[str]:
    """The coded reasons of a refusal."""
    yield "## Reasons of a refusal"
    yield ""
    yield "| code | fr | nl | de | en |"
    yield "|---|---|---|---|---|"
    for reason in RefusalReason:
        label = REFUSALS[reason]
        yield f"| {reason} | {label.fr} | {label.nl} | {label.de} | {label.en} |"


if __name__ == "__main__":
    sys.stdout.write(state_page())
