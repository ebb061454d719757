"""What the routes of intake share: the router, the collections, and who may come in."""

from typing import Annotated

from fastapi import Depends
from pydantic import BaseModel, ConfigDict

from services.intake.settings import Settings
from services.intake.store import (
    Amendments,
    Apart,
    CallBacks,
    Contacts,
    Drafts,
    Duplicates,
    Identifications,
    Lines,
    Links,
    Merges,
    NamedExclusions,
    Orientations,
    Outages,
    PersonHistory,
    Persons,
    PersonSearch,
    Places,
    Relations,
    Reviews,
    Silences,
    Standings,
    Ties,
    TopicFits,
    TopicModels,
    TopicNotes,
)
from shared.access import May
from shared.auth import Caller
from shared.requests import configured, opened
from shared.service import router as service_router

router = service_router("intake", tags=["intake"])

ContactsDep = Annotated[Contacts, Depends(opened(Contacts))]
IdentificationsDep = Annotated[Identifications, Depends(opened(Identifications))]
PersonSearchDep = Annotated[PersonSearch, Depends(opened(PersonSearch))]
PersonHistoryDep = Annotated[PersonHistory, Depends(opened(PersonHistory))]
RelationsDep = Annotated[Relations, Depends(opened(Relations))]
PersonsDep = Annotated[Persons, Depends(opened(Persons))]
ApartDep = Annotated[Apart, Depends(opened(Apart))]
DuplicatesDep = Annotated[Duplicates, Depends(opened(Duplicates))]
NamedExclusionsDep = Annotated[NamedExclusions, Depends(opened(NamedExclusions))]
TiesDep = Annotated[Ties, Depends(opened(Ties))]
MergesDep = Annotated[Merges, Depends(opened(Merges))]
ReviewsDep = Annotated[Reviews, Depends(opened(Reviews))]
SettingsDep = Annotated[Settings, Depends(configured(Settings))]

MayRecordContact = Annotated[Caller, Depends(May("contact:record"))]
MayReadContact = Annotated[Caller, Depends(May("contact:read"))]
MayRegister = Annotated[Caller, Depends(May("person:register"))]
MayRead = Annotated[Caller, Depends(May("person:read"))]
MayUpdate = Annotated[Caller, Depends(May("person:update"))]
MaySearch = Annotated[Caller, Depends(May("person:search"))]
MayReadOverview = Annotated[Caller, Depends(May("person:read-overview"))]
MayPullCard = Annotated[Caller, Depends(May("person:pull-card"))]
MayReview = Annotated[Caller, Depends(May("identity:review"))]
MayMerge = Annotated[Caller, Depends(May("person:merge"))]
MayExclude = Annotated[Caller, Depends(May("exclusion:write"))]
MayReadExclusions = Annotated[Caller, Depends(May("exclusion:read"))]
MayReadMerge = Annotated[Caller, Depends(May("person:read-merge"))]
MayTellApart = Annotated[Caller, Depends(May("person:tell-apart"))]


MayReadLine = Annotated[Caller, Depends(May("line:read"))]
MayTellOutage = Annotated[Caller, Depends(May("line:tell-outage"))]
MaySetHours = Annotated[Caller, Depends(May("line:set-hours"))]
MayBeat = Annotated[Caller, Depends(May("line:beat"))]

LinesDep = Annotated[Lines, Depends(opened(Lines))]
LinksDep = Annotated[Links, Depends(opened(Links))]
OutagesDep = Annotated[Outages, Depends(opened(Outages))]
SilencesDep = Annotated[Silences, Depends(opened(Silences))]
StandingsDep = Annotated[Standings, Depends(opened(Standings))]

AmendmentsDep = Annotated[Amendments, Depends(opened(Amendments))]
CallBacksDep = Annotated[CallBacks, Depends(opened(CallBacks))]
DraftsDep = Annotated[Drafts, Depends(opened(Drafts))]
OrientationsDep = Annotated[Orientations, Depends(opened(Orientations))]

MayAmendContact = Annotated[Caller, Depends(May("contact:amend"))]
MayDraftContact = Annotated[Caller, Depends(May("contact:draft"))]
MayReadCallBack = Annotated[Caller, Depends(May("call-back:read"))]
MayWorkCallBack = Annotated[Caller, Depends(May("call-back:work"))]

PlacesDep = Annotated[Places, Depends(opened(Places))]
TopicFitsDep = Annotated[TopicFits, Depends(opened(TopicFits))]
TopicModelsDep = Annotated[TopicModels, Depends(opened(TopicModels))]
TopicNotesDep = Annotated[TopicNotes, Depends(opened(TopicNotes))]

MayReadTopics = Annotated[Caller, Depends(May("topics:read"))]
MayFitTopics = Annotated[Caller, Depends(May("topics:fit"))]
MayLabelTopic = Annotated[Caller, Depends(May("topics:label"))]


MayReadFigures = Annotated[Caller, Depends(May("figures:read"))]
MayLoadPopulation = Annotated[Caller, Depends(May("population:load"))]


class Body(BaseModel):
    """A request body; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")
