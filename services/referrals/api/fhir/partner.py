"""The organisation that a referral of ours is addressed to, over FHIR: it reads, searches and moves its Tasks."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request

from services.referrals.api.fhir.views import RESOURCE_ID
from services.referrals.domain.answers import ProgressReason
from services.referrals.domain.exchange import EXCHANGED, FULFILLER, Party
from services.referrals.domain.history import NotYourMove
from services.referrals.domain.outgoing import OutgoingReferral
from services.referrals.domain.states import State
from services.referrals.events import RefusalReason
from services.referrals.formats.fhir.outgoing import Addressed
from services.referrals.formats.fhir.outside import Resource
from services.referrals.formats.fhir.task_wish import Wish, WishRefused, missing, wish_of
from services.referrals.store import OutgoingRow, Outgoings, Place
from shared.auth import Caller
from shared.errors import NotFound
from shared.events import Event
from shared.problems import language_of
from shared.requests import SeenVersion, opened

PARTNER = "partner"
OTHER_ROLES = frozenset({"hospital", "coordinator", "line-nurse"})
"""Whoever is one of these too is party to incoming referrals: searches go there, reading goes to both."""
NOT_STATED = "not stated"

Command = Callable[[OutgoingReferral, datetime, Wish], Event]


def _progress(referral: OutgoingReferral, at: datetime, wish: Wish) -> Event:
    reason = next((known for known in ProgressReason if known in wish.codes), None)
    return referral.progress(FULFILLER, at, wish.state, reason, wish.text)


COMMANDS: Mapping[State, Command] = {
    State.IN_TRIAGE: lambda referral, at, wish: referral.acknowledge(FULFILLER, at),
    State.INFORMATION_REQUESTED: lambda referral, at, wish: referral.ask(FULFILLER, at, wish.text or NOT_STATED),
    State.WAITING_LIST: lambda referral, at, wish: referral.wait_list(FULFILLER, at, wish.text),
    State.ACCEPTED: lambda referral, at, wish: referral.accept(FULFILLER, at, wish.text),
    State.REFUSED: lambda referral, at, wish: referral.refuse(
        FULFILLER, at, wish.refusal() or RefusalReason.OUTSIDE_MISSION, wish.text or NOT_STATED
    ),
    State.CANCELLED: lambda referral, at, wish: referral.grant_cancellation(FULFILLER, at, wish.text),
    **dict.fromkeys(
        (
            State.CASE_OPENED,
            State.FIRST_CONTACT,
            State.HOME_VISIT_DONE,
            State.CARE_PLAN_SHARED,
            State.PAUSED,
            State.CLOSED,
            State.NOT_ACHIEVED,
        ),
        _progress,
    ),
}
"""The same commands as in the JSON inbox."""


class Partner:
    """What is addressed to an organisation, as it sees it."""

    def __init__(self, request: Request, outgoings: Outgoings) -> None:
        self.outgoings = outgoings
        self._programme: str = request.app.state.settings.organisation
        self._language = language_of(request.headers.get("accept-language", ""))

    @staticmethod
    def is_one(caller: Caller) -> bool:
        """Whether the caller is such an organisation, and nothing else here."""
        return PARTNER in caller.roles and not OTHER_ROLES & set(caller.roles)

    async def find(self, resource_id: str, caller: Caller, seen: SeenVersion | None = None) -> Addressed | None:
        """The referral of a resource, if it is addressed to the caller's organisation."""
        match = RESOURCE_ID.fullmatch(resource_id)
        if match is None or PARTNER not in caller.roles:
            return None
        row = await self.outgoings.addressed(match[1], caller.organisation)
        if row is not None and seen:
            seen.check(row)
        return self.shown(row) if row else None

    def shown(self, row: OutgoingRow) -> Addressed:
        """A referral as the organisation sees it."""
        return Addressed(row, self._programme, self._language)

    async def page(self, caller: Caller, after: Place | None, limit: int, newest_first: bool) -> Sequence[Addressed]:
        """At most so many, by when they changed."""
        place = (after.at, after.id, after.included) if after else None
        rows = await self.outgoings.changed(caller.organisation, place, limit, newest_first)
        return [self.shown(row) for row in rows]

    async def move(self, found: Addressed, after: Resource, at: datetime) -> Resource:
        """Do what the changed Task asks; the Task afterwards. Raises what the domain raises, WishRefused."""
        wish = wish_of(found.task(), after, found.referral.state)
        row = found.referral
        if wish and isinstance(row, OutgoingRow):
            is_allowed = (row.state, wish.state, Party.FULFILLER) in EXCHANGED
            if is_allowed and (faults := list(missing(wish))):
                raise WishRefused(faults=faults)
            command = COMMANDS.get(wish.state)
            if command is None:
                raise NotYourMove
            await self.outgoings.record(row, command(row, at, wish))
        return found.task()


def part(found: Addressed, kind: str, resource_id: str) -> Resource:
    """One resource of a referral; NotFound where it shows none, as for a person who is not disclosed."""
    resource = found.find(kind, resource_id)
    if resource is None:
        raise NotFound
    return resource


async def _partner(request: Request, outgoings: Annotated[Outgoings, Depends(opened(Outgoings))]) -> Partner:
    return Partner(request, outgoings)


PartnerDep = Annotated[Partner, Depends(_partner)]
