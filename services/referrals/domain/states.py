"""The shared state of a referral as one table: who may move it from where to where, and what each state means outside.

FHIR `Task.status` stays within the subset of the Gravity SDOH Clinical Care guide, so that a strict partner can
validate it; the fine step is `businessStatus`. `referral_status` is HL7 v2 RF1-1 (table 0283).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where a referral stands, as both sides see it."""

    RECEIVED = "received"
    IN_TRIAGE = "in-triage"
    INFORMATION_REQUESTED = "information-requested"
    WAITING_LIST = "waiting-list"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    REDIRECTED = "redirected"
    CASE_OPENED = "case-opened"
    FIRST_CONTACT = "first-contact"
    HOME_VISIT_DONE = "home-visit-done"
    CARE_PLAN_SHARED = "care-plan-shared"
    PAUSED = "paused"
    CLOSED = "closed"
    NOT_ACHIEVED = "not-achieved"
    CANCELLED = "cancelled"
    VOIDED = "voided"


class Actor(StrEnum):
    """Who makes a move."""

    SENDER = "sender"
    LINE_NURSE = "line-nurse"
    COORDINATOR = "coordinator"
    SYSTEM = "system"


@dataclass(frozen=True)
class Arc:
    """Moves that belong together: from any of these states to any of those, by any of these."""

    start: frozenset[State]
    end: frozenset[State]
    by: frozenset[Actor]


def arc(start: set[State], end: set[State], *by: Actor) -> Arc:
    """An arc as it is written in the table."""
    return Arc(frozenset(start), frozenset(end), frozenset(by))


ASKED = frozenset({State.RECEIVED, State.IN_TRIAGE, State.INFORMATION_REQUESTED})
UNDECIDED = ASKED | {State.WAITING_LIST}
BEFORE_CARE = UNDECIDED | {State.ACCEPTED}
IN_CARE = frozenset({State.CASE_OPENED, State.FIRST_CONTACT, State.HOME_VISIT_DONE, State.CARE_PLAN_SHARED})
OPEN_CASE = IN_CARE | {State.PAUSED}

ARCS: tuple[Arc, ...] = (
    arc({State.RECEIVED, State.INFORMATION_REQUESTED}, {State.IN_TRIAGE}, Actor.LINE_NURSE, Actor.COORDINATOR),
    arc({State.INFORMATION_REQUESTED}, {State.IN_TRIAGE}, Actor.SENDER),
    arc({State.RECEIVED, State.IN_TRIAGE}, {State.INFORMATION_REQUESTED}, Actor.LINE_NURSE, Actor.COORDINATOR),
    arc({*ASKED, State.ACCEPTED}, {State.WAITING_LIST}, Actor.COORDINATOR),
    arc({*UNDECIDED}, {State.ACCEPTED, State.REFUSED}, Actor.COORDINATOR),
    arc({*UNDECIDED}, {State.REFUSED}, Actor.SYSTEM),
    arc({*BEFORE_CARE}, {State.REDIRECTED}, Actor.COORDINATOR),
    arc({*BEFORE_CARE}, {State.CANCELLED}, Actor.SENDER),
    arc({*ASKED}, {State.VOIDED}, Actor.SENDER),
    arc({State.WAITING_LIST, State.ACCEPTED, State.PAUSED}, {State.CASE_OPENED}, Actor.SYSTEM),
    arc({State.CASE_OPENED}, {State.FIRST_CONTACT, State.HOME_VISIT_DONE, State.CARE_PLAN_SHARED}, Actor.SYSTEM),
    arc({State.FIRST_CONTACT}, {State.HOME_VISIT_DONE, State.CARE_PLAN_SHARED}, Actor.SYSTEM),
    arc({State.HOME_VISIT_DONE}, {State.CARE_PLAN_SHARED}, Actor.SYSTEM),
    arc({State.CARE_PLAN_SHARED}, {State.HOME_VISIT_DONE}, Actor.SYSTEM),
    arc({*IN_CARE}, {State.PAUSED}, Actor.SYSTEM),
    arc({*OPEN_CASE}, {State.CLOSED, State.NOT_ACHIEVED}, Actor.SYSTEM),
    arc({*OPEN_CASE}, {State.CANCELLED}, Actor.COORDINATOR),
)
"""The table. The sender moves back to triage by answering; the system refuses what is served by another road; after the
case is open a coordinator cancels, by granting the sender's request. An acceptance that crosses a move to the
waiting list still leads to its case: that is why waiting-list goes to case-opened."""

MOVES: frozenset[tuple[State, State, Actor]] = frozenset(
    (start, end, by) for each in ARCS for start in each.start for end in each.end for by in each.by
)
"""Every allowed cell (from, to, by)."""

NEXT: Mapping[State, frozenset[State]] = {
    state: frozenset(end for start, end, _ in MOVES if start is state) for state in State
}
"""Terminal states have no next: they never reopen, and a new demand is a new referral."""

MOVED_BY: Mapping[State, frozenset[Actor]] = {
    state: frozenset(by for _, end, by in MOVES if end is state) for state in State
}
"""Who can bring a referral into a state at all. Into `received` nobody: that is where it begins."""


@dataclass(frozen=True)
class Standing:
    """What a state means to the other side."""

    task_status: str
    referral_status: str
    waits_for: Actor | None = None


STANDING: Mapping[State, Standing] = {
    State.RECEIVED: Standing("requested", "P", Actor.COORDINATOR),
    State.IN_TRIAGE: Standing("requested", "P", Actor.COORDINATOR),
    State.INFORMATION_REQUESTED: Standing("requested", "P", Actor.SENDER),
    State.WAITING_LIST: Standing("accepted", "A", Actor.COORDINATOR),
    State.ACCEPTED: Standing("accepted", "A", Actor.SYSTEM),
    State.REFUSED: Standing("rejected", "R"),
    State.REDIRECTED: Standing("rejected", "R"),
    State.CASE_OPENED: Standing("in-progress", "A"),
    State.FIRST_CONTACT: Standing("in-progress", "A"),
    State.HOME_VISIT_DONE: Standing("in-progress", "A"),
    State.CARE_PLAN_SHARED: Standing("in-progress", "A"),
    State.PAUSED: Standing("on-hold", "A"),
    State.CLOSED: Standing("completed", "E"),
    State.NOT_ACHIEVED: Standing("failed", "E"),
    State.CANCELLED: Standing("cancelled", "E"),
    State.VOIDED: Standing("entered-in-error", "E"),
}
"""How each state is told outside, and who acts next."""
