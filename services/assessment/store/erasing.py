"""What becomes of assessment's tables when a person's data end (`shared.erasure`)."""

from services.assessment.store.table import Table
from shared.erasure.plan import Plan, facts, gone

SHEET = "sheet"

PLAN = Plan.of(
    Table.metadata,
    facts("referral_person", "person_id", "referral_id", record="referral"),
    facts("referral_source", "referral_id", record="referral"),
    facts("sheet", "person_id", "referral_id", "id", record=SHEET),
    facts("result", "sheet_id", record=SHEET),
    gone("draft", "person_id", record=SHEET),
    gone("rejection", "referral_id", record=SHEET),
    facts("admission", "person_id", "referral_id", record="admission"),
    facts("course", "person_id", "case_id", record="case"),
    facts("outcome", "person_id", "case_id", record="outcome"),
    gone("profile_consent", "person_id", record="consent"),
    untouched={
        **dict.fromkeys(("pack", "publication", "threshold"), "published instruments"),
        "export": "that an export was made: counts, no person",
    },
)
"""Every table is a part or untouched."""
