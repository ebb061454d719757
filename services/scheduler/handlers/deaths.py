"""Nobody calls the dead: a death ends whatever is planned, and one that was taken back puts it on a list."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from services.scheduler.domain import AppointmentStatus, LeftReason, Stopped, Trigger
from services.scheduler.events import CancelReason, StoppedKind
from services.scheduler.handlers.registry import handlers
from services.scheduler.store import (
    AppointmentRow,
    Appointments,
    CampaignCalls,
    Deaths,
    FollowedCases,
    FollowUpRow,
    FollowUps,
    StoppedOnes,
)
from shared.clock import local_date
from shared.events import Reading


class PersonDied(Reading):
    """intake knows that a person has died; told again with another day when the day is corrected."""

    type: ClassVar[str] = "intake.person-died.v1"
    person_id: UUID
    on: date


class DeathWithdrawn(Reading):
    """A death was told by mistake."""

    type: ClassVar[str] = "intake.death-withdrawn.v1"
    person_id: UUID


@handlers.on(PersonDied)
async def stop_for_the_dead(event: PersonDied, deaths: Deaths, follow_ups: FollowUps, cases: FollowedCases) -> None:
    """Cancel what is planned, whether or not the case is closed."""
    await deaths.note(event.person_id, event.on)
    await cancel_all_of(event.person_id, follow_ups, cases)


@handlers.on(DeathWithdrawn)
async def list_what_was_stopped(
    event: DeathWithdrawn, deaths: Deaths, cases: FollowedCases, stopped: StoppedOnes
) -> None:
    """The person lives: nothing is planned again by itself, but all that was cancelled waits for a decision."""
    today = local_date(deaths.transaction.clock)
    await deaths.withdraw(event.person_id, today)
    await cases.note_alive(event.person_id)
    await stopped.put_on_list(event.person_id, today)


async def cancel_all_of(person_id: UUID, follow_ups: FollowUps, cases: FollowedCases) -> None:
    """Cancel whatever is not over of a person who has died, of any case or none, and remember what it was."""
    if not await cases.has_died(person_id):
        return
    transaction = follow_ups.transaction
    calls = await follow_ups.open_of_person(person_id)
    await CampaignCalls(transaction).leave(person_id, LeftReason.DECEASED, local_date(transaction.clock))
    for follow_up in calls:
        await stop_call(follow_up, person_id, follow_ups)
    for appointment in await Appointments(transaction).ahead_of_person(person_id):
        await stop_appointment(appointment, person_id, Appointments(transaction))


async def stop_call(row: FollowUpRow, person_id: UUID, follow_ups: FollowUps) -> None:
    """Cancel a follow-up unless that is done; a campaign's own is remembered with the place on the campaign."""
    if row.trigger is not Trigger.LINE_OUTAGE:
        await remember(StoppedKind.FOLLOW_UP, row, person_id, StoppedOnes(follow_ups.transaction))
    if not row.allowed():
        return
    await follow_ups.record(row, row.cancel(CancelReason.DECEASED, follow_ups.transaction.clock.now()))


async def stop_appointment(row: AppointmentRow, person_id: UUID, appointments: Appointments) -> None:
    """Cancel an appointment that is still to come."""
    await remember(StoppedKind.APPOINTMENT, row, person_id, StoppedOnes(appointments.transaction))
    await appointments.record(row, row.end(AppointmentStatus.CANCELLED, appointments.transaction.clock.now()))


async def remember(of: StoppedKind, row: FollowUpRow | AppointmentRow, person_id: UUID, stopped: StoppedOnes) -> None:
    """Keep what was cancelled, for the case that the death is taken back."""
    what = Stopped(of=of, subject_id=row.id, person_id=person_id, case_id=row.case_id, organisation=row.organisation)
    await stopped.keep(what)
