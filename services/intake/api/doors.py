"""What the routes of intake share: the router, the collections, and who may come in."""

from typing import Annotated

from fastapi import Depends
from pydantic import BaseModel, ConfigDict

from services.intake.settings import Settings
from services.intake.store import Contacts, Identifications, Persons, Reviews
from shared.access import May
from shared.auth import Caller
from shared.requests import configured, opened
from shared.service import router as service_router

router = service_router("intake", tags=["intake"])

ContactsDep = Annotated[Contacts, Depends(opened(Contacts))]
IdentificationsDep = Annotated[Identifications, Depends(opened(Identifications))]
PersonsDep = Annotated[Persons, Depends(opened(Persons))]
ReviewsDep = Annotated[Reviews, Depends(opened(Reviews))]
SettingsDep = Annotated[Settings, Depends(configured(Settings))]

MayRecordContact = Annotated[Caller, Depends(May("contact:record"))]
MayReadContact = Annotated[Caller, Depends(May("contact:read"))]
MayRegister = Annotated[Caller, Depends(May("person:register"))]
MayRead = Annotated[Caller, Depends(May("person:read"))]
MayUpdate = Annotated[Caller, Depends(May("person:update"))]
MaySearch = Annotated[Caller, Depends(May("person:search"))]
MayPullCard = Annotated[Caller, Depends(May("person:pull-card"))]
MayReview = Annotated[Caller, Depends(May("identity:review"))]


class Body(BaseModel):
    """A request body; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")
