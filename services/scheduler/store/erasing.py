"""What becomes of scheduler's tables when a person's data end (`shared.erasure`)."""

from services.scheduler.store.table import Table
from shared.erasure.plan import Plan, facts, gone, mentions, nothing

FOLLOW_UP, CASE, CAMPAIGN = "follow-up", "case", "campaign"

PLAN = Plan.of(
    Table.metadata,
    facts("followed_case", "person_id", "case_id", record=CASE),
    facts("closing", "case_id", record=CASE),
    facts("follow_up", "person_id", "case_id", record=FOLLOW_UP),
    gone("lease", "subject_id", "follow_up_id", record=FOLLOW_UP),
    facts("appointment", "person_id", "case_id", record="appointment"),
    facts("reminder", "case_id", "subject_id", record="reminder"),
    facts("line_task", "case_id", record="task"),
    facts("stopped", "person_id", "case_id", record=FOLLOW_UP),
    facts("death", "person_id", record="death"),
    facts("last_contact", "person_id", "current_id", record="contact"),
    gone("person_language", "person_id", record="identity"),
    facts("campaign_member", "person_id", "current_id", record=CAMPAIGN),
    mentions("campaign_member", "follow_up_id", record=CAMPAIGN, left={"follow_up_id": nothing}),
    untouched={
        **dict.fromkeys(("absence", "cadence", "calendar", "feed"), "the workers'"),
        **dict.fromkeys(("policy", "policy_version", "backlog_minute"), "nobody's"),
        "campaign": "about many people: counts",
    },
)
"""Every table is a part or untouched."""
