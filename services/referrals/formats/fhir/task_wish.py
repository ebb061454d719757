"""What a changed Task asks of its referral: a Task's status and fine step read as one move of the state table."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from services.referrals.domain.states import STANDING, State
from services.referrals.events import RefusalReason
from shared.errors import DomainError, Fault

STATES = {state.value: state for state in State}
BY_STATUS: Mapping[str, State] = {
    "requested": State.RECEIVED,
    "accepted": State.ACCEPTED,
    "rejected": State.REFUSED,
    "in-progress": State.CASE_OPENED,
    "on-hold": State.PAUSED,
    "completed": State.CLOSED,
    "failed": State.NOT_ACHIEVED,
    "cancelled": State.CANCELLED,
    "entered-in-error": State.VOIDED,
}
"""The state that a Task.status alone asks for. `received`, `ready` and `draft` are outside the Gravity subset."""

LONGEST_QUESTION, LONGEST_REASON = 320, 2000


class WishRefused(DomainError):
    """The Task asks for nothing that its referral could do."""


@dataclass(frozen=True)
class Wish:
    """The state that a client wants a referral in, with the reason's codes and text."""

    state: State
    codes: tuple[str, ...] = ()
    text: str | None = None

    def refusal(self) -> RefusalReason | None:
        """The coded reason of a refusal, if one was given."""
        return next((reason for reason in RefusalReason if reason.value in self.codes), None)


def wish_of(before: Mapping[str, Any], after: Mapping[str, Any], current: State) -> Wish | None:
    """What the client asks for by changing the one Task into the other; None where nothing has changed.

    A fine step that was left as it was says nothing once the status has changed. Raises WishRefused.
    """
    status, fine = after.get("status"), _codes(after.get("businessStatus"))
    if not isinstance(status, str) or status not in BY_STATUS:
        raise WishRefused(faults=[Fault("Task.status", "required" if status is None else "not-one-of")])
    has_new_status = status != before.get("status")
    has_new_fine = fine != _codes(before.get("businessStatus")) and bool(fine)
    text = _text(after.get("statusReason"))
    if not has_new_status and not has_new_fine:
        if text != _text(before.get("statusReason")):
            raise WishRefused(faults=[Fault("Task.statusReason", "no-move")])
        return None
    state = _state(status, fine if has_new_fine else ())
    reasons = _codes(after.get("statusReason"))
    return Wish(state, (*reasons, *(fine if has_new_fine else ())), text)


def _state(status: str, fine: tuple[str, ...]) -> State:
    """The state that a status and a fine step name together; a fine step that is a reason goes with its status."""
    named = next((STATES[code] for code in fine if code in STATES), None)
    if named is None:
        return BY_STATUS[status]
    if STANDING[named].task_status != status:
        raise WishRefused(faults=[Fault("Task.businessStatus", "does-not-fit-status")])
    return named


def missing(wish: Wish) -> Iterator[Fault]:
    """What a move still needs to be told: a reason's code, a question, where else the person can turn."""
    if wish.state is State.REFUSED and wish.refusal() is None:
        yield Fault("Task.statusReason.coding[0].code", "required")
    if wish.state is State.REDIRECTED and not wish.codes:
        yield Fault("Task.statusReason.coding[0].code", "required")
    if wish.state in (State.REFUSED, State.INFORMATION_REQUESTED) and not wish.text:
        yield Fault("Task.statusReason.text", "required")
    longest = LONGEST_QUESTION if wish.state is State.INFORMATION_REQUESTED else LONGEST_REASON
    if wish.text and len(wish.text) > longest:
        yield Fault("Task.statusReason.text", "too-long")


def _codes(concept: Any) -> tuple[str, ...]:
    codings = concept.get("coding") if isinstance(concept, Mapping) else None
    listed = codings if isinstance(codings, list) else []
    return tuple(str(coding["code"]) for coding in listed if isinstance(coding, Mapping) and coding.get("code"))


def _text(concept: Any) -> str | None:
    text = concept.get("text") if isinstance(concept, Mapping) else None
    return text if isinstance(text, str) else None
