"""The door opens: shared state, directory, outgoing referrals, notices, imports, FHIR as received."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "referrals_0002"
down_revision = "referrals_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "capacity_question",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=True),
        sa.Column("needs", postgresql.JSONB(), nullable=False),
        sa.Column("commune", sa.Text(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=True),
        sa.Column("answer", postgresql.JSONB(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorded", postgresql.JSONB(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_capacity_question")),
    )
    op.create_index(
        "ix_capacity_question_organisation", "capacity_question", ["organisation", "asked_at", "id"], unique=False
    )
    op.create_table(
        "followed_person",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("organisation", sa.Text(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_followed_person")),
    )
    op.create_index(op.f("ix_followed_person_person_id"), "followed_person", ["person_id"], unique=False)
    op.create_table(
        "gap",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("commune", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gap")),
        sa.UniqueConstraint("source_id", "domain", name=op.f("uq_gap_source_id_domain")),
    )
    op.create_table(
        "notice",
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("organisation", name=op.f("pk_notice")),
    )
    op.create_index("ix_notice_due_at", "notice", ["due_at"], unique=False)
    op.create_table(
        "outgoing_referral",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=True),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("origin", sa.String(length=40), nullable=False),
        sa.Column("chain_id", sa.Uuid(), nullable=False),
        sa.Column("based_on", sa.Uuid(), nullable=True),
        sa.Column("replaces", sa.Uuid(), nullable=True),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("needs", postgresql.JSONB(), nullable=False),
        sa.Column("commune", sa.Text(), nullable=True),
        sa.Column("reason_text", sa.Text(), nullable=True),
        sa.Column("urgency", sa.String(length=40), nullable=False),
        sa.Column("disclosed", postgresql.JSONB(), nullable=True),
        sa.Column("consent", postgresql.JSONB(), nullable=True),
        sa.Column("answer_by", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("expired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("moves", postgresql.JSONB(), nullable=False),
        sa.Column("messages", postgresql.JSONB(), nullable=False),
        sa.Column("cancellation_requested", sa.Boolean(), nullable=False),
        sa.Column("service_status", sa.String(length=40), nullable=True),
        sa.Column("confirmations", postgresql.JSONB(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing_referral")),
    )
    op.create_index(op.f("ix_outgoing_referral_based_on"), "outgoing_referral", ["based_on"], unique=False)
    op.create_index(op.f("ix_outgoing_referral_chain_id"), "outgoing_referral", ["chain_id"], unique=False)
    op.create_index(
        "ix_outgoing_referral_due_at",
        "outgoing_referral",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index(
        "ix_outgoing_referral_organisation", "outgoing_referral", ["organisation", "prepared_at", "id"], unique=False
    )
    op.create_index(op.f("ix_outgoing_referral_person_id"), "outgoing_referral", ["person_id"], unique=False)
    op.create_index("ix_outgoing_referral_prepared_at_id", "outgoing_referral", ["prepared_at", "id"], unique=False)
    op.create_index(
        "ix_outgoing_referral_status_due_at",
        "outgoing_referral",
        ["status_due_at"],
        unique=False,
        postgresql_where=sa.text("status_due_at IS NOT NULL"),
    )
    op.create_index(
        "uq_outgoing_referral_contact_organisation",
        "outgoing_referral",
        ["contact_id", "organisation"],
        unique=True,
        postgresql_where=sa.text("contact_id IS NOT NULL"),
    )
    op.create_table(
        "subscription",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("sees_all", sa.Boolean(), nullable=False),
        sa.Column("requester", sa.Text(), nullable=True),
        sa.Column("task_owner", sa.Text(), nullable=True),
        sa.Column("wire", sa.String(length=40), nullable=False),
        sa.Column("kinds", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("topic", sa.String(length=40), nullable=True),
        sa.Column("payload", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("base", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("previous_secret", sa.Text(), nullable=True),
        sa.Column("previous_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("headers", postgresql.JSONB(), nullable=False),
        sa.Column("heartbeat_seconds", sa.Integer(), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.Column("sent_number", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("first_failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease", sa.Uuid(), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("served_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("heartbeat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("test_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("test_answer", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription")),
    )
    op.create_index("ix_subscription_owner", "subscription", ["owner"], unique=False)
    op.create_table(
        "care_service",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("mission", sa.Text(), nullable=False),
        sa.Column("domains", postgresql.ARRAY(sa.Text(), as_tuple=True), nullable=False),
        sa.Column("programme", sa.Text(), nullable=True),
        sa.Column("whole_region", sa.Boolean(), nullable=False),
        sa.Column("communes", postgresql.ARRAY(sa.Text(), as_tuple=True), nullable=False),
        sa.Column("postal_codes", postgresql.ARRAY(sa.Text(), as_tuple=True), nullable=False),
        sa.Column("languages", postgresql.ARRAY(sa.Text(), as_tuple=True), nullable=False),
        sa.Column("cost", postgresql.JSONB(), nullable=True),
        sa.Column("channel", sa.String(length=40), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("capacity", sa.String(length=40), nullable=True),
        sa.Column("places", sa.Integer(), nullable=True),
        sa.Column("capacity_on", sa.Date(), nullable=True),
        sa.Column("verified_on", sa.Date(), nullable=True),
        sa.Column("stale_told", sa.Boolean(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["organisation"], ["organisation.code"], name=op.f("fk_care_service_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_care_service")),
        sa.UniqueConstraint("organisation", "code", name=op.f("uq_care_service_organisation_code")),
    )
    op.create_index("ix_care_service_communes", "care_service", ["communes"], unique=False, postgresql_using="gin")
    op.create_index("ix_care_service_domains", "care_service", ["domains"], unique=False, postgresql_using="gin")
    op.create_index(
        "ix_care_service_postal_codes", "care_service", ["postal_codes"], unique=False, postgresql_using="gin"
    )
    op.create_index(
        "ix_care_service_unverified",
        "care_service",
        ["verified_on"],
        unique=False,
        postgresql_where=sa.text("active AND NOT stale_told"),
    )
    op.create_index("ix_care_service_updated_at_id", "care_service", ["updated_at", "id"], unique=False)
    op.create_index(
        "ix_care_service_whole_region", "care_service", ["id"], unique=False, postgresql_where=sa.text("whole_region")
    )
    op.create_table(
        "programme",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("run_by", sa.Text(), nullable=False),
        sa.Column("whole_region", sa.Boolean(), nullable=False),
        sa.Column("communes", postgresql.ARRAY(sa.Text(), as_tuple=True), nullable=False),
        sa.Column("criteria", sa.Text(), nullable=False),
        sa.Column("category_limited", sa.Boolean(), nullable=False),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("capacity", postgresql.JSONB(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("website", sa.Text(), nullable=True),
        sa.Column("verified_on", sa.Date(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["run_by"], ["organisation.code"], name=op.f("fk_programme_run_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme")),
        sa.UniqueConstraint("code", name=op.f("uq_programme_code")),
    )
    op.create_index("ix_programme_communes", "programme", ["communes"], unique=False, postgresql_using="gin")
    op.create_table(
        "referral_import",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("all_or_nothing", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rows_forgotten_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("columns", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["organisation"], ["organisation.code"], name=op.f("fk_referral_import_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral_import")),
        sa.UniqueConstraint("organisation", "content_hash", name=op.f("uq_referral_import_organisation_content_hash")),
    )
    op.create_index("ix_referral_import_state_created_at", "referral_import", ["state", "created_at"], unique=False)
    op.create_table(
        "subscription_notice",
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("message", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["subscription.id"], name=op.f("fk_subscription_notice_subscription_id")
        ),
        sa.PrimaryKeyConstraint("subscription_id", "number", name=op.f("pk_subscription_notice")),
    )
    op.create_index("ix_subscription_notice_at", "subscription_notice", ["at"], unique=False)
    op.create_table(
        "import_row",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=True),
        sa.Column("faults", postgresql.JSONB(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"], ["referral_import.id"], name=op.f("fk_import_row_import_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("import_id", "number", name=op.f("pk_import_row")),
    )
    op.create_index(
        "ix_import_row_import_id_state_number", "import_row", ["import_id", "state", "number"], unique=False
    )
    op.create_table(
        "received_identifier",
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("resource_type", sa.Text(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("resource_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referral.id"], name=op.f("fk_received_identifier_referral_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("sender", "resource_type", "system", "value", name=op.f("pk_received_identifier")),
    )
    op.create_index("ix_received_identifier_referral_id", "received_identifier", ["referral_id"], unique=False)
    op.create_table(
        "received_resource",
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("resources", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referral.id"], name=op.f("fk_received_resource_referral_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("referral_id", name=op.f("pk_received_resource")),
    )
    op.add_column(
        "organisation", sa.Column("about", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False)
    )
    op.add_column(
        "organisation", sa.Column("notes", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False)
    )
    op.add_column("organisation", sa.Column("verified_on", sa.Date(), nullable=True))
    op.add_column(
        "organisation",
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
    )
    op.create_index("ix_organisation_updated_at_id", "organisation", ["updated_at", "id"], unique=False)
    op.add_column("referral", sa.Column("corrected_fingerprint", sa.Text(), nullable=True))
    op.add_column("referral", sa.Column("door", sa.String(length=40), nullable=False, server_default="json"))
    op.add_column(
        "referral", sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now())
    )
    op.add_column("referral", sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("referral", sa.Column("reminders", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("referral", sa.Column("messages", postgresql.JSONB(), nullable=False, server_default="[]"))
    op.add_column("referral", sa.Column("possible_duplicates", postgresql.JSONB(), nullable=False, server_default="[]"))
    op.add_column("referral", sa.Column("care", postgresql.JSONB(), nullable=False, server_default="{}"))
    op.execute("UPDATE referral SET updated_at = received_at")
    op.create_index(
        "ix_referral_due_at", "referral", ["due_at"], unique=False, postgresql_where=sa.text("due_at IS NOT NULL")
    )
    op.create_index(op.f("ix_referral_person_id"), "referral", ["person_id"], unique=False)
    op.create_index("ix_referral_updated_at_id", "referral", ["updated_at", "id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_referral_updated_at_id", table_name="referral")
    op.drop_index(op.f("ix_referral_person_id"), table_name="referral")
    op.drop_index("ix_referral_due_at", table_name="referral", postgresql_where=sa.text("due_at IS NOT NULL"))
    op.drop_column("referral", "care")
    op.drop_column("referral", "possible_duplicates")
    op.drop_column("referral", "messages")
    op.drop_column("referral", "reminders")
    op.drop_column("referral", "due_at")
    op.drop_column("referral", "updated_at")
    op.drop_column("referral", "door")
    op.drop_column("referral", "corrected_fingerprint")
    op.drop_index("ix_organisation_updated_at_id", table_name="organisation")
    op.drop_column("organisation", "updated_at")
    op.drop_column("organisation", "verified_on")
    op.drop_column("organisation", "notes")
    op.drop_column("organisation", "about")
    op.drop_table("received_resource")
    op.drop_index("ix_received_identifier_referral_id", table_name="received_identifier")
    op.drop_table("received_identifier")
    op.drop_index("ix_import_row_import_id_state_number", table_name="import_row")
    op.drop_table("import_row")
    op.drop_index("ix_subscription_notice_at", table_name="subscription_notice")
    op.drop_table("subscription_notice")
    op.drop_index("ix_referral_import_state_created_at", table_name="referral_import")
    op.drop_table("referral_import")
    op.drop_index("ix_programme_communes", table_name="programme", postgresql_using="gin")
    op.drop_table("programme")
    op.drop_index("ix_care_service_whole_region", table_name="care_service", postgresql_where=sa.text("whole_region"))
    op.drop_index("ix_care_service_updated_at_id", table_name="care_service")
    op.drop_index(
        "ix_care_service_unverified", table_name="care_service", postgresql_where=sa.text("active AND NOT stale_told")
    )
    op.drop_index("ix_care_service_postal_codes", table_name="care_service", postgresql_using="gin")
    op.drop_index("ix_care_service_domains", table_name="care_service", postgresql_using="gin")
    op.drop_index("ix_care_service_communes", table_name="care_service", postgresql_using="gin")
    op.drop_table("care_service")
    op.drop_index("ix_subscription_owner", table_name="subscription")
    op.drop_table("subscription")
    op.drop_index(
        "uq_outgoing_referral_contact_organisation",
        table_name="outgoing_referral",
        postgresql_where=sa.text("contact_id IS NOT NULL"),
    )
    op.drop_index(
        "ix_outgoing_referral_status_due_at",
        table_name="outgoing_referral",
        postgresql_where=sa.text("status_due_at IS NOT NULL"),
    )
    op.drop_index("ix_outgoing_referral_prepared_at_id", table_name="outgoing_referral")
    op.drop_index(op.f("ix_outgoing_referral_person_id"), table_name="outgoing_referral")
    op.drop_index("ix_outgoing_referral_organisation", table_name="outgoing_referral")
    op.drop_index(
        "ix_outgoing_referral_due_at", table_name="outgoing_referral", postgresql_where=sa.text("due_at IS NOT NULL")
    )
    op.drop_index(op.f("ix_outgoing_referral_chain_id"), table_name="outgoing_referral")
    op.drop_index(op.f("ix_outgoing_referral_based_on"), table_name="outgoing_referral")
    op.drop_table("outgoing_referral")
    op.drop_index("ix_notice_due_at", table_name="notice")
    op.drop_table("notice")
    op.drop_table("gap")
    op.drop_index(op.f("ix_followed_person_person_id"), table_name="followed_person")
    op.drop_table("followed_person")
    op.drop_index("ix_capacity_question_organisation", table_name="capacity_question")
    op.drop_table("capacity_question")
