"""Routes of the identity reviews."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.intake.api.doors import ApartDep, IdentificationsDep, MayReview, PersonsDep, ReviewsDep, router
from services.intake.api.persons import Card
from services.intake.domain import Candidate, Grade, Identity, Reason, refuse_half_choice, refuse_known
from services.intake.events import Certainty, Decision, PersonRegistered, PersonUpdated
from services.intake.store import ApartOrigin, PersonRow, Persons, ReviewRow
from shared.auth import Caller
from shared.cursors import Page, PagingDep
from shared.requests import ClockDep, IfMatch, Tag


class Choice(BaseModel):
    """The reviewer's decision: `same` as a person of the index, or `new`."""

    model_config = ConfigDict(extra="forbid")

    decision: Decision
    person_id: UUID | None = Field(default=None, description="Required with `same`, and only then")


class ReviewSummary(BaseModel):
    """A review in the queue: no personal data."""

    id: UUID
    referral_id: UUID
    decided: bool
    decision: Decision | None
    person_id: UUID | None = Field(description="Who it is, once decided")
    opened_at: datetime
    decided_at: datetime | None

    @classmethod
    def of(cls, review: ReviewRow) -> "ReviewSummary":
        return cls.model_validate(review, from_attributes=True)


class CandidateView(BaseModel):
    """Somebody it could be."""

    person: Card
    grade: Grade
    reasons: list[Reason]


class ReviewView(ReviewSummary):
    """A review with what is needed to decide it."""

    incoming: Identity | None = Field(description="Who is to be recognised; null once decided")
    candidates: list[CandidateView] = Field(description="The surest first")
    decided_by: str | None


async def candidates_of(candidates: Iterable[Candidate], persons: Persons, caller: Caller) -> list[CandidateView]:
    """The candidates with their cards; two that were merged since are one, and no longer two to choose from."""
    candidates = list(candidates)
    people = await persons.currents([each.person_id for each in candidates], caller)
    found: dict[UUID, CandidateView] = {}
    for each in candidates:
        if person := people.get(each.person_id):
            view = CandidateView(person=Card.of(person), grade=each.grade, reasons=list(each.reasons))
            found.setdefault(person.id, view)
    return list(found.values())


async def view_of(review: ReviewRow, persons: Persons, caller: Caller) -> ReviewView:
    """A review with the cards of its candidates."""
    candidates = await candidates_of(review.candidates, persons, caller)
    return ReviewView(
        **ReviewSummary.of(review).model_dump(),
        incoming=review.incoming,
        candidates=candidates,
        decided_by=review.decided_by,
    )


@router.get("/identity-reviews")
async def list_identity_reviews(reviews: ReviewsDep, paging: PagingDep, caller: MayReview) -> Page[ReviewSummary]:
    """The queue: open reviews first, the longest waiting at the top."""
    rows = await reviews.page(caller, paging.limit, paging.after)
    keys = [(row.decided, row.opened_at.isoformat(), row.id) for row in rows]
    return paging.page([ReviewSummary.of(row) for row in rows], keys)


@router.get("/identity-reviews/{review_id:uuid}")
async def read_identity_review(
    review_id: UUID, reviews: ReviewsDep, persons: PersonsDep, caller: MayReview, tag: Tag
) -> ReviewView:
    """One review: who came in, and who it could be."""
    return await view_of(tag(await reviews.get(review_id, caller)), persons, caller)


@router.post("/identity-reviews/{review_id:uuid}/decision", status_code=201)
async def decide_identity_review(
    review_id: UUID,
    body: Choice,
    reviews: ReviewsDep,
    persons: PersonsDep,
    identifications: IdentificationsDep,
    apart: ApartDep,
    seen: IfMatch,
    clock: ClockDep,
    caller: MayReview,
    tag: Tag,
) -> ReviewView:
    """Say who it is, once; somebody new is known to be none of the candidates.

    409 when decided already, or when somebody certainly the same was registered meanwhile.
    """
    review = await reviews.get(review_id, caller)
    seen.check(review)
    incoming = review.question()
    refuse_half_choice(body.decision, body.person_id)
    await persons.hold(incoming, review.programme)
    facts: list[PersonRegistered | PersonUpdated]
    others: list[UUID] = []
    if body.person_id:
        person = await persons.in_programme(body.person_id, review.programme)
        facts = [*person.complete(incoming)]
    else:
        others = await persons.current_ids(review.people())
        refuse_known(incoming, await persons.resembling(incoming, review.programme), others)
        person, registered = PersonRow.register(incoming, review.programme, clock.now())
        facts = [registered]
    if facts:
        await persons.keep(person, facts, caller.subject)
    if body.decision is Decision.NEW:
        await apart.say(person, others, ApartOrigin.REVIEW, caller.subject)
    await reviews.record(review, review.decide(body.decision, person.id, caller.subject, clock.now()))
    await identifications.settle(review.referral_id, person, Certainty.REVIEWED)
    return await view_of(tag(review), persons, caller)
