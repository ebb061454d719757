"""What the state table answers to a wish to move: the published verdict of every (from, to, role) cell."""

from enum import StrEnum

from services.referrals.domain.states import MOVES, NEXT, OPEN_CASE, Actor, State


class Verdict(StrEnum):
    """The answer to a wish to move a referral."""

    ALLOWED = "allowed"
    ASKED = "asked"
    """The wish itself is noted; somebody else grants it."""
    NOT_YOURS = "not-yours"
    NOT_NOW = "not-now"


def verdict(start: State, end: State, by: Actor) -> Verdict:
    """What somebody hears who wants to move a referral from a state to another.

    The sender comes to `in-triage` by answering alone: without an open question that is too early, not somebody
    else's. After the case is open the sender's cancellation is a request.
    """
    if (start, end, by) in MOVES:
        return Verdict.ALLOWED
    if by is Actor.SENDER and end is State.CANCELLED and start in OPEN_CASE:
        return Verdict.ASKED
    if by is Actor.SENDER and end is State.IN_TRIAGE:
        return Verdict.NOT_NOW
    if end in NEXT[start] or not any(into is end and who is by for _, into, who in MOVES):
        return Verdict.NOT_YOURS
    return Verdict.NOT_NOW
