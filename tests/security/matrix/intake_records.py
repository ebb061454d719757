"""What stands in intake while the matrix is walked: the same of everything in two organisations."""

from typing import Any
from uuid import UUID

from services.intake.domain.retention import DEFAULT
from shared.testing.harness import UnderTest
from tests.intake.merge.records import merged_now
from tests.intake.people import CALL, ODETTE, niss_of, receive, told
from tests.security.consent.saying import SHARING, say
from tests.security.matrix.actors import OTHER, SERVING, Records
from tests.security.matrix.planting import give, made, plant

HOURS: dict[str, Any] = {"valid_from": "2025-01-01", "weekly": [[{"opens": "08:30:00", "closes": "12:30:00"}]] * 7}
OUTAGE = {"began_at": "2026-11-16T07:00:00Z", "ended_at": "2026-11-18T17:00:00Z", "cause": "telephone-exchange"}
EXCLUSION = {"worker": "somebody-else", "reason": "wish"}
CONSENT = {"given": True, "kind": "oral", "on": "2026-11-18", "by": "person"}
EXPORT = {"asked_by": "person", "language": "fr"}
CALL_BACK = {**CALL, "outcome": "call-back", "reason": "information-to-find"}
SIMILAR = {**ODETTE, "family_name": "Lamberd", "phones": ["042222222"]}
PEOPLE = "reference,family_name,given_names\nP-1,Lambert,Odette\n"

BODIES: dict[str, Any] = {
    "exclude": EXCLUSION,
    "record_contact": CALL,
    "amend_contact": {"reason": "wrong-code", "changes": {"note": "Une précision."}},
    "complete_call_back": {"result": "not-reached"},
    "postpone_call_back": {"due_at": "2026-11-23T10:00:00Z", "reason": "no-time"},
    "correct_person": {"family_name": "Lamberts"},
    "put_elsewhere_consent": CONSENT,
    "record_consent": SHARING,
    "request_export": EXPORT,
    "extend_export": {"reason": "complexity"},
    "deliver_export": {"how": "post"},
    "add_relation": {"code": "child", "name": "Anne"},
    "record_death": {"on": "2026-11-19", "source": "relative"},
    "set_line_hours": HOURS,
    "record_outage": OUTAGE,
    "import_list": ("text/csv", PEOPLE),
    "load_population": ("text/csv", "nis_code,inhabitants\n62063,1000\n"),
    "merge_persons": {"merged_id": str(UUID(int=1)), "merged_version": 1, "reason": "entered-twice"},
    "undo_merge": {"reason": "different-persons"},
    "tell_apart": {"other_id": str(UUID(int=1))},
    "decide_identity_review": {"decision": "new"},
    "decide_import_review": {"decision": "new"},
    "restrict_person": {"reason": "objection"},
    "place_legal_hold": {"reason": "a claim", "review_on": "2027-01-04"},
    "ask_erasure": {"ground": "request", "then": "pseudonymise"},
    "write_retention_policy": DEFAULT.model_dump(mode="json"),
    "execute_due": {"person_ids": [str(UUID(int=1))]},
    "label_topic": {"label": "Les médicaments"},
}
MONTH = {"from": "2026-10", "to": "2026-10"}
QUERIES: dict[str, Any] = {
    "import_list": {"kind": "persons", "dry_run": "true"},
    "compare_periods": {**MONTH, "against_from": "2026-09", "against_to": "2026-09"},
}


async def seeded(intake: UnderTest) -> Records:
    """The records, made through the API; what only events or long work make is planted or given away."""
    records = Records(public={"as_of": "2026-01-01", "number": "2"})
    for whose in (SERVING, OTHER):
        await of_people(intake, records, whose)
        await of_line(intake, records, whose)
        await of_endings(intake, records, whose)
        records.private[whose] = set(records.held[whose].values())
    records.public["code"] = "list"
    await of_partners(intake, records)
    lift = "/intake/persons/{person_id:uuid}/restriction/lift"
    records.absent = {"/intake/analytics/topics", lift, "/intake/retention/executions"}
    return records


async def of_people(intake: UnderTest, records: Records, whose: str) -> None:
    """One organisation's people, contacts and reviews."""
    async with intake.client("line-nurse", org_id=whose, sub=f"nurse@{whose}") as nurse:
        person = await made(nurse, "/intake/persons", {**ODETTE, "given_names": f"Odette {whose}"})
        await made(
            nurse, f"/intake/persons/{person}/relations", {"code": "child", "name": "Anne"}, headers={"if-match": '"1"'}
        )
        [relation] = (await nurse.get(f"/intake/persons/{person}/relations")).json()["items"]
        contact = await made(nurse, "/intake/contacts", {**CALL, "person_id": person})
        consent = (await say(nurse, person, SHARING))["id"]
        await made(nurse, "/intake/contacts", CALL_BACK)
        call_backs = (await nurse.get("/intake/callbacks")).json()["items"]
        exclusion = await made(nurse, f"/intake/persons/{person}/exclusions", EXCLUSION)
        draft = await made(nurse, "/intake/contacts/drafts", {})
    async with intake.client("coordinator", org_id=whose, sub=f"coordinator@{whose}") as coordinator:
        records.keep(whose, export_id=await made(coordinator, f"/intake/persons/{person}/exports", EXPORT))
    number = niss_of(1950, 2, 3, 12 + len(records.held))
    await receive(intake, {**SIMILAR, "given_names": f"Odette {SERVING}", "niss": number})
    review = (await told(intake, "identity-review-needed"))[-1]["review_id"]
    await give(intake, "identity_review", review, programme=whose)
    records.keep(whose, person_id=person, relation_id=relation["id"], contact_id=contact, draft_id=draft)
    records.keep(whose, **await of_twins(intake, whose, person))
    records.keep(whose, consent_id=consent)
    records.keep(whose, exclusion_id=exclusion)
    records.keep(whose, call_back_id=call_backs[0]["id"], review_id=review)


async def of_twins(intake: UnderTest, whose: str, person: str) -> dict[str, str]:
    """Somebody whom a person is not, and two records that were merged."""
    nurse = intake.client("line-nurse", org_id=whose, sub=f"nurse@{whose}")
    async with nurse, intake.client("coordinator", org_id=whose, sub=f"coordinator@{whose}") as coordinator:
        names = ("Anne", "Berthe", "Berthe")
        other, kept, merged = [
            await made(nurse, "/intake/persons", {"family_name": f"Colson {whose}", "given_names": name})
            for name in names
        ]
        told = await coordinator.post(f"/intake/persons/{person}/not-same", json={"other_id": other})
        assert told.status_code == 201, told.text
        return {"other_id": other, "merge_id": await merged_now(coordinator, kept, merged)}


async def of_line(intake: UnderTest, records: Records, whose: str) -> None:
    """One organisation's line, lists and topics."""
    async with intake.client("coordinator", org_id=whose, sub=f"coordinator@{whose}") as coordinator:
        outage = await made(coordinator, "/intake/line/outages", OUTAGE)
        hours = await coordinator.put("/intake/line/hours", json=HOURS)
        assert hours.status_code == 200, hours.text
        mapping = await coordinator.put("/intake/import-mappings/list", json={"kind": "persons"})
        assert mapping.is_success, mapping.text
        about = {"params": {"kind": "persons"}, "headers": {"content-type": "text/csv"}}
        listed = await made(coordinator, "/intake/imports", content=PEOPLE, **about)
    fit = await plant(intake, "topic_fit", programme=whose, kind="full", state="done", version=1)
    silence = await plant(intake, "line_silence", programme=whose, sign="no-contacts")
    await give(intake, "import_row", UUID(listed), "import_id", state="review")
    topic = await plant(intake, "model_topic", programme=whose, fit_id=UUID(fit), version=1)
    records.keep(whose, outage_id=outage, fit_id=fit, silence_id=silence, import_id=listed, topic_id=topic)


async def of_endings(intake: UnderTest, records: Records, whose: str) -> None:
    """A legal hold on somebody, and the wish that somebody else's data end."""
    person, other = (UUID(records.held[whose][name]) for name in ("person_id", "other_id"))
    hold = await plant(intake, "legal_hold", programme=whose, person_id=person, reason="a claim", version=1)
    wish = {"ground": "request", "then": "pseudonymise", "state": "asked", "version": 1}
    erasure = await plant(intake, "erasure", programme=whose, person_id=other, **wish)
    records.keep(whose, hold_id=hold, erasure_id=erasure)


async def of_partners(intake: UnderTest, records: Records) -> None:
    """Questions for a joint case: each is its asker's and that of whom it was put to."""
    person = {whose: UUID(records.held[whose]["person_id"]) for whose in (SERVING, OTHER)}
    said = {"state": "asked", "consent": CONSENT, "key_id": "2026", "mark": "0" * 64, "version": 1}
    ours = await plant(
        intake,
        "joint_case_question",
        programme=SERVING,
        asked_programme="partner-other",
        person_id=person[SERVING],
        **said,
    )
    theirs = await plant(
        intake, "joint_case_question", programme="maison", asked_programme=OTHER, person_id=person[OTHER], **said
    )
    records.keep(SERVING, question_id=ours)
    records.keep(OTHER, question_id=theirs, programme=OTHER)
    records.keep("partner-other", question_id=ours, programme="partner-other")
