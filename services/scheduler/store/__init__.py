"""The tables of scheduler, and all SQL about them."""

from services.scheduler.store.absences import AbsenceRow, Absences
from services.scheduler.store.appointments import AppointmentRow, Appointments, Asked, Overlap
from services.scheduler.store.calendars import CalendarRow, Calendars
from services.scheduler.store.campaign_calls import (
    CampaignCalls,
)
from services.scheduler.store.campaign_rows import (
    CampaignRow,
    MemberRow,
    paused_campaigns,
)
from services.scheduler.store.campaigns import (
    Campaigns,
)
from services.scheduler.store.closings import ClosingRow, Closings
from services.scheduler.store.deaths import DeathRow, Deaths
from services.scheduler.store.due import CLAIM, BacklogMinute, Due
from services.scheduler.store.feeds import FeedRow, Feeds
from services.scheduler.store.follow_up_rows import FollowUpRow
from services.scheduler.store.follow_ups import FollowUps
from services.scheduler.store.followed import CaseState, FollowedCaseRow, FollowedCases
from services.scheduler.store.languages import Languages, PersonLanguageRow
from services.scheduler.store.last_contacts import (
    LastContactRow,
    LastContacts,
    silence_of,
)
from services.scheduler.store.leases import LeaseRow, Leases, subject_of
from services.scheduler.store.line_tasks import LineTaskRow, LineTasks
from services.scheduler.store.plans import Changes, Plans
from services.scheduler.store.policies import SHIPPED, Numbered, PolicyBook, PolicyRow, PolicyVersionRow, shipped
from services.scheduler.store.related import Related
from services.scheduler.store.relinks import PERSON_COLUMNS, Links
from services.scheduler.store.reminders import BATCH, ReminderRow, Reminders, of_appointment, of_follow_up
from services.scheduler.store.reports import AttemptCount, Reports, StepCount
from services.scheduler.store.selection import Selection
from services.scheduler.store.stopped import StoppedOnes, StoppedRow
from services.scheduler.store.table import Table
from services.scheduler.store.worklists import (
    Entry,
    Load,
    Order,
    Sum,
    Wanted,
    When,
    Worklists,
    days_of,
    place_of,
)

__all__ = [
    "BATCH",
    "CLAIM",
    "PERSON_COLUMNS",
    "SHIPPED",
    "AbsenceRow",
    "Absences",
    "AppointmentRow",
    "Appointments",
    "Asked",
    "AttemptCount",
    "BacklogMinute",
    "CalendarRow",
    "Calendars",
    "CampaignCalls",
    "CampaignRow",
    "Campaigns",
    "CaseState",
    "Changes",
    "ClosingRow",
    "Closings",
    "DeathRow",
    "Deaths",
    "Due",
    "Entry",
    "FeedRow",
    "Feeds",
    "FollowUpRow",
    "FollowUps",
    "FollowedCaseRow",
    "FollowedCases",
    "Languages",
    "LastContactRow",
    "LastContacts",
    "LeaseRow",
    "Leases",
    "LineTaskRow",
    "LineTasks",
    "Links",
    "Load",
    "MemberRow",
    "Numbered",
    "Order",
    "Overlap",
    "PersonLanguageRow",
    "Plans",
    "PolicyBook",
    "PolicyRow",
    "PolicyVersionRow",
    "Related",
    "ReminderRow",
    "Reminders",
    "Reports",
    "Selection",
    "StepCount",
    "StoppedOnes",
    "StoppedRow",
    "Sum",
    "Table",
    "Wanted",
    "When",
    "Worklists",
    "days_of",
    "of_appointment",
    "of_follow_up",
    "paused_campaigns",
    "place_of",
    "shipped",
    "silence_of",
    "subject_of",
]
