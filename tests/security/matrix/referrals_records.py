"""What stands in referrals while the matrix is walked: what two hospitals sent, and what two partners were asked."""

import json
from typing import Any

import httpx

from shared.testing.harness import UnderTest
from tests.referrals.directory.entries import HOUSEWORK, PROGRAMME
from tests.referrals.imports.files import FULL as ROW
from tests.referrals.imports.files import csv_of
from tests.referrals.notifications.subscribing import wish
from tests.referrals.outgoing.asking import CONSENT, DEMAND, HEARD, REFUSAL, WHO
from tests.referrals.pushes import FULL, fresh, register
from tests.security.consent.saying import hear
from tests.security.matrix.actors import OTHER, SERVING, Records
from tests.security.matrix.planting import made, put

HOSPITALS = ("chu", "hospital-other")
PARTNERS = (OTHER, "partner-other")
STAFF = "/referrals/outgoing/"
DIRECTORY = ("Organization", "HealthcareService", "Location", "PractitionerRole", "Endpoint")
KINDS: tuple[str, ...] = (
    "QuestionnaireResponse",
    "Observation",
    "Communication",
    "EpisodeOfCare",
    "CarePlan",
    "CareTeam",
    "Condition",
)
KINDS += ("DocumentReference", "Encounter", "RelatedPerson", "Practitioner", "Provenance")
NOTES = "/referrals/directory/organisations/{code}/notes"
HOOK = "http://127.0.0.1:8443/notices"
WHY = {"reason": "Une erreur."}
WORDS = {"text": "Merci."}
DAYS = {"from": "2026-11-01", "to": "2026-11-30"}

BODIES: dict[str, Any] = {
    "push_referral": fresh(),
    "correct_referral": fresh(),
    "register_organisation": {"name": "Centre", "kind": "other"},
    "write_know_how": {"text": "Sonner deux fois."},
    "register_service": {**HOUSEWORK, "code": "another"},
    "change_service": {name: value for name, value in HOUSEWORK.items() if name not in ("organisation", "code")},
    "set_capacity": {"state": "full"},
    "register_programme": {**PROGRAMME, "run_by": OTHER},
    "record_gap": {"needs": ["housework"]},
    "send_hl7v2_message": ("application/hl7-v2", "MSH|none"),
    "import_directory": ("text/csv", "organisation,code,name,domains\n"),
    "import_referrals": ("text/csv", csv_of([ROW]).decode()),
    "ask_capacity": {"organisation": OTHER, "needs": ["food"]},
    "answer_capacity": {"capacity": "full"},
    "refuse_from_inbox": REFUSAL,
    "ask_programme": {"question": "Quel étage ?"},
    "report_progress": {"stage": "started"},
    "send_outgoing": dict(DEMAND),
    "record_sending": {"heard": HEARD},
    "record_answer": {"answer": {"kind": "acceptance"}, "heard": HEARD},
    "answer_partner": {"answer": "Le premier."},
    "cancel_outgoing": WHY,
    "void_outgoing": WHY,
    "disclose_person": {"consent": CONSENT},
    "confirm_service_status": {"status": "found", "confirmed_by": "person", "on": "2026-11-20"},
    "send_elsewhere": {"organisation": "partner-other"},
    "refuse_referral": REFUSAL,
    "ask_sender": {"question": "Quel étage ?"},
    "answer_question": {"answer": "Le premier."},
    "redirect_referral": {"organisation": OTHER},
    "void_referral": WHY,
    "cancel_referral": WHY,
    "write_message": WORDS,
    "make_webhook": {"url": HOOK},
    "resend_notices": {"from": 1},
    "fhir_patch_Task": {"status": "accepted"},
    "map_foreign_sheet": {"mapping": "eladeb-r", "sheet": {}},
}
QUERIES: dict[str, Any] = {
    "read_feedback": DAYS,
    "export_feedback": DAYS,
    "find_communes": {"q": "liège"},
    "read_coverage": {"commune": "62063"},
}


async def seeded(referrals: UnderTest) -> Records:
    """The records, made through the API."""
    await register(referrals)
    records = Records(public={"version": "1", "name": "business-status"})
    records.rewritten = {"fhir_update_Task", "fhir_update_ServiceRequest"}
    records.public["/referrals/fhir/Questionnaire/#code"] = "eladeb-r"
    async with referrals.client("operator") as operator:
        await put(operator, "/referrals/directory/organisations/partner-other", {"name": "Autre", "kind": "other"})
        await put(operator, "/referrals/programmes/valley", PROGRAMME)
        for code in (OTHER, "partner-other"):
            await put(operator, f"/referrals/programmes/{code}", {**PROGRAMME, "run_by": code})
    for hospital in HOSPITALS:
        async with referrals.client("hospital-chu", org_id=hospital, sub=f"system@{hospital}") as client:
            await sent(referrals, records, hospital, client)
    for partner in PARTNERS:
        async with referrals.client("partner-centre", org_id=partner, sub=f"partner@{partner}") as client:
            await asked(referrals, records, partner, client)
    records.public[f"{NOTES}#code"] = OTHER
    for number, whose in enumerate((SERVING, OTHER, "chu"), 1):
        persona = {SERVING: "line-nurse", OTHER: "partner-centre", "chu": "hospital-chu"}[whose]
        async with referrals.client(persona) as client:
            place = NOTES.format(code=OTHER)
            seen = {"if-match": (await client.get(place)).headers["etag"]}
            answer = await client.post(place, json=BODIES["write_know_how"], headers=seen)
            assert answer.status_code == 201, answer.text
        records.keep(whose, **{f"{NOTES}#number": str(number)})
    async with referrals.client("operator") as operator:
        for kind in DIRECTORY:
            found = (await operator.get(f"/referrals/fhir/{kind}")).json().get("entry", [])
            records.public[f"/referrals/fhir/{kind}/#resource_id"] = found[0]["resource"]["id"] if found else "none"
            records.absent |= set() if found else {f"/referrals/fhir/{kind}/"}
    records.private = {
        whose: {each for each in held.values() if len(each) == 36} for whose, held in records.held.items()
    }
    return records


async def sent(referrals: UnderTest, records: Records, hospital: str, client: httpx.AsyncClient) -> None:
    """What a hospital has here."""
    document = {**FULL, "identifier": {"system": "urn:referral", "value": hospital}}
    referral = await made(client, "/referrals", document)
    webhook = await made(client, "/referrals/webhooks", {"url": HOOK})
    listed = await made(client, "/referrals/imports", None, content=csv_of([ROW]), headers={"content-type": "text/csv"})
    records.keep(hospital, referral_id=referral, webhook_id=webhook, import_id=listed, resource_id=referral)
    wished = await client.post("/referrals/fhir/Subscription", json=asking(hospital))
    assert wished.status_code == 201, wished.text
    records.keep(hospital, subscription_id=wished.json()["id"])
    for kind in KINDS:
        entries = (await client.get(f"/referrals/fhir/{kind}")).json().get("entry", [])
        if entries:
            records.keep(hospital, **{f"/referrals/fhir/{kind}/#resource_id": entries[0]["resource"]["id"]})
        else:
            records.absent.add(f"/referrals/fhir/{kind}/")


def asking(hospital: str) -> dict[str, Any]:
    """A hospital's wish for notices about what it sent."""
    found: dict[str, Any] = json.loads(json.dumps(wish(HOOK)).replace("Organization/chu", f"Organization/{hospital}"))
    return found


async def asked(referrals: UnderTest, records: Records, partner: str, client: httpx.AsyncClient) -> None:
    """What a partner was asked."""
    await hear(referrals, WHO, "sharing", about=partner)
    async with referrals.client("case-manager-nurse") as manager:
        outgoing = await made(manager, "/referrals/outgoing", {**DEMAND, "organisation": partner})
        question = await made(manager, "/referrals/capacity-questions", {"organisation": partner, "needs": ["food"]})
    service = await made(client, "/referrals/directory/services", {**HOUSEWORK, "organisation": partner})
    webhook = await made(client, "/referrals/webhooks", {"url": HOOK})
    records.keep(partner, outgoing_id=outgoing, question_id=question, service_id=service, webhook_id=webhook)
    records.keep(SERVING, **{f"{STAFF}#outgoing_id": outgoing})
    records.keep(partner, **{"/referrals/programmes/#code": partner, "/referrals/directory/#code": partner})
