"""The routes of the weekly meeting: its series, its meetings, their agendas, decisions and minutes."""

from collections.abc import Sequence
from uuid import UUID

from fastapi import Query, Response
from fastapi.responses import HTMLResponse

from services.cases.api.doors import (
    AgendaDep,
    CasesDep,
    HelpRequestsDep,
    MayLeadMeeting,
    MayPlanMeetings,
    MayReadMeeting,
    MeetingsDep,
    OrganisationsDep,
    TasksDep,
    router,
)
from services.cases.api.meeting_views import AgendaLine, MeetingLineView, MeetingView, MinutesView, SeriesView
from services.cases.domain import RANK, Reason, refuse_unknown
from services.cases.domain.meeting import Calling, Closure, Move
from services.cases.domain.meeting_codes import SETTLING, MeetingState
from services.cases.domain.meeting_line import Decision, MeetingLine, ordered_tasks
from services.cases.domain.meeting_series import MeetingSeries, SeriesTerms
from services.cases.domain.purposes import TEAM_MEETING
from services.cases.domain.tasking import assigned_task
from services.cases.events import Urgency
from services.cases.formats.minutes import MinutesLanguage, minutes_page, policy
from services.cases.store import Agenda, Timeline
from services.cases.store.meeting_rows import MeetingRow, SeriesRow
from shared.agreements import Agreements
from shared.clock import local_date
from shared.cursors import Page, PagingDep
from shared.errors import NotFound
from shared.requests import ClockDep, IfMatch, IfMatchSaid, Tag

POLICY = policy()


@router.get("/meetings/agenda")
async def read_agenda(
    agenda: AgendaDep, paging: PagingDep, clock: ClockDep, caller: MayReadMeeting
) -> Page[AgendaLine]:
    """The lines that are open now: by rank of their reason, urgent ones first, then the oldest, then by subject."""
    rows = await agenda.page(caller, paging.limit, paging.after)
    unwilling = await agenda.unwilling()
    today = local_date(clock)
    lines = [AgendaLine.of(line, case, today, withheld=case.person_id in unwilling) for line, case in rows]
    keys = [
        (RANK[line.reason], int(line.urgency is not Urgency.URGENT), line.since, line.subject_id, line.id)
        for line in lines
    ]
    return paging.page(lines, keys)


@router.get("/meetings/series")
async def read_series(meetings: MeetingsDep, caller: MayReadMeeting, tag: Tag) -> SeriesView:
    """When the caller's organisation holds its weekly meeting, and who belongs to it."""
    series = await meetings.series(caller.organisation)
    if series is None:
        raise NotFound
    return SeriesView.of(tag(series))


@router.put("/meetings/series")
async def set_series(
    body: SeriesTerms, meetings: MeetingsDep, seen: IfMatchSaid, caller: MayPlanMeetings, tag: Tag
) -> SeriesView:
    """Set when the weekly meeting of the caller's organisation is held; a change needs `If-Match`.

    The meetings of this week and the next four are planned at once; those planned already follow, unless they were
    moved by hand.
    """
    known = await meetings.series(caller.organisation)
    if known is None:
        series, fact = MeetingSeries.of(caller.organisation, body)
        row = SeriesRow(**dict(series))
    else:
        seen.check(known)
        row, fact = known, known.change(body)
    await meetings.record(row, fact)
    await meetings.plan(row)
    return SeriesView.of(tag(row))


@router.get("/meetings")
async def list_meetings(
    meetings: MeetingsDep, paging: PagingDep, caller: MayReadMeeting, state: MeetingState | None = None
) -> Page[MeetingView]:
    """The meetings of the caller's organisation, the latest first."""
    rows = await meetings.page(caller, state, paging.limit, paging.after)
    return paging.page([MeetingView.of(row) for row in rows], [(row.on.isoformat(), row.id) for row in rows])


@router.get("/meetings/{meeting_id:uuid}")
async def read_meeting(meeting_id: UUID, meetings: MeetingsDep, caller: MayReadMeeting, tag: Tag) -> MeetingView:
    """One meeting."""
    return MeetingView.of(tag(await meetings.get(meeting_id, caller)))


@router.get("/meetings/{meeting_id:uuid}/agenda")
async def read_meeting_agenda(
    meeting_id: UUID, meetings: MeetingsDep, paging: PagingDep, caller: MayReadMeeting
) -> Page[MeetingLineView]:
    """The agenda of a meeting: frozen once it has opened, before that what it would be if it opened now."""
    meeting = await meetings.get(meeting_id, caller)
    begun = meeting.state in {MeetingState.OPEN, MeetingState.HELD}
    lines: Sequence[MeetingLine] = await (meetings.lines(meeting.id) if begun else meetings.agenda(meeting))
    lines = await meetings.seen_among(lines, caller)
    wanted = [line for line in lines if line.position > int(paging.after[0] if paging.after else 0)]
    if meeting.state is MeetingState.OPEN:
        wanted = await meetings.willing(wanted)
    shown = [MeetingLineView.of(line, meeting.on) for line in wanted[: paging.limit + 1]]
    return paging.page(shown, [(line.position,) for line in shown])


@router.post("/meetings/{meeting_id:uuid}/move", status_code=201)
async def move_meeting(
    meeting_id: UUID,
    body: Move,
    meetings: MeetingsDep,
    seen: IfMatch,
    clock: ClockDep,
    caller: MayPlanMeetings,
    tag: Tag,
) -> MeetingView:
    """Hold a week's meeting on another day, or at another hour."""
    meeting = await meetings.get(meeting_id, caller, seen)
    await meetings.record(meeting, meeting.move(body, local_date(clock)))
    return MeetingView.of(tag(meeting))


@router.post("/meetings/{meeting_id:uuid}/cancellation", status_code=201)
async def cancel_meeting(
    meeting_id: UUID, body: Calling, meetings: MeetingsDep, seen: IfMatch, caller: MayPlanMeetings, tag: Tag
) -> MeetingView:
    """Do not hold a week's meeting; what stands open waits for the next one."""
    meeting = await meetings.get(meeting_id, caller, seen)
    await meetings.record(meeting, meeting.cancel(body))
    return MeetingView.of(tag(meeting))


@router.post("/meetings/{meeting_id:uuid}/opening", status_code=201)
async def open_meeting(
    meeting_id: UUID, meetings: MeetingsDep, seen: IfMatch, clock: ClockDep, caller: MayLeadMeeting, tag: Tag
) -> MeetingView:
    """Begin a meeting: its agenda is frozen."""
    meeting = await meetings.get(meeting_id, caller, seen)
    await meetings.begin(meeting, caller.subject, clock.now())
    return MeetingView.of(tag(meeting))


@router.post("/meetings/{meeting_id:uuid}/lines/{line_id:uuid}/decision", status_code=201)
async def decide_line(
    meeting_id: UUID,
    line_id: UUID,
    body: Decision,
    meetings: MeetingsDep,
    cases: CasesDep,
    tasks: TasksDep,
    organisations: OrganisationsDep,
    helps: HelpRequestsDep,
    seen: IfMatch,
    clock: ClockDep,
    caller: MayLeadMeeting,
    tag: Tag,
) -> MeetingLineView:
    """Note what the meeting decides on a line; its tasks are on their worklists at once. The ETag is the meeting's."""
    meeting = await meetings.get(meeting_id, caller, seen)
    meeting.needs(MeetingState.OPEN)
    line = await meetings.line(meeting.id, line_id)
    case = await cases.get(line.case_id, caller)
    await Agreements(cases.transaction).refuse_denied(case.person_id, TEAM_MEETING)
    named = {f"/tasks/{n}/organisation": each.organisation for n, each in enumerate(body.tasks) if each.organisation}
    refuse_unknown(named, await organisations.active_among(named.values()))
    new = ordered_tasks(case, line, body.tasks, local_date(clock))
    fact = line.decide(body, new, caller.subject, clock.now())
    await meetings.record(meeting, fact)
    if new:
        await cases.keep(case, caller.subject, *(assigned_task(task) for task in new))
        tasks.add(*new)
    Timeline(cases.transaction).tell(case.id, [fact], caller.subject, {"decision": body.text} if body.text else None)
    if body.outcome in SETTLING:
        await Agenda(cases.transaction).settle_line(line.line_id)
        if line.reason is Reason.HELP_REQUESTED:
            await helps.answer_at(meeting.id, line.subject_id, (caller.subject, body.text or ""))
    tag(meeting)
    return MeetingLineView.of(line, meeting.on)


@router.post("/meetings/{meeting_id:uuid}/closure", status_code=201)
async def close_meeting(
    meeting_id: UUID,
    body: Closure,
    meetings: MeetingsDep,
    seen: IfMatch,
    clock: ClockDep,
    caller: MayLeadMeeting,
    tag: Tag,
) -> MinutesView:
    """End a meeting and sign its minutes, which never change again; what stands open waits for the next meeting."""
    meeting = await meetings.get(meeting_id, caller, seen)
    meeting.needs(MeetingState.OPEN)
    lines = await meetings.lines(meeting.id)
    await meetings.roll_over(lines)
    series = await meetings.series(meeting.organisation)
    is_quorate = series is None or series.is_quorate(body.attendees)
    await meetings.record(meeting, meeting.close(body, lines, is_quorate, caller.subject, clock.now()))
    return minutes_of(tag(meeting), lines)


@router.get("/meetings/{meeting_id:uuid}/minutes")
async def read_minutes(meeting_id: UUID, meetings: MeetingsDep, caller: MayReadMeeting) -> MinutesView:
    """The minutes of a meeting that was held."""
    meeting = await held(meeting_id, meetings, caller)
    return minutes_of(meeting, await meetings.seen_among(await meetings.lines(meeting.id), caller))


@router.get("/meetings/{meeting_id:uuid}/minutes.html", response_class=HTMLResponse)
async def print_minutes(
    meeting_id: UUID,
    meetings: MeetingsDep,
    caller: MayReadMeeting,
    lang: MinutesLanguage = Query(MinutesLanguage.FRENCH, description="Language of the headings and codes"),
) -> Response:
    """The minutes as one page to print; it needs nothing from outside and names cases by id alone."""
    meeting = await held(meeting_id, meetings, caller)
    page = minutes_page(meeting, await meetings.seen_among(await meetings.lines(meeting.id), caller), lang)
    return HTMLResponse(page, headers={"content-security-policy": POLICY, "content-language": lang.value})


async def held(meeting_id: UUID, meetings: MeetingsDep, caller: MayReadMeeting) -> MeetingRow:
    """A meeting that has minutes; NotFound for one that has none yet."""
    meeting = await meetings.get(meeting_id, caller)
    if meeting.state is not MeetingState.HELD:
        raise NotFound
    return meeting


def minutes_of(meeting: MeetingRow, lines: Sequence[MeetingLine]) -> MinutesView:
    """The minutes of a meeting with these lines."""
    return MinutesView.of(meeting, [MeetingLineView.of(line, meeting.on) for line in lines])
