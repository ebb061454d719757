"""What the routes of cases share: the router, the collections, and who may come in."""

from typing import Annotated

from fastapi import Depends

from services.cases.settings import Settings
from services.cases.store import Agenda, Cases, Organisations, Plans, Tasks, Visits, Work
from shared.access import May
from shared.auth import Caller
from shared.requests import configured, opened
from shared.service import router as service_router

router = service_router("cases", tags=["cases"])

CasesDep = Annotated[Cases, Depends(opened(Cases))]
VisitsDep = Annotated[Visits, Depends(opened(Visits))]
PlansDep = Annotated[Plans, Depends(opened(Plans))]
TasksDep = Annotated[Tasks, Depends(opened(Tasks))]
OrganisationsDep = Annotated[Organisations, Depends(opened(Organisations))]
AgendaDep = Annotated[Agenda, Depends(opened(Agenda))]
WorkDep = Annotated[Work, Depends(opened(Work))]

MayRead = Annotated[Caller, Depends(May("case:read"))]
MayAssign = Annotated[Caller, Depends(May("case:assign"))]
MayWork = Annotated[Caller, Depends(May("case:work"))]
MayDoTasks = Annotated[Caller, Depends(May("case:task"))]
MayClose = Annotated[Caller, Depends(May("case:close"))]
MayReadMeeting = Annotated[Caller, Depends(May("meeting:read"))]


SettingsDep = Annotated[Settings, Depends(configured(Settings))]
