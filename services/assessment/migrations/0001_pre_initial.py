"""The first tables: sheets, rejections, admissions, the person of a referral, and announced instruments."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "assessment_0001"
down_revision = None
branch_labels = ("assessment",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "admission",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("sheet_id", sa.Uuid(), nullable=True),
        sa.Column("advice", sa.String(length=40), nullable=True),
        sa.Column("rule_version", sa.Text(), nullable=False),
        sa.Column("profile", postgresql.JSONB(), nullable=False),
        sa.Column("assessed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_admission")),
        sa.UniqueConstraint("referral_id", name=op.f("uq_admission_referral_id")),
    )
    op.create_index(op.f("ix_admission_person_id"), "admission", ["person_id"], unique=False)
    op.create_table(
        "publication",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("edition", sa.Text(), nullable=False),
        sa.Column("spec_version", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publication")),
        sa.UniqueConstraint("code", "spec_version", name=op.f("uq_publication_code_spec_version")),
    )
    op.create_table(
        "referral_person",
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("referral_id", name=op.f("pk_referral_person")),
    )
    op.create_table(
        "rejection",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("sheet_number", sa.Integer(), nullable=False),
        sa.Column("identifier", sa.Text(), nullable=False),
        sa.Column("faults", postgresql.JSONB(), nullable=False),
        sa.Column("rejected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rejection")),
        sa.UniqueConstraint("referral_id", "identifier", name=op.f("uq_rejection_referral_id_identifier")),
    )
    op.create_table(
        "sheet",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=True),
        sa.Column("identifier", sa.Text(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_by", sa.Text(), nullable=True),
        sa.Column("instrument", sa.Text(), nullable=False),
        sa.Column("edition", sa.Text(), nullable=False),
        sa.Column("spec_version", sa.Text(), nullable=False),
        sa.Column("scoring_version", sa.Text(), nullable=False),
        sa.Column("rater", sa.String(length=40), nullable=False),
        sa.Column("filled_on", sa.Date(), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("answers", postgresql.JSONB(), nullable=False),
        sa.Column("result", postgresql.JSONB(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheet")),
        sa.UniqueConstraint("referral_id", "identifier", name=op.f("uq_sheet_referral_id_identifier")),
    )
    op.create_index("ix_sheet_person_id_filled_on_id", "sheet", ["person_id", "filled_on", "id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_sheet_person_id_filled_on_id", table_name="sheet")
    op.drop_table("sheet")
    op.drop_table("rejection")
    op.drop_table("referral_person")
    op.drop_table("publication")
    op.drop_index(op.f("ix_admission_person_id"), table_name="admission")
    op.drop_table("admission")
