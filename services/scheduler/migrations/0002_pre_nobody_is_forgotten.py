"""Nobody is forgotten: policies and calendars as data, leases, campaigns, appointments."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "scheduler_0002"
down_revision = "scheduler_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_constraint("uq_follow_up_case_id_closing_kind", "follow_up", type_="unique")
    op.alter_column("follow_up", "closing", new_column_name="occasion")
    op.alter_column("follow_up", "closed_on", new_column_name="counted_from")
    op.add_column("follow_up", sa.Column("trigger", sa.String(length=40), nullable=False, server_default="case-closed"))
    op.add_column("follow_up", sa.Column("origin_id", sa.Uuid(), nullable=True))
    op.execute("UPDATE follow_up SET origin_id = case_id")
    op.alter_column("follow_up", "origin_id", nullable=False)
    op.drop_constraint(op.f("ck_follow_up_slot_in_hours"), "follow_up", type_="check")
    op.create_check_constraint(op.f("ck_follow_up_slot_in_hours"), "follow_up", "slot BETWEEN '07:00' AND '20:00'")
    op.create_table(
        "absence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("substitute", sa.Text(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("first <= last", name=op.f("ck_absence_in_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    op.create_index("ix_absence_organisation_last", "absence", ["organisation", "last"], unique=False)
    op.create_table(
        "appointment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("visit_id", sa.Uuid(), nullable=True),
        sa.Column("cadence", sa.Text(), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sort_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("remind_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("place", sa.String(length=40), nullable=True),
        sa.Column("nis_code", sa.Text(), nullable=True),
        sa.Column("travel_minutes", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("is_overlap_allowed", sa.Boolean(), nullable=False),
        sa.Column("overlap_reason", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment")),
    )
    op.create_index("ix_appointment_case_id", "appointment", ["case_id", "sort_at"], unique=False)
    op.create_index(
        "ix_appointment_person_id",
        "appointment",
        ["person_id", "sort_at"],
        unique=False,
        postgresql_where=sa.text("status <> 'cancelled'"),
    )
    op.create_index(
        "ix_appointment_remind_at",
        "appointment",
        ["remind_at"],
        unique=False,
        postgresql_where=sa.text("remind_at IS NOT NULL"),
    )
    op.create_index("ix_appointment_sort_at_id", "appointment", ["organisation", "sort_at", "id"], unique=False)
    op.create_index(
        "ix_appointment_worker",
        "appointment",
        ["worker", "sort_at"],
        unique=False,
        postgresql_where=sa.text("status <> 'cancelled'"),
    )
    op.create_index(
        "uq_appointment_cadence",
        "appointment",
        ["organisation", "cadence", "on"],
        unique=True,
        postgresql_where=sa.text("status <> 'cancelled'"),
    )
    op.create_index("uq_appointment_visit_id", "appointment", ["visit_id"], unique=True)
    op.create_table(
        "backlog_minute",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("minute", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backlog_minute")),
    )
    op.create_table(
        "cadence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("starts", sa.Time(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("on_day_off", sa.String(length=40), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("planned_until", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cadence")),
        sa.UniqueConstraint("organisation", "code", name=op.f("uq_cadence_organisation_code")),
    )
    op.create_table(
        "calendar",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("calendar", postgresql.JSONB(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar")),
        sa.UniqueConstraint("organisation", name=op.f("uq_calendar_organisation")),
    )
    op.create_table(
        "campaign",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("outage_id", sa.Uuid(), nullable=True),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("programme", sa.Text(), nullable=True),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("per_day", sa.Integer(), nullable=False),
        sa.Column("order", sa.String(length=40), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=True),
        sa.Column("made_by", sa.Text(), nullable=True),
        sa.Column("first_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
        sa.UniqueConstraint("outage_id", name=op.f("uq_campaign_outage_id")),
    )
    op.create_index(
        "ix_campaign_live",
        "campaign",
        ["status"],
        unique=False,
        postgresql_where=sa.text("status IN ('draft', 'running', 'paused')"),
    )
    op.create_table(
        "feed",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("of", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=40), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_feed_token_hash")),
    )
    op.create_index(op.f("ix_feed_worker"), "feed", ["worker"], unique=False)
    op.create_table(
        "followed_case",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("programme", sa.Text(), nullable=True),
        sa.Column("origin_id", sa.Uuid(), nullable=True),
        sa.Column("has_died", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_followed_case")),
    )
    op.create_index(
        "ix_followed_case_died_person_id",
        "followed_case",
        ["person_id"],
        unique=False,
        postgresql_where=sa.text("has_died"),
    )
    op.create_index(
        "ix_followed_case_open_person_id",
        "followed_case",
        ["person_id"],
        unique=False,
        postgresql_where=sa.text("state <> 'closed'"),
    )
    op.create_index("ix_followed_case_origin_id", "followed_case", ["origin_id"], unique=False)
    op.create_table(
        "last_contact",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("silences", sa.Integer(), nullable=False),
        sa.Column("noticed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_last_contact")),
    )
    op.create_index(op.f("ix_last_contact_last_on"), "last_contact", ["last_on"], unique=False)
    op.create_table(
        "lease",
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("follow_up_id", sa.Uuid(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("subject_id", name=op.f("pk_lease")),
    )
    op.create_index(op.f("ix_lease_holder"), "lease", ["holder"], unique=False)
    op.create_table(
        "line_task",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("task_id", name=op.f("pk_line_task")),
    )
    op.create_index("ix_line_task_due_on_task_id", "line_task", ["due_on", "task_id"], unique=False)
    op.create_table(
        "person_language",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_person_language")),
    )
    op.create_table(
        "policy",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("newest", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy")),
        sa.UniqueConstraint("code", name=op.f("uq_policy_code")),
    )
    op.create_table(
        "policy_version",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("document", postgresql.JSONB(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("code", "number", name=op.f("pk_policy_version")),
    )
    op.create_table(
        "reminder",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("of", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
        sa.UniqueConstraint("subject_id", "kind", "due_on", name=op.f("uq_reminder_subject_id_kind_due_on")),
    )
    op.create_table(
        "campaign_member",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("risk", sa.Integer(), nullable=False),
        sa.Column("reasons", postgresql.JSONB(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("follow_up_id", sa.Uuid(), nullable=True),
        sa.Column("left", sa.String(length=40), nullable=True),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_member_campaign_id")),
        sa.PrimaryKeyConstraint("campaign_id", "person_id", name=op.f("pk_campaign_member")),
    )
    op.create_index("ix_campaign_member_follow_up_id", "campaign_member", ["follow_up_id"], unique=False)
    op.create_index("ix_campaign_member_person_id", "campaign_member", ["person_id"], unique=False)
    op.add_column("follow_up", sa.Column("programme", sa.Text(), nullable=True))
    op.add_column("follow_up", sa.Column("worker", sa.Text(), nullable=True))
    op.add_column("follow_up", sa.Column("risk", sa.Integer(), nullable=False, server_default="5"))
    op.add_column("follow_up", sa.Column("held_on", sa.Date(), nullable=True))
    op.add_column("follow_up", sa.Column("held_until", sa.Date(), nullable=True))
    op.add_column("follow_up", sa.Column("target", sa.String(length=40), nullable=False, server_default="person"))
    op.add_column("follow_up", sa.Column("history", postgresql.JSONB(), nullable=False, server_default="[]"))
    op.add_column("follow_up", sa.Column("hold_reason", sa.String(length=40), nullable=True))
    op.alter_column("follow_up", "case_id", existing_type=sa.UUID(), nullable=True)
    op.drop_index(
        op.f("ix_follow_up_unreachable"),
        table_name="follow_up",
        postgresql_where="((status)::text = 'unreachable'::text)",
    )
    op.drop_index(
        op.f("ix_follow_up_planned"), table_name="follow_up", postgresql_where="((status)::text = 'planned'::text)"
    )
    op.create_index(
        "ix_follow_up_planned",
        "follow_up",
        ["risk", "due_at"],
        unique=False,
        postgresql_where=sa.text("status = 'planned'"),
    )
    op.create_index("ix_follow_up_case_id", "follow_up", ["case_id"], unique=False)
    op.create_index("ix_follow_up_person_id", "follow_up", ["person_id"], unique=False)
    op.create_unique_constraint(
        op.f("uq_follow_up_trigger_origin_id_occasion_kind"), "follow_up", ["trigger", "origin_id", "occasion", "kind"]
    )


def downgrade() -> None:
    op.add_column("follow_up", sa.Column("closing", sa.INTEGER(), autoincrement=False, nullable=False))
    op.add_column("follow_up", sa.Column("closed_on", sa.DATE(), autoincrement=False, nullable=False))
    op.drop_constraint(op.f("uq_follow_up_trigger_origin_id_occasion_kind"), "follow_up", type_="unique")
    op.drop_index("ix_follow_up_person_id", table_name="follow_up")
    op.drop_index("ix_follow_up_case_id", table_name="follow_up")
    op.drop_index("ix_follow_up_planned", table_name="follow_up", postgresql_where=sa.text("status = 'planned'"))
    op.create_index(
        op.f("ix_follow_up_planned"),
        "follow_up",
        ["due_at"],
        unique=False,
        postgresql_where="((status)::text = 'planned'::text)",
    )
    op.create_unique_constraint(
        op.f("uq_follow_up_case_id_closing_kind"),
        "follow_up",
        ["case_id", "closing", "kind"],
        postgresql_nulls_not_distinct=False,
    )
    op.create_index(
        op.f("ix_follow_up_unreachable"),
        "follow_up",
        ["person_id"],
        unique=False,
        postgresql_where="((status)::text = 'unreachable'::text)",
    )
    op.alter_column("follow_up", "case_id", existing_type=sa.UUID(), nullable=False)
    op.drop_column("follow_up", "hold_reason")
    op.drop_column("follow_up", "history")
    op.drop_column("follow_up", "target")
    op.drop_column("follow_up", "held_until")
    op.drop_column("follow_up", "held_on")
    op.drop_column("follow_up", "counted_from")
    op.drop_column("follow_up", "risk")
    op.drop_column("follow_up", "worker")
    op.drop_column("follow_up", "programme")
    op.drop_column("follow_up", "occasion")
    op.drop_column("follow_up", "origin_id")
    op.drop_column("follow_up", "trigger")
    op.drop_index("ix_campaign_member_person_id", table_name="campaign_member")
    op.drop_index("ix_campaign_member_follow_up_id", table_name="campaign_member")
    op.drop_table("campaign_member")
    op.drop_table("reminder")
    op.drop_table("policy_version")
    op.drop_table("policy")
    op.drop_table("person_language")
    op.drop_index("ix_line_task_due_on_task_id", table_name="line_task")
    op.drop_table("line_task")
    op.drop_index(op.f("ix_lease_holder"), table_name="lease")
    op.drop_table("lease")
    op.drop_index(op.f("ix_last_contact_last_on"), table_name="last_contact")
    op.drop_table("last_contact")
    op.drop_index("ix_followed_case_origin_id", table_name="followed_case")
    op.drop_index(
        "ix_followed_case_open_person_id", table_name="followed_case", postgresql_where=sa.text("state <> 'closed'")
    )
    op.drop_index("ix_followed_case_died_person_id", table_name="followed_case", postgresql_where=sa.text("has_died"))
    op.drop_table("followed_case")
    op.drop_index(op.f("ix_feed_worker"), table_name="feed")
    op.drop_table("feed")
    op.drop_index(
        "ix_campaign_live", table_name="campaign", postgresql_where=sa.text("status IN ('draft', 'running', 'paused')")
    )
    op.drop_table("campaign")
    op.drop_table("calendar")
    op.drop_table("cadence")
    op.drop_table("backlog_minute")
    op.drop_index("uq_appointment_visit_id", table_name="appointment")
    op.drop_index("uq_appointment_cadence", table_name="appointment", postgresql_where=sa.text("status <> 'cancelled'"))
    op.drop_index("ix_appointment_worker", table_name="appointment", postgresql_where=sa.text("status <> 'cancelled'"))
    op.drop_index("ix_appointment_sort_at_id", table_name="appointment")
    op.drop_index(
        "ix_appointment_remind_at", table_name="appointment", postgresql_where=sa.text("remind_at IS NOT NULL")
    )
    op.drop_index(
        "ix_appointment_person_id", table_name="appointment", postgresql_where=sa.text("status <> 'cancelled'")
    )
    op.drop_index("ix_appointment_case_id", table_name="appointment")
    op.drop_table("appointment")
    op.drop_index("ix_absence_organisation_last", table_name="absence")
    op.drop_table("absence")
