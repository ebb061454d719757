"""What the line says of a request that it made: it asks again, maybe more urgently, or it named the wrong person."""

from typing import ClassVar
from uuid import UUID

from services.cases.domain import Reason
from services.cases.events import OriginKind, Urgency
from services.cases.handlers.cancellations import cancel
from services.cases.handlers.registry import handlers
from services.cases.store import Agenda, CaseRow, Cases, OriginRow, Origins
from shared.events import Reading


class RelayRepeated(Reading):
    """The line relays a person whose request is open already."""

    type: ClassVar[str] = "intake.relay-repeated.v1"
    request_id: UUID
    contact_id: UUID
    urgency: Urgency


class RelayWithdrawn(Reading):
    """A request named the wrong person; the right one's is a request of its own."""

    type: ClassVar[str] = "intake.relay-withdrawn.v1"
    request_id: UUID


@handlers.on(RelayRepeated)
async def relay_repeated(event: RelayRepeated, origins: Origins, cases: Cases, agenda: Agenda) -> None:
    """The line had to ask again: the meeting sees it, and what was routine may be urgent now."""
    origin = await origins.hold(OriginKind.CONTACT, event.request_id)
    origin.repeat(event.contact_id, event.urgency)
    case = await cases.of_origin(OriginKind.CONTACT, event.request_id)
    if case is not None:
        await press(case, origin, cases, agenda)


@handlers.on(RelayWithdrawn)
async def relay_withdrawn(event: RelayWithdrawn, origins: Origins, cases: Cases, agenda: Agenda) -> None:
    """Withdraw the request that nobody owns yet, else the case manager and the meeting see that it was a mistake."""
    origin = await origins.hold(OriginKind.CONTACT, event.request_id)
    await cancel(origin, Reason.RELAY_WITHDRAWN, cases, agenda)


async def press(case: CaseRow, origin: OriginRow, cases: Cases, agenda: Agenda) -> None:
    """Tell of the newest repeat, also where the case has ended meanwhile: somebody asked, and nothing is lost."""
    if origin.repeated_by is None:
        return
    facts = case.press(origin.repeated_urgency)
    if facts:
        await cases.keep(case, None, *facts)
    await agenda.raise_line(case.id, Reason.RELAY_REPEATED, case.id, origin.repeated_by)
