"""What assessment does on others' facts and on the clock: it scores what comes with a referral, and says so."""

from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.assessment.domain import (
    Admission,
    Content,
    FilledSheet,
    Origin,
    Publication,
    RefusedSheet,
    Rejection,
    Sheet,
    announced,
)
from services.assessment.settings import Settings
from services.assessment.store import Admissions, ReferralPersons, Registry, Sheets
from shared.events import Reading
from shared.handlers import Handlers
from shared.http import Http

handlers = Handlers()

PUBLISH_EVERY = 60.0


class ReferralReceived(Reading):
    """A referral came in, with sheets and factors or without."""

    type: ClassVar[str] = "referrals.referral-received.v1"
    referral_id: UUID
    factors: list[str]
    sheets: int


class ReferralCorrected(Reading):
    """The sender corrected a referral before anything was decided."""

    type: ClassVar[str] = "referrals.referral-corrected.v1"
    referral_id: UUID
    parts: list[str]


class PersonIdentified(Reading):
    """intake knows whom a referral is about."""

    type: ClassVar[str] = "intake.person-identified.v1"
    referral_id: UUID
    person_id: UUID


class SheetOfReferral(FilledSheet):
    """A sheet as the sender filled it, with the sender's name for it."""

    model_config = ConfigDict(extra="ignore")

    identifier: str


class ToAssess(BaseModel):
    """What a referral brings to assess."""

    sheets: list[SheetOfReferral]
    factors: list[str]


async def pull_sheets(event: ReferralReceived, http: Http) -> ToAssess | None:
    """The sheets and factors, from referrals; None when the referral has neither."""
    if not event.sheets and not event.factors:
        return None
    return await http.get("referrals", f"/referrals/{event.referral_id}/sheets", ToAssess)


async def pull_corrected(event: ReferralCorrected, http: Http) -> ToAssess | None:
    """The sheets and factors as corrected, from referrals; None when the correction touched neither."""
    if not {"sheets", "reason"} & set(event.parts):
        return None
    return await http.get("referrals", f"/referrals/{event.referral_id}/sheets", ToAssess)


@handlers.on(ReferralReceived, pull=pull_sheets)
async def assess_referral(
    event: ReferralReceived,
    persons: ReferralPersons,
    sheets: Sheets,
    admissions: Admissions,
    registry: Registry,
    settings: Settings,
    pulled: ToAssess | None,
) -> None:
    """Score each sheet, refuse those that cannot be read, and advise on the admission: once per referral."""
    if pulled is None:
        return
    person_id = await persons.of(event.referral_id)
    if await admissions.current(event.referral_id):
        return
    origin = Origin(organisation=settings.organisation, referral_id=event.referral_id, person_id=person_id)
    content = await registry.content()
    taken = await take(sheets, content, pulled, origin)
    await admissions.add(*Admission.advise(content, taken, pulled.factors, origin, sheets.transaction.clock.now()))


@handlers.on(ReferralCorrected, pull=pull_corrected)
async def assess_correction(
    event: ReferralCorrected,
    persons: ReferralPersons,
    sheets: Sheets,
    admissions: Admissions,
    registry: Registry,
    settings: Settings,
    pulled: ToAssess | None,
) -> None:
    """Take the corrected sheets in the place of the first ones, and advise anew."""
    if pulled is None:
        return
    person_id = await persons.of(event.referral_id)
    origin = Origin(organisation=settings.organisation, referral_id=event.referral_id, person_id=person_id)
    content = await registry.content()
    taken = await take(sheets, content, pulled, origin)
    advice = Admission.advise(content, taken, pulled.factors, origin, sheets.transaction.clock.now())
    before = await admissions.current(event.referral_id)
    if before is None:
        await admissions.add(*advice)
    else:
        await admissions.replace(before, *advice)


async def take(sheets: Sheets, content: Content, pulled: ToAssess, origin: Origin) -> list[Sheet]:
    """Score what came with a referral: what is there already is kept, what differs becomes its correction."""
    known = (
        {sheet.identifier: sheet for sheet in await sheets.of_referral(origin.referral_id)}
        if origin.referral_id
        else {}
    )
    taken: list[Sheet] = []
    now = sheets.transaction.clock.now()
    for number, sent in enumerate(pulled.sheets):
        named = origin.model_copy(update={"identifier": sent.identifier})
        try:
            sheet, fact = Sheet.fill(content, sent, named, now)
        except RefusedSheet as refused:
            faults = announced(content, sent.answers, refused.faults)
            if origin.referral_id:
                await sheets.reject(*Rejection.of(origin.referral_id, number, sent.identifier, faults, now))
            continue
        before = known.get(sent.identifier)
        if before is None:
            await sheets.add(sheet, fact)
        elif before.says_the_same(sheet):
            sheet = before
        else:
            await sheets.amend(before, sheet, fact, before.amend(sheet))
        taken.append(sheet)
    return taken


@handlers.on(PersonIdentified)
async def name_person(event: PersonIdentified, persons: ReferralPersons) -> None:
    """Link the person to the sheets and the advice of the referral, those there and those to come."""
    await persons.link(event.referral_id, event.person_id)


@handlers.every(PUBLISH_EVERY)
async def publish_instruments(registry: Registry) -> None:
    """Announce each instrument that was never announced."""
    for definition in (await registry.content()).definitions:
        await registry.announce(*Publication.of(definition, registry.transaction.clock.now()))
