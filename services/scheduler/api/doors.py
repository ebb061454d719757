"""What the routes of scheduler share: the router, the collections, and who may come in."""

from typing import Annotated

from fastapi import Depends
from pydantic import BaseModel, ConfigDict

from services.scheduler.settings import Settings
from services.scheduler.store import (
    Absences,
    Appointments,
    Calendars,
    CampaignCalls,
    Campaigns,
    Feeds,
    FollowUps,
    Leases,
    LineTasks,
    Plans,
    PolicyBook,
    Related,
    Reports,
    StoppedOnes,
    Worklists,
)
from shared.access import Anyone, May
from shared.auth import Caller
from shared.requests import configured, opened
from shared.service import router as service_router

router = service_router("scheduler", tags=["scheduler"])

FollowUpsDep = Annotated[FollowUps, Depends(opened(FollowUps))]
LeasesDep = Annotated[Leases, Depends(opened(Leases))]
WorklistsDep = Annotated[Worklists, Depends(opened(Worklists))]
LineTasksDep = Annotated[LineTasks, Depends(opened(LineTasks))]
AppointmentsDep = Annotated[Appointments, Depends(opened(Appointments))]
AbsencesDep = Annotated[Absences, Depends(opened(Absences))]
CalendarsDep = Annotated[Calendars, Depends(opened(Calendars))]
PlansDep = Annotated[Plans, Depends(opened(Plans))]
FeedsDep = Annotated[Feeds, Depends(opened(Feeds))]
ReportsDep = Annotated[Reports, Depends(opened(Reports))]
StoppedDep = Annotated[StoppedOnes, Depends(opened(StoppedOnes))]
CampaignsDep = Annotated[Campaigns, Depends(opened(Campaigns))]
CallsDep = Annotated[CampaignCalls, Depends(opened(CampaignCalls))]
RelatedDep = Annotated[Related, Depends(opened(Related))]
PoliciesDep = Annotated[PolicyBook, Depends(opened(PolicyBook))]
SettingsDep = Annotated[Settings, Depends(configured(Settings))]

MayRead = Annotated[Caller, Depends(May("follow-up:read"))]
MayClaim = Annotated[Caller, Depends(May("follow-up:claim"))]
MaySeeTeam = Annotated[Caller, Depends(May("worklist:team"))]
MayReadPolicies = Annotated[Caller, Depends(May("policy:read"))]
MayWritePolicies = Annotated[Caller, Depends(May("policy:write"))]
MayReadCalendar = Annotated[Caller, Depends(May("calendar:read"))]
MayWriteCalendar = Annotated[Caller, Depends(May("calendar:write"))]
MayWriteAbsences = Annotated[Caller, Depends(May("absence:write"))]
MayManageFeeds = Annotated[Caller, Depends(May("feed:manage"))]
MayRotateFeeds = Annotated[Caller, Depends(May("feed:rotate"))]
OpenToAll = Annotated[None, Depends(Anyone("feed:read"))]
MayReadAppointments = Annotated[Caller, Depends(May("appointment:read"))]
MayWorkAppointments = Annotated[Caller, Depends(May("appointment:work"))]
MayWork = Annotated[Caller, Depends(May("follow-up:work"))]
MayReadCampaigns = Annotated[Caller, Depends(May("campaign:read"))]
MayRunCampaigns = Annotated[Caller, Depends(May("campaign:run"))]
MayDecideStopped = Annotated[Caller, Depends(May("stopped:decide"))]
MayReport = Annotated[Caller, Depends(May("campaign:report"))]


class Body(BaseModel):
    """A request body; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")
