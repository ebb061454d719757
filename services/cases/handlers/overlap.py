"""What other organisations are asked to do for a person: our own copy, in codes, for the view of who else follows."""

from typing import ClassVar
from uuid import UUID

from services.cases.domain.overlap import IN_USE
from services.cases.handlers.registry import handlers
from services.cases.store import Overlaps
from shared.events import Reading


class OutgoingSent(Reading):
    """An organisation is asked to help somebody."""

    type: ClassVar[str] = "referrals.outgoing-sent.v1"
    outgoing_id: UUID
    organisation: str
    based_on: UUID | None
    person_id: UUID | None = None


class OutgoingPersonLinked(Reading):
    """It is known now whom a demand is about."""

    type: ClassVar[str] = "referrals.outgoing-person-linked.v1"
    outgoing_id: UUID
    person_id: UUID


class OutgoingAnswered(Reading):
    """The organisation answered."""

    type: ClassVar[str] = "referrals.outgoing-answered.v1"
    outgoing_id: UUID
    organisation: str
    state: str


class OutgoingProgressed(Reading):
    """What the organisation does has begun, come further, or rests."""

    type: ClassVar[str] = "referrals.outgoing-progressed.v1"
    outgoing_id: UUID
    organisation: str
    state: str


class OutgoingClosed(Reading):
    """The organisation reported the end."""

    type: ClassVar[str] = "referrals.outgoing-closed.v1"
    outgoing_id: UUID
    achieved: bool


class OutgoingCancelled(Reading):
    """Nobody is asked any more."""

    type: ClassVar[str] = "referrals.outgoing-cancelled.v1"
    outgoing_id: UUID


class OutgoingExpired(Reading):
    """The organisation did not answer."""

    type: ClassVar[str] = "referrals.outgoing-expired.v1"
    outgoing_id: UUID


class ServiceStatusChanged(Reading):
    """It is confirmed how far the person has come with the service."""

    type: ClassVar[str] = "referrals.service-status-changed.v1"
    outgoing_id: UUID
    status: str


@handlers.on(OutgoingSent)
async def organisation_asked(event: OutgoingSent, overlaps: Overlaps) -> None:
    """Know that an organisation is asked."""
    person = {"person_id": event.person_id} if event.person_id else {}
    await overlaps.learn(event.outgoing_id, organisation=event.organisation, based_on=event.based_on, **person)


@handlers.on(OutgoingPersonLinked)
async def asked_for_whom(event: OutgoingPersonLinked, overlaps: Overlaps) -> None:
    """Know for whom it is asked."""
    await overlaps.learn(event.outgoing_id, person_id=event.person_id)


@handlers.on(OutgoingAnswered)
async def organisation_answered(event: OutgoingAnswered, overlaps: Overlaps) -> None:
    """Know what the organisation answered."""
    await overlaps.learn(event.outgoing_id, organisation=event.organisation, state=event.state)


@handlers.on(OutgoingProgressed)
async def organisation_helps(event: OutgoingProgressed, overlaps: Overlaps) -> None:
    """Know how far the organisation's help has come."""
    await overlaps.learn(event.outgoing_id, organisation=event.organisation, state=event.state)


@handlers.on(OutgoingClosed)
async def organisation_finished(event: OutgoingClosed, overlaps: Overlaps) -> None:
    """Know that it is over, unless the service is in use."""
    await overlaps.learn(event.outgoing_id, state="closed" if event.achieved else "not-achieved")


@handlers.on(OutgoingCancelled)
async def nobody_asked(event: OutgoingCancelled, overlaps: Overlaps) -> None:
    """Know that it is over."""
    await overlaps.learn(event.outgoing_id, state="cancelled")


@handlers.on(OutgoingExpired)
async def never_answered(event: OutgoingExpired, overlaps: Overlaps) -> None:
    """Know that no answer came; a late one still counts."""
    await overlaps.learn(event.outgoing_id, state="expired")


@handlers.on(ServiceStatusChanged)
async def service_in_use(event: ServiceStatusChanged, overlaps: Overlaps) -> None:
    """Know whether the person uses the service."""
    await overlaps.learn(event.outgoing_id, in_use=event.status in IN_USE)
