"""Questions whether an organisation has room: about no person."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response
from pydantic import BaseModel, Field

from services.referrals.api.doors import Body
from services.referrals.api.outgoing.doors import OutgoingsDep, QuestionsDep, router
from services.referrals.domain.capacity import CapacityQuestion, RoomAnswer
from services.referrals.domain.care_service import Channel
from services.referrals.domain.document import Code, Day
from services.referrals.domain.exchange import FULFILLER, Hand, Hearsay, OutgoingFaults, Recorded
from services.referrals.domain.outgoing_from import Needs
from services.referrals.store import CapacityQuestionRow, Notices
from shared.access import May, Scope
from shared.auth import Caller
from shared.clock import local_date
from shared.cursors import Page, PagingDep
from shared.errors import Fault
from shared.requests import ClockDep, IfMatch, Tag, opened

MayAskCapacity = Annotated[Caller, Depends(May("capacity:ask"))]
MayReadCapacity = Annotated[Caller, Depends(May("capacity:read"))]
MayAnswerCapacity = Annotated[Caller, Depends(May("capacity:answer"))]
NoticesDep = Annotated[Notices, Depends(opened(Notices))]


class NewQuestion(Body):
    """Whom to ask, and for which needs; there is no place for a person here."""

    organisation: Code
    service_id: UUID | None = None
    needs: Needs = []
    commune: Annotated[str, Field(pattern=r"^[0-9]{5}$", description="NIS code")] | None = None
    answer_by: Day | None = None


class RoomReport(RoomAnswer):
    """How much room there is; staff also says how they heard it."""

    heard: Hearsay | None = None


class QuestionView(BaseModel):
    """A question and its answer."""

    id: UUID
    organisation: str
    service_id: UUID | None
    needs: list[str]
    commune: str | None
    asked_at: datetime
    answer_by: date | None
    answer: RoomAnswer | None
    answered_at: datetime | None
    recorded: Recorded | None = Field(description="Who of our staff heard the answer, when and how; null for its own")

    @classmethod
    def of(cls, question: CapacityQuestionRow) -> "QuestionView":
        return cls.model_validate(dict(question))


@router.post("/capacity-questions", status_code=201)
async def ask_capacity(
    body: NewQuestion,
    questions: QuestionsDep,
    outgoings: OutgoingsDep,
    notices: NoticesDep,
    clock: ClockDep,
    caller: MayAskCapacity,
    tag: Tag,
    response: Response,
) -> QuestionView:
    """Ask an organisation whether it has room."""
    if body.answer_by and body.answer_by < local_date(clock):
        raise OutgoingFaults(faults=[Fault("/answer_by", "in-past")])
    to = await outgoings.addressee(body.organisation, body.service_id)
    asked = CapacityQuestion(asked_at=clock.now(), asked_by=caller.subject, **dict(body))
    question = CapacityQuestionRow(**dict(asked))
    await questions.record(question, question.asked())
    if to.channel is Channel.EMAIL_NOTICE:
        await notices.owe(body.organisation)
    response.headers["location"] = f"/referrals/capacity-questions/{question.id}"
    return QuestionView.of(tag(question))


@router.get("/capacity-questions")
async def list_capacity_questions(
    questions: QuestionsDep, paging: PagingDep, caller: MayReadCapacity, unanswered: bool = False
) -> Page[QuestionView]:
    """The questions, newest first: an organisation sees those put to it."""
    rows = await questions.page(caller, unanswered, paging.limit, paging.after)
    return paging.page([QuestionView.of(row) for row in rows], [(row.asked_at.isoformat(), row.id) for row in rows])


@router.get("/capacity-questions/{question_id:uuid}")
async def read_capacity_question(
    question_id: UUID, questions: QuestionsDep, caller: MayReadCapacity, tag: Tag
) -> QuestionView:
    """One question."""
    return QuestionView.of(tag(await questions.get(question_id, caller)))


@router.post("/capacity-questions/{question_id:uuid}/answer", status_code=201)
async def answer_capacity(
    question_id: UUID,
    body: RoomReport,
    questions: QuestionsDep,
    seen: IfMatch,
    clock: ClockDep,
    caller: MayAnswerCapacity,
    tag: Tag,
) -> QuestionView:
    """Say how much room there is; the directory's service says so from now on. Staff says how they heard it."""
    question = await questions.get(question_id, caller, seen)
    hand = FULFILLER
    if caller.scope == Scope.ALL:
        if body.heard is None:
            raise OutgoingFaults(faults=[Fault("/heard", "required")])
        hand = Hand.heard(body.heard, caller.subject, local_date(clock))
    answer = RoomAnswer(capacity=body.capacity, places=body.places)
    await questions.record(question, question.take(answer, hand, clock.now()))
    await questions.tell_directory(question)
    return QuestionView.of(tag(question))
