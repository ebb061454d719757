"""What stands in assessment while the matrix is walked: the same of everything in two organisations."""

from typing import Any
from uuid import UUID, uuid4

from shared.testing.harness import UnderTest
from tests.assessment.deliveries import filled
from tests.assessment.outcomes.cases import open_case
from tests.assessment.profile.people import NOW
from tests.security.consent.saying import hear
from tests.security.matrix.actors import OTHER, SERVING, Records
from tests.security.matrix.planting import give, made, plant

SHEET = {name: value for name, value in filled(NOW).items() if name != "identifier"}
OUTCOME = {"point": "start", "measured_on": "2026-11-20", "living_situation": "at-home"}
CONSENT = {"audience": "chu", "given_by": "person", "how": "oral", "until": "2027-11-20"}
ANY = str(UUID(int=1))
AUDIENCES = {"chu": SERVING, "partner-other": OTHER}
"""Who may read the shared profile of whose person."""
EXPORT = {"study": "evaluation-2026", "from": "2026-01-01", "to": "2026-10-31", "on_small": "suppress"}

BODIES: dict[str, Any] = {
    "record_sheet": {**SHEET, "person_id": ANY},
    "try_score": {"instrument": "eladeb-r", "edition": "2011", "answers": NOW},
    "begin_sheet": {"person_id": ANY, "content": {}},
    "amend_sheet": SHEET,
    "enter_in_error": {"reason": "test-entry"},
    "decide_admission": {"decided": "case_management", "reason": "Une situation complexe."},
    "record_outcome": {**OUTCOME, "case_id": ANY},
    "amend_outcome": OUTCOME,
    "withdraw_outcome": {"reason": "test-entry"},
    "export_evaluation": EXPORT,
    "give_profile_consent": CONSENT,
    "publish_threshold": {},
}
QUERIES: dict[str, Any] = {
    "read_indicators": {"from": "2026-01-01", "to": "2026-06-30"},
    "compare_sheets": "first={sheet_id}&second={sheet_id}",
    "list_sheets": {"person_id": ANY},
    "list_admissions": {"person_id": ANY},
}


async def seeded(assessment: UnderTest) -> Records:
    """The records, made through the API."""
    records = Records(public={"code": "eladeb-r", "version": "0.1.0"})
    # A consent is its organisation's; the person whom it is about is nobody's before anything is known of her or him.
    records.public["/assessment/persons/{person_id:uuid}/profile-consents#person_id"] = ANY
    records.public["/assessment/fhir/CodeSystem/{name}#name"] = "card"
    for whose in (SERVING, OTHER):
        await of(assessment, records, whose)
        records.private[whose] = set(records.held[whose].values())
    shared = "/assessment/persons/{person_id:uuid}/shared-profile#person_id"
    for audience, whose in AUDIENCES.items():
        records.keep(audience, **{shared: records.held[whose]["person_id"]})
    return records


async def of(assessment: UnderTest, records: Records, whose: str) -> None:
    """One organisation's records."""
    person, case_id = str(uuid4()), await open_case(assessment)
    manager = assessment.client("case-manager-nurse", org_id=whose, sub=f"manager@{whose}")
    coordinator = assessment.client("coordinator", org_id=whose, sub=f"coordinator@{whose}")
    async with manager, coordinator:
        sheet = await made(manager, "/assessment/sheets", {**SHEET, "person_id": person})
        draft = await made(manager, "/assessment/drafts", {"person_id": person, "content": {}})
        admission = await made(manager, "/assessment/admissions", {"person_id": person})
        await give(assessment, "course", case_id, "case_id", organisation=whose)
        outcome = await made(manager, "/assessment/outcomes", {**OUTCOME, "case_id": str(case_id)})
        audience = next(each for each, owner in AUDIENCES.items() if owner == whose)
        said = {**CONSENT, "audience": audience}
        await hear(assessment, person, "sharing", about=audience)
        consent = await made(coordinator, f"/assessment/persons/{person}/profile-consents", said)
    said = {"study": "study", "format": "csv", "precision": "month", "on_small": "suppress"}
    export = await plant(assessment, "export", organisation=whose, **said)
    records.keep(whose, person_id=person, sheet_id=sheet, draft_id=draft, admission_id=admission)
    records.keep(whose, outcome_id=outcome, consent_id=consent, export_id=export)
