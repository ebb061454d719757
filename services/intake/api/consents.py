"""Routes of consent: asking for it, taking it back, and what stands today."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response
from pydantic import BaseModel, Field

from services.intake.api.doors import PersonsDep, router
from services.intake.domain.consent import (
    Consent,
    ConsentGiven,
    ConsentWithdrawal,
    SaidDecision,
    TextLanguage,
    states,
    texts,
)
from services.intake.domain.elsewhere import ConsentBy, ConsentKind
from services.intake.domain.relation import RelationCode
from services.intake.events import ConsentChannel, ConsentDecision, Purpose
from services.intake.store import Consents
from shared.access import May
from shared.agreements import About, PurposeRule, allows, rules
from shared.auth import Caller
from shared.requests import ClockDep, opened

ConsentsDep = Annotated[Consents, Depends(opened(Consents))]

MayRecordConsent = Annotated[Caller, Depends(May("consent:record"))]
MayReadConsent = Annotated[Caller, Depends(May("consent:read"))]


class ConsentView(BaseModel):
    """A consent on record."""

    id: UUID
    purpose: Purpose
    recipient: str | None
    channel: ConsentChannel | None
    decision: SaidDecision
    how: ConsentKind
    witness_note: str | None
    document: str | None
    text_version: str | None = Field(description="Null where a referral brought it")
    language: str | None
    given_by: ConsentBy
    relation: RelationCode | None
    at: datetime
    recorded_by: str
    recorded_at: datetime
    source_id: UUID | None = Field(description="The referral that brought it; its evidence stays there")
    withdrawn_at: datetime | None
    withdrawn_how: ConsentKind | None
    withdrawal_note: str | None
    withdrawal_by: str | None

    @classmethod
    def of(cls, consent: Consent) -> "ConsentView":
        return cls.model_validate(consent, from_attributes=True)


class ConsentState(BaseModel):
    """What stands today on one purpose, with the recipient or the channel where it has one."""

    purpose: Purpose
    recipient: str | None
    channel: ConsentChannel | None
    state: ConsentDecision | None = Field(description="Null where nothing was said")
    since: datetime | None
    allowed: bool = Field(description="Whether it may be done today, by the rule of the purpose")
    history: list[ConsentView] = Field(description="All that was said on it, the latest first")


class PersonConsents(BaseModel):
    """What a person agreed to, purpose by purpose."""

    person_id: UUID
    items: list[ConsentState]


class ConsentText(BaseModel):
    """A text to read aloud before somebody is asked."""

    version: str
    purpose: Purpose
    language: TextLanguage
    text: str


class ConsentTexts(BaseModel):
    """The texts, the newest version first, and what each purpose needs."""

    version: str = Field(description="The version to read today")
    items: list[ConsentText]
    rules: dict[str, PurposeRule]


@router.get("/consent-texts")
async def read_consent_texts(caller: MayReadConsent, language: TextLanguage | None = None) -> ConsentTexts:
    """The texts of consent, to be read aloud: each version stays as it was read."""
    items = [
        ConsentText(version=version, purpose=purpose, language=spoken, text=words)
        for version, purposes in reversed(list(texts().items()))
        for purpose, languages in purposes.items()
        for spoken, words in languages.items()
        if language in (None, spoken)
    ]
    return ConsentTexts(version=list(texts())[-1], items=items, rules=dict(rules().purposes))


@router.post("/persons/{person_id:uuid}/consents", status_code=201)
async def record_consent(
    person_id: UUID,
    body: ConsentGiven,
    consents: ConsentsDep,
    persons: PersonsDep,
    clock: ClockDep,
    caller: MayRecordConsent,
    response: Response,
) -> ConsentView:
    """Put on record what a person said about a purpose: yes or no, how, to which text, who heard it."""
    person = await persons.changeable(person_id, caller)
    made = Consent.give((person.id, person.programme), body, caller.subject, clock.now())
    row = await consents.keep(*made)
    response.headers["location"] = f"/intake/persons/{person_id}/consents"
    return ConsentView.of(row)


@router.post("/consents/{consent_id:uuid}/withdrawal", status_code=201)
async def withdraw_consent(
    consent_id: UUID, body: ConsentWithdrawal, consents: ConsentsDep, clock: ClockDep, caller: MayRecordConsent
) -> ConsentView:
    """Take a consent back: from now on all services refuse what hung on it."""
    row = await consents.to_withdraw(consent_id, caller)
    return ConsentView.of(await consents.keep(row, row.withdraw(body, caller.subject, clock.now())))


@router.get("/persons/{person_id:uuid}/consents")
async def list_consents(
    person_id: UUID, consents: ConsentsDep, persons: PersonsDep, caller: MayReadConsent
) -> PersonConsents:
    """What stands today on each purpose, with all that was said on it; of a merged record that of its person."""
    person = await persons.current(person_id, caller)
    rows = await consents.of(person)
    found = states(rows)
    always: list[tuple[Purpose, str]] = [(each, "") for each in Purpose if rules().purposes[each].about is None]
    always += [(Purpose.CHANNEL, channel) for channel in ConsentChannel]
    items = []
    for purpose, about in sorted({*always, *found}):
        word, kind = found.get((purpose, about)), rules().purposes[purpose].about
        items.append(
            ConsentState(
                purpose=purpose,
                recipient=about if kind is About.RECIPIENT else None,
                channel=ConsentChannel(about) if kind is About.CHANNEL else None,
                state=ConsentDecision(word.decision) if word else None,
                since=word.since if word else None,
                allowed=allows(purpose, word),
                history=[
                    ConsentView.of(row)
                    for row in rows
                    if (row.purpose, row.recipient or row.channel or "") == (purpose, about)
                ],
            )
        )
    return PersonConsents(person_id=person.id, items=items)
