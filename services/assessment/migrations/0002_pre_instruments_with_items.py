"""Instruments with items, packs loaded later, drafts, amendments, further results, decisions, outcomes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "assessment_0002"
down_revision = "assessment_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "course",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("origin_kind", sa.Text(), nullable=False),
        sa.Column("origin_id", sa.Uuid(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("closing_reason", sa.Text(), nullable=True),
        sa.Column("discharge_on", sa.Date(), nullable=True),
        sa.Column("followed_up", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_course")),
    )
    op.create_index(op.f("ix_course_opened_on"), "course", ["opened_on"], unique=False)
    op.create_index(op.f("ix_course_person_id"), "course", ["person_id"], unique=False)
    op.create_table(
        "draft",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
    )
    op.create_index(op.f("ix_draft_person_id"), "draft", ["person_id"], unique=False)
    op.create_table(
        "export",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("study", sa.Text(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("precision", sa.Text(), nullable=False),
        sa.Column("on_small", sa.Text(), nullable=False),
        sa.Column("columns", postgresql.JSONB(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("suppressed_rows", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.Integer(), nullable=False),
        sa.Column("small_cell_limit", sa.Integer(), nullable=False),
        sa.Column("checksum", sa.Text(), nullable=False),
        sa.Column("exported_by", sa.Text(), nullable=False),
        sa.Column("exported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export")),
    )
    op.create_index(op.f("ix_export_study"), "export", ["study"], unique=False)
    op.create_table(
        "outcome",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("point", sa.String(length=40), nullable=False),
        sa.Column("measures", postgresql.JSONB(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("amends", sa.Uuid(), nullable=True),
        sa.Column("amended_by", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_for", sa.Text(), nullable=True),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outcome")),
    )
    op.create_index("ix_outcome_case_id", "outcome", ["case_id"], unique=False)
    op.create_index(op.f("ix_outcome_person_id"), "outcome", ["person_id"], unique=False)
    op.create_index(
        "uq_outcome_case_id_point",
        "outcome",
        ["case_id", "point"],
        unique=True,
        postgresql_where=sa.text("status = 'recorded'"),
    )
    op.create_table(
        "pack",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("spec_version", sa.Text(), nullable=False),
        sa.Column("definition", postgresql.JSONB(), nullable=False),
        sa.Column("loaded_by", sa.Text(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("code", "spec_version", name=op.f("pk_pack")),
    )
    op.create_table(
        "profile_consent",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("given_by", sa.String(length=40), nullable=False),
        sa.Column("how", sa.String(length=40), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_by", sa.Text(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_profile_consent")),
    )
    op.create_index(op.f("ix_profile_consent_person_id"), "profile_consent", ["person_id"], unique=False)
    op.create_table(
        "referral_source",
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("referral_id", name=op.f("pk_referral_source")),
    )
    op.create_table(
        "threshold",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("instrument", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("rule_version", sa.Text(), nullable=False),
        sa.Column("definition", postgresql.JSONB(), nullable=False),
        sa.Column("loaded_by", sa.Text(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_threshold")),
        sa.UniqueConstraint(
            "instrument", "code", "rule_version", name=op.f("uq_threshold_instrument_code_rule_version")
        ),
    )
    op.create_table(
        "result",
        sa.Column("sheet_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("spec_version", sa.Text(), nullable=False),
        sa.Column("scoring_version", sa.Text(), nullable=False),
        sa.Column("parameters", postgresql.JSONB(), nullable=True),
        sa.Column("result", postgresql.JSONB(), nullable=False),
        sa.Column("scored_by", sa.Text(), nullable=False),
        sa.Column("scored_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["sheet_id"], ["sheet.id"], name=op.f("fk_result_sheet_id")),
        sa.PrimaryKeyConstraint("sheet_id", "number", name=op.f("pk_result")),
    )
    op.add_column("admission", sa.Column("measured_by", postgresql.JSONB(), nullable=False, server_default="[]"))
    op.add_column("admission", sa.Column("decision", postgresql.JSONB(), nullable=True))
    op.add_column("admission", sa.Column("is_current", sa.Boolean(), nullable=False, server_default="true"))
    op.drop_constraint(op.f("uq_admission_referral_id"), "admission", type_="unique")
    op.create_index(
        "uq_admission_referral_id", "admission", ["referral_id"], unique=True, postgresql_where=sa.text("is_current")
    )
    op.add_column("sheet", sa.Column("assistance", sa.String(length=40), nullable=True))
    op.add_column("sheet", sa.Column("main_problem", sa.Text(), nullable=True))
    op.add_column("sheet", sa.Column("single_wish", sa.Text(), nullable=True))
    op.add_column("sheet", sa.Column("thresholds", postgresql.JSONB(), nullable=False, server_default="[]"))
    op.add_column("sheet", sa.Column("warnings", postgresql.JSONB(), nullable=False, server_default="[]"))
    op.add_column("sheet", sa.Column("amends", sa.Uuid(), nullable=True))
    op.add_column("sheet", sa.Column("amended_by", sa.Uuid(), nullable=True))
    op.add_column("sheet", sa.Column("error_reason", sa.Text(), nullable=True))
    op.drop_constraint(op.f("uq_sheet_referral_id_identifier"), "sheet", type_="unique")
    op.create_index(
        "uq_sheet_referral_id_identifier",
        "sheet",
        ["referral_id", "identifier"],
        unique=True,
        postgresql_where=sa.text("status IN ('completed', 'stopped')"),
    )


def downgrade() -> None:
    op.drop_index(
        "uq_sheet_referral_id_identifier",
        table_name="sheet",
        postgresql_where=sa.text("status IN ('completed', 'stopped')"),
    )
    op.create_unique_constraint(
        op.f("uq_sheet_referral_id_identifier"),
        "sheet",
        ["referral_id", "identifier"],
        postgresql_nulls_not_distinct=False,
    )
    op.drop_column("sheet", "error_reason")
    op.drop_column("sheet", "amended_by")
    op.drop_column("sheet", "amends")
    op.drop_column("sheet", "warnings")
    op.drop_column("sheet", "thresholds")
    op.drop_column("sheet", "single_wish")
    op.drop_column("sheet", "main_problem")
    op.drop_column("sheet", "assistance")
    op.drop_index("uq_admission_referral_id", table_name="admission", postgresql_where=sa.text("is_current"))
    op.create_unique_constraint(
        op.f("uq_admission_referral_id"), "admission", ["referral_id"], postgresql_nulls_not_distinct=False
    )
    op.drop_column("admission", "is_current")
    op.drop_column("admission", "decision")
    op.drop_column("admission", "measured_by")
    op.drop_table("result")
    op.drop_table("threshold")
    op.drop_table("referral_source")
    op.drop_index(op.f("ix_profile_consent_person_id"), table_name="profile_consent")
    op.drop_table("profile_consent")
    op.drop_table("pack")
    op.drop_index("uq_outcome_case_id_point", table_name="outcome", postgresql_where=sa.text("status = 'recorded'"))
    op.drop_index(op.f("ix_outcome_person_id"), table_name="outcome")
    op.drop_index("ix_outcome_case_id", table_name="outcome")
    op.drop_table("outcome")
    op.drop_index(op.f("ix_export_study"), table_name="export")
    op.drop_table("export")
    op.drop_index(op.f("ix_draft_person_id"), table_name="draft")
    op.drop_table("draft")
    op.drop_index(op.f("ix_course_person_id"), table_name="course")
    op.drop_index(op.f("ix_course_opened_on"), table_name="course")
    op.drop_table("course")
