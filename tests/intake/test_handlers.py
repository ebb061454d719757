"""What intake does when a referral is received, on a real database."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from uuid import uuid4

import pytest

from shared.inbox import Outcome
from shared.testing.harness import UnderTest
from tests.intake.people import ODETTE, RECEIVED, niss_of, receive, registered, told

Run = Callable[..., AbstractAsyncContextManager[UnderTest]]

NISS, OTHER_NISS = niss_of(1950, 2, 3, 12), niss_of(1950, 2, 3, 14)


async def people(intake: UnderTest) -> int:
    """How many people the index holds."""
    async with intake.app.state.database.raw() as connection:
        return int(await connection.fetchval("SELECT count(*) FROM person"))


async def test_somebody_unknown_is_registered_and_identified(run_service: Run) -> None:
    async with run_service("intake") as intake:
        referral, outcome = await receive(intake, ODETTE)
        assert outcome is Outcome.HANDLED
        assert await intake.types() == ["intake.person-registered.v1", "intake.person-identified.v1"]
        [new], [found] = await told(intake, "person-registered"), await told(intake, "person-identified")
        assert found == {"referral_id": str(referral), "person_id": new["person_id"], "certainty": "registered"}
        assert intake.neighbours.asked == [f"/referrals/{referral}/demographics"]
        async with intake.client("line-nurse") as nurse:
            known = (await nurse.get(f"/intake/persons/{new['person_id']}")).json()
        assert (known["family_name"], known["birth_date"]) == ("Lambert", "1950-02-03")


async def test_the_identification_is_the_aggregate_of_its_referral(run_service: Run) -> None:
    async with run_service("intake") as intake:
        referral, _ = await receive(intake, ODETTE)
        async with intake.app.state.database.raw() as connection:
            row = await connection.fetchrow(
                "SELECT aggregate_id, aggregate_version FROM outbox WHERE type = 'intake.person-identified.v1'"
            )
        assert (row["aggregate_id"], row["aggregate_version"]) == (referral, 1)


async def test_a_known_person_is_found_and_completed_but_never_overwritten(run_service: Run) -> None:
    async with run_service("intake") as intake:
        known = await registered(intake, phones=["04 222 22 22"], email="old@example.org")
        pushed = {
            **ODETTE,
            "family_name": "LAMBERT",
            "niss": NISS,
            "hospital_number": "A1",
            "phones": ["+32 470 12 34 56", "042222222"],
            "email": "new@example.org",
            "address": {"city": "Liège", "postal_code": "4000"},
        }
        referral, _ = await receive(intake, pushed)
        [found] = await told(intake, "person-identified")
        assert found == {"referral_id": str(referral), "person_id": known, "certainty": "certain"}
        assert await told(intake, "person-updated") == [{"person_id": known, "language": None}]
        async with intake.client("line-nurse") as nurse:
            person = (await nurse.get(f"/intake/persons/{known}")).json()
        assert person["family_name"] == "Lambert"
        assert person["email"] == "old@example.org"
        assert person["phones"] == ["+3242222222", "+32470123456"]
        assert person["niss"] == NISS
        assert person["hospital_numbers"] == [{"organisation": "chu", "number": "A1"}]
        assert person["address"]["city"] == "Liège"


async def test_what_completes_a_person_is_what_the_next_referral_finds_it_by(run_service: Run) -> None:
    async with run_service("intake") as intake:
        known = await registered(intake)
        await receive(intake, {**ODETTE, "hospital_number": "A1"})
        await receive(intake, {"family_name": "Lambert", "given_names": "O.", "hospital_number": "a1"})
        assert {found["person_id"] for found in await told(intake, "person-identified")} == {known}
        assert await people(intake) == 1


async def test_a_second_referral_that_brings_nothing_new_changes_nothing(run_service: Run) -> None:
    async with run_service("intake") as intake:
        await receive(intake, ODETTE)
        await receive(intake, ODETTE)
        assert await told(intake, "person-updated") == []
        assert [found["certainty"] for found in await told(intake, "person-identified")] == ["registered", "certain"]


@pytest.mark.parametrize(
    "pushed",
    [
        {**ODETTE, "family_name": "Lamberd"},
        {"family_name": "Lambert", "given_names": "Odette"},
        {"family_name": "Dupont", "given_names": "Luc", "hospital_number": "A1"},
        {**ODETTE, "hospital_number": "A1", "niss": OTHER_NISS},
        {**ODETTE, "birth_date": "1951-02-03", "hospital_number": "A1"},
    ],
    ids=[
        "similar-name",
        "no-birth-date",
        "number-of-another-name",
        "number-of-another-niss",
        "number-of-another-birth",
    ],
)
async def test_whoever_is_not_sure_goes_to_the_review_queue(run_service: Run, pushed: dict[str, str]) -> None:
    async with run_service("intake") as intake:
        await registered(intake, niss=NISS, hospital_numbers=[{"organisation": "chu", "number": "A1"}])
        referral, _ = await receive(intake, pushed)
        [needed] = await told(intake, "identity-review-needed")
        assert (needed["referral_id"], needed["candidates"]) == (str(referral), 1)
        assert await told(intake, "person-identified") == []
        assert await people(intake) == 1


async def test_another_niss_is_another_person(run_service: Run) -> None:
    async with run_service("intake") as intake:
        await registered(intake, niss=NISS)
        await receive(intake, {**ODETTE, "niss": OTHER_NISS})
        assert [found["certainty"] for found in await told(intake, "person-identified")] == ["registered"]
        assert await people(intake) == 2


async def test_the_same_number_of_another_hospital_says_nothing(run_service: Run) -> None:
    async with run_service("intake") as intake:
        await registered(intake, hospital_numbers=[{"organisation": "chu", "number": "A1"}])
        await receive(
            intake, {"family_name": "Dupont", "given_names": "Luc", "hospital_number": "A1"}, sender="hospital-other"
        )
        assert [found["certainty"] for found in await told(intake, "person-identified")] == ["registered"]


async def test_the_same_event_twice_takes_effect_once(run_service: Run) -> None:
    async with run_service("intake") as intake:
        referral, _ = await receive(intake, ODETTE)
        again = await intake.deliver(RECEIVED, referral, {"referral_id": referral}, version=1)
        assert again is Outcome.DUPLICATE
        assert len(await intake.types()) == 2


async def test_a_failed_pull_is_a_retry_and_not_a_loss(run_service: Run) -> None:
    async with run_service("intake") as intake:
        referral = uuid4()
        assert await intake.deliver(RECEIVED, referral, {"referral_id": referral}) is Outcome.WAITING
        assert await intake.types() == []
        intake.neighbours.answers[f"/referrals/{referral}/demographics"] = {"person": ODETTE, "sender": "chu"}
        async with intake.app.state.database.raw() as connection:
            await connection.execute("UPDATE dead_letter SET next_attempt_at = now()")
        assert await intake.inbox.retry_due() == 1
        assert await told(intake, "person-identified") != []


@pytest.mark.parametrize("shared", ["name and birth date", "NISS", "hospital number"])
async def test_ten_referrals_of_one_unknown_person_at_once_register_one_person(run_service: Run, shared: str) -> None:
    pushed = {
        "name and birth date": [ODETTE] * 10,
        "NISS": [{"family_name": f"Lambert{n}", "given_names": "Odette", "niss": NISS} for n in range(10)],
        "hospital number": [
            {"family_name": "Lambert", "given_names": given, "hospital_number": "A1"} for given in ["Odette", "O."] * 5
        ],
    }[shared]
    async with run_service("intake") as intake:
        outcomes = await asyncio.gather(*(receive(intake, person) for person in pushed))
        assert {outcome for _, outcome in outcomes} == {Outcome.HANDLED}
        assert await people(intake) == 1
        found = await told(intake, "person-identified")
        assert {each["referral_id"] for each in found} == {str(referral) for referral, _ in outcomes}
        assert len({each["person_id"] for each in found}) == 1
        assert sorted(each["certainty"] for each in found) == ["certain"] * 9 + ["registered"]


async def test_a_referral_and_a_nurse_at_once_register_one_person(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        arrivals = [receive(intake, ODETTE) for _ in range(4)]
        posts = [nurse.post("/intake/persons", json=ODETTE) for _ in range(4)]
        await asyncio.gather(*arrivals, *posts)
        assert await people(intake) == 1


async def test_referrals_fill_the_index_of_the_programme_that_the_setting_names(
    run_service: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RELAIS_ORGANISATION", "elsewhere")
    async with run_service("intake") as intake:
        await registered(intake)
        await receive(intake, ODETTE)
        [_, new] = await told(intake, "person-registered")
        async with intake.client("line-nurse") as nurse:
            assert (await nurse.get(f"/intake/persons/{new['person_id']}")).status_code == 404
        async with intake.client("line-nurse", org_id="elsewhere") as nurse:
            assert (await nurse.get(f"/intake/persons/{new['person_id']}")).status_code == 200
