"""What the routes of the weekly meeting and of help requests answer with."""

from collections.abc import Iterator
from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, Field

from services.cases.domain import Reason, State
from services.cases.domain.agenda import DATED
from services.cases.domain.help_request import HelpRequest, HelpState
from services.cases.domain.labels import Label
from services.cases.domain.meeting import STEPS, Meeting
from services.cases.domain.meeting_codes import OUTCOMES, RAISED_BY_CALL, REASONS, SUBJECTS, About, MeetingState
from services.cases.domain.meeting_line import MeetingLine, TaskOrder
from services.cases.domain.meeting_series import MeetingSeries, Member
from services.cases.events import Urgency
from services.cases.events.meeting import HelpKind, LineOutcome
from services.cases.store import CaseRow, LineRow

HREFS = {
    About.CASE: "/cases/{case}",
    About.TASK: "/cases/{case}/tasks/{id}/history",
    About.FOLLOW_UP: "/scheduler/follow-ups/{id}",
    About.REFERRAL: "/referrals/{id}",
    About.OUTGOING: "/referrals/outgoing/{id}",
    About.HELP_REQUEST: "/cases/help-requests/{id}",
    About.CONTACT: "/intake/contacts/{id}",
    About.TRANSFER: "/cases/transfers/{id}",
}


class Link(BaseModel):
    """Where one thing that a line is about can be read."""

    rel: About
    href: str


def links_of(reason: Reason, case_id: UUID, subject_id: UUID, source_id: UUID) -> list[Link]:
    """The case of a line, what it is about, and the follow-up that found it."""

    def wanted() -> Iterator[tuple[About, UUID]]:
        yield About.CASE, case_id
        if SUBJECTS[reason] not in {About.CASE, About.TOPIC}:
            yield SUBJECTS[reason], subject_id
        if reason in RAISED_BY_CALL:
            yield About.FOLLOW_UP, source_id

    return [Link(rel=rel, href=HREFS[rel].format(case=case_id, id=found)) for rel, found in wanted()]


def days_overdue(reason: Reason, since: date, today: date) -> int | None:
    """How many days late it is, for what was to be done on a day."""
    return max((today - since).days, 0) if reason in DATED else None


class Explained(BaseModel):
    """Why a line is on the agenda: its reason in four languages, what it is about, and since when."""

    reason: Reason = Field(description="Why the case is on the agenda")
    labels: Label = Field(description="The reason in the four languages of the region")
    about: About = Field(description="What kind of thing `subject_id` names")
    subject_id: UUID = Field(description="What it is about: a task, a referral or the case itself")
    since: date = Field(description="The day from which it stands: the due day for what is overdue")
    days_overdue: int | None = Field(description="For what was to be done on a day")
    rolled_over: int = Field(description="How many meetings left it unanswered")
    urgency: Urgency = Field(description="Urgent where the case or the matter itself is")
    links: list[Link]


class AgendaLine(Explained):
    """An open line of the weekly meeting's agenda."""

    id: UUID
    case_id: UUID
    person_id: UUID | None
    worker: str | None
    state: State
    raised_at: datetime
    withheld: bool = Field(description="The person does not want the meeting to speak of it: for the coordinator alone")

    @classmethod
    def of(cls, line: LineRow, case: CaseRow, today: date, *, withheld: bool) -> "AgendaLine":
        urgency = Urgency.URGENT if Urgency.URGENT in {line.urgency, case.urgency} else Urgency.ROUTINE
        about = {"person_id": case.person_id, "worker": case.worker, "state": case.state, "urgency": urgency}
        return cls.model_validate({**dict(line), **explained(line, today), **about, "withheld": withheld})


class MeetingLineView(Explained):
    """A line of one meeting's agenda, with what was decided on it."""

    id: UUID
    position: int
    case_id: UUID
    worker: str | None = Field(description="The case's owner at the opening of the meeting")
    state: State = Field(description="The case's state at the opening of the meeting")
    outcome: LineOutcome | None = Field(description="Null while nothing is decided")
    outcome_labels: Label | None
    text: str | None
    tasks: list[UUID] = Field(description="The tasks that the decision became")
    orders: list[TaskOrder] = Field(description="These tasks as they were ordered")
    decided_by: str | None
    decided_at: datetime | None
    summary: str | None = Field(description="What the minutes say of it")
    rolls_over: bool | None = Field(description="Whether it waits for the next meeting; null before the closing")

    @classmethod
    def of(cls, line: MeetingLine, on: date) -> "MeetingLineView":
        said = OUTCOMES[line.outcome] if line.outcome else None
        return cls.model_validate({**dict(line), **explained(line, on), "outcome_labels": said})


def explained(line: LineRow | MeetingLine, today: date) -> dict[str, object]:
    """The part of a line that explains it."""
    return {
        "labels": REASONS[line.reason],
        "about": SUBJECTS[line.reason],
        "days_overdue": days_overdue(line.reason, line.since, today),
        "links": links_of(line.reason, line.case_id, line.subject_id, line.source_id),
    }


class SeriesView(BaseModel):
    """The weekly meeting of an organisation."""

    id: UUID
    organisation: str
    weekday: int = Field(description="ISO 8601: 1 is Monday")
    time: str = Field(description="Local time in Belgium (Europe/Brussels)")
    members: list[Member]
    quorum: int | None
    active: bool

    @classmethod
    def of(cls, series: MeetingSeries) -> "SeriesView":
        return cls.model_validate(series, from_attributes=True)


class MeetingView(BaseModel):
    """The meeting of one week."""

    id: UUID
    organisation: str
    week: date = Field(description="The Monday of its week")
    on: date
    time: str
    starts_at: datetime
    moved_from: date | None = Field(description="The day it had before it was moved")
    state: MeetingState
    reason: str | None = Field(description="Why it was moved or cancelled")
    lines: int | None = Field(description="How many lines are on its frozen agenda; null before the opening")
    opened_at: datetime | None
    opened_by: str | None
    held_at: datetime | None
    allowed: list[str] = Field(description="What can be done with it now")

    @classmethod
    def of(cls, meeting: Meeting) -> "MeetingView":
        return cls.model_validate({**dict(meeting), "starts_at": meeting.starts_at, "allowed": STEPS[meeting.state]})


class MinutesView(BaseModel):
    """The minutes of a meeting that was held."""

    meeting_id: UUID
    organisation: str
    week: date
    on: date
    time: str
    opened_at: datetime
    opened_by: str
    held_at: datetime
    signed_by: str
    attendees: list[str]
    is_quorate: bool = Field(description="Whether as many members came as the series asks for")
    summary: str | None
    lines: list[MeetingLineView]

    @classmethod
    def of(cls, meeting: Meeting, lines: list[MeetingLineView]) -> "MinutesView":
        return cls.model_validate({**dict(meeting), "meeting_id": meeting.id, "lines": lines})


class HelpRequestView(BaseModel):
    """A request for help with a case."""

    id: UUID
    case_id: UUID
    kind: HelpKind
    urgency: Urgency
    text: str
    asked_by: str
    asked_at: datetime
    state: HelpState
    answer: str | None = Field(description="What was answered, or why it was withdrawn")
    answered_by: str | None
    answered_at: datetime | None
    meeting_id: UUID | None = Field(description="The meeting that answered it")

    @classmethod
    def of(cls, request: HelpRequest) -> "HelpRequestView":
        return cls.model_validate(request, from_attributes=True)


class DelegatedWeek(BaseModel):
    """What the line took over in one week."""

    week: date = Field(description="The Monday of the week")
    delegated: int = Field(description="Tasks that were given to the line in this week")
    by_meeting: int = Field(description="Of these, those that the meeting gave")
    done: int = Field(description="The line's tasks that were done in this week")
    timed: int = Field(description="Of those done, how many have their minutes told")
    minutes: int = Field(description="Minutes of those that have them told")


class Delegation(BaseModel):
    """What was given to the line, week by week."""

    weeks: list[DelegatedWeek]
    delegated: int
    done: int
    minutes: int
