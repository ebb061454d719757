"""One command of the domain for each wish that a Task can carry; the JSON door's steps call the same commands."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from services.referrals.domain import MOVES, Actor, NotYourMove, Referral, State
from services.referrals.events import RefusalReason
from services.referrals.formats.fhir.task_wish import Wish, WishRefused, missing
from services.referrals.store import Organisations, ReferralRow
from shared.errors import Fault
from shared.events import Event

NOT_STATED = "not stated"
"""A reason where a stock client gave none: the sender may take its wish back without a word."""


@dataclass(frozen=True)
class Mover:
    """Who moves a referral, and when."""

    by: Actor
    at: datetime
    organisations: Organisations

    async def move(self, referral: ReferralRow, wish: Wish) -> Event:
        """Do what the Task asks; raises IllegalMove, NotYourMove, MissingConsent, or WishRefused for missing parts."""
        if (referral.state, wish.state, self.by) in MOVES and (faults := list(self._missing(wish))):
            raise WishRefused(faults=faults)
        if wish.state is State.REDIRECTED:
            return await self._redirect(referral, wish)
        if wish.state is State.CANCELLED and self.by is not Actor.SENDER:
            return referral.grant_cancellation(self.by, self.at, wish.text)
        if wish.state is State.IN_TRIAGE and self.by is Actor.SENDER:
            return referral.inform(self.by, self.at, wish.text or NOT_STATED, None)
        command = COMMANDS.get(wish.state)
        if command is None:
            raise NotYourMove
        return command(referral, self.by, self.at, wish)

    def _missing(self, wish: Wish) -> Iterator[Fault]:
        yield from missing(wish)
        if wish.state is State.IN_TRIAGE and self.by is Actor.SENDER and not wish.text:
            yield Fault("Task.statusReason.text", "required")

    async def _redirect(self, referral: ReferralRow, wish: Wish) -> Event:
        """Ask the organisation that the reason's code names."""
        code = wish.codes[0] if wish.codes else ""
        if (referral.state, State.REDIRECTED, self.by) in MOVES:
            code = (await self.organisations.known(code)).code
        return referral.redirect(self.by, self.at, code, wish.text)


Command = Callable[[Referral, Actor, datetime, Wish], Event]


def _refuse(referral: Referral, by: Actor, at: datetime, wish: Wish) -> Event:
    return referral.refuse(by, at, wish.refusal() or RefusalReason.OUTSIDE_MISSION, wish.text or NOT_STATED)


COMMANDS: Mapping[State, Command] = {
    State.IN_TRIAGE: lambda referral, by, at, wish: referral.triage(by, at),
    State.INFORMATION_REQUESTED: lambda referral, by, at, wish: referral.ask(by, at, wish.text or NOT_STATED),
    State.WAITING_LIST: lambda referral, by, at, wish: referral.wait_list(by, at, wish.text),
    State.ACCEPTED: lambda referral, by, at, wish: referral.accept(by, at, wish.text),
    State.REFUSED: _refuse,
    State.CANCELLED: lambda referral, by, at, wish: referral.cancel(by, at, wish.text or NOT_STATED),
    State.VOIDED: lambda referral, by, at, wish: referral.void(by, at, wish.text or NOT_STATED),
}
"""Where a wish leads to a command. The other states come from the case alone."""
