"""A referral's life by HL7 v2: received once, corrected, asked about, cancelled; the same commands as behind JSON."""

import asyncio
import json
from uuid import UUID

import pytest

from shared.testing.harness import UnderTest
from tests.referrals.hl7v2.messages import EXAMPLE, EXAMPLES, MEDIA, RICH, SMALL, Answer, edited, fresh, send, sent
from tests.referrals.pushes import FULL, SHEET, count, faults, read, step
from tests.referrals.test_handlers import open_case


def path_of(answer: Answer) -> str:
    """The referral that an answer is about, by RF1-11."""
    return f"/referrals/{UUID(answer.text('RF1-11').partition('^')[0])}"


def status(answer: Answer) -> tuple[str, str]:
    """RF1-1: HL7's status and our state."""
    parts = answer.text("RF1-1").split("^")
    return parts[0], parts[3]


async def test_the_published_example_is_received(referrals: UnderTest) -> None:
    answer = await sent(referrals, EXAMPLE)
    assert (answer.code, answer.text("MSH-9"), status(answer)) == ("AA", "RRI^I12^RRI_I12", ("P", "received"))
    found = await read(referrals, path_of(answer))
    assert (found["door"], found["sender"], found["sheets_checked"]) == ("hl7v2", "chu", True)
    assert answer.text("RF1-6") == "2026-000001^urn:example:chu:referrals"


async def test_a_message_and_its_twin_in_json_are_one_referral(referrals: UnderTest) -> None:
    first = await sent(referrals, EXAMPLE)
    twin = json.loads((EXAMPLES / "referral.json").read_text())
    async with referrals.client("hospital-chu") as client:
        pushed = await client.post("/referrals", json=twin)
        assert (pushed.status_code, pushed.headers["location"]) == (201, path_of(first))
        second = await client.post("/referrals", json={**FULL, "sheets": [SHEET]})
    assert path_of(await sent(referrals, RICH)) == second.headers["location"]
    assert await count(referrals) == 2
    assert (await sent(referrals, edited(fresh(RICH, "M-3"), "PID-8", "M"))).faults == {
        ("RF1^1^6^1", "identifier-reused")
    }


async def test_nothing_of_the_person_is_in_the_answer(referrals: UnderTest) -> None:
    answer = (await sent(referrals, EXAMPLE)).content.decode()
    for word in ("Delvaux", "Marie", "1951", "H-104233", "Moulin", "difficile", "000 00 01"):
        assert word not in answer


async def test_the_same_message_gets_the_same_bytes_for_thirty_days(referrals: UnderTest) -> None:
    first = await sent(referrals, RICH)
    await step(referrals, "coordinator", path_of(first), "acceptance", {})
    again = [await sent(referrals, text) for text in (RICH, f"\x0b{RICH}\x1c\r", RICH.replace("\r", "\r\n"))]
    later = edited(edited(RICH, "MSH-7", "20261121080000"), "MSH-13", "7")
    referrals.clock.move(days=29)
    again += [await sent(referrals, later)]
    assert {answer.content for answer in again} == {first.content}
    referrals.clock.move(days=2)
    anew = await sent(referrals, RICH)
    assert (status(anew), anew.text("MSH-10")) == (("A", "accepted"), first.text("MSH-10"))
    assert await count(referrals) == 1


async def test_a_message_id_with_other_content_is_refused(referrals: UnderTest) -> None:
    await sent(referrals, RICH)
    other = await sent(referrals, edited(RICH, "RF1-6", "other^urn:chu:referral"))
    assert (other.code, other.faults) == ("AE", {("MSH^1^10^1", "message-id-reused")})
    assert other.text("ERR-3").startswith("205^")
    assert (await sent(referrals, edited(RICH, "MSH-4", "CHU-NORD"))).code == "AA"
    assert await count(referrals) == 1


async def test_of_fifty_equal_messages_at_once_one_is_stored_and_all_get_its_answer(referrals: UnderTest) -> None:
    async with referrals.client("hospital-chu") as client:
        answers = await asyncio.gather(*(send(client, RICH) for _ in range(50)))
    assert {answer.content for answer in answers} == {answers[0].content}
    assert Answer(answers[0].content).code == "AA"
    assert await count(referrals) == 1
    assert (await referrals.types()).count("referrals.referral-received.v1") == 1


async def test_the_same_referral_under_many_message_ids_at_once_is_one(referrals: UnderTest) -> None:
    async with referrals.client("hospital-chu") as client:
        answers = await asyncio.gather(*(send(client, fresh(RICH, f"P-{n}")) for n in range(20)))
    told = [Answer(answer.content) for answer in answers]
    assert {answer.code for answer in told} == {"AA"}
    assert len({path_of(answer) for answer in told}) == 1
    assert await count(referrals) == 1


async def test_a_referral_is_corrected_until_it_is_decided(referrals: UnderTest) -> None:
    path = path_of(await sent(referrals, RICH))
    better = edited(fresh(RICH, "C-1", "I13"), "PID-8", "M")
    answer = await sent(referrals, better)
    assert (answer.code, answer.text("MSH-9")) == ("AA", "RRI^I13^RRI_I12")
    assert (await read(referrals, path))["document"]["person"]["gender"] == "male"
    types = await referrals.types()
    assert types[-1] == "referrals.referral-corrected.v1"
    assert (await sent(referrals, edited(better, "MSH-10", "C-2"))).code == "AA"
    assert await referrals.types() == types
    await step(referrals, "coordinator", path, "acceptance", {})
    late = await sent(referrals, edited(edited(better, "MSH-10", "C-3"), "PID-8", "O"))
    assert (late.code, late.faults) == ("AE", {("RF1^1^6^1", "illegal-move")})
    assert late.text("ERR-7") == "state: accepted"
    assert (await sent(referrals, edited(better, "MSH-10", "C-4"))).code == "AA"


async def test_a_status_can_be_asked_for_with_no_more_than_the_identifier(referrals: UnderTest) -> None:
    first = await sent(referrals, SMALL)
    question = "\r".join(
        [
            r"MSH|^~\&|EPR|CHU|RELAIS|RELAIS|20261120093000+0100||REF^I15^REF_I12|Q-1|P|2.5",
            "RF1||||||S-1^urn:chu:referral",
            "",
        ]
    )
    assert status(await sent(referrals, question)) == ("P", "received")
    refusal = {"reason": "at-capacity", "onward_path": "the coordination centre of the canton"}
    await step(referrals, "coordinator", path_of(first), "refusal", refusal)
    answer = await sent(referrals, edited(question, "MSH-10", "Q-2"))
    assert (answer.text("MSH-9"), status(answer)) == ("RRI^I15^RRI_I12", ("R", "refused"))
    assert answer.text("RF1-10") == "at-capacity^^99RELAIS"


@pytest.mark.parametrize("trigger", ["I13", "I14", "I15"])
async def test_only_the_senders_own_referral_is_found(referrals: UnderTest, trigger: str) -> None:
    await sent(referrals, SMALL)
    unknown = await sent(referrals, fresh(SMALL, "X-1", trigger, identifier="nobody"))
    stranger = await sent(referrals, edited(fresh(SMALL, "X-2", trigger), "MSH-4", "OTHER"), "hospital-other")
    for answer in (unknown, stranger):
        assert (answer.code, answer.faults) == ("AE", {("RF1^1^6^1", "not-found")})
        assert answer.text("ERR-3").startswith("204^")


async def test_a_cancellation_ends_it_once(referrals: UnderTest) -> None:
    path = path_of(await sent(referrals, SMALL))
    cancellation = fresh(SMALL, "K-1", "I14") + "NTE|1||went home with family\r"
    answer = await sent(referrals, cancellation)
    assert (answer.code, answer.text("MSH-9"), status(answer)) == ("AA", "RRI^I14^RRI_I12", ("E", "cancelled"))
    assert (await read(referrals, path))["moves"][-1]["note"] == "went home with family"
    types = await referrals.types()
    again = await sent(referrals, edited(cancellation, "MSH-10", "K-2"))
    assert (again.code, status(again)) == ("AA", ("E", "cancelled"))
    assert await referrals.types() == types
    assert (await sent(referrals, fresh(SMALL, "K-3", "I13"))).code == "AA"
    late = await sent(referrals, edited(fresh(SMALL, "K-4", "I13"), "PID-8", "M"))
    assert late.faults == {("RF1^1^6^1", "illegal-move")}


async def test_after_the_case_is_open_a_cancellation_only_asks(referrals: UnderTest) -> None:
    consented = RICH
    path = path_of(await sent(referrals, consented))
    await step(referrals, "coordinator", path, "acceptance", {})
    await open_case(referrals, path)
    answer = await sent(referrals, fresh(consented, "K-1", "I14"))
    assert (answer.code, status(answer)) == ("AA", ("A", "case-opened"))
    assert answer.text("RF1-4") == "cancellation-requested^^99RELAIS"
    types = await referrals.types()
    assert types[-1] == "referrals.cancellation-requested.v1"
    assert (await sent(referrals, fresh(consented, "K-2", "I14"))).code == "AA"
    assert await referrals.types() == types


async def test_a_refused_referral_cannot_be_cancelled(referrals: UnderTest) -> None:
    path = path_of(await sent(referrals, SMALL))
    await step(referrals, "coordinator", path, "refusal", {"reason": "outside-area", "onward_path": "elsewhere"})
    answer = await sent(referrals, fresh(SMALL, "K-1", "I14"))
    assert (answer.faults, answer.text("ERR-7")) == ({("RF1^1^6^1", "illegal-move")}, "state: refused")


async def test_an_organisation_that_the_directory_does_not_know_is_refused(referrals: UnderTest) -> None:
    async with referrals.client("hospital-chu", org_id="clinic") as client:
        answer = Answer((await send(client, SMALL)).content)
    assert (answer.code, answer.faults) == ("AE", {("MSH^1^4^1", "unknown-organisation")})
    assert await count(referrals) == 0


async def test_an_unknown_query_parameter_is_refused_as_everywhere(referrals: UnderTest) -> None:
    async with referrals.client("hospital-chu") as client:
        answer = await client.post("/referrals/hl7v2?ack=no", content=SMALL.encode(), headers=MEDIA)
    assert (answer.status_code, faults(answer)) == (422, {("/query/ack", "unknown-parameter")})


async def test_a_warning_comes_with_the_acceptance(referrals: UnderTest) -> None:
    answer = await sent(referrals, SMALL + "ZPI|1|anything\r")
    assert (answer.code, answer.warnings) == ("AA", ["segment-ignored ZPI-1"])
