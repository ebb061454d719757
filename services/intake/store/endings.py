"""Restrictions, legal holds, erasures and the policy they follow; ids only, and they outlive the person's records."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select

from services.intake.domain.ending import (
    Answered,
    Erasure,
    ErasureState,
    HeldByLaw,
    LegalHold,
    Restriction,
    RestrictionReason,
)
from services.intake.domain.retention import (
    Held,
    decisions,
    due,
    kept_until,
    refuse_unlawful,
)
from services.intake.events import Decided, Ground, PersonDataErased, RecordType, Then
from services.intake.store.ending_rows import ErasureRow, HoldRow, Policies, RestrictionRow
from services.intake.store.erasing import PLAN
from services.intake.store.persons import PersonRow, Persons
from services.intake.store.subjects import SUBJECTS
from services.intake.store.table import visible
from shared.access import Scope
from shared.acting import SERVICE
from shared.auth import Caller
from shared.clock import BRUSSELS, local_date
from shared.erasure.ended import Ended
from shared.erasure.ending import Ending
from shared.errors import NotFound
from shared.store import Collection

# mypy: disable-error-code="call-overload"
# SQLModel's Field is not typed for what it takes here.

ENDING = Ending(SUBJECTS, PLAN, PersonDataErased)
"""How intake ends its own part."""
AT_ONCE = 200
BY_POLICY = "retention-policy"
"""Who asks for an end whose time has come."""

HELD = text(
    """
SELECT person.id, person.programme,
    greatest(person.registered_at, contacts.last_at, cases.last_at, referred.last_at) AS last_at,
    contacts.last_at IS NOT NULL AS has_contacts, coalesce(cases.care, false) AS has_care,
    coalesce(cases.open, false) AS is_open, referred.last_at IS NOT NULL AS has_referrals
FROM person
LEFT JOIN LATERAL (
    SELECT max(started_at) AS last_at FROM contact
    WHERE contact.person_id IN (SELECT r.id FROM person r WHERE person.id IN (r.id, r.merged_into))
) AS contacts ON true
LEFT JOIN LATERAL (
    SELECT max(coalesce(closed_at, opened_at)) AS last_at, bool_or(NOT declined) AS care,
        bool_or(closed_at IS NULL) AS open FROM known_case
    WHERE known_case.person_id IN (SELECT r.id FROM person r WHERE person.id IN (r.id, r.merged_into))
) AS cases ON true
LEFT JOIN LATERAL (
    SELECT max(identified_at) AS last_at FROM identification
    WHERE identification.person_id IN (SELECT r.id FROM person r WHERE person.id IN (r.id, r.merged_into))
) AS referred ON true
WHERE person.merged_into IS NULL AND (person.id = :person_id OR :person_id IS NULL)
    AND NOT EXISTS (SELECT FROM ended_subject WHERE ended_subject.id = person.id AND state <> 'restricted')
ORDER BY last_at, person.id
"""
)
"""What is kept of each person: the last contact, and what there is besides the identity."""


class Endings(Collection):
    """What is restricted, held, asked to be erased, and erased; as far as the caller may see it."""

    async def held(self, person_id: UUID | None = None) -> list[tuple[UUID, Held]]:
        """What is kept of one person, or of each whose data have not ended, the longest silent first."""
        await self.session.flush()
        found = (await self.session.exec(HELD, params={"person_id": person_id})).all()
        return [(row.id, self._held(row)) for row in found]

    def _held(self, row: Any) -> Held:
        kinds = {
            RecordType.IDENTITY: True,
            RecordType.CARE_RECORD: row.has_care,
            RecordType.CONTACT_WITHOUT_CARE: row.has_contacts and not row.has_care,
            RecordType.REFERRAL_NOT_ACCEPTED: row.has_referrals and not row.has_care,
        }
        today = local_date(self.transaction.clock)
        last = today if row.is_open else row.last_at.astimezone(BRUSSELS).date()
        return Held(row.programme, frozenset(kind for kind, there in kinds.items() if there), last)

    async def held_of(self, person: PersonRow) -> Held:
        """What is kept of a person; NotFound for one whose data have ended."""
        found = await self.held(person.current_id)
        if not found:
            raise NotFound
        return found[0][1]

    async def one_at_a_time(self, person: PersonRow) -> list[UUID]:
        """Let nobody else decide on the end of a person's data meanwhile; the ids that stand for the person."""
        await self.serialise(f"ending:{person.current_id}")
        return await Persons(self.transaction).records(person.current_id)

    async def restrict(self, person: PersonRow, reason: RestrictionReason, by: str) -> RestrictionRow:
        """Restrict a person's data from now on; the restriction in force where there is one."""
        ids = await self.one_at_a_time(person)
        query = select(RestrictionRow).where(
            col(RestrictionRow.person_id).in_(ids), col(RestrictionRow.lifted_at).is_(None)
        )
        if row := (await self.session.exec(query)).first():
            return row
        now = self.transaction.clock.now()
        said = Restriction(
            programme=person.programme, person_id=person.current_id, reason=reason, restricted_by=by, restricted_at=now
        )
        row = RestrictionRow(**dict(said))
        await self.record(row, row.tell(ids))
        async with self.transaction.in_name_of(SERVICE):
            # What hangs on the person is marked, seen by the caller or not.
            await ENDING.restrict(row.id, ids, self.transaction)
        return row

    async def lift(self, row: RestrictionRow, by: str) -> None:
        """Let all be as before; raises EndingOver."""
        await self.record(row, row.lift(by, self.transaction.clock.now()))
        await Ended(self.transaction).lift(row.id)

    async def restrictions(self, ids: Sequence[UUID], caller: Caller) -> list[RestrictionRow]:
        """The restrictions of a person, the latest first."""
        query = select(RestrictionRow).where(col(RestrictionRow.person_id).in_(ids), *_within(RestrictionRow, caller))
        return list((await self.session.exec(query.order_by(col(RestrictionRow.restricted_at).desc()))).all())

    async def hold(self, person: PersonRow, reason: str, review_on: date, by: str) -> HoldRow:
        """Keep a person's data as they are; raises ImpossibleReview."""
        await self.one_at_a_time(person)
        now = self.transaction.clock.now()
        said = LegalHold(
            programme=person.programme,
            person_id=person.current_id,
            reason=reason,
            placed_by=by,
            placed_at=now,
            review_on=review_on,
        )
        row = HoldRow(**dict(said))
        await self.record(row, row.place(local_date(self.transaction.clock)))
        return row

    async def end_hold(self, hold_id: UUID, caller: Caller) -> HoldRow:
        """End a hold; NotFound where there is none that this caller may see, EndingOver where it is over."""
        row = await self.session.get(HoldRow, hold_id, with_for_update=True)
        if row is None or not visible(row, caller):
            raise NotFound
        await self.record(row, row.end(caller.subject, self.transaction.clock.now()))
        return row

    async def holds(self, ids: Sequence[UUID], *, in_force: bool = False) -> list[HoldRow]:
        """The holds on a person's records, the latest first."""
        query = select(HoldRow).where(col(HoldRow.person_id).in_(ids)).order_by(col(HoldRow.placed_at).desc())
        if in_force:
            query = query.where(col(HoldRow.ended_at).is_(None))
        return list((await self.session.exec(query)).all())

    async def refuse_held(self, ids: Sequence[UUID]) -> None:
        """Raise HeldByLaw while a hold is on one of these records."""
        if holds := await self.holds(ids, in_force=True):
            raise HeldByLaw(facts={"hold_id": str(holds[0].id), "review_on": holds[0].review_on.isoformat()})

    async def get(self, erasure_id: UUID, caller: Caller | None = None) -> ErasureRow:
        """One erasure; NotFound where there is none that this caller may see."""
        row = await self.session.get(ErasureRow, erasure_id, with_for_update=True)
        if row is None or (caller and not visible(row, caller)):
            raise NotFound
        return row

    async def ask(self, person: PersonRow, ground: Ground, then: Then, by: str) -> ErasureRow:
        """Ask for an end that another must confirm; the request that waits already where there is one.

        Raises HeldByLaw, LawBinds.
        """
        await self._refuse(person, then)
        query = select(ErasureRow).where(
            ErasureRow.person_id == person.current_id, ErasureRow.state == ErasureState.ASKED
        )
        if row := (await self.session.exec(query)).first():
            return row
        row = self._new(person, ground, then, by)
        await self.record(row, row.ask())
        return row

    async def confirm(self, row: ErasureRow, by: str) -> None:
        """Carry out what another asked for; raises EndingOver, SamePerson, HeldByLaw, LawBinds."""
        row.refuse_settled()
        person = await self.session.get_one(PersonRow, row.person_id)
        person = await self.session.get_one(PersonRow, person.current_id)
        ids, held = await self._refuse(person, row.then)
        fact = row.confirm(ids, await self._decided(held, row.then), by, self.transaction.clock.now())
        await self._carry_out(row, fact)

    async def refuse(self, row: ErasureRow, by: str) -> None:
        """Do not carry it out; raises EndingOver."""
        await self.record(row, row.refuse(by, self.transaction.clock.now()))

    async def carry_out_due(self, person: PersonRow, by: str) -> ErasureRow | None:
        """End a person's data because their time is over; None where it is not, or where a hold keeps them."""
        ids = await self.one_at_a_time(person)
        if await self.holds(ids, in_force=True):
            return None
        held = await self.held_of(person)
        then = due(held, await Policies(self.transaction).current(), local_date(self.transaction.clock))
        if then is Then.RESTRICT:
            await self.restrict(person, RestrictionReason.RETENTION, by)
        if then not in (Then.ERASE, Then.PSEUDONYMISE):
            return None
        row = self._new(person, Ground.RETENTION, then, BY_POLICY)
        decided = await self._decided(held, then)
        await self._carry_out(row, row.carry_out(ids, decided, by, self.transaction.clock.now()))
        return row

    async def due(self, limit: int = AT_ONCE) -> list[tuple[UUID, Held, date, Then, bool]]:
        """Whose time is over today: what is kept, since when it need not be, what is to happen, whether it is held."""
        policy, today = await Policies(self.transaction).current(), local_date(self.transaction.clock)
        found = []
        for person_id, held in await self.held():
            then = due(held, policy, today)
            if then and then is not Then.KEEP:
                found.append((person_id, held, kept_until(held, policy), then))
        found = found[:limit]
        ids = [person_id for person_id, *_ in found]
        stopped = {hold.person_id for hold in await self.holds(ids, in_force=True)}
        return [(*each, each[0] in stopped) for each in found]

    async def carry_out_all_due(self) -> bool:
        """End all whose time is over and whom no hold keeps, some at once; whether more may wait."""
        waiting = [person_id for person_id, *_, held in await self.due() if not held]
        ended = 0
        for person_id in waiting:
            person = await self.session.get(PersonRow, person_id)
            ended += person is not None and await self.carry_out_due(person, BY_POLICY) is not None
        return ended == AT_ONCE

    async def note(self, erasure_id: UUID, service: str, told: Answered) -> None:
        """Note a service's answer, and end here too what it has ended under its own ids."""
        row = await self.get(erasure_id)
        if facts := row.answer(service, told, self.transaction.clock.now()):
            await ENDING.end(row.id, told.ended, told.state, self.transaction)
            await self.record(row, *facts)

    async def _refuse(self, person: PersonRow, then: Then) -> tuple[list[UUID], Held]:
        ids = await self.one_at_a_time(person)
        await self.refuse_held(ids)
        held = await self.held_of(person)
        policy, today = await Policies(self.transaction).current(), local_date(self.transaction.clock)
        refuse_unlawful(held, policy, then, today)
        return ids, held

    async def _decided(self, held: Held, then: Then) -> Sequence[Decided]:
        policy = await Policies(self.transaction).current()
        return decisions(held, policy, then, local_date(self.transaction.clock))

    def _new(self, person: PersonRow, ground: Ground, then: Then, by: str) -> ErasureRow:
        now = self.transaction.clock.now()
        said = Erasure(
            programme=person.programme, person_id=person.current_id, ground=ground, then=then, asked_by=by, asked_at=now
        )
        return ErasureRow(**dict(said))

    async def _carry_out(self, row: ErasureRow, fact: Any) -> None:
        async with self.transaction.in_name_of(SERVICE):
            # The person's records end whole, seen by the caller or not.
            told = await ENDING.end(row.id, row.subjects, row.end_state, self.transaction)
        await self.record(row, fact, told, *row.answer("intake", told, self.transaction.clock.now()))


def _within(kind: Any, caller: Caller) -> list[Any]:
    return [] if caller.scope == Scope.ALL else [col(kind.programme) == caller.organisation]
