"""Searching the person index: by marks that few people bear, so that a frequent name costs what a rare one costs."""

from uuid import UUID

from sqlalchemy import ColumnElement, any_, func, or_
from sqlalchemy.orm import load_only
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from services.intake.domain import Grade, Resemblance, Terms
from services.intake.store.persons import PersonRow, bears_all, bears_any, has_niss
from shared.access import Scope
from shared.auth import Caller
from shared.encryption import sought
from shared.store import Collection

LOOKED_AT = 200
"""How many people are graded at most: those who share most marks with the terms."""

OF_A_WORD = 60
"""How many people are taken up at most for one word of a name alone."""

ORDER = list(Grade)
COMPARED_BY = ("family_name", "given_names", "birth_date", "niss", "phones", "address", "merged_into")
COMPARED = load_only(*(getattr(PersonRow, name) for name in COMPARED_BY))
"""What is read of somebody to be graded: no more of people whom nobody gets to see."""

Found = dict[UUID, Resemblance]


class PersonSearch(Collection):
    """The searches of the index."""

    async def search(self, terms: Terms, caller: Caller, limit: int) -> list[tuple[PersonRow, Resemblance]]:
        """The people that fit the terms best, with grade and reasons; by what a merged record says too."""
        found: Found = {}
        if terms.niss:
            await self._grade(terms, within(caller).where(has_niss([terms.niss])), found)
        if could_be := likeliest(terms):
            await self._grade(terms, by_likeness(within(caller).where(or_(*could_be)), terms), found)
        for word in terms.words() if len(found) < limit else ():
            await self._grade(terms, within(caller).where(bears_all([word])).limit(OF_A_WORD), found)
        best = sorted(found.items(), key=lambda each: (*surest(each[1]), each[0]))
        shown = dict(best[:limit])
        query = select(PersonRow).where(col(PersonRow.id).in_(shown))
        people = {person.id: person for person in (await self.session.exec(query)).all()}
        return [(people[person_id], fit) for person_id, fit in shown.items() if person_id in people]

    async def _grade(self, terms: Terms, query: SelectOfScalar[PersonRow], found: Found) -> None:
        for person in (await self.session.exec(query.options(COMPARED))).all():
            fit = terms.fit(person)
            if fit:
                found[person.current_id] = min(found.get(person.current_id, fit), fit, key=surest)


def surest(fit: Resemblance) -> tuple[int, int]:
    """The order of what is found."""
    return ORDER.index(fit.grade), -len(fit.reasons)


def within(caller: Caller) -> SelectOfScalar[PersonRow]:
    """The people whom the caller may find."""
    query = select(PersonRow)
    return query if caller.scope == Scope.ALL else query.where(PersonRow.programme == caller.organisation)


def likeliest(terms: Terms) -> list[ColumnElement[bool]]:
    """Having two of the name's words, the birth date or the telephone: what few people fulfil."""
    could_be = [bears_all(pair) for pair in terms.pairs()]
    return [*could_be, bears_any(terms.marks())] if terms.marks() else could_be


def by_likeness(query: SelectOfScalar[PersonRow], terms: Terms) -> SelectOfScalar[PersonRow]:
    """Those first who share most marks with the terms, as many as are graded."""
    wanted = sorted({*terms.marks(), *terms.words(), *(mark for pair in terms.pairs() for mark in pair)})
    mark = func.unnest(col(PersonRow.marks)).column_valued("mark")
    common = select(func.count(mark)).where(mark == any_(sought(col(PersonRow.marks), wanted))).scalar_subquery()
    return query.order_by(common.desc(), col(PersonRow.id)).limit(LOOKED_AT)
