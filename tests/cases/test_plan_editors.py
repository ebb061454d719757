"""Two people write the plan at once: one of them reads again, and nothing that was accepted is lost."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from uuid import UUID

from services.cases.domain import (
    LifeDomain,
    PlanContent,
    Standing,
    Statement,
    agree,
    draft,
)
from services.cases.store import CaseRow, Cases, Plans, Tasks
from shared.errors import StaleVersion
from shared.requests import SeenVersion
from shared.store import Database
from tests.cases.record import agreement
from tests.cases.world import PLAN, TODAY, World, named

INTERLEAVINGS = 500
EDITS = 1


@dataclass
class Editor:
    """Somebody who writes goals into the plan of a case, one step of a request at a time, and reads again on a 412."""

    name: str
    database: Database
    case_id: UUID
    signs: bool
    refused: int = 0
    wrote: list[tuple[int, str]] = field(default_factory=list)

    async def works(self) -> AsyncIterator[None]:
        """Each pause is a place where the other one may go on: after reading, and before the commit."""
        for number in range(EDITS):
            goal = f"{self.name}{number}"
            while goal not in {text for _, text in self.wrote}:
                async with self.database.transaction() as transaction:
                    case = await Cases(transaction).get(self.case_id)
                    seen, before = SeenVersion(case.version), await Plans(transaction).find(case.id, case.plan_version)
                    goals = before.goals if before else ()
                yield
                try:
                    async with AsyncExitStack() as stack:
                        transaction = await stack.enter_async_context(self.database.transaction())
                        case = await Cases(transaction).get(self.case_id, seen=seen)
                        yield
                        written = (*goals, Statement(text=goal, domain=LifeDomain.FOOD))
                        place = await self.write(Cases(transaction), case, written)
                    self.wrote.append((place, goal))
                except StaleVersion:
                    self.refused += 1
                yield

    async def write(self, cases: Cases, case: CaseRow, goals: tuple[Statement, ...]) -> int:
        """Store the next version, agreed at once where this editor signs too; its number."""
        plans, tasks = Plans(cases.transaction), await Tasks(cases.transaction).of(case.id)
        clock = cases.transaction.clock
        standing = Standing(tasks, await plans.standing(case.id, case.agreed_version, case.plan_version))
        plan, fact = draft(case, PlanContent(goals=goals, person_words=self.name), standing, self.name, clock.now())
        facts = agree(case, plan, tasks, agreement(plan.number), clock.now().date())[1] if self.signs else []
        await cases.keep(case, self.name, fact, *facts)
        plans.add(plan)
        return plan.number


async def test_500_interleavings_of_two_editors_lose_no_update(world: World) -> None:
    database: Database = world.service.app.state.database
    case_ids = [UUID(await world.assigned()) for _ in range(10)]
    chance = random.Random(20261120)
    refused = 0

    for number in range(INTERLEAVINGS):
        case_id = case_ids[number % len(case_ids)]
        editors = [Editor(f"{who}{number}-", database, case_id, chance.random() < 0.3) for who in ("anne", "paul")]
        begun = await newest(database, case_id)
        await interleave([editor.works() for editor in editors], chance)
        await nothing_lost(database, case_id, begun, editors)
        refused += sum(editor.refused for editor in editors)

    assert refused > INTERLEAVINGS / 4, "the editors must have met"
    for number, count in await world.rows("SELECT max(number), count(*) FROM plan GROUP BY case_id"):
        assert number == count, "versions have no gap"


async def newest(database: Database, case_id: UUID) -> int:
    """The number of the newest version; a plan that has grown long begins anew."""
    async with database.transaction() as transaction:
        case = await Cases(transaction).get(case_id)
        plan = await Plans(transaction).find(case_id, case.plan_version)
        if plan is not None and len(plan.goals) > 6:
            editor = Editor("again", database, case_id, False)
            return await editor.write(Cases(transaction), case, plan.goals[:1])
        return case.plan_version


async def interleave(runs: list[AsyncIterator[None]], chance: random.Random) -> None:
    """Let the editors go on in turns drawn by lot until both are done."""
    while runs:
        run = chance.choice(runs)
        try:
            await anext(run)
        except StopAsyncIteration:
            runs.remove(run)


async def nothing_lost(database: Database, case_id: UUID, begun: int, editors: list[Editor]) -> None:
    """Every accepted write is one version, the versions have no gap, and the newest holds all that was written."""
    async with database.transaction() as transaction:
        case = await Cases(transaction).get(case_id)
        history = {plan.number: plan for plan in await Plans(transaction).page(case_id, 2 * EDITS, None)}
    accepted = {number: (editor.name, goal) for editor in editors for number, goal in editor.wrote}
    assert max(history) == case.plan_version
    assert sorted(accepted) == list(range(begun + 1, case.plan_version + 1))
    assert len(accepted) == EDITS * len(editors)
    for number, (name, goal) in accepted.items():
        assert (history[number].drafted_by, history[number].goals[-1].text) == (name, goal)
    texts = {goal.text for goal in history[case.plan_version].goals}
    assert {goal for _, goal in accepted.values()} <= texts
    earlier = {goal.id for goal in history[begun].goals} if begun else set()
    assert earlier <= {goal.id for goal in history[case.plan_version].goals}


async def test_of_two_drafts_sent_at_once_one_is_kept_and_the_other_answers_412(world: World) -> None:
    await world.knows("centre")
    case_id = await world.assigned()
    etag = await world.etag(case_id)

    answers = await asyncio.gather(
        *(world.step(case_id, "plan", {**PLAN, "person_words": f"Version {n}"}, etag=etag) for n in range(6))
    )

    assert sorted(answer.status_code for answer in answers) == [201, *[412] * 5]
    [kept] = [answer.json() for answer in answers if answer.status_code == 201]
    history = (await world.read(f"/cases/{case_id}/plans"))["items"]
    assert [(each["plan_version"], each["person_words"]) for each in history] == [(1, kept["person_words"])]


async def test_an_agreement_given_while_another_writes_a_new_version_is_not_lost_on_the_wrong_one(world: World) -> None:
    await world.knows("centre")
    case_id = await world.assigned()
    await world.done(case_id, "plan", PLAN)
    etag = await world.etag(case_id)
    await world.done(case_id, "plan", {**PLAN, "person_words": "Autre chose"})
    agreed = {"plan_version": 1, "agreed_by": "person", "how": "oral", "on": TODAY}

    stale = await world.step(case_id, "plan/agreement", agreed, etag=etag)
    old = await world.step(case_id, "plan/agreement", agreed)

    assert (stale.status_code, old.status_code, named(old)) == (412, 409, [])
    assert (await world.view(case_id))["plan"] is None
