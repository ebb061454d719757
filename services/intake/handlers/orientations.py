"""What becomes of an orientation, as referrals tells it of the outgoing referral that it led to."""

from typing import ClassVar
from uuid import UUID

from services.intake.handlers.registry import handlers
from services.intake.store import Orientations
from shared.events import Reading


class OutgoingBegun(Reading):
    """A referral exists; of one that no contact led to there is nothing to note."""

    outgoing_id: UUID
    organisation: str
    contact_id: UUID | None = None


class OutgoingPrepared(OutgoingBegun):
    """A referral waits to be sent by hand."""

    type: ClassVar[str] = "referrals.outgoing-prepared.v1"


class OutgoingSent(OutgoingBegun):
    """A referral is with the organisation."""

    type: ClassVar[str] = "referrals.outgoing-sent.v1"


class OutgoingAnswered(Reading):
    """The organisation answered."""

    type: ClassVar[str] = "referrals.outgoing-answered.v1"
    outgoing_id: UUID
    state: str


class OutgoingProgressed(Reading):
    """The organisation has begun, or come further."""

    type: ClassVar[str] = "referrals.outgoing-progressed.v1"
    outgoing_id: UUID
    state: str


class OutgoingClosed(Reading):
    """The organisation reported the end."""

    type: ClassVar[str] = "referrals.outgoing-closed.v1"
    outgoing_id: UUID
    achieved: bool


class OutgoingCancelled(Reading):
    """Nobody asks any longer."""

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


async def begin(event: OutgoingBegun, orientations: Orientations, state: str) -> None:
    """A contact's referral is on its way."""
    if event.contact_id:
        await orientations.begin(event.outgoing_id, event.contact_id, event.organisation, state)


@handlers.on(OutgoingPrepared)
async def note_prepared(event: OutgoingPrepared, orientations: Orientations) -> None:
    """It waits to be sent."""
    await begin(event, orientations, "prepared")


@handlers.on(OutgoingSent)
async def note_sent(event: OutgoingSent, orientations: Orientations) -> None:
    """It is with the organisation."""
    await begin(event, orientations, "sent")


@handlers.on(OutgoingAnswered)
async def note_answer(event: OutgoingAnswered, orientations: Orientations) -> None:
    """The organisation's answer."""
    await orientations.change(event.outgoing_id, state=event.state)


@handlers.on(OutgoingProgressed)
async def note_progress(event: OutgoingProgressed, orientations: Orientations) -> None:
    """How far the organisation is."""
    await orientations.change(event.outgoing_id, state=event.state)


@handlers.on(OutgoingClosed)
async def note_end(event: OutgoingClosed, orientations: Orientations) -> None:
    """How it ended."""
    await orientations.change(event.outgoing_id, state="closed" if event.achieved else "not-achieved")


@handlers.on(OutgoingCancelled)
async def note_cancellation(event: OutgoingCancelled, orientations: Orientations) -> None:
    """It is called off."""
    await orientations.change(event.outgoing_id, state="cancelled")


@handlers.on(OutgoingExpired)
async def note_expiry(event: OutgoingExpired, orientations: Orientations) -> None:
    """Nobody answered."""
    await orientations.change(event.outgoing_id, state="expired")


@handlers.on(ServiceStatusChanged)
async def note_service_status(event: ServiceStatusChanged, orientations: Orientations) -> None:
    """Whether the person found, reached or uses the service."""
    await orientations.change(event.outgoing_id, service_status=event.status)
