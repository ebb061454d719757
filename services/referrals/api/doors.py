"""What the routes of referrals share: the router, the collections, and the shape of a body."""

from typing import Annotated

from fastapi import Depends
from pydantic import BaseModel, ConfigDict

from services.referrals.store import Instruments, Organisations, Programmes, Referrals
from shared.requests import opened
from shared.service import router as service_router

router = service_router("referrals", tags=["referrals"])

ProgrammesDep = Annotated[Programmes, Depends(opened(Programmes))]
ReferralsDep = Annotated[Referrals, Depends(opened(Referrals))]
OrganisationsDep = Annotated[Organisations, Depends(opened(Organisations))]
InstrumentsDep = Annotated[Instruments, Depends(opened(Instruments))]


class Body(BaseModel):
    """A request body; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")
