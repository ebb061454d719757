"""A sender corrects whom a referral is about, on a real database."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any
from uuid import UUID

from shared.inbox import Outcome
from shared.testing.harness import UnderTest
from tests.intake.people import ODETTE, receive, registered, told

Run = Callable[..., AbstractAsyncContextManager[UnderTest]]


async def corrected(
    intake: UnderTest, referral: UUID, person: dict[str, Any], parts: tuple[str, ...] = ("person",)
) -> None:
    """Let the correction of a referral arrive."""
    intake.neighbours.answers[f"/referrals/{referral}/demographics"] = {"person": person, "sender": "chu"}
    data = {"referral_id": referral, "parts": list(parts)}
    assert await intake.deliver("referrals.referral-corrected.v1", referral, data) is Outcome.HANDLED


async def test_a_correction_of_the_stay_asks_for_nobody(run_service: Run) -> None:
    async with run_service("intake") as intake:
        referral, _ = await receive(intake, ODETTE)
        await corrected(intake, referral, ODETTE, ("stay",))
        assert len(intake.neighbours.asked) == 1
        assert await told(intake, "identity-review-needed") == []


async def test_the_same_person_is_completed(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        referral, _ = await receive(intake, ODETTE)
        [new] = await told(intake, "person-registered")
        await corrected(intake, referral, {**ODETTE, "phones": ["042222222"]})
        known = (await nurse.get(f"/intake/persons/{new['person_id']}")).json()
        assert known["phones"] == ["+3242222222"]
        assert await told(intake, "identity-review-needed") == []


async def test_another_name_is_for_a_person_to_decide_and_the_answer_is_told_again(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        referral, _ = await receive(intake, ODETTE)
        marie = await registered(intake, {**ODETTE, "given_names": "Marie"})
        await corrected(intake, referral, {**ODETTE, "given_names": "Marie"})
        [needed] = await told(intake, "identity-review-needed")
        path = f"/intake/identity-reviews/{needed['review_id']}"
        choice = {"decision": "same", "person_id": marie}
        decided = await nurse.post(f"{path}/decision", json=choice, headers={"if-match": '"1"'})
        assert decided.status_code == 201, decided.text
        found = await told(intake, "person-identified")
        assert [each["certainty"] for each in found] == ["registered", "reviewed"]
        assert found[-1]["person_id"] == marie
        await corrected(intake, referral, ODETTE)
        reopened = (await nurse.get(path)).json()
        assert (reopened["decided"], reopened["person_id"], reopened["incoming"]["given_names"]) == (
            False,
            None,
            "Odette",
        )


async def test_an_open_review_shows_what_was_corrected(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        await registered(intake)
        referral, _ = await receive(intake, {**ODETTE, "family_name": "Lamberd"})
        await corrected(intake, referral, {**ODETTE, "family_name": "Lambaert"})
        needed = await told(intake, "identity-review-needed")
        assert len({each["review_id"] for each in needed}) == 1
        seen = (await nurse.get(f"/intake/identity-reviews/{needed[0]['review_id']}")).json()
        assert seen["incoming"]["family_name"] == "Lambaert"
