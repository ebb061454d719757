"""Referrals as this request's caller sees them over FHIR."""

import re
from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from services.referrals.api.doors import InstrumentsDep, ReferralsDep
from services.referrals.formats.fhir.agreement import agreeing
from services.referrals.formats.fhir.outside import Outside
from services.referrals.store import Instruments, ReferralRow, Referrals, ReferralSearch
from shared.access import May
from shared.auth import Caller
from shared.errors import NotFound
from shared.problems import language_of
from shared.requests import opened

SearchDep = Annotated[ReferralSearch, Depends(opened(ReferralSearch))]
MayReadTask = Annotated[Caller, Depends(May("fhir:read", "Task.r"))]
MayMove = Annotated[Caller, Depends(May("referral:move", "Task.u"))]
MayMoveRequest = Annotated[Caller, Depends(May("referral:move", "ServiceRequest.u"))]

RESOURCE_ID = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\.(q?[0-9]{1,6}))?")
"""A referral's uuid, with a number where its type repeats: an id alone finds its referral."""


def referral_of(resource_id: str) -> UUID:
    """The referral that a resource belongs to; NotFound for what is no such id."""
    match = RESOURCE_ID.fullmatch(resource_id)
    if match is None:
        raise NotFound
    return UUID(match[1])


class Views:
    """Turns referrals into what their parties see, with the resources that the sender itself sent."""

    def __init__(
        self, request: Request, referrals: Referrals, search: ReferralSearch, instruments: Instruments
    ) -> None:
        self._referrals = referrals
        self._search = search
        self._instruments = instruments
        self._owner: str = request.app.state.settings.organisation
        self._language = language_of(request.headers.get("accept-language", ""))

    async def get(self, resource_id: str, caller: Caller) -> Outside:
        """The referral of a resource; the same NotFound for one that is unknown and one of somebody else."""
        [found] = await self.of([await self._referrals.get(referral_of(resource_id), caller)])
        return found

    async def of(self, referrals: Sequence[ReferralRow]) -> list[Outside]:
        """Several referrals at once."""
        received = await self._search.received([referral.id for referral in referrals])
        cards = await self._cards(referrals)
        return [
            Outside(referral, self._owner, self._language, agreeing(referral, received.get(referral.id, {})), cards)
            for referral in referrals
        ]

    async def _cards(self, referrals: Sequence[ReferralRow]) -> dict[tuple[str, str], tuple[str, ...]]:
        """The order of the cards of these referrals' instruments."""
        named = {(sheet.instrument, sheet.edition) for referral in referrals for sheet in referral.document.sheets}
        known = {key: await self._instruments.find(*key) for key in named}
        return {key: tuple(instrument.cards) for key, instrument in known.items() if instrument}


async def _views(request: Request, referrals: ReferralsDep, search: SearchDep, instruments: InstrumentsDep) -> Views:
    return Views(request, referrals, search, instruments)


ViewsDep = Annotated[Views, Depends(_views)]
