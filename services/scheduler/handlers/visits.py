"""A visit of a case is an appointment: what cases tells of it is taken over, once and in any order."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime

from services.scheduler.domain import AHEAD_OF, Appointment, AppointmentStatus, Times
from services.scheduler.events import AppointmentKind
from services.scheduler.handlers.deaths import stop_appointment
from services.scheduler.handlers.lost_contacts import note_contact
from services.scheduler.handlers.registry import handlers
from services.scheduler.settings import Settings
from services.scheduler.store import Appointments, CampaignCalls, FollowedCases, LastContacts
from shared.clock import BRUSSELS
from shared.events import Reading


class VisitRecorded(Reading):
    """cases has recorded what became of a visit; its times, worker and person may be left out."""

    type: ClassVar[str] = "cases.visit-recorded.v1"
    case_id: UUID
    visit_id: UUID
    kind: str
    status: AppointmentStatus
    on: date
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None
    worker: str | None = None

    @property
    def times(self) -> Times:
        """When it is, in Belgian time; the day alone unless both ends are told."""
        if self.starts_at is None or self.ends_at is None:
            return Times(on=self.on)
        starts, ends = (each.astimezone(BRUSSELS) for each in (self.starts_at, self.ends_at))
        return Times(on=self.on, starts=starts.time(), ends=ends.time())


@handlers.on(VisitRecorded)
async def take_over_visit(
    event: VisitRecorded,
    appointments: Appointments,
    cases: FollowedCases,
    contacts: LastContacts,
    calls: CampaignCalls,
    settings: Settings,
) -> None:
    """Keep a visit as an appointment. It has been agreed elsewhere: an overlap is shown, never refused."""
    if event.status is AppointmentStatus.DONE:
        await note_contact(event.case_id, event.on, cases, contacts, calls)
    await appointments.lock(event.visit_id)
    known = await appointments.of_visit(event.visit_id)
    if known:
        fact = known.hear(event.status, event.times)
        if fact:
            await appointments.record(known, fact)
        return
    case = await cases.find(event.case_id)
    kinds = {each.value: each for each in AppointmentKind}
    new = Appointment.plan(
        event.times,
        organisation=(case.organisation if case else None) or settings.organisation,
        case_id=event.case_id,
        person_id=case.person_id if case else None,
        visit_id=event.visit_id,
        worker=event.worker or (case.worker if case else None),
        kind=kinds.get(event.kind, AppointmentKind.OTHER),
        status=event.status,
        is_overlap_allowed=True,
    )
    row = await appointments.add(new)
    if row.person_id and row.status in AHEAD_OF and await cases.has_died(row.person_id):
        await stop_appointment(row, row.person_id, appointments)
