"""Who is ended: the ids of subjects and of all that is about them alone. They outlive the rows that they named."""

import hashlib
import json
from collections.abc import Collection as Some
from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from shared.errors import DomainError
from shared.store import Collection
from shared.tables import ended_subject

UNSEEN = "SELECT id FROM ended_subject WHERE id = ANY($1) AND state = 'erased'"
"""Which of these ids are of the erased: asked before a fact takes effect."""
EARLIER = "previous_"
"""How a field of a fact begins that names whom it was about before."""


class SubjectErased(DomainError):
    """What this names was erased; it is not taken in again."""


class EndState(StrEnum):
    """How far the end of a subject's data has come.

    Restricted: kept, and neither seen nor used. Pseudonymised: what was done remains under an id that leads to
    nobody. Erased: gone.
    """

    RESTRICTED = "restricted"
    PSEUDONYMISED = "pseudonymised"
    ERASED = "erased"


def key_of(*parts: str) -> UUID:
    """The id under which a key of another system is remembered as ended: it leads back to nothing."""
    return UUID(hashlib.md5("\x1f".join(parts).encode(), usedforsecurity=False).hexdigest())


class Ended(Collection):
    """The ended ids of one service."""

    async def mark(self, ids: Iterable[UUID], cause: UUID, state: EndState) -> None:
        """From now on these are ended by this cause; an ended one is restricted no more. Repeats do nothing."""
        found = sorted(set(ids))
        if state is EndState.RESTRICTED:
            found = sorted(set(found) - await self.among(found, EndState.ERASED))
        else:
            over = (ended_subject.c.id.in_(found), ended_subject.c.state == EndState.RESTRICTED)
            await self._run(delete(ended_subject).where(*over))
        if found:
            rows = [{"id": each, "cause": cause, "state": state, "since": func.now()} for each in found]
            new = insert(ended_subject).values(rows)
            await self._run(new.on_conflict_do_nothing())

    async def lift(self, cause: UUID) -> None:
        """A restriction is over: what no other cause holds is as it was."""
        mine = (ended_subject.c.cause == cause, ended_subject.c.state == EndState.RESTRICTED)
        await self._run(delete(ended_subject).where(*mine))

    async def among(self, ids: Iterable[UUID], state: EndState) -> set[UUID]:
        """Those of these ids that are in a state."""
        wanted = (ended_subject.c.id.in_(list(ids)), ended_subject.c.state == state)
        return set((await self._run(select(ended_subject.c.id).where(*wanted))).scalars())

    async def refuse_erased(self, *ids: UUID) -> None:
        """Raise SubjectErased where one of these is erased."""
        if await self.among(ids, EndState.ERASED):
            raise SubjectErased

    async def causes(self, state: EndState, within: timedelta | None = None) -> dict[UUID, set[UUID]]:
        """The ids in a state by their cause; those of that long ago at most."""
        query = select(ended_subject.c.cause, ended_subject.c.id).where(ended_subject.c.state == state)
        if within:
            query = query.where(ended_subject.c.since >= func.now() - within)
        found: dict[UUID, set[UUID]] = {}
        for row in await self._run(query):
            found.setdefault(row.cause, set()).add(row.id)
        return found

    async def _run(self, statement: Any) -> Any:
        return await (await self.session.connection()).execute(statement)


def restricted_ids() -> Select[Any]:
    """The ids of who is restricted, for work that picks its rows itself: nothing is done for them meanwhile."""
    return select(ended_subject.c.id).where(ended_subject.c.state == EndState.RESTRICTED)


def is_restricted(*columns: Any) -> ColumnElement[bool]:
    """Whether a row names somebody restricted in one of these columns."""
    named = (column == ended_subject.c.id for column in columns)
    first, *others = named
    for other in others:
        first = first | other
    found = select(ended_subject.c.id).where(ended_subject.c.state == EndState.RESTRICTED, first)
    return found.exists()


def without(data: bytes, aggregate_id: UUID, erased: Some[UUID]) -> bytes | None:
    """A fact without the erased: None where it is about one of them, else without their items in its lists.

    A fact is about its aggregate and about what its own fields name, but not whom it was about before (`previous_`).
    """
    if aggregate_id in erased:
        return None
    gone = {str(each) for each in erased}
    fact = json.loads(data)
    if not isinstance(fact, dict):
        return data
    left: dict[str, Any] = {}
    for name, value in fact.items():
        if isinstance(value, str) and value in gone:
            if not name.startswith(EARLIER):
                return None
            value = None
        if isinstance(value, list):
            value = [each for each in value if not _names(each, gone)]
        left[name] = value
    return json.dumps(left).encode()


def _names(item: Any, gone: Some[str]) -> bool:
    if isinstance(item, dict):
        return any(isinstance(value, str) and value in gone for value in item.values())
    return isinstance(item, str) and item in gone
