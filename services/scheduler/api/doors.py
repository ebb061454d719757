"""What the routes of scheduler share: the router, the collections, and who may come in."""

from typing import Annotated

from fastapi import Depends
from pydantic import BaseModel, ConfigDict

from services.scheduler.settings import Settings
from services.scheduler.store import FollowUps, PolicyBook
from shared.access import May
from shared.auth import Caller
from shared.requests import configured, opened
from shared.service import router as service_router

router = service_router("scheduler", tags=["scheduler"])

FollowUpsDep = Annotated[FollowUps, Depends(opened(FollowUps))]
PoliciesDep = Annotated[PolicyBook, Depends(opened(PolicyBook))]
SettingsDep = Annotated[Settings, Depends(configured(Settings))]

MayRead = Annotated[Caller, Depends(May("follow-up:read"))]
MayWork = Annotated[Caller, Depends(May("follow-up:work"))]


class Body(BaseModel):
    """A request body; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")
