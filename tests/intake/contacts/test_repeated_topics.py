"""The same question again: the third contact that does not solve it raises a signal."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from services.intake.domain.repeated_topic import unsolved
from services.intake.events import Outcome
from tests.intake.contacts.desk import CALL_BACK, UNMET
from tests.intake.people import CALL, registered

TOLD = "intake.topic-repeated.v1"


def test_only_an_answer_ends_the_count_of_a_topic() -> None:
    once = [(("need.food", "rights"), Outcome.NO_ONE_COULD_HELP)]
    assert unsolved(["need.food"], once) == {}
    assert unsolved(["need.food", "rights"], once * 2) == {"need.food": 3, "rights": 3}
    answered = [*once * 2, (("need.food",), Outcome.ANSWERED)]
    assert unsolved(["need.food", "rights"], answered) == {"rights": 3}
    assert unsolved(["need.transport"], once * 5) == {}


async def test_the_third_unsolved_contact_is_told_once_and_a_sensitive_topic_by_its_root(
    open_desk: Callable[..., Any],
) -> None:
    async with open_desk() as desk:
        person = await registered(desk.intake)
        for body in (UNMET, {**CALL_BACK, "topics": UNMET["topics"]}, UNMET):
            assert TOLD not in await desk.intake.types()
            await desk.record(body, person_id=person)
        facts = [data for kind, data in await desk.intake.announced() if kind == TOLD]
        assert [(fact["topic"], fact["count"]) for fact in facts] == [("need.food", 3), ("need", 3)]
        assert {UUID(fact["person_id"]) for fact in facts} == {UUID(person)}
        await desk.record({**CALL, "topics": UNMET["topics"]}, person_id=person)
        await desk.record(UNMET, person_id=person)
        assert (await desk.intake.types()).count(TOLD) == 2
