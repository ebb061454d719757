"""Finding referrals by what the other side knows of them, in an order that pages can continue."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, or_, tuple_, type_coerce
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import col, select

from services.referrals.domain import State
from services.referrals.store.received import ReceivedRow
from services.referrals.store.referrals import ReferralRow
from services.referrals.store.related import INCOMING, open_to, with_case
from shared.access import Scope
from shared.auth import Caller
from shared.encryption import borne
from shared.store import Collection


@dataclass(frozen=True)
class Narrowing:
    """What a referral must be to be looked at; None asks nothing, an empty collection fits nothing."""

    ids: frozenset[UUID] | None = None
    identifiers: frozenset[str] | None = None
    person_numbers: frozenset[str] | None = None
    states: frozenset[State] | None = None
    senders: frozenset[str] | None = None
    spans: tuple[tuple[datetime | None, datetime | None], ...] = ()
    with_questions: bool = False
    """Referrals with a question to the sender fit whatever their state: the question has a state of its own."""


@dataclass(frozen=True)
class Place:
    """Behind which referral a page continues; `included` looks at that referral again."""

    at: datetime
    id: UUID
    included: bool = False


class ReferralSearch(Collection):
    """The referrals that a caller may see, narrowed."""

    async def page(
        self, caller: Caller, narrowing: Narrowing, after: Place | None, limit: int, newest_first: bool = False
    ) -> list[ReferralRow]:
        """At most `limit` referrals by (updated_at, id): one that changes meanwhile moves to the end, comes again."""
        order = (col(ReferralRow.updated_at), col(ReferralRow.id))
        query = with_case(INCOMING, select(ReferralRow)).where(*conditions(caller, narrowing))
        query = query.where(open_to(INCOMING, caller, self.transaction))
        if after:
            query = query.where(behind(after, newest_first))
        ordered = [column.desc() for column in order] if newest_first else list(order)
        return list((await self.session.exec(query.order_by(*ordered).limit(limit))).all())

    async def received(self, referral_ids: Sequence[UUID]) -> dict[UUID, dict[str, dict[str, Any]]]:
        """What senders sent by FHIR with these referrals, by `Type/id`."""
        query = select(ReceivedRow).where(col(ReceivedRow.referral_id).in_(referral_ids))
        rows = (await self.session.exec(query)).all() if referral_ids else []
        return {
            row.referral_id: {f"{each['resourceType']}/{each['id']}": each for each in row.resources} for row in rows
        }

    async def lock(self, referral_id: UUID) -> None:
        """Let nobody else change this referral until the transaction ends; nothing where there is none."""
        await self.session.exec(select(ReferralRow.id).where(ReferralRow.id == referral_id).with_for_update())


def conditions(caller: Caller, narrowing: Narrowing) -> Sequence[ColumnElement[bool]]:
    """The WHERE of a search: the caller's own referrals, then what was asked."""
    found: list[ColumnElement[bool]] = []
    if caller.scope != Scope.ALL:
        found.append(col(ReferralRow.sender) == caller.organisation)
    for column, values in (
        (col(ReferralRow.id), narrowing.ids),
        (col(ReferralRow.identifier_value), narrowing.identifiers),
        (col(ReferralRow.sender), narrowing.senders),
    ):
        if values is not None:
            found.append(column.in_(sorted(values)) if values else false())
    if narrowing.states is not None:
        found.append(in_states(narrowing))
    if narrowing.person_numbers is not None:
        found.append(with_number(narrowing.person_numbers))
    for since, until in narrowing.spans:
        found += [col(ReferralRow.updated_at) >= since] if since else []
        found += [col(ReferralRow.updated_at) < until] if until else []
    return found


def in_states(narrowing: Narrowing) -> ColumnElement[bool]:
    """In one of the states, or with a question."""
    fitting: ColumnElement[bool] = col(ReferralRow.state).in_(sorted(narrowing.states or ()))
    if narrowing.with_questions:
        asked = type_coerce(col(ReferralRow.messages), JSONB).contains([{"kind": "question"}])
        return or_(fitting, asked)
    return fitting


def with_number(numbers: frozenset[str]) -> ColumnElement[bool]:
    """About a person with one of these numbers: the national one, or the hospital's own."""
    return borne(col(ReferralRow.person_numbers), sorted(numbers))


def behind(place: Place, newest_first: bool) -> ColumnElement[bool]:
    """After a place in the order."""
    key = tuple_(col(ReferralRow.updated_at), col(ReferralRow.id))
    there = (place.at, place.id)
    beyond = key < there if newest_first else key > there
    if not place.included:
        return beyond
    return or_(beyond, and_(col(ReferralRow.updated_at) == place.at, col(ReferralRow.id) == place.id))
