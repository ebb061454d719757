"""What is done with a demand: the same commands as behind every other door."""

from collections.abc import Mapping

from services.referrals.api.push import check_at_door
from services.referrals.domain import (
    Actor,
    Document,
    Door,
    IdentifierReused,
    IllegalMove,
    NotYourMove,
    SheetFaults,
    State,
)
from services.referrals.domain.document import fingerprint
from services.referrals.domain.states import OPEN_CASE
from services.referrals.formats.hl7v2 import Demand, Place, Refused, Trigger, V2Fault
from services.referrals.store import Instruments, NamedReferrals, Organisations, ReferralRow, UnknownOrganisation
from shared.errors import DomainError, NotFound, StaleVersion
from shared.store import Transaction

SENDING_FACILITY = Place("MSH").at(4)

CODES: Mapping[type[DomainError], str] = {
    IdentifierReused: "identifier-reused",
    IllegalMove: "illegal-move",
    NotYourMove: "not-your-move",
    StaleVersion: "locked",
    NotFound: "not-found",
}
"""Rules of the domain as ERR-5 names them; they point at the sender's identifier of the referral, RF1-6."""


class Desk:
    """Acts on one sender's demands in one transaction."""

    def __init__(self, transaction: Transaction, organisation: str) -> None:
        self._transaction = transaction
        self._organisation = organisation
        self._referrals = NamedReferrals(transaction)

    async def act(self, demand: Demand) -> ReferralRow:
        """Do what is asked; the referral as it stands then. Raises Refused with places in the message."""
        try:
            await self._check_facility(demand.header.facility)
            return await self._act(demand)
        except SheetFaults as error:
            raise Refused(list(demand.draft.located(error.faults))) from None
        except UnknownOrganisation:
            raise Refused([V2Fault(SENDING_FACILITY, "unknown-organisation")]) from None
        except tuple(CODES) as error:
            code = next(CODES[each] for each in type(error).__mro__ if each in CODES)
            raise Refused([V2Fault(demand.place, code)], hint=_hint(error)) from None

    async def _act(self, demand: Demand) -> ReferralRow:
        if demand.document and demand.header.trigger is Trigger.NEW:
            return await self._receive(demand.document)
        referral = await self._referrals.named(self._organisation, demand.identifier)
        if demand.document:
            await self._correct(referral, demand.document)
        elif demand.header.trigger is Trigger.CANCEL:
            await self._cancel(referral, demand.reason)
        return referral

    async def _check_facility(self, facility: str) -> None:
        """MSH-4 is the hospital's own word; but the code of another organisation than the caller's is a mix-up."""
        organisations = Organisations(self._transaction)
        await organisations.check_sender(self._organisation)
        code = facility.lower()
        if code != self._organisation and await organisations.find(code):
            raise Refused([V2Fault(SENDING_FACILITY, "sender-mismatch")])

    async def _receive(self, document: Document) -> ReferralRow:
        checked = await self._checked(document)
        referral_id, _, _ = await self._referrals.receive(document, self._organisation, checked, Door.HL7V2)
        return await self._referrals.get(referral_id)

    async def _correct(self, referral: ReferralRow, document: Document) -> None:
        if fingerprint(document.content()) == fingerprint(referral.document.content()):
            return
        checked = await self._checked(document)
        await self._referrals.record(referral, referral.correct(Actor.SENDER, document, checked))

    async def _cancel(self, referral: ReferralRow, reason: str) -> None:
        """Once cancelled or asked for, the same wish changes nothing."""
        is_asked = referral.state in OPEN_CASE and referral.cancellation_requested
        if referral.state is not State.CANCELLED and not is_asked:
            event = referral.cancel(Actor.SENDER, self._transaction.clock.now(), reason)
            await self._referrals.record(referral, event)

    async def _checked(self, document: Document) -> bool:
        return await check_at_door(document, Instruments(self._transaction), self._transaction.clock)


def _hint(error: DomainError) -> str:
    """The state that does not allow it: a code, no data."""
    return f"state: {error.facts['state']}" if "state" in error.facts else ""
