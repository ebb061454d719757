"""What others tell that the figures are counted from: gaps, decisions, complexity, and who offers what."""

from typing import ClassVar
from uuid import UUID

from services.intake.domain.gap import TOLD_BY_LINE, UNKNOWN, UnmetDemand, complexity_of, topic_of
from services.intake.handlers.registry import handlers
from services.intake.settings import Settings
from services.intake.store import Figures, Gaps
from shared.events import Reading


class GapRecorded(Reading):
    """A need met no help."""

    type: ClassVar[str] = "referrals.gap-recorded.v1"
    gap_id: UUID
    source: str
    domain: str
    commune: str | None
    reason: str
    month: str
    source_id: UUID | None = None


class ReferralAccepted(Reading):
    """A referral is taken."""

    type: ClassVar[str] = "referrals.referral-accepted.v1"
    referral_id: UUID


class ReferralWaitlisted(Reading):
    """A referral waits."""

    type: ClassVar[str] = "referrals.referral-waitlisted.v1"
    referral_id: UUID


class ReferralRefused(Reading):
    """A referral is refused."""

    type: ClassVar[str] = "referrals.referral-refused.v1"
    referral_id: UUID
    reason: str


class ComplexityAssessed(Reading):
    """How complex somebody's situation is."""

    type: ClassVar[str] = "assessment.complexity-assessed.v1"
    referral_id: UUID | None
    dimensions: dict[str, str]


class ServiceChanged(Reading):
    """A service of the directory is otherwise."""

    type: ClassVar[str] = "referrals.service-changed.v1"
    service_id: UUID
    domains: list[str]
    active: bool


class CapacityChanged(Reading):
    """A service says how much room it has."""

    type: ClassVar[str] = "referrals.capacity-changed.v1"
    service_id: UUID
    capacity: str


@handlers.on(GapRecorded)
async def note_gap(event: GapRecorded, gaps: Gaps, settings: Settings) -> None:
    """Count a gap of referrals; one that it noted of our own contact is counted with the contact already."""
    if event.source_id and await gaps.knows_contact(event.source_id):
        return
    if event.source_id is None and (event.source, event.reason) == TOLD_BY_LINE:
        return
    demand = UnmetDemand(
        programme=settings.organisation,
        topic=topic_of(event.domain),
        commune=event.commune or UNKNOWN,
        reason=event.reason,
        month=event.month,
    )
    await gaps.note_gap(event.gap_id, demand)


@handlers.on(ReferralAccepted)
async def note_acceptance(event: ReferralAccepted, figures: Figures) -> None:
    """It is accepted."""
    await figures.decide(event.referral_id, "accepted")


@handlers.on(ReferralWaitlisted)
async def note_waiting(event: ReferralWaitlisted, figures: Figures) -> None:
    """It waits for a place."""
    await figures.decide(event.referral_id, "waiting")


@handlers.on(ReferralRefused)
async def note_refusal(event: ReferralRefused, figures: Figures) -> None:
    """It is refused, and why."""
    await figures.decide(event.referral_id, f"refused.{event.reason}")


@handlers.on(ComplexityAssessed)
async def note_complexity(event: ComplexityAssessed, figures: Figures) -> None:
    """How complex the situation behind a referral is."""
    if event.referral_id:
        await figures.assess(event.referral_id, complexity_of(event.dimensions.values()))


@handlers.on(ServiceChanged)
async def note_service(event: ServiceChanged, figures: Figures) -> None:
    """Which needs a service is for."""
    await figures.offer(event.service_id, domains=tuple(event.domains), active=event.active)


@handlers.on(CapacityChanged)
async def note_capacity(event: CapacityChanged, figures: Figures) -> None:
    """How much room a service has."""
    await figures.offer(event.service_id, capacity=event.capacity)
