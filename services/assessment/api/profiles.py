"""The one-page needs profile, for those who care for the person and, with the person's agreement, for a partner."""

import asyncio
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Header, Query, Response
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from services.assessment.api.doors import ContentDep, RelatedDep
from services.assessment.domain import Audience, Content, GivenBy, How, Profile, ProfileConsent
from services.assessment.domain.instrument import LanguageCode
from services.assessment.domain.purposes import SHARING
from services.assessment.formats.profile_html import html_of, policy
from services.assessment.formats.profile_page import ProfilePage
from services.assessment.formats.profile_pdf import pdf_of
from services.assessment.formats.profile_words import page_of
from services.assessment.store import ProfileConsentRow, ProfileConsents, ProfileSources
from shared.access import May
from shared.acting import Acting, Reach
from shared.agreements import Agreements
from shared.auth import Caller
from shared.clock import local_date
from shared.cursors import Page, PagingDep
from shared.errors import NotFound
from shared.problems import language_of
from shared.requests import ClockDep, IfMatch, Tag, opened
from shared.service import router as service_router

router = service_router("assessment", tags=["profiles"])

SourcesDep = Annotated[ProfileSources, Depends(opened(ProfileSources))]
ConsentsDep = Annotated[ProfileConsents, Depends(opened(ProfileConsents))]

MayReadProfile = Annotated[Caller, Depends(May("profile:read"))]
MayReadShared = Annotated[Caller, Depends(May("profile:read-shared"))]
MayConsent = Annotated[Caller, Depends(May("profile:consent"))]

POLICY = policy()


class Form(StrEnum):
    """How the page is written."""

    JSON = "json"
    HTML = "html"
    PDF = "pdf"


MEDIA = {"text/html": Form.HTML, "application/pdf": Form.PDF, "application/json": Form.JSON}
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The page, as asked for",
        "content": {"text/html": {"schema": {"type": "string"}}, "application/pdf": {}},
    }
}


class Wanted:
    """In which language and form the page is wanted: the query says, else the Accept headers, else French and JSON."""

    def __init__(self, language: LanguageCode, form: Form) -> None:
        self.language: LanguageCode = language
        self.form = form

    async def answer(self, page: ProfilePage) -> Response:
        """The page as a response; a PDF is drawn beside the loop, for it takes a tenth of a second."""
        headers = {"content-language": page.language, "vary": "accept, accept-language"}
        if self.form is Form.HTML:
            return HTMLResponse(html_of(page), headers={**headers, "content-security-policy": POLICY})
        if self.form is Form.PDF:
            named = {"content-disposition": 'inline; filename="profile.pdf"'}
            return Response(await asyncio.to_thread(pdf_of, page), 200, {**headers, **named}, "application/pdf")
        return JSONResponse(page.model_dump(mode="json"), headers=headers)


async def _wanted(
    lang: Annotated[LanguageCode | None, Query(description="Null: Accept-Language, else French")] = None,
    format: Annotated[Form | None, Query(description="Null: the first of Accept that we know, else JSON")] = None,
    accept: Annotated[str, Header()] = "",
    accept_language: Annotated[str, Header()] = "",
) -> Wanted:
    languages: dict[str, LanguageCode] = {"fr": "fr", "nl": "nl", "de": "de", "en": "en"}
    spoken = languages[language_of(accept_language)] if accept_language.strip(" *") else "fr"
    media = (part.split(";")[0].strip().lower() for part in accept.split(","))
    accepted = next((MEDIA[each] for each in media if each in MEDIA), Form.JSON)
    return Wanted(lang or spoken, format or accepted)


WantedDep = Annotated[Wanted, Depends(_wanted)]


class ConsentBody(BaseModel):
    """The person agrees that one organisation reads the shared profile."""

    model_config = ConfigDict(extra="forbid")

    audience: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,63}$", examples=["centre"])]
    given_by: GivenBy
    how: How
    until: date = Field(description="The last day on which it may be read")


class ConsentView(BaseModel):
    """An agreement to share the profile, in force or not."""

    id: UUID
    person_id: UUID
    audience: str
    given_by: GivenBy
    how: How
    until: date
    recorded_by: str
    recorded_at: datetime
    revoked_at: datetime | None = Field(description="Null while it was not taken back")

    @classmethod
    def of(cls, consent: ProfileConsentRow) -> "ConsentView":
        return cls.model_validate(consent, from_attributes=True)


async def _page(
    sources: ProfileSources, content: Content, about: tuple[UUID, str], audience: Audience, on: date, wanted: Wanted
) -> Response:
    factors = await sources.factors(*about)
    profile = Profile.of(content, await sources.sheets(*about), factors, audience, on)
    if profile is None:
        raise NotFound
    return await wanted.answer(page_of(profile, content, wanted.language))


@router.get("/persons/{person_id:uuid}/profile", response_model=ProfilePage, responses=ANSWERS)
async def read_profile(
    person_id: UUID,
    sources: SourcesDep,
    content: ContentDep,
    clock: ClockDep,
    wanted: WantedDep,
    related: RelatedDep,
    caller: MayReadProfile,
) -> Response:
    """One page for those who care for the person: needs, strengths, urgent help, changes, in plain words.

    `?format=json|html|pdf` or Accept; `?lang=fr|nl|de|en` or Accept-Language. Not a diagnosis.
    """
    await related.demand(person_id, caller)
    about = (person_id, caller.organisation)
    return await _page(sources, content, about, Audience.TEAM, local_date(clock), wanted)


@router.get("/persons/{person_id:uuid}/shared-profile", response_model=ProfilePage, responses=ANSWERS)
async def read_shared_profile(
    person_id: UUID,
    sources: SourcesDep,
    consents: ConsentsDep,
    content: ContentDep,
    clock: ClockDep,
    wanted: WantedDep,
    related: RelatedDep,
    caller: MayReadShared,
) -> Response:
    """The page for a partner or a hospital that the person agreed to: no sensitive card, no open answer. Else 404."""
    today = local_date(clock)
    await related.demand(person_id, caller)
    consent = await consents.in_force(person_id, caller.organisation, today)
    about = (person_id, consent.organisation)
    # The person agreed: the page is made of what the other organisation sees.
    async with consents.transaction.in_name_of(Acting(consent.organisation, Reach.ORGANISATION)):
        return await _page(sources, content, about, Audience.SHARED, today, wanted)


@router.post("/persons/{person_id:uuid}/profile-consents", status_code=201)
async def give_profile_consent(
    person_id: UUID,
    body: ConsentBody,
    consents: ConsentsDep,
    related: RelatedDep,
    clock: ClockDep,
    caller: MayConsent,
    response: Response,
    tag: Tag,
) -> ConsentView:
    """Note that the person agrees to share the profile with one organisation, up to a day.

    The consent to share with it at all is on record in intake: 409 without.
    """
    await related.demand(person_id, caller)
    agreed = (body.given_by, body.how, body.until)
    by = (caller.organisation, caller.subject)
    made = ProfileConsent.give(person_id, body.audience, agreed, by, clock.now())
    await Agreements(consents.transaction).refuse(person_id, SHARING, body.audience)
    consent = await consents.add(*made)
    response.headers["location"] = f"/assessment/profile-consents/{consent.id}"
    return ConsentView.of(tag(consent))


@router.get("/persons/{person_id:uuid}/profile-consents")
async def list_profile_consents(
    person_id: UUID, consents: ConsentsDep, paging: PagingDep, caller: MayConsent
) -> Page[ConsentView]:
    """With whom the profile may be shared, the latest agreement first, those taken back and those over included."""
    rows = await consents.page(person_id, caller, paging.limit, paging.after)
    return paging.page([ConsentView.of(row) for row in rows], [(row.recorded_at.isoformat(), row.id) for row in rows])


@router.get("/profile-consents/{consent_id:uuid}")
async def read_profile_consent(consent_id: UUID, consents: ConsentsDep, caller: MayConsent, tag: Tag) -> ConsentView:
    """One agreement to share the profile."""
    return ConsentView.of(tag(await consents.get(consent_id, caller)))


@router.post("/profile-consents/{consent_id:uuid}/revocation", status_code=201)
async def revoke_profile_consent(
    consent_id: UUID, consents: ConsentsDep, seen: IfMatch, clock: ClockDep, caller: MayConsent, tag: Tag
) -> ConsentView:
    """Take an agreement back; from now on its audience finds nothing."""
    consent = await consents.get(consent_id, caller, seen)
    await consents.record(consent, consent.revoke(caller.subject, clock.now()))
    return ConsentView.of(tag(consent))
