"""What others' facts do to a referral: its sender sees the case go on, and what is over stays over."""

import json
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.referrals.store import Instruments
from shared.inbox import Outcome
from shared.testing.harness import UnderTest
from tests.referrals.pushes import FULL, SHEET, changed, fresh, id_of, push, read, step

CLOSINGS = {
    "goals-met": ("closed", True),
    "handed-over": ("closed", True),
    "deceased": ("not-achieved", False),
    "moved": ("not-achieved", False),
    "patient-withdrew": ("not-achieved", False),
    "unreachable": ("not-achieved", False),
}


async def open_case(referrals: UnderTest, path: str, case: UUID | None = None) -> UUID:
    """Tell that a case was opened from a referral."""
    case = case or uuid4()
    data = {"case_id": case, "origin_kind": "referral", "origin_id": id_of(path), "person_id": None}
    assert await referrals.deliver("cases.case-opened.v1", case, data) is Outcome.HANDLED
    return case


async def tell(referrals: UnderTest, fact: str, case: UUID, **data: Any) -> None:
    """Tell a later fact of a case."""
    outcome = await referrals.deliver(f"cases.{fact}.v1", case, {"case_id": case, **data})
    assert outcome is Outcome.HANDLED


async def close(referrals: UnderTest, case: UUID, reason: str = "goals-met") -> None:
    """Tell that a case was closed."""
    await tell(referrals, "case-closed", case, closed_on="2026-11-20", reason=reason)


async def accepted(referrals: UnderTest) -> str:
    """The path of an accepted referral."""
    path = await push(referrals)
    assert (await step(referrals, "coordinator", path, "acceptance", {})).status_code == 201
    return path


async def state(referrals: UnderTest, path: str) -> str:
    """A referral's state."""
    return str((await read(referrals, path))["state"])


async def test_the_sender_sees_each_step_of_the_case(referrals: UnderTest) -> None:
    path = await accepted(referrals)
    case = await open_case(referrals, path)
    seen = [await state(referrals, path)]
    await tell(referrals, "care-started", case)
    seen.append(await state(referrals, path))
    await tell(referrals, "plan-agreed", case, plan_version=1, items=[])
    seen.append(await state(referrals, path))
    await close(referrals, case)
    seen.append(await state(referrals, path))
    assert seen == ["case-opened", "home-visit-done", "care-plan-shared", "closed"]
    found = await read(referrals, path)
    assert found["case_id"] == str(case)
    assert [move["actor"] for move in found["moves"]] == ["sender", "coordinator", *["system"] * 4]
    assert (found["moves"][-1]["reason"], found["allowed"]) == ("goals-met", [])


async def test_how_a_case_ended_is_told_to_the_sender(referrals: UnderTest) -> None:
    for reason, (ended, achieved) in CLOSINGS.items():
        path = await accepted(referrals)
        await close(referrals, await open_case(referrals, path), reason)
        assert await state(referrals, path) == ended
        expected = ("referrals.referral-closed.v1", {"referral_id": str(id_of(path)), "achieved": achieved})
        assert (await referrals.announced())[-1] == expected


async def test_a_plan_before_the_visit_and_a_second_plan_are_shown_as_they_come(referrals: UnderTest) -> None:
    path = await accepted(referrals)
    case = await open_case(referrals, path)
    await tell(referrals, "plan-agreed", case, plan_version=1, items=[])
    assert await state(referrals, path) == "care-plan-shared"
    await tell(referrals, "plan-agreed", case, plan_version=1, items=[])
    assert await state(referrals, path) == "care-plan-shared"
    await tell(referrals, "care-started", case)
    assert await state(referrals, path) == "home-visit-done"


@pytest.mark.parametrize("name", ["cancellation", "refusal", "redirection"])
async def test_a_case_that_comes_too_late_wakes_nothing(referrals: UnderTest, name: str) -> None:
    path = await push(referrals)
    body = {
        "cancellation": {"reason": "moved"},
        "refusal": {"reason": "at-capacity", "onward_path": "x"},
        "redirection": {"organisation": "centre"},
    }[name]
    persona = "hospital-chu" if name == "cancellation" else "coordinator"
    ended = (await step(referrals, persona, path, name, body)).json()["state"]
    before = await referrals.types()
    case = await open_case(referrals, path)
    await tell(referrals, "care-started", case)
    await tell(referrals, "plan-agreed", case, plan_version=1, items=[])
    await close(referrals, case)
    assert await state(referrals, path) == ended
    assert await referrals.types() == before


async def test_a_closed_referral_stays_closed_when_its_case_opens_again(referrals: UnderTest) -> None:
    path = await accepted(referrals)
    case = await open_case(referrals, path)
    await close(referrals, case)
    assert await referrals.deliver("cases.case-reopened.v1", case, {"case_id": case}) is Outcome.HANDLED
    await tell(referrals, "care-started", case)
    await close(referrals, case, "deceased")
    assert await state(referrals, path) == "closed"
    assert (await referrals.types()).count("referrals.referral-closed.v1") == 1


async def test_a_case_opened_while_its_referral_went_to_the_waiting_list_is_shown(referrals: UnderTest) -> None:
    path = await accepted(referrals)
    await step(referrals, "coordinator", path, "waiting-list", {})
    await open_case(referrals, path)
    assert await state(referrals, path) == "case-opened"


async def test_cancelling_an_open_case_only_asks(referrals: UnderTest) -> None:
    path = await accepted(referrals)
    case = await open_case(referrals, path)
    answer = await step(referrals, "hospital-chu", path, "cancellation", {"reason": "ward closes the form"})
    assert (answer.status_code, answer.json()["state"]) == (201, "case-opened")
    assert answer.json()["cancellation_requested"] is True
    expected = {"referral_id": str(id_of(path)), "case_id": str(case)}
    assert (await referrals.announced())[-1] == ("referrals.cancellation-requested.v1", expected)
    await tell(referrals, "care-started", case)
    assert await state(referrals, path) == "home-visit-done"


async def test_a_case_from_the_line_concerns_no_referral(referrals: UnderTest) -> None:
    path = await accepted(referrals)
    case = uuid4()
    data = {"case_id": case, "origin_kind": "contact", "origin_id": id_of(path), "person_id": None}
    assert await referrals.deliver("cases.case-opened.v1", case, data) is Outcome.HANDLED
    await tell(referrals, "care-started", case)
    await close(referrals, case)
    found = await read(referrals, path)
    assert (found["state"], found["case_id"]) == ("accepted", None)


async def test_the_person_is_known_once_intake_knows_and_goes_with_the_acceptance(referrals: UnderTest) -> None:
    path, person = await push(referrals), uuid4()
    data = {"referral_id": id_of(path), "person_id": person, "certainty": "certain"}
    assert await referrals.deliver("intake.person-identified.v1", id_of(path), data) is Outcome.HANDLED
    found = await read(referrals, path)
    assert (found["person_id"], found["state"]) == (str(person), "received")
    await step(referrals, "coordinator", path, "acceptance", {})
    assert (await referrals.announced())[-1][1]["person_id"] == str(person)


async def test_the_person_may_be_known_after_the_end(referrals: UnderTest) -> None:
    path, person = await push(referrals), uuid4()
    await step(referrals, "hospital-chu", path, "cancellation", {"reason": "x"})
    await referrals.deliver(
        "intake.person-identified.v1", id_of(path), {"referral_id": id_of(path), "person_id": person}
    )
    found = await read(referrals, path)
    assert (found["person_id"], found["state"]) == (str(person), "cancelled")


def totals(sheet: UUID, identifier: str, sum_of_needs: int) -> dict[str, Any]:
    """What assessment answers about a sheet."""
    scales = {"need": {"sum": sum_of_needs}}
    named = {"sheet_id": str(sheet), "identifier": identifier, "instrument": "eladeb-r"}
    return {**named, "state": "completed", "scales": scales}


async def completed(referrals: UnderTest, path: str | None, sheet: UUID, version: int | None = None) -> Outcome:
    """Tell that a sheet was scored."""
    data = {"sheet_id": sheet, "referral_id": id_of(path) if path else None, "person_id": None}
    return await referrals.deliver("assessment.sheet-completed.v1", sheet, data, version)


async def test_the_sender_reads_the_totals_of_each_sheet_the_newest_of_each(referrals: UnderTest) -> None:
    path = await push(referrals, FULL)
    first, second = uuid4(), uuid4()
    for sheet, name, needs in ((first, "s-1", 4), (second, "s-2", 9), (first, "s-1", 5)):
        referrals.neighbours.answers[f"/assessment/sheets/{sheet}/totals"] = totals(sheet, name, needs)
        assert await completed(referrals, path, sheet) is Outcome.HANDLED
    shown = {each["identifier"]: each["scales"]["need"]["sum"] for each in (await read(referrals, path))["totals"]}
    assert shown == {"s-1": 5, "s-2": 9}


async def test_totals_that_cannot_be_had_now_are_fetched_later(referrals: UnderTest) -> None:
    path, sheet = await push(referrals, FULL), uuid4()
    assert await completed(referrals, path, sheet) is Outcome.WAITING
    assert (await read(referrals, path))["totals"] == []
    referrals.neighbours.answers[f"/assessment/sheets/{sheet}/totals"] = totals(sheet, "s-1", 4)
    async with referrals.app.state.database.raw() as connection:
        await connection.execute("UPDATE dead_letter SET next_attempt_at = now()")
    assert await referrals.inbox.retry_due() == 1
    assert (await read(referrals, path))["totals"][0]["identifier"] == "s-1"


async def test_a_sheet_without_a_referral_is_no_business_of_ours(referrals: UnderTest) -> None:
    assert await completed(referrals, None, uuid4()) is Outcome.HANDLED
    assert referrals.neighbours.asked == []


async def test_a_published_instrument_is_checked_at_the_door_from_then_on(
    referrals: UnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Instruments, "kept_for", 0.0)
    odd = {**SHEET, "instrument": "made-up", "edition": "1", "answers": {"garden": {"difficulty": 5}}}
    assert (await read(referrals, await push(referrals, fresh(sheets=[odd]))))["sheets_checked"] is False
    definition = {"code": "made-up", "edition": "1", "cards": ["garden"], "max_level": 5, "sources": ["P"]}
    referrals.neighbours.answers["/assessment/instruments/made-up/1.0/cards"] = definition
    data = {"code": "made-up", "edition": "1", "spec_version": "1.0"}
    assert await referrals.deliver("assessment.instrument-published.v1", uuid4(), data) is Outcome.HANDLED
    assert (await read(referrals, await push(referrals, fresh(sheets=[odd]))))["sheets_checked"] is True
    wrong = changed(fresh(sheets=[odd]), "/sheets/0/answers/garden/difficulty", 6)
    async with referrals.client("hospital-chu") as client:
        assert (await client.post("/referrals", json=wrong)).status_code == 422


async def test_an_instrument_without_cards_is_not_asked_for_and_its_sheets_are_taken(referrals: UnderTest) -> None:
    for code, method in (("who-5", "items"), ("lace", "items")):
        data = {"code": code, "edition": "1998", "spec_version": "1.0.0", "method": method}
        assert await referrals.deliver("assessment.instrument-published.v1", uuid4(), data) is Outcome.HANDLED
    assert referrals.neighbours.asked == []
    answers = {f"item_{number}": {"value": number} for number in range(1, 6)}
    wellbeing = {**SHEET, "instrument": "who-5", "edition": "1998", "answers": answers}
    path, sheet = await push(referrals, fresh(sheets=[wellbeing])), uuid4()
    assert (await read(referrals, path))["sheets_checked"] is False
    scored = {**totals(sheet, SHEET["identifier"], 0), "instrument": "who-5", "scales": {"percent": {"sum": 60.0}}}
    referrals.neighbours.answers[f"/assessment/sheets/{sheet}/totals"] = scored
    assert await completed(referrals, path, sheet) is Outcome.HANDLED
    assert (await read(referrals, path))["totals"][0]["scales"] == {"percent": {"sum": 60.0}}


async def test_an_event_that_comes_twice_is_shown_once(referrals: UnderTest) -> None:
    path = await accepted(referrals)
    case = await open_case(referrals, path)
    data = {"case_id": case, "origin_kind": "referral", "origin_id": id_of(path), "person_id": None}
    assert await referrals.deliver("cases.case-opened.v1", case, data, version=1) is Outcome.DUPLICATE
    assert [move["state"] for move in (await read(referrals, path))["moves"]].count("case-opened") == 1


async def test_the_sender_reads_why_a_sheet_could_not_be_scored_the_last_verdict_of_each(referrals: UnderTest) -> None:
    path, verdicts = await push(referrals, FULL), uuid4()
    for number, code in ((0, "incomplete"), (1, "unknown_domain"), (0, "stopped_too_early")):
        data = {"referral_id": id_of(path), "sheet_number": number, "faults": [{"code": code, "pointer": "/answers"}]}
        assert await referrals.deliver("assessment.sheet-rejected.v1", verdicts, data) is Outcome.HANDLED
    found = await read(referrals, path)
    shown = {each["sheet_number"]: each["faults"] for each in found["rejections"]}
    assert shown == {
        0: [{"pointer": "/answers", "code": "stopped_too_early"}],
        1: [{"pointer": "/answers", "code": "unknown_domain"}],
    }
    assert found["state"] == "received"


async def identified(referrals: UnderTest, path: str, person: UUID) -> None:
    """Tell whom a referral is about."""
    data = {"referral_id": id_of(path), "person_id": person}
    assert await referrals.deliver("intake.person-identified.v1", id_of(path), data) is Outcome.HANDLED


async def test_a_wish_that_another_road_has_served_is_closed_and_says_so(referrals: UnderTest) -> None:
    served, other, decided, person = await push(referrals), await push(referrals), await accepted(referrals), uuid4()
    for path in (served, decided):
        await identified(referrals, path, person)
    await identified(referrals, other, uuid4())
    case = uuid4()
    data = {"case_id": case, "origin_kind": "contact", "origin_id": uuid4(), "person_id": person}
    assert await referrals.deliver("cases.case-opened.v1", case, data) is Outcome.HANDLED
    found = await read(referrals, served)
    assert (found["state"], found["moves"][-1]["reason"]) == ("refused", "existing-case-manager")
    assert (found["moves"][-1]["actor"], found["case_id"]) == ("system", None)
    assert [await state(referrals, path) for path in (other, decided)] == ["received", "accepted"]


async def test_a_second_demand_about_the_same_person_is_shown_to_staff_and_never_merged(referrals: UnderTest) -> None:
    first, second, person = await push(referrals), await push(referrals), uuid4()
    await identified(referrals, first, person)
    await identified(referrals, second, person)
    assert (await read(referrals, first))["possible_duplicates"] == []
    assert (await read(referrals, second))["possible_duplicates"] == [str(id_of(first))]
    assert "referrals.possible-duplicate-found.v1" in await referrals.types()
    assert [await state(referrals, path) for path in (first, second)] == ["received", "received"]


async def test_the_sender_may_know_who_cares_and_for_what_never_who_they_are(referrals: UnderTest) -> None:
    path = await accepted(referrals)
    case = await open_case(referrals, path)
    await tell(referrals, "case-assigned", case, worker="w-1", discipline="nurse", organisation="relais")
    await tell(referrals, "plan-agreed", case, plan_version=2, items=[{"domain": "food"}, {"domain": "food"}])
    await close(referrals, case)
    care = (await read(referrals, path))["care"]
    assert (care["discipline"], care["organisation"], care["plan_version"]) == ("nurse", "relais", 2)
    assert (care["plan_domains"], care["closed_on"]) == (["food"], "2026-11-20")
    assert "w-1" not in json.dumps(care)


async def test_what_the_call_after_the_closing_found_goes_back_to_the_sender_in_counts(referrals: UnderTest) -> None:
    path = await accepted(referrals)
    case = await open_case(referrals, path)
    await close(referrals, case)
    items = [{"task_id": uuid4(), "status": status} for status in ("in-place", "in-place", "lost")]
    data = {"follow_up_id": uuid4(), "case_id": case, "kind": "one-month", "items": items}
    assert await referrals.deliver("scheduler.follow-up-completed.v1", uuid4(), data) is Outcome.HANDLED
    [message] = (await read(referrals, path))["messages"]
    assert (message["kind"], message["codes"]) == ("follow-up", ["one-month", "in-place:2", "lost:1"])


async def test_a_late_answer_is_asked_for_once_per_working_day_limit(referrals: UnderTest) -> None:
    path = await push(referrals)
    assert (await read(referrals, path))["due_at"] == "2026-11-24T09:30:00Z"
    for days, reminders in ((3.9, 0), (0.2, 1), (0, 1)):
        referrals.clock.move(days=days)
        await referrals.tick()
        late = [data for kind, data in await referrals.announced() if kind == "referrals.referral-overdue.v1"]
        assert len(late) == reminders
    assert late == [{"referral_id": str(id_of(path)), "state": "received", "waits_for": "coordinator", "reminders": 1}]
    assert (await read(referrals, path))["overdue"] is True
    await step(referrals, "coordinator", path, "information-request", {"question": "Since when?"})
    found = await read(referrals, path)
    assert (found["overdue"], found["waits_for"]) == (False, "sender")


async def test_whatever_changes_what_the_sender_reads_moves_its_version(referrals: UnderTest) -> None:
    path, sheet, case = await push(referrals, FULL), uuid4(), uuid4()
    await step(referrals, "coordinator", path, "acceptance", {})
    referrals.neighbours.answers[f"/assessment/sheets/{sheet}/totals"] = totals(sheet, "s-1", 4)
    identified = {"referral_id": id_of(path), "person_id": uuid4()}
    await referrals.deliver("intake.person-identified.v1", id_of(path), identified)
    await completed(referrals, path, sheet)
    await open_case(referrals, path, case)
    await tell(referrals, "care-started", case)
    async with referrals.client("hospital-chu") as client:
        # Known is the person of a form that says they agree: two facts of one change.
        assert (await client.get(path)).headers["etag"] == '"7"'
        stale = await client.post(f"{path}/cancellation", json={"reason": "x"}, headers={"if-match": '"2"'})
    assert stale.status_code == 412


async def test_a_declined_request_ends_the_referral_as_not_achieved(referrals: UnderTest) -> None:
    path = await accepted(referrals)
    case = await open_case(referrals, path)

    await tell(referrals, "case-declined", case, reason="followed-elsewhere")

    assert await state(referrals, path) == "not-achieved"
    last = (await read(referrals, path))["moves"][-1]
    assert (last["state"], last["reason"]) == ("not-achieved", "followed-elsewhere")


async def test_a_referral_that_was_taken_back_stays_so_when_its_request_is_withdrawn(referrals: UnderTest) -> None:
    path = await accepted(referrals)
    case = await open_case(referrals, path)
    await step(referrals, "hospital-chu", path, "cancellation", {"reason": "Transférée"})
    await step(referrals, "coordinator", path, "cancellation-grant", {})
    before = await state(referrals, path)

    await tell(referrals, "case-declined", case, reason="request-withdrawn")

    assert (before, await state(referrals, path)) == ("cancelled", "cancelled")
