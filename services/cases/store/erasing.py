"""What becomes of cases' tables when a person's data end (`shared.erasure`)."""

from services.cases.store.table import Table
from shared.erasure.plan import Plan, empty, facts, gone, mentions, nothing

CASE, PLAN_RECORD, MEETING, CIRCLE = "case", "plan", "meeting", "circle"

PLAN = Plan.of(
    Table.metadata,
    facts("case", "id", "person_id", record=CASE),
    facts("origin", "person_id", "id", record=CASE),
    facts("assessed", "person_id", "referral_id", record="complexity"),
    facts("asked_elsewhere", "person_id", "outgoing_id", record="referral-onward"),
    facts("death", "person_id", record="death"),
    facts("heard", "about", "id", record="timeline"),
    facts("tie", "subject_id", "record_id", record="timeline"),
    facts("timeline", "case_id", record="timeline", left={"words": empty}),
    facts("agenda_line", "case_id", record=MEETING),
    facts("meeting_line", "case_id", record=MEETING),
    facts("case_share", "case_id", record="share"),
    facts("checklist_tick", "case_id", record=CASE),
    gone("circle_member", "case_id", record=CIRCLE),
    mentions("circle_member", "person_id", record=CIRCLE, left={"person_id": nothing}),
    gone("information", "case_id", record=CIRCLE),
    facts("general_practitioner", "case_id", record=CIRCLE),
    facts("decision", "case_id", record="decision"),
    facts("follow_up_result", "case_id", record="follow-up"),
    gone("hand_over", "case_id", record=CASE),
    facts("help_request", "case_id", record="help-request"),
    facts("pathway_deviation", "case_id", record=CASE),
    facts("plan", "case_id", record=PLAN_RECORD),
    facts("task", "case_id", record="task"),
    facts("transfer", "case_id", record="transfer"),
    facts("visit", "case_id", record="visit"),
    facts("activity", "case_id", record="activity"),
    untouched={
        **dict.fromkeys(
            ("activity_period", "rates", "routing", "pathway", "pathway_version"), "the organisation's rules"
        ),
        **dict.fromkeys(("plan_template", "organisation", "worker"), "nobody's who is cared for"),
        **dict.fromkeys(("meeting", "meeting_series"), "about several people: its minutes are the organisation's"),
    },
)
"""Every table is a part or untouched."""
