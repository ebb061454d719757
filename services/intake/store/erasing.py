"""What becomes of intake's tables when a person's data end (`shared.erasure`)."""

from datetime import date
from typing import Any

from services.intake.domain import Address
from services.intake.domain.contact import Speaker
from services.intake.domain.merge import Taken
from services.intake.store.table import Table
from shared.erasure.plan import Plan, empty, facts, figures, gone, mentions, nothing
from shared.erasure.words import BLANK

PERSON, CONTACT, IMPORT = "identity", "contact", "import-row"


def dashed(_: Any) -> str:
    """A name that names nobody."""
    return BLANK


def year_of(day: date | None) -> date | None:
    """The first of January of the year: what figures by age need."""
    return day and day.replace(month=1, day=1)


def commune_of(address: Address | None) -> Address | None:
    """The municipality alone: what figures by place need."""
    return address and Address(nis_code=address.nis_code)


def kind_of(caller: Speaker) -> Speaker:
    """What kind of caller it was, and a professional's organisation."""
    return Speaker(kind=caller.kind, organisation=caller.organisation)


def nothing_taken(_: Any) -> Taken:
    """A merge that gave nothing."""
    return Taken()


PLAN = Plan.of(
    Table.metadata,
    facts(
        "person",
        "id",
        record=PERSON,
        left={
            **dict.fromkeys(("family_name", "given_names"), dashed),
            **dict.fromkeys(("niss", "niss_mark", "email", "preferred_channel", "lives_alone", "merged_into"), nothing),
            **dict.fromkeys(("hospital_numbers", "phones", "contact_points", "marks"), empty),
            "birth_date": year_of,
            "address": commune_of,
        },
    ),
    facts("contact", "person_id", record=CONTACT, left={"caller": kind_of, "caller_person_id": nothing}),
    mentions("contact", "caller_person_id", record=CONTACT, left={"caller": kind_of, "caller_person_id": nothing}),
    gone("contact_amendment", "contact_id", record=CONTACT),
    facts("contact_topic", "contact_id", record=CONTACT),
    mentions("contact_draft", record=CONTACT, within=("content",)),
    facts("call_back", "person_id", "contact_id", record="call-back", left={"phone": nothing}),
    facts("known_case", "person_id", record="case"),
    facts("hospital_stay", "referral_id", record="referral"),
    figures("decision", "id", record="referral", because="figures"),
    facts("identification", "person_id", record=PERSON),
    gone("identity_review", "person_id", record=PERSON),
    mentions("identity_review", record=PERSON, within=("candidates",)),
    gone("person_change", "person_id", record=PERSON),
    gone("person_relation", "person_id", record="relation"),
    mentions("person_relation", "other_id", record="relation", left={"other_id": nothing}),
    facts("person_merge", "kept_id", "merged_id", record=PERSON, left={"taken": nothing_taken}),
    gone("known_apart", "one_id", "two_id", record=PERSON),
    gone("possible_duplicate", "one_id", "two_id", record=PERSON),
    facts("relay", "person_id", record="request"),
    facts("lapsed_link", "person_id", record="link"),
    gone("elsewhere_check", "person_id", record="check-elsewhere"),
    gone("elsewhere_consent", "person_id", record="consent"),
    gone("joint_case_question", "person_id", record="check-elsewhere"),
    gone("consent", "person_id", record="consent"),
    gone("named_exclusion", "person_id", record="exclusion"),
    gone("subject_export", "person_id", record="export"),
    gone("export_part", "export_id", record="export"),
    gone("placed_note", "contact_id", record=CONTACT),
    facts("orientation", "contact_id", record="orientation"),
    figures("unmet_demand", "origin_id", record="unmet-demand", because="figures"),
    figures("import_reference", "target_id", record=IMPORT, because="no-second-import"),
    figures(
        "import_row",
        "target_id",
        record=IMPORT,
        because="no-second-import",
        left={"content": nothing, "faults": empty, "candidates": empty},
    ),
    mentions("import_row", record=IMPORT, within=("candidates",)),
    untouched={
        **dict.fromkeys(("legal_hold", "restriction", "erasure"), "what was decided of the end itself: ids and codes"),
        **dict.fromkeys(("retention_policy", "column_mapping", "offer", "population"), "nobody's"),
        **dict.fromkeys(("line_heartbeat", "line_hours", "line_silence", "line_volume", "outage"), "the line's"),
        **dict.fromkeys(("model_topic", "topic_fit", "topic_model"), "words of many, none of which is rare"),
        "list_import": "the list as a whole",
        "elsewhere_mark": "keyed, and made anew from who is followed",
    },
)
"""Every table is a part or untouched."""
