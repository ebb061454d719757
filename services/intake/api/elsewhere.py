"""Routes of "already followed elsewhere": yes, maybe or no, and a question for a joint case once the person agrees."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import Depends
from pydantic import BaseModel, Field

from services.intake.api.doors import Body, PersonsDep, SettingsDep, router
from services.intake.domain.elsewhere import (
    Answer,
    ElsewhereConsent,
    KeyId,
    Mark,
    MarkKind,
    NotFollowedElsewhere,
    SharedKeys,
    answer_of,
)
from services.intake.domain.identity import OrganisationCode
from services.intake.events import QuestionState
from services.intake.store import Elsewhere, QuestionRow, Questions
from shared.access import May, Scope
from shared.acting import SERVICE
from shared.auth import Caller
from shared.clock import local_date
from shared.cursors import Page, PagingDep
from shared.errors import NotFound
from shared.relationships.links import Relationships
from shared.requests import ClockDep, IfMatch, Tag, opened

MOST_MARKS = 200_000

ElsewhereDep = Annotated[Elsewhere, Depends(opened(Elsewhere))]
QuestionsDep = Annotated[Questions, Depends(opened(Questions))]

MayCheck = Annotated[Caller, Depends(May("elsewhere:check"))]
MayConsent = Annotated[Caller, Depends(May("elsewhere:consent"))]
MayTell = Annotated[Caller, Depends(May("elsewhere:tell"))]
MayFetch = Annotated[Caller, Depends(May("elsewhere:fetch"))]
MayAsk = Annotated[Caller, Depends(May("joint-case:ask"))]
MayReadQuestion = Annotated[Caller, Depends(May("joint-case:read"))]
MayAnswer = Annotated[Caller, Depends(May("joint-case:answer"))]


class TheirMarks(Body):
    """Everybody whom a programme follows, by one shared key: marks and nothing else."""

    key_id: KeyId
    niss: Annotated[list[Mark], Field(max_length=MOST_MARKS)] = Field(default=[], description="Marks of NISS")
    name: Annotated[list[Mark], Field(max_length=MOST_MARKS)] = Field(default=[], description="Marks of name and birth")


class MarksKept(BaseModel):
    """How many marks are kept of the programme now, by this key."""

    marks: int


class OurMarks(BaseModel):
    """Somebody of ours who agreed that others learn of it, by the newest shared key."""

    key_id: str
    niss: str | None
    name: str | None


class ElsewhereAnswer(BaseModel):
    """Whether another programme follows a person; never which one, or anything that it knows."""

    answer: Answer


class NewQuestion(Body):
    """A question for a joint case; the person must have agreed to it."""

    person_id: UUID
    consent: ElsewhereConsent


class JointAnswer(StrEnum):
    """What the other programme says."""

    ACCEPTED = "accepted"
    DECLINED = "declined"


class QuestionAnswer(Body):
    """What the other programme says."""

    answer: JointAnswer


class QuestionView(BaseModel):
    """A question for a joint case. Whoever is asked gets its own mark of the person, whoever asks the person's id."""

    id: UUID
    person_id: UUID | None
    programme: str
    asked_programme: str
    key_id: str | None
    mark: str | None
    state: QuestionState
    asked_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, row: QuestionRow, caller: Caller) -> "QuestionView":
        view = cls.model_validate(row, from_attributes=True)
        hidden = ("person_id",) if caller.organisation == row.asked_programme else ("key_id", "mark")
        return view.model_copy(update=dict.fromkeys(hidden))


@router.put("/elsewhere/{programme}/marks")
async def put_marks(
    programme: OrganisationCode, body: TheirMarks, elsewhere: ElsewhereDep, settings: SettingsDep, caller: MayTell
) -> MarksKept:
    """Put a programme's marks by one key in the place of its earlier ones. A partner may for itself alone."""
    if programme == settings.organisation or (caller.scope != Scope.ALL and caller.organisation != programme):
        raise NotFound
    marks = {MarkKind.NISS: body.niss, MarkKind.NAME: body.name}
    return MarksKept(marks=await elsewhere.replace(programme, body.key_id, marks))


@router.get("/elsewhere/marks")
async def list_our_marks(
    elsewhere: ElsewhereDep, paging: PagingDep, settings: SettingsDep, caller: MayFetch
) -> Page[OurMarks]:
    """The marks of our people who agreed to it, for a partner programme."""
    keys = SharedKeys.read(settings.elsewhere_keys)
    after = UUID(paging.after[0]) if paging.after else None
    # Whoever agreed is told to a partner by marks alone.
    async with elsewhere.transaction.in_name_of(SERVICE):
        people = await elsewhere.consenting(settings.organisation, paging.limit + 1, after)
    items = []
    for person in people:
        marks = keys.marks(person, keys.newest)
        items.append(OurMarks(key_id=keys.newest, niss=marks.get(MarkKind.NISS), name=marks.get(MarkKind.NAME)))
    return paging.page(items, [(person.id,) for person in people])


@router.put("/persons/{person_id:uuid}/elsewhere-consent", status_code=204)
async def put_elsewhere_consent(
    person_id: UUID,
    body: ElsewhereConsent,
    elsewhere: ElsewhereDep,
    persons: PersonsDep,
    clock: ClockDep,
    caller: MayConsent,
) -> None:
    """Keep what a person said last to it that other programmes may learn that we follow her or him."""
    body.refuse_future(local_date(clock))
    await elsewhere.consent(await persons.changeable(person_id, caller), body)


@router.post("/persons/{person_id:uuid}/elsewhere-check")
async def check_elsewhere(
    person_id: UUID, elsewhere: ElsewhereDep, persons: PersonsDep, settings: SettingsDep, caller: MayCheck
) -> ElsewhereAnswer:
    """Whether another programme follows the person: yes, maybe, no. Each asking is on record; 429 when too many."""
    person = await persons.changeable(person_id, caller)
    keys = SharedKeys.read(settings.elsewhere_keys)
    await elsewhere.note_check(person, caller, settings.elsewhere_checks_per_hour)
    return ElsewhereAnswer(answer=answer_of(row.kind for row in await elsewhere.found(person, keys)))


@router.post("/joint-case-questions", status_code=201)
async def ask_for_joint_case(
    body: NewQuestion,
    elsewhere: ElsewhereDep,
    questions: QuestionsDep,
    persons: PersonsDep,
    settings: SettingsDep,
    clock: ClockDep,
    caller: MayAsk,
) -> Page[QuestionView]:
    """Ask each programme that follows the person for a joint case: only with consent, and each once while open."""
    body.consent.refuse_missing(local_date(clock))
    person = await persons.in_programme(body.person_id, caller.organisation)
    await Relationships(persons.transaction).demand(person.id, caller)
    keys = SharedKeys.read(settings.elsewhere_keys)
    await elsewhere.note_check(person, caller, settings.elsewhere_checks_per_hour)
    found = {row.programme: row for row in reversed(await elsewhere.found(person, keys))}
    if not found:
        raise NotFollowedElsewhere
    asked = []
    for row in found.values():
        question = QuestionRow.ask(person, row, body.consent, caller.subject, clock.now())
        asked.append(QuestionView.of(await questions.ask(question), caller))
    return Page(items=asked, next=None)


@router.get("/joint-case-questions")
async def list_joint_case_questions(
    questions: QuestionsDep, paging: PagingDep, caller: MayReadQuestion
) -> Page[QuestionView]:
    """The questions that your programme asks or is asked, the latest first."""
    rows = await questions.page(caller, paging.limit, paging.after)
    return paging.page(
        [QuestionView.of(row, caller) for row in rows], [(row.asked_at.isoformat(), row.id) for row in rows]
    )


@router.get("/joint-case-questions/{question_id:uuid}")
async def read_joint_case_question(
    question_id: UUID, questions: QuestionsDep, caller: MayReadQuestion, tag: Tag
) -> QuestionView:
    """One question."""
    return QuestionView.of(tag(await questions.get(question_id, caller)), caller)


@router.post("/joint-case-questions/{question_id:uuid}/answer", status_code=201)
async def answer_joint_case_question(
    question_id: UUID,
    body: QuestionAnswer,
    questions: QuestionsDep,
    seen: IfMatch,
    clock: ClockDep,
    caller: MayAnswer,
    tag: Tag,
) -> QuestionView:
    """Accept or decline, as the programme that is asked."""
    question = await questions.get(question_id, caller, seen)
    if question.asked_programme != caller.organisation:
        raise NotFound
    await questions.record(question, question.end(QuestionState(body.answer), clock.now()))
    return QuestionView.of(tag(question), caller)


@router.post("/joint-case-questions/{question_id:uuid}/withdrawal", status_code=201)
async def withdraw_joint_case_question(
    question_id: UUID, questions: QuestionsDep, seen: IfMatch, clock: ClockDep, caller: MayAsk, tag: Tag
) -> QuestionView:
    """Take a question back while it is open."""
    question = await questions.get(question_id, caller, seen)
    await questions.record(question, question.end(QuestionState.WITHDRAWN, clock.now()))
    return QuestionView.of(tag(question), caller)
