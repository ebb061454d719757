"""What assessment makes of the others' facts, on a real database."""

import asyncio
import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from shared import dead_letter
from shared.ids import new_id
from shared.inbox import Outcome
from shared.testing.harness import UnderTest
from tests.assessment.deliveries import (
    ASSESSED,
    COMPLETED,
    PUBLISHED,
    REJECTED,
    as_compact,
    deliver_referral,
    filled,
    identify,
    read,
    receive,
    told,
)
from tests.assessment.sheets import CORE, EXAMPLES, SCORED, compact

Run = Callable[..., AbstractAsyncContextManager[UnderTest]]

SENSITIVE = ("addiction", "sexuality", "law_justice", "mental_health")
NUMBERS = ("state", "sum", "max", "sum_lower", "sum_upper", "answered_n", "expected_n", "flagged_n", "mean_flagged")
EXPECTED_URGENT = {
    name: [card for card in example["expected"]["cross"]["urgent_needs"] if card not in SENSITIVE]
    for name, example in SCORED.items()
}


# Sheets


@pytest.mark.parametrize("form", [list, as_compact], ids=["long", "compact"])
async def test_worked_examples_that_come_by_event_score_to_the_digit(
    run_service: Run, form: Callable[[Any], Any]
) -> None:
    async with run_service("assessment") as service:
        for name, example in SCORED.items():
            await receive(service, [filled(form(example["answers"]), identifier=name)])

        facts = await told(service, COMPLETED)
        assert len(facts) == len(SCORED)
        for (name, example), fact in zip(SCORED.items(), facts, strict=True):
            sheet = await read(service, f"/assessment/sheets/{fact['sheet_id']}")
            expected = example["expected"]
            assert (sheet["identifier"], sheet["answers"]) == (name, example["answers"])
            assert sheet["result"]["cross"] == expected["cross"]
            for scale in ("difficulty", "need"):
                assert sheet["result"][scale]["total"] == expected[scale]["total"]
                if example["parameters"]["sexuality_group"] == "health":
                    assert sheet["result"][scale]["groups"] == expected[scale]["groups"]
            assert fact["urgent_cards"] == EXPECTED_URGENT[name]
            assert fact["state"] == sheet["status"] == "completed"


async def test_by_event_the_sexuality_card_counts_under_health(run_service: Run) -> None:
    async with run_service("assessment") as service:
        await receive(service, [filled(SCORED["E4_ceiling"]["answers"])])

        totals = await totals_of(service)
        groups = totals["scales"]["difficulty"]["groups"]
        assert {name: group["sum"] for name, group in groups.items()} == {
            "living_conditions": 12,
            "daily_pragmatics": 15,
            "relationships": 12,
            "health": 24,
        }
        assert totals["scales"]["difficulty"]["sum"] == 63


async def totals_of(service: UnderTest) -> Any:
    """What referrals pulls of the only sheet."""
    [fact] = await told(service, COMPLETED)
    return await read(service, f"/assessment/sheets/{fact['sheet_id']}/totals", "service-referrals")


@pytest.mark.parametrize("name", SCORED)
async def test_the_totals_are_those_of_the_worked_example_and_name_no_card(run_service: Run, name: str) -> None:
    async with run_service("assessment") as service:
        await receive(service, [filled(SCORED[name]["answers"], identifier=name)])

        totals = await totals_of(service)

        assert set(totals) == {"sheet_id", "identifier", "instrument", "state", "scales"}
        assert (totals["identifier"], totals["instrument"], totals["state"]) == (name, "eladeb-r", "completed")
        for scale in ("difficulty", "need"):
            expected = SCORED[name]["expected"][scale]["total"]
            found = totals["scales"][scale]
            assert {number: found[number] for number in NUMBERS} == {number: expected[number] for number in NUMBERS}
            assert set(found) == {*NUMBERS, "groups"}
            assert set(found["groups"]) == {"living_conditions", "daily_pragmatics", "relationships", "health"}
        assert not set(json.dumps(totals).replace('"', " ").split()).intersection(CORE)


async def test_a_sheet_with_a_card_left_open_is_stopped(run_service: Run) -> None:
    async with run_service("assessment") as service:
        await receive(service, [filled({"housework": {"difficulty": 2, "need": 3}})])

        [fact] = await told(service, COMPLETED)
        assert (fact["state"], fact["urgent_cards"]) == ("stopped", ["housework"])


async def test_a_sheet_keeps_where_it_came_from_and_by_which_versions_it_was_read(run_service: Run) -> None:
    async with run_service("assessment") as service:
        referral_id = await receive(service, [filled(compact(), rater="relative", language="nl")])

        [fact] = await told(service, COMPLETED)
        sheet = await read(service, f"/assessment/sheets/{fact['sheet_id']}")
        assert {name: sheet[name] for name in ("rater", "language", "filled_on", "referral_id", "recorded_by")} == {
            "rater": "relative",
            "language": "nl",
            "filled_on": "2026-11-12",
            "referral_id": str(referral_id),
            "recorded_by": None,
        }
        versions = ("instrument", "edition", "spec_version", "scoring_version")
        assert [fact[name] for name in versions] == ["eladeb-r", "2011", "0.1.0", "eladeb-r/1"]
        assert [sheet[name] for name in versions] == [fact[name] for name in versions]


# Sheets that cannot be read

POINTERS = {
    "V1": "/answers/0/domain",
    "V2": "/answers/0/difficulty/level",
    "V3": "/answers/0/difficulty/level",
    "V5": "/answers/0/need/sources",
    "V6": "/answers/0/need/sources",
}


@pytest.mark.parametrize("example", EXAMPLES["invalid_examples"], ids=lambda example: example["id"])
async def test_an_invalid_sheet_is_rejected_with_its_code_and_place(run_service: Run, example: dict[str, Any]) -> None:
    async with run_service("assessment") as service:
        referral_id = await receive(service, [filled(example["answers"])])

        if "sheet_status" in example:  # refused only on a sheet that is said to be completed; a push says nothing
            [fact] = await told(service, COMPLETED)
            assert fact["state"] == "stopped"
            return
        assert await told(service, COMPLETED) == []
        [fact] = await told(service, REJECTED)
        faults = [{"code": example["errors"][0], "pointer": POINTERS[example["id"]]}]
        assert fact == {"referral_id": str(referral_id), "sheet_number": 0, "faults": faults}


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        ({"edition": "eladeb-18"}, "card_import_refused", "/edition"),
        ({"instrument": "eladeb-18"}, "card_import_refused", "/instrument"),
        ({"instrument": "cansas"}, "unknown_instrument", "/instrument"),
        ({"edition": "1999"}, "unknown_edition", "/edition"),
        ({"filled_on": "2026-11-21"}, "assessed_at_in_future", "/filled_on"),
        ({"answers": "none"}, "invalid_shape", "/answers"),
        ({"answers": {"work": {"difficulty": True}}}, "level_out_of_range", "/answers/work/difficulty"),
        ({"answers": {"work": {"difficulty": 2.0}}}, "level_out_of_range", "/answers/work/difficulty"),
    ],
)
async def test_a_sheet_that_no_instrument_can_read_is_rejected(
    run_service: Run, change: dict[str, Any], code: str, pointer: str
) -> None:
    async with run_service("assessment") as service:
        await receive(service, [filled(compact()) | change])

        assert [fact["faults"] for fact in await told(service, REJECTED)] == [[{"code": code, "pointer": pointer}]]
        assert await told(service, COMPLETED) == []


async def test_the_day_of_a_sheet_is_a_day_in_belgium(run_service: Run) -> None:
    async with run_service("assessment") as service:
        service.clock.move(hours=13.75)  # 23:15 UTC, already the 21st in Brussels
        await receive(service, [filled(compact(), filled_on="2026-11-21")])

        assert len(await told(service, COMPLETED)) == 1


async def test_one_unreadable_sheet_does_not_keep_the_others_out(run_service: Run) -> None:
    async with run_service("assessment") as service:
        await receive(
            service,
            [
                filled(compact(), identifier="good"),
                filled({"work": {"difficulty": 9}}, identifier="bad"),
                filled(compact(), identifier="other", rater="professional"),
            ],
        )

        assert len(await told(service, COMPLETED)) == 2
        assert [fact["sheet_number"] for fact in await told(service, REJECTED)] == [1]


async def test_every_broken_rule_is_told_at_once(run_service: Run) -> None:
    async with run_service("assessment") as service:
        answers = {"work": {"difficulty": 9, "need": 0, "sources": ["P"]}, "food": {"dificulty": 1}}
        await receive(service, [filled(answers, filled_on="2027-01-01")])

        [fact] = await told(service, REJECTED)
        assert [(fault["code"], fault["pointer"]) for fault in fact["faults"]] == [
            ("assessed_at_in_future", "/filled_on"),
            ("level_out_of_range", "/answers/work/difficulty"),
            ("source_without_need", "/answers/work/sources"),
            ("unknown_field", "/answers/food"),
        ]


# Privacy


URGENT = {"difficulty": 3, "need": 3, "sources": ["P"]}
CANARIES: list[Any] = [
    compact(**dict.fromkeys(SENSITIVE, URGENT)),
    {card: {"difficulty": 9, "need": 0, "sources": ["P"], "absent": "no", "x": 1} for card in SENSITIVE},
    {f"{card}_grave": {"difficulty": 1} for card in SENSITIVE},
    {"work": dict.fromkeys(SENSITIVE, 1)},
    [{"domain": card, "difficulty": {"presence": True, "level": 9, card: 1}} for card in SENSITIVE],
    [*({"domain": card} for card in SENSITIVE), *({"domain": card} for card in SENSITIVE)],
]


async def test_no_fact_names_a_sensitive_card_or_leads_to_one(run_service: Run) -> None:
    async with run_service("assessment") as service:
        await service.tick()
        sheets = [filled(answers, identifier=f"s{number}") for number, answers in enumerate(CANARIES)]
        await receive(service, sheets, ["carer_burden", *SENSITIVE])

        facts = await service.announced()

        types = [event_type for event_type, _ in facts]
        assert (types.count(COMPLETED), types.count(REJECTED), types.count(ASSESSED)) == (1, 5, 1)
        said = json.dumps(facts)
        assert not [card for card in SENSITIVE if card in said]
        rejected = await told(service, REJECTED)
        places = {fault["pointer"] for fact in rejected for fault in fact["faults"]}
        assert places == {"/answers", "/answers/work"}


async def test_a_thousand_faults_make_a_short_fact(run_service: Run) -> None:
    async with run_service("assessment") as service:
        await receive(service, [filled([{"domain": "work"}] * 1000)])

        [fact] = await told(service, REJECTED)
        assert len(fact["faults"]) == 100


# Admission


async def test_the_advice_comes_with_its_reasons(run_service: Run) -> None:
    async with run_service("assessment") as service:
        referral_id = await receive(service, [filled(SCORED["E2_complex_social"]["answers"])], ["carer_burden"])

        [fact] = await told(service, ASSESSED)
        page = await read(service, f"/assessment/admissions?referral_id={referral_id}")
        [admission] = page["items"]
        assert (fact["advice"], fact["rule_version"]) == ("case_management", "admission/1")
        assert fact["dimensions"]["context"] == "dominant"
        assert admission["id"] == fact["assessment_id"]
        assert admission["profile"]["advice_rules"][0]["code"] == "one_dominant_dimension"
        assert set(admission["profile"]["advice_rules"][0]["explanation"]) == {"fr", "nl", "de", "en"}
        family = admission["profile"]["dimensions"][3]
        assert (family["dimension"], family["factors"]) == ("family", ["carer_burden"])
        assert admission == await read(service, f"/assessment/admissions/{admission['id']}")


async def test_factors_alone_lead_to_an_advice(run_service: Run) -> None:
    async with run_service("assessment") as service:
        await receive(service, [], ["carer_burden", "difficult_family_situation"])

        [fact] = await told(service, ASSESSED)
        assert (fact["advice"], fact["dimensions"]["family"]) == ("case_management", "dominant")
        assert fact["dimensions"]["medical"] == "not_assessed"
        assert await told(service, COMPLETED) == []


async def test_a_referral_without_sheets_and_factors_asks_nobody_anything(run_service: Run) -> None:
    async with run_service("assessment") as service:
        await receive(service)

        assert service.neighbours.asked == []
        assert await service.announced() == []


async def test_only_the_persons_own_sheet_is_read_for_the_advice(run_service: Run) -> None:
    async with run_service("assessment") as service:
        worst = {card: {"difficulty": 3, "need": 3} for card in CORE}
        others = [
            filled(worst, identifier=rater, rater=rater, filled_on="2026-11-19")
            for rater in ("professional", "relative")
        ]
        await receive(service, [*others, filled(compact(), identifier="own")])

        [fact] = await told(service, ASSESSED)
        assert fact["advice"] == "self_management"


async def test_of_several_own_sheets_the_most_complete_is_read(run_service: Run) -> None:
    async with run_service("assessment") as service:
        some = {"food": {"difficulty": 3}}
        referral_id = await receive(
            service,
            [
                filled(some, identifier="later", filled_on="2026-11-19"),
                filled(compact(), identifier="whole"),
                filled(some, identifier="other"),
            ],
        )

        [admission] = (await read(service, f"/assessment/admissions?referral_id={referral_id}"))["items"]
        read_sheet = await read(service, f"/assessment/sheets/{admission['sheet_id']}")
        assert (read_sheet["identifier"], admission["advice"]) == ("whole", "self_management")


async def test_of_two_equally_complete_own_sheets_the_later_is_read(run_service: Run) -> None:
    async with run_service("assessment") as service:
        await receive(
            service,
            [
                filled(compact(food={"difficulty": 3, "need": 0}), identifier="earlier"),
                filled(compact(), identifier="later", filled_on="2026-11-19"),
            ],
        )

        [fact] = await told(service, ASSESSED)
        assert fact["advice"] == "self_management"


async def test_where_nothing_could_be_read_there_is_no_advice(run_service: Run) -> None:
    async with run_service("assessment") as service:
        await receive(service, [filled({"work": {"difficulty": 9}})])

        [fact] = await told(service, ASSESSED)
        assert fact["advice"] is None
        assert set(fact["dimensions"].values()) == {"not_assessed"}


# Delivered again


async def test_a_referral_delivered_again_changes_nothing(run_service: Run) -> None:
    async with run_service("assessment") as service:
        sheets = [filled(compact(), identifier="good"), filled({"work": {"difficulty": 9}}, identifier="bad")]
        referral_id = await receive(service, sheets, ["carer_burden"])
        before = await service.announced()

        assert await deliver_referral(service, referral_id, sheets, ["carer_burden"], version=2) is Outcome.HANDLED

        assert await service.announced() == before
        assert len(before) == 3
        assert len((await read(service, f"/assessment/sheets?referral_id={referral_id}"))["items"]) == 1


async def test_a_refusal_stands_even_if_the_sheet_reads_otherwise_later(run_service: Run) -> None:
    async with run_service("assessment") as service:
        referral_id = await receive(service, [filled({"work": {"difficulty": 9}})])
        before = await service.announced()

        await deliver_referral(service, referral_id, [filled(compact())], version=2)

        assert await service.announced() == before


async def test_the_tables_themselves_refuse_a_second_copy(run_service: Run) -> None:
    async with run_service("assessment") as service:
        await receive(service, [filled(compact())])
        async with service.app.state.database.raw() as connection:
            for table in ("sheet", "admission"):
                columns = await connection.fetch(
                    "SELECT column_name FROM information_schema.columns WHERE table_name = $1", table
                )
                others = ", ".join(row["column_name"] for row in columns if row["column_name"] != "id")
                copied = await connection.execute(
                    f"INSERT INTO {table} (id, {others}) SELECT gen_random_uuid(), {others} FROM {table} "
                    "ON CONFLICT DO NOTHING"
                )
                assert copied == "INSERT 0 0"


async def test_sheets_wait_for_a_referrals_service_that_is_away(run_service: Run) -> None:
    async with run_service("assessment") as service:
        referral_id = new_id()
        data = {"referral_id": referral_id, "factors": [], "sheets": 1}
        assert await service.deliver("referrals.referral-received.v1", referral_id, data) is Outcome.WAITING
        assert await service.announced() == []

        pushed = {"sheets": [filled(compact())], "factors": []}
        service.neighbours.answers[f"/referrals/{referral_id}/sheets"] = pushed
        await dead_letter.release(service.app.state.database, "assessment", "all", "it is back")
        assert await service.inbox.retry_due() == 1

        assert await service.types() == [COMPLETED, ASSESSED]


# Persons


async def linked(service: UnderTest, referral_id: Any) -> list[Any]:
    """The persons on the sheet and on the advice of a referral."""
    return [
        item["person_id"]
        for kind in ("sheets", "admissions")
        for item in (await read(service, f"/assessment/{kind}?referral_id={referral_id}"))["items"]
    ]


async def test_a_person_identified_later_is_linked_to_what_is_assessed(run_service: Run) -> None:
    async with run_service("assessment") as service:
        referral_id = await receive(service, [filled(compact())])
        other = await receive(service, [filled(compact())])
        assert await linked(service, referral_id) == [None, None]

        person_id = new_id()
        assert await identify(service, referral_id, person_id) is Outcome.HANDLED

        assert await linked(service, referral_id) == [str(person_id)] * 2
        assert await linked(service, other) == [None, None]
        for kind in ("sheets", "admissions"):
            assert len((await read(service, f"/assessment/{kind}?person_id={person_id}"))["items"]) == 1


async def test_a_person_identified_first_is_on_everything_from_the_start(run_service: Run) -> None:
    async with run_service("assessment") as service:
        referral_id, person_id = new_id(), new_id()
        assert await identify(service, referral_id, person_id) is Outcome.HANDLED
        await receive(service, [filled(compact())], referral_id=referral_id)

        assert await linked(service, referral_id) == [str(person_id)] * 2
        assert [fact["person_id"] for _, fact in await service.announced()] == [str(person_id)] * 2


async def test_a_corrected_identification_moves_the_link(run_service: Run) -> None:
    async with run_service("assessment") as service:
        referral_id, wrong, right = new_id(), new_id(), new_id()
        await identify(service, referral_id, wrong)
        await receive(service, [filled(compact())], referral_id=referral_id)
        await identify(service, referral_id, right, version=2)

        assert await linked(service, referral_id) == [str(right)] * 2


async def test_both_facts_at_the_same_moment_still_link(run_service: Run) -> None:
    async with run_service("assessment") as service:
        pairs = [(new_id(), new_id()) for _ in range(12)]
        await asyncio.gather(
            *(deliver_referral(service, referral_id, [filled(compact())]) for referral_id, _ in pairs),
            *(identify(service, referral_id, person_id) for referral_id, person_id in pairs),
        )

        for referral_id, person_id in pairs:
            assert await linked(service, referral_id) == [str(person_id)] * 2


# Instruments


async def test_the_shipped_instrument_is_announced_once_by_any_number_of_processes(run_service: Run) -> None:
    async with run_service("assessment") as service:
        await asyncio.gather(*(service.tick() for _ in range(5)))
        await service.tick()

        named = [(fact["code"], fact["spec_version"], fact["method"]) for fact in await told(service, PUBLISHED)]
        assert sorted(named) == sorted(set(named))
        assert ("eladeb-r", "0.1.0", "cards") in named
        assert ("who-5", "1.0.0", "items") in named


async def test_the_cards_of_an_announced_instrument_can_be_pulled(run_service: Run) -> None:
    async with run_service("assessment") as service:
        await service.tick()
        [fact] = [each for each in await told(service, PUBLISHED) if each["method"] == "cards"]

        cards = await read(
            service, f"/assessment/instruments/{fact['code']}/{fact['spec_version']}/cards", "service-referrals"
        )

        groups = cards.pop("groups")
        assert list(groups) == [*CORE, "sexuality"]
        assert (groups["food"], groups["law_justice"]) == ("health", "living_conditions")
        assert cards == {
            "code": "eladeb-r",
            "edition": "2011",
            "spec_version": "0.1.0",
            "cards": [*CORE, "sexuality"],
            "max_level": 3,
            "sources": ["P", "F", "E", "?"],
        }


async def test_what_comes_with_a_referral_belongs_to_the_programme(run_service: Run) -> None:
    async with run_service("assessment") as service:
        referral_id = await receive(service, [filled(compact())])

        for organisation, found in (("relais", 1), ("elsewhere", 0)):
            async with service.client("coordinator", org_id=organisation) as client:
                for kind in ("sheets", "admissions"):
                    page = (await client.get(f"/assessment/{kind}?referral_id={referral_id}")).json()
                    assert len(page["items"]) == found
