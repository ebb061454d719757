"""A role is not enough: a link that holds today, for a reason that serves the role, and no exclusion."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import literal, select

from shared.access import published
from shared.ids import new_id
from shared.permissions.reasons import RelationReason
from shared.relationships.asked import reasons_of
from shared.relationships.links import Holder, Relationships
from shared.tables import relationship
from shared.testing.harness import UnderTest
from tests.security.relationships.linked import DAY, NOW, RELAIS, caller, exclude, link, sees, tell

Run = Callable[..., AbstractAsyncContextManager[UnderTest]]


@pytest.fixture
async def running(run_service: Run) -> AsyncIterator[UnderTest]:
    """A service, for the kernel's tables in its database."""
    async with run_service("cases") as cases:
        yield cases


async def test_a_role_without_a_link_sees_nothing_and_with_one_sees_it(running: UnderTest) -> None:
    subject, other = new_id(), new_id()
    assert not await sees(running, subject, caller())
    await tell(running, link(subject))
    assert await sees(running, subject, caller())
    assert not await sees(running, other, caller())


@pytest.mark.parametrize(
    ("since", "until", "is_seen"),
    [
        (-DAY, None, True),
        (-DAY, DAY, True),
        (timedelta(0), None, True),
        (DAY, None, False),
        (-2 * DAY, -DAY, False),
        (-DAY, timedelta(0), False),
    ],
    ids=["open", "until-tomorrow", "from-now", "tomorrow", "ended-yesterday", "ends-now"],
)
async def test_a_link_holds_from_its_first_moment_to_before_its_last(
    running: UnderTest, since: timedelta, until: timedelta | None, is_seen: bool
) -> None:
    subject = new_id()
    await tell(running, link(subject, since=NOW + since, until=None if until is None else NOW + until))
    assert await sees(running, subject, caller()) is is_seen


async def test_a_link_is_its_holders_alone(running: UnderTest) -> None:
    subject = new_id()
    await tell(running, link(subject, holder=Holder("relais", "case-manager-nurse@relais")))
    assert await sees(running, subject, caller())
    assert not await sees(running, subject, caller("case-manager-social-worker")), "a colleague of the same team"
    assert not await sees(running, subject, caller(organisation="centre"))


async def test_each_reason_serves_its_roles_and_no_others(running: UnderTest) -> None:
    matrix = published()
    assert set(matrix.relationships) == set(RelationReason)
    bound = {role for roles in matrix.relationships.values() for role in roles}
    for reason in set(RelationReason) - {RelationReason.BREAK_GLASS, RelationReason.OWN_RECORDS}:
        subject = new_id()
        await tell(running, link(subject, reason))
        for role in bound - set(matrix.relationships[RelationReason.OWN_RECORDS]):
            assert await sees(running, subject, caller(role)) is (role in matrix.relationships[reason]), (reason, role)


async def test_what_needs_no_link_is_not_asked_for_one(running: UnderTest) -> None:
    subject = new_id()
    for role in ("service-referrals", "operator", "auditor", "analyst"):
        assert reasons_of(frozenset({role})) is None
        assert await sees(running, subject, caller(role))
    for role in ("hospital", "partner"):
        assert await sees(running, subject, caller(role, "centre")), "what one sent or was sent is its own reason"
    assert await sees(running, subject, None), "our own handlers are no caller"
    assert not await sees(running, subject, caller(granted=frozenset())), "no role at all"


async def test_an_exclusion_goes_before_every_link(running: UnderTest) -> None:
    subject = new_id()
    await tell(running, *(link(subject, reason) for reason in RelationReason))
    await exclude(running, subject, Holder("relais", "case-manager-nurse@relais"))
    assert not await sees(running, subject, caller())
    assert await sees(running, subject, caller("case-manager-social-worker")), "nobody else is meant"
    await exclude(running, subject, Holder("centre"))
    assert not await sees(running, subject, caller("partner", "centre")), "not what was sent there either"
    assert await sees(running, subject, caller("service-referrals", "centre"))


async def test_an_exclusion_that_is_over_closes_nothing(running: UnderTest) -> None:
    subject = new_id()
    await tell(running, link(subject))
    await exclude(running, subject, Holder("relais", "case-manager-nurse@relais"), until=NOW - timedelta(seconds=1))
    assert await sees(running, subject, caller())


async def test_emergency_access_counts_only_under_its_name_and_only_a_vital_one_goes_before_an_exclusion(
    running: UnderTest,
) -> None:
    subject, urgent, vital = new_id(), new_id(), new_id()
    mine = Holder("relais", "case-manager-nurse@relais")
    hour = {"since": NOW, "until": NOW + timedelta(hours=1)}
    await tell(
        running,
        link(subject, RelationReason.BREAK_GLASS, mine, source=urgent, **hour),
        link(subject, RelationReason.BREAK_GLASS, mine, source=vital, vital=True, **hour),
    )
    assert not await sees(running, subject, caller()), "the request does not say so"
    assert await sees(running, subject, caller(break_glass=urgent))
    assert not await sees(running, subject, caller("case-manager-social-worker", break_glass=urgent))
    assert not await sees(running, subject, caller(break_glass=urgent), NOW + timedelta(hours=1)), "its hour is over"
    await exclude(running, subject, mine)
    assert not await sees(running, subject, caller(break_glass=urgent))
    assert await sees(running, subject, caller(break_glass=vital))
    assert not await sees(running, subject, caller(break_glass=vital), NOW + timedelta(hours=2))


async def test_whom_a_source_is_about_may_turn_out_later(running: UnderTest) -> None:
    source, person = new_id(), new_id()
    await tell(running, link(source, source=source), link(source, RelationReason.MEETING, source=new_id()))
    async with running.app.state.database.transaction() as transaction:
        await Relationships(transaction).about(source, person)
    assert await sees(running, person, caller())
    assert await sees(running, person, caller("meeting-member")), "what it stood in for moves too"
    assert not await sees(running, source, caller())


Fact = tuple[str, int]
FACTS = st.lists(st.tuples(st.sampled_from(["begin", "end"]), st.integers(0, 6)), min_size=1, max_size=4, unique=True)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(facts=FACTS)
async def test_facts_may_come_in_any_order_and_twice(running: UnderTest, facts: list[Fact]) -> None:
    ends = set()
    for order in permutations(facts):
        subject, source = new_id(), new_id()
        for kind, day in (*order, order[0]):
            at = NOW - 10 * DAY + day * DAY
            async with running.app.state.database.transaction() as transaction:
                links = Relationships(transaction)
                if kind == "begin":
                    await links.begin(link(subject, source=source, since=at), at=at)
                else:
                    await links.end_of(RELAIS, RelationReason.ASSIGNMENT, source, at)
        ends.add(await sees(running, subject, caller()))
    latest = max(facts, key=lambda fact: (fact[1], fact[0] == "end"))
    assert ends == {latest[0] == "begin"}


async def test_the_fence_hides_the_links_of_others_and_still_lets_a_step_write_them(running: UnderTest) -> None:
    from shared.acting import Acting

    subject = new_id()
    ours = Acting("relais", "organisation", "somebody")
    async with running.app.state.database.transaction(ours) as transaction:
        await Relationships(transaction).begin(link(subject), link(subject, holder=Holder("centre")), at=NOW)
        query = select(relationship.c.organisation).where(relationship.c.subject_id == literal(subject))
        seen = (await (await transaction.session.connection()).execute(query)).scalars().all()
    assert seen == ["relais"]
    assert await sees(running, subject, caller(organisation="centre"))
