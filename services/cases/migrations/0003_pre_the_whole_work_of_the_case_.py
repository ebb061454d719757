"""The whole work of the case manager: states of the common table, the timeline, and all that hangs on a case."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "cases_0003"
down_revision = "cases_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "activity_period",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity_period")),
        sa.UniqueConstraint("organisation", "month", name=op.f("uq_activity_period_organisation_month")),
    )
    op.create_table(
        "asked_elsewhere",
        sa.Column("outgoing_id", sa.Uuid(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("based_on", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("in_use", sa.Boolean(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("outgoing_id", name=op.f("pk_asked_elsewhere")),
    )
    op.create_index("ix_asked_elsewhere_based_on", "asked_elsewhere", ["based_on"], unique=False)
    op.create_index("ix_asked_elsewhere_person_id", "asked_elsewhere", ["person_id"], unique=False)
    op.create_table(
        "assessed",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("findings", postgresql.JSONB(), nullable=False),
        sa.Column("rule_version", sa.Text(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessed")),
    )
    op.create_index("ix_assessed_person_id", "assessed", ["person_id"], unique=False)
    op.create_index("ix_assessed_referral_id", "assessed", ["referral_id"], unique=False)
    op.create_table(
        "heard",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("about", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_heard")),
    )
    op.create_index("ix_heard_about_at_place_id", "heard", ["about", "at", "place", "id"], unique=False)
    op.create_table(
        "meeting_series",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("time", sa.Text(), nullable=False),
        sa.Column("members", postgresql.JSONB(), nullable=False),
        sa.Column("quorum", sa.Integer(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_series")),
        sa.UniqueConstraint("organisation", name=op.f("uq_meeting_series_organisation")),
    )
    op.create_table(
        "pathway",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pathway")),
        sa.UniqueConstraint("organisation", name=op.f("uq_pathway_organisation")),
    )
    op.create_table(
        "pathway_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("protocol_version", sa.Text(), nullable=False),
        sa.Column("model", sa.String(length=40), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("steps", postgresql.JSONB(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pathway_version")),
        sa.UniqueConstraint("organisation", "number", name=op.f("uq_pathway_version_organisation_number")),
        sa.UniqueConstraint(
            "organisation", "protocol_version", name=op.f("uq_pathway_version_organisation_protocol_version")
        ),
    )
    op.create_table(
        "plan_template",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_template")),
        sa.UniqueConstraint("organisation", "code", "version", name=op.f("uq_plan_template_organisation_code_version")),
    )
    op.create_table(
        "rates",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("rates", postgresql.JSONB(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rates")),
        sa.UniqueConstraint("organisation", name=op.f("uq_rates_organisation")),
    )
    op.create_table(
        "routing",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rules", postgresql.JSONB(), nullable=False),
        sa.Column("default", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_routing")),
    )
    op.create_table(
        "tie",
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("record_id", "role", name=op.f("pk_tie")),
    )
    op.create_index("ix_tie_subject_id_record_id", "tie", ["subject_id", "record_id"], unique=False)
    op.create_table(
        "worker",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("discipline", sa.String(length=40), nullable=False),
        sa.Column("employer", sa.Text(), nullable=False),
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("municipalities", postgresql.JSONB(), nullable=False),
        sa.Column("cap", sa.Integer(), nullable=True),
        sa.Column("employed_from", sa.Date(), nullable=False),
        sa.Column("employed_until", sa.Date(), nullable=True),
        sa.Column("absences", postgresql.JSONB(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_worker")),
        sa.UniqueConstraint("subject", name=op.f("uq_worker_subject")),
    )
    op.create_index(op.f("ix_worker_organisation"), "worker", ["organisation"], unique=False)
    op.create_table(
        "case_share",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("consent", postgresql.JSONB(), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("is_live", sa.Boolean(), nullable=False),
        sa.Column("shared_by", sa.Text(), nullable=False),
        sa.Column("shared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("end_reason", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_case_share_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_share")),
    )
    op.create_index(
        "ix_case_share_due",
        "case_share",
        ["begins_on", "until"],
        unique=False,
        postgresql_where=sa.text("ended_on IS NULL"),
    )
    op.create_index(
        "ix_case_share_live",
        "case_share",
        ["organisation", "case_id"],
        unique=False,
        postgresql_where=sa.text("is_live"),
    )
    op.create_index(
        "uq_case_share_standing",
        "case_share",
        ["case_id", "organisation"],
        unique=True,
        postgresql_where=sa.text("ended_on IS NULL"),
    )
    op.create_table(
        "checklist_tick",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("stretch", sa.Integer(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("done_by", sa.Text(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_checklist_tick_case_id")),
        sa.PrimaryKeyConstraint("case_id", "stretch", "item", name=op.f("pk_checklist_tick")),
    )
    op.create_table(
        "circle_member",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=True),
        sa.Column("relation", sa.String(length=40), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("organisation", sa.Text(), nullable=True),
        sa.Column("terms", postgresql.JSONB(), nullable=False),
        sa.Column("periods", postgresql.JSONB(), nullable=False),
        sa.Column("history", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_circle_member_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_circle_member")),
    )
    op.create_index("ix_circle_member_case_id_id", "circle_member", ["case_id", "id"], unique=False)
    op.create_table(
        "decision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("organisations", postgresql.JSONB(), nullable=False),
        sa.Column("needed", postgresql.JSONB(), nullable=False),
        sa.Column("acts", postgresql.JSONB(), nullable=False),
        sa.Column("answers", postgresql.JSONB(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("amends", sa.Uuid(), nullable=True),
        sa.Column("amendment_reason", sa.Text(), nullable=True),
        sa.Column("amended_by", sa.Uuid(), nullable=True),
        sa.Column("rules_version", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_decision_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    op.create_index("ix_decision_case_id_on_id", "decision", ["case_id", "on", "id"], unique=False)
    op.create_table(
        "follow_up_result",
        sa.Column("follow_up_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("items", postgresql.JSONB(), nullable=False),
        sa.Column("choice", sa.String(length=40), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_follow_up_result_case_id")),
        sa.PrimaryKeyConstraint("follow_up_id", name=op.f("pk_follow_up_result")),
    )
    op.create_index("ix_follow_up_result_case_id_told_at", "follow_up_result", ["case_id", "told_at"], unique=False)
    op.create_table(
        "general_practitioner",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=True),
        sa.Column("missing", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_general_practitioner_case_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_general_practitioner")),
    )
    op.create_index(
        "ix_general_practitioner_to_inform",
        "general_practitioner",
        ["case_id"],
        unique=False,
        postgresql_where=sa.text("missing <> '[]'"),
    )
    op.create_table(
        "hand_over",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("stretch", sa.Integer(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_hand_over_case_id")),
        sa.PrimaryKeyConstraint("case_id", "number", name=op.f("pk_hand_over")),
    )
    op.create_table(
        "help_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("urgency", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("meeting_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_help_request_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help_request")),
    )
    op.create_index("ix_help_request_case_id", "help_request", ["case_id"], unique=False)
    op.create_index(
        "ix_help_request_open",
        "help_request",
        ["asked_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "meeting",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("series_id", sa.Uuid(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("time", sa.Text(), nullable=False),
        sa.Column("moved_from", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_by", sa.Text(), nullable=True),
        sa.Column("lines", sa.Integer(), nullable=True),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signed_by", sa.Text(), nullable=True),
        sa.Column("attendees", postgresql.JSONB(), nullable=False),
        sa.Column("is_quorate", sa.Boolean(), nullable=True),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["series_id"], ["meeting_series.id"], name=op.f("fk_meeting_series_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting")),
        sa.UniqueConstraint("series_id", "week", name=op.f("uq_meeting_series_id_week")),
    )
    op.create_index("ix_meeting_organisation_on_id", "meeting", ["organisation", "on", "id"], unique=False)
    op.create_index(
        "uq_meeting_open", "meeting", ["organisation"], unique=True, postgresql_where=sa.text("state = 'open'")
    )
    op.create_table(
        "pathway_deviation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_pathway_deviation_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pathway_deviation")),
    )
    op.create_index("ix_pathway_deviation_case_id_at_id", "pathway_deviation", ["case_id", "at", "id"], unique=False)
    op.create_table(
        "timeline",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=True),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        sa.Column("words", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_timeline_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timeline")),
    )
    op.create_index("ix_timeline_case_id_at_place_id", "timeline", ["case_id", "at", "place", "id"], unique=False)
    op.create_table(
        "transfer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("from_organisation", sa.Text(), nullable=False),
        sa.Column("from_worker", sa.Text(), nullable=False),
        sa.Column("to_organisation", sa.Text(), nullable=False),
        sa.Column("to_worker", sa.Text(), nullable=True),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_transfer_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer")),
    )
    op.create_index(
        "ix_transfer_from_organisation_asked_at_id", "transfer", ["from_organisation", "asked_at", "id"], unique=False
    )
    op.create_index(
        "ix_transfer_to_organisation_asked_at_id", "transfer", ["to_organisation", "asked_at", "id"], unique=False
    )
    op.create_index(
        "uq_transfer_live", "transfer", ["case_id"], unique=True, postgresql_where=sa.text("state = 'offered'")
    )
    op.create_table(
        "activity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("root_id", sa.Uuid(), nullable=False),
        sa.Column("replaces", sa.Uuid(), nullable=True),
        sa.Column("replaced_by", sa.Uuid(), nullable=True),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("visit_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("discipline", sa.String(length=40), nullable=True),
        sa.Column("direct_minutes", sa.Integer(), nullable=False),
        sa.Column("travel_minutes", sa.Integer(), nullable=False),
        sa.Column("km", sa.Numeric(precision=6, scale=2), nullable=False),
        sa.Column("participants", sa.Integer(), nullable=True),
        sa.Column("result", sa.String(length=40), nullable=True),
        sa.Column("nis_code", sa.Text(), nullable=True),
        sa.Column("source", sa.String(length=40), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_activity_case_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_activity_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity")),
    )
    op.create_index("ix_activity_case_id_on_id", "activity", ["case_id", "on", "id"], unique=False)
    op.create_index("ix_activity_organisation_on_id", "activity", ["organisation", "on", "id"], unique=False)
    op.create_index("ix_activity_root_id", "activity", ["root_id"], unique=False)
    op.create_index("ix_activity_worker_on", "activity", ["worker", "on"], unique=False)
    op.create_table(
        "information",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("consent", sa.String(length=40), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_information_case_id")),
        sa.ForeignKeyConstraint(["member_id"], ["circle_member.id"], name=op.f("fk_information_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_information")),
    )
    op.create_index("ix_information_case_id_on_id", "information", ["case_id", "on", "id"], unique=False)
    op.create_table(
        "meeting_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("urgency", sa.String(length=40), nullable=False),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("rolled_over", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tasks", postgresql.JSONB(), nullable=False),
        sa.Column("orders", postgresql.JSONB(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("rolls_over", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_meeting_line_case_id")),
        sa.ForeignKeyConstraint(["line_id"], ["agenda_line.id"], name=op.f("fk_meeting_line_line_id")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_meeting_line_meeting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_line")),
        sa.UniqueConstraint("meeting_id", "line_id", name=op.f("uq_meeting_line_meeting_id_line_id")),
        sa.UniqueConstraint("meeting_id", "position", name=op.f("uq_meeting_line_meeting_id_position")),
    )
    op.add_column("agenda_line", sa.Column("since", sa.Date(), nullable=False, server_default=sa.func.now()))
    op.add_column("agenda_line", sa.Column("urgency", sa.String(length=40), nullable=False, server_default="routine"))
    op.add_column("agenda_line", sa.Column("rolled_over", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("case", sa.Column("protocol_version", sa.Text(), nullable=False, server_default="1"))
    op.add_column("case", sa.Column("pathway_id", sa.Uuid(), nullable=True))
    op.add_column("case", sa.Column("wanted_discipline", sa.String(length=40), nullable=True))
    op.add_column("case", sa.Column("waiting_since", sa.Date(), nullable=True))
    op.add_column("case", sa.Column("intervals", postgresql.JSONB(), nullable=False, server_default="[]"))
    op.add_column("case", sa.Column("declined_reason", sa.String(length=40), nullable=True))
    op.add_column("case", sa.Column("nis_code", sa.Text(), nullable=True))
    op.add_column("case", sa.Column("worker_from", sa.Date(), nullable=True))
    op.add_column("case", sa.Column("second_worker", sa.Text(), nullable=True))
    op.add_column("case", sa.Column("second_discipline", sa.String(length=40), nullable=True))
    op.add_column("case", sa.Column("travel_minutes", sa.Integer(), nullable=True))
    op.add_column("case", sa.Column("expected_close_on", sa.Date(), nullable=True))
    op.add_column("case", sa.Column("hand_over_version", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("ix_case_organisation_closed_on", "case", ["organisation", "closed_on"], unique=False)
    op.create_index(
        "ix_case_organisation_next_step_on_id",
        "case",
        ["organisation", "next_step_on", "id"],
        unique=False,
        postgresql_where=sa.text("next_step_on IS NOT NULL"),
    )
    op.create_index(
        "ix_case_organisation_state_opened_at_id", "case", ["organisation", "state", "opened_at", "id"], unique=False
    )
    op.create_index("ix_case_person_id", "case", ["person_id"], unique=False)
    op.create_index("ix_case_worker_opened_at_id", "case", ["worker", "opened_at", "id"], unique=False)
    op.add_column("plan", sa.Column("language", sa.String(length=40), nullable=True))
    op.add_column("plan", sa.Column("refusals", postgresql.JSONB(), nullable=False, server_default="[]"))
    op.add_column("task", sa.Column("mission_note", sa.Text(), nullable=True))
    op.add_column("task", sa.Column("instead_of", sa.Text(), nullable=True))
    op.add_column("task", sa.Column("goals", postgresql.JSONB(), nullable=False, server_default="[]"))
    op.add_column("task", sa.Column("resources", postgresql.JSONB(), nullable=False, server_default="[]"))
    op.add_column("task", sa.Column("postponed", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("task", sa.Column("progressed_on", sa.Date(), nullable=True))
    op.add_column("task", sa.Column("evidence_kind", sa.String(length=40), nullable=True))
    op.add_column("task", sa.Column("cancelled_on", sa.Date(), nullable=True))
    op.add_column("task", sa.Column("cancel_reason", sa.String(length=40), nullable=True))
    op.add_column("task", sa.Column("origin", sa.String(length=40), nullable=False, server_default="plan"))
    op.add_column("task", sa.Column("origin_id", sa.Uuid(), nullable=True))
    op.add_column("task", sa.Column("minutes", sa.Integer(), nullable=True))
    op.add_column(
        "task", sa.Column("added_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now())
    )
    op.add_column("visit", sa.Column("until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("visit", sa.Column("worker", sa.Text(), nullable=True))
    op.add_column("visit", sa.Column("place", sa.String(length=40), nullable=False, server_default="home"))
    op.add_column("visit", sa.Column("nis_code", sa.Text(), nullable=True))
    op.add_column("visit", sa.Column("address_note", sa.Text(), nullable=True))
    op.add_column("visit", sa.Column("safety_note", sa.Text(), nullable=True))
    op.add_column("visit", sa.Column("missed_by", sa.String(length=40), nullable=True))
    op.add_column("visit", sa.Column("missed_reason", sa.String(length=40), nullable=True))
    op.add_column("visit", sa.Column("moved_to", sa.Uuid(), nullable=True))
    op.create_index("ix_visit_on", "visit", ["on"], unique=False)
    op.drop_index("ix_case_worker_open", table_name="case")
    op.create_index(
        "ix_case_worker_open", "case", ["worker"], postgresql_where=sa.text("state IN ('open', 'in-care', 'paused')")
    )
    op.execute(
        "UPDATE \"case\" SET state = 'declined', declined_reason = 'other' WHERE state = 'closed' AND worker IS NULL"
    )
    op.execute("UPDATE \"case\" SET state = 'requested' WHERE state = 'opened'")
    op.execute("UPDATE \"case\" SET state = 'open' WHERE state = 'assigned'")
    op.execute(
        'UPDATE "case" SET paused_until = opened_on + 30 WHERE paused_reason IS NOT NULL AND paused_until IS NULL'
    )
    op.execute("UPDATE \"case\" SET state = 'paused' WHERE paused_reason IS NOT NULL AND state IN ('open', 'in-care')")
    op.execute(
        'UPDATE "case" SET intervals = jsonb_build_array(jsonb_build_object('
        "'number', 1, 'begun_on', opened_on, 'ended_on', closed_on, 'reason', closing_reason)) WHERE worker IS NOT NULL"
    )
    op.execute(
        "INSERT INTO timeline (id, case_id, at, place, service, kind, by, facts, words)"
        " SELECT gen_random_uuid(), case_id, at, number, 'cases', kind, by, facts, words FROM entry"
    )
    for part in ("goals", "needs", "resources"):
        op.execute(
            f"UPDATE plan SET {part} = (SELECT coalesce(jsonb_agg(jsonb_build_object('id', md5(case_id::text"
            f" || '{part}' || coalesce(part->>'domain', '') || (part->>'text'))::uuid) || part ORDER BY place), '[]')"
            f" FROM jsonb_array_elements({part}) WITH ORDINALITY AS each(part, place))"  # nosec B608  # our three words
        )
    op.drop_table("entry")


def downgrade() -> None:
    op.drop_index("ix_visit_on", table_name="visit")
    op.drop_column("visit", "moved_to")
    op.drop_column("visit", "missed_reason")
    op.drop_column("visit", "missed_by")
    op.drop_column("visit", "safety_note")
    op.drop_column("visit", "address_note")
    op.drop_column("visit", "nis_code")
    op.drop_column("visit", "place")
    op.drop_column("visit", "worker")
    op.drop_column("visit", "until")
    op.drop_column("task", "added_at")
    op.drop_column("task", "minutes")
    op.drop_column("task", "origin_id")
    op.drop_column("task", "origin")
    op.drop_column("task", "cancel_reason")
    op.drop_column("task", "cancelled_on")
    op.drop_column("task", "evidence_kind")
    op.drop_column("task", "progressed_on")
    op.drop_column("task", "postponed")
    op.drop_column("task", "resources")
    op.drop_column("task", "goals")
    op.drop_column("task", "instead_of")
    op.drop_column("task", "mission_note")
    op.drop_column("plan", "refusals")
    op.drop_column("plan", "language")
    op.drop_index("ix_case_worker_opened_at_id", table_name="case")
    op.drop_index("ix_case_person_id", table_name="case")
    op.drop_index("ix_case_organisation_state_opened_at_id", table_name="case")
    op.drop_index(
        "ix_case_organisation_next_step_on_id", table_name="case", postgresql_where=sa.text("next_step_on IS NOT NULL")
    )
    op.drop_index("ix_case_organisation_closed_on", table_name="case")
    op.drop_column("case", "hand_over_version")
    op.drop_column("case", "expected_close_on")
    op.drop_column("case", "travel_minutes")
    op.drop_column("case", "second_discipline")
    op.drop_column("case", "second_worker")
    op.drop_column("case", "worker_from")
    op.drop_column("case", "nis_code")
    op.drop_column("case", "declined_reason")
    op.drop_column("case", "intervals")
    op.drop_column("case", "waiting_since")
    op.drop_column("case", "wanted_discipline")
    op.drop_column("case", "pathway_id")
    op.drop_column("case", "protocol_version")
    op.drop_column("agenda_line", "rolled_over")
    op.drop_column("agenda_line", "urgency")
    op.drop_column("agenda_line", "since")
    op.create_table(
        "entry",
        sa.Column("case_id", sa.UUID(), autoincrement=False, nullable=False),
        sa.Column("number", sa.INTEGER(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.TEXT(), autoincrement=False, nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), autoincrement=False, nullable=False),
        sa.Column("by", sa.TEXT(), autoincrement=False, nullable=True),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), autoincrement=False, nullable=False),
        sa.Column("words", postgresql.JSONB(astext_type=sa.Text()), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_entry_case_id")),
        sa.PrimaryKeyConstraint("case_id", "number", name=op.f("pk_entry")),
    )
    op.drop_table("meeting_line")
    op.drop_index("ix_information_case_id_on_id", table_name="information")
    op.drop_table("information")
    op.drop_index("ix_activity_worker_on", table_name="activity")
    op.drop_index("ix_activity_root_id", table_name="activity")
    op.drop_index("ix_activity_organisation_on_id", table_name="activity")
    op.drop_index("ix_activity_case_id_on_id", table_name="activity")
    op.drop_table("activity")
    op.drop_index("uq_transfer_live", table_name="transfer", postgresql_where=sa.text("state = 'offered'"))
    op.drop_index("ix_transfer_to_organisation_asked_at_id", table_name="transfer")
    op.drop_index("ix_transfer_from_organisation_asked_at_id", table_name="transfer")
    op.drop_table("transfer")
    op.drop_index("ix_timeline_case_id_at_place_id", table_name="timeline")
    op.drop_table("timeline")
    op.drop_index("ix_pathway_deviation_case_id_at_id", table_name="pathway_deviation")
    op.drop_table("pathway_deviation")
    op.drop_index("uq_meeting_open", table_name="meeting", postgresql_where=sa.text("state = 'open'"))
    op.drop_index("ix_meeting_organisation_on_id", table_name="meeting")
    op.drop_table("meeting")
    op.drop_index("ix_help_request_open", table_name="help_request", postgresql_where=sa.text("state = 'open'"))
    op.drop_index("ix_help_request_case_id", table_name="help_request")
    op.drop_table("help_request")
    op.drop_table("hand_over")
    op.drop_index(
        "ix_general_practitioner_to_inform",
        table_name="general_practitioner",
        postgresql_where=sa.text("missing <> '[]'"),
    )
    op.drop_table("general_practitioner")
    op.drop_index("ix_follow_up_result_case_id_told_at", table_name="follow_up_result")
    op.drop_table("follow_up_result")
    op.drop_index("ix_decision_case_id_on_id", table_name="decision")
    op.drop_table("decision")
    op.drop_index("ix_circle_member_case_id_id", table_name="circle_member")
    op.drop_table("circle_member")
    op.drop_table("checklist_tick")
    op.drop_index("uq_case_share_standing", table_name="case_share", postgresql_where=sa.text("ended_on IS NULL"))
    op.drop_index("ix_case_share_live", table_name="case_share", postgresql_where=sa.text("is_live"))
    op.drop_index("ix_case_share_due", table_name="case_share", postgresql_where=sa.text("ended_on IS NULL"))
    op.drop_table("case_share")
    op.drop_index(op.f("ix_worker_organisation"), table_name="worker")
    op.drop_table("worker")
    op.drop_index("ix_tie_subject_id_record_id", table_name="tie")
    op.drop_table("tie")
    op.drop_table("routing")
    op.drop_table("rates")
    op.drop_table("plan_template")
    op.drop_table("pathway_version")
    op.drop_table("pathway")
    op.drop_table("meeting_series")
    op.drop_index("ix_heard_about_at_place_id", table_name="heard")
    op.drop_table("heard")
    op.drop_index("ix_assessed_referral_id", table_name="assessed")
    op.drop_index("ix_assessed_person_id", table_name="assessed")
    op.drop_table("assessed")
    op.drop_index("ix_asked_elsewhere_person_id", table_name="asked_elsewhere")
    op.drop_index("ix_asked_elsewhere_based_on", table_name="asked_elsewhere")
    op.drop_table("asked_elsewhere")
    op.drop_table("activity_period")
