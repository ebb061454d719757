"""What the routes of cases share: the router, the collections, and who may come in."""

from typing import Annotated

from fastapi import Depends

from services.cases.settings import Settings
from services.cases.store import (
    Activities,
    Agenda,
    Caseload,
    Cases,
    Circles,
    Comparisons,
    Complexities,
    Decisions,
    FollowUpResults,
    HandOvers,
    Organisations,
    Overlaps,
    Pathways,
    Periods,
    Plans,
    Rates,
    Reports,
    Risks,
    Routes,
    Shares,
    Tasks,
    Templates,
    Timeline,
    Transfers,
    Visits,
    WaitingList,
    Workers,
    WorkLists,
)
from services.cases.store.delegation import Delegations
from services.cases.store.help_requests import HelpRequests
from services.cases.store.meetings import Meetings
from shared.access import May
from shared.auth import Caller
from shared.requests import configured, opened
from shared.service import router as service_router

router = service_router("cases", tags=["cases"])

CasesDep = Annotated[Cases, Depends(opened(Cases))]
VisitsDep = Annotated[Visits, Depends(opened(Visits))]
PlansDep = Annotated[Plans, Depends(opened(Plans))]
TimelineDep = Annotated[Timeline, Depends(opened(Timeline))]
TasksDep = Annotated[Tasks, Depends(opened(Tasks))]
OrganisationsDep = Annotated[Organisations, Depends(opened(Organisations))]
AgendaDep = Annotated[Agenda, Depends(opened(Agenda))]
ComplexitiesDep = Annotated[Complexities, Depends(opened(Complexities))]
WaitingListDep = Annotated[WaitingList, Depends(opened(WaitingList))]
WorkersDep = Annotated[Workers, Depends(opened(Workers))]
CaseloadDep = Annotated[Caseload, Depends(opened(Caseload))]
CirclesDep = Annotated[Circles, Depends(opened(Circles))]
OverlapsDep = Annotated[Overlaps, Depends(opened(Overlaps))]
TransfersDep = Annotated[Transfers, Depends(opened(Transfers))]
HandOversDep = Annotated[HandOvers, Depends(opened(HandOvers))]
RisksDep = Annotated[Risks, Depends(opened(Risks))]
SharesDep = Annotated[Shares, Depends(opened(Shares))]
PathwaysDep = Annotated[Pathways, Depends(opened(Pathways))]
RoutesDep = Annotated[Routes, Depends(opened(Routes))]
ComparisonsDep = Annotated[Comparisons, Depends(opened(Comparisons))]
DecisionsDep = Annotated[Decisions, Depends(opened(Decisions))]
TemplatesDep = Annotated[Templates, Depends(opened(Templates))]
FollowUpResultsDep = Annotated[FollowUpResults, Depends(opened(FollowUpResults))]
WorkListsDep = Annotated[WorkLists, Depends(opened(WorkLists))]
ActivitiesDep = Annotated[Activities, Depends(opened(Activities))]
PeriodsDep = Annotated[Periods, Depends(opened(Periods))]
RatesDep = Annotated[Rates, Depends(opened(Rates))]
ReportsDep = Annotated[Reports, Depends(opened(Reports))]
MeetingsDep = Annotated[Meetings, Depends(opened(Meetings))]
HelpRequestsDep = Annotated[HelpRequests, Depends(opened(HelpRequests))]
DelegationsDep = Annotated[Delegations, Depends(opened(Delegations))]

MayRead = Annotated[Caller, Depends(May("case:read"))]
MayReadRecord = Annotated[Caller, Depends(May("case:read-record"))]
MayVisit = Annotated[Caller, Depends(May("case:visit"))]
MayAssign = Annotated[Caller, Depends(May("case:assign"))]
MayDecide = Annotated[Caller, Depends(May("case:decide"))]
MayWork = Annotated[Caller, Depends(May("case:work"))]
MayDoTasks = Annotated[Caller, Depends(May("case:task"))]
MayClose = Annotated[Caller, Depends(May("case:close"))]
MayShare = Annotated[Caller, Depends(May("case:share"))]
MayReadPathway = Annotated[Caller, Depends(May("pathway:read"))]
MayConfigurePathway = Annotated[Caller, Depends(May("pathway:write"))]
MayReadRouting = Annotated[Caller, Depends(May("routing:read"))]
MayConfigureRouting = Annotated[Caller, Depends(May("routing:write"))]
MayReadComparisons = Annotated[Caller, Depends(May("comparison:read"))]
MayListBoundary = Annotated[Caller, Depends(May("comparison:list-tasks"))]
MayTransfer = Annotated[Caller, Depends(May("case:transfer"))]
MayReassign = Annotated[Caller, Depends(May("case:reassign"))]
MayLogDecisions = Annotated[Caller, Depends(May("decision:log"))]
MayWriteTemplates = Annotated[Caller, Depends(May("plan-template:write"))]
MayReadWorkers = Annotated[Caller, Depends(May("worker:read"))]
MayRegisterWorkers = Annotated[Caller, Depends(May("worker:register"))]
MayReadMeeting = Annotated[Caller, Depends(May("meeting:read"))]
MayPlanMeetings = Annotated[Caller, Depends(May("meeting:plan"))]
MayLeadMeeting = Annotated[Caller, Depends(May("meeting:lead"))]
MayAskHelp = Annotated[Caller, Depends(May("help:ask"))]
MayAnswerHelp = Annotated[Caller, Depends(May("help:answer"))]

MayRecordActivity = Annotated[Caller, Depends(May("activity:record"))]
MayReadActivity = Annotated[Caller, Depends(May("activity:read"))]
MayClosePeriod = Annotated[Caller, Depends(May("period:close"))]
MaySetRates = Annotated[Caller, Depends(May("rate:write"))]
MayReadReports = Annotated[Caller, Depends(May("report:read"))]
MayTakeReports = Annotated[Caller, Depends(May("report:read", clears=True))]
"""In every form: who may not see the work of one person may not ask for it either, and no form tells it unasked."""


SettingsDep = Annotated[Settings, Depends(configured(Settings))]
