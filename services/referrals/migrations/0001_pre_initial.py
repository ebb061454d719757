"""The tables of referrals: organisations, referrals, copies of instruments."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "referrals_0001"
down_revision = None
branch_labels = ("referrals",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "instrument",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("edition", sa.Text(), nullable=False),
        sa.Column("definition", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("code", "edition", name=op.f("pk_instrument")),
    )
    op.create_table(
        "organisation",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("code", name=op.f("uq_organisation_code")),
    )
    op.create_table(
        "referral",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("identifier_system", sa.Text(), nullable=False),
        sa.Column("identifier_value", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("urgency", sa.String(length=40), nullable=False),
        sa.Column("consent_given", sa.Boolean(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("document", postgresql.JSONB(), nullable=False),
        sa.Column("sheets_checked", sa.Boolean(), nullable=False),
        sa.Column("moves", postgresql.JSONB(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("cancellation_requested", sa.Boolean(), nullable=False),
        sa.Column("totals", postgresql.JSONB(), nullable=False),
        sa.Column("rejections", postgresql.JSONB(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["sender"], ["organisation.code"], name=op.f("fk_referral_sender")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral")),
        sa.UniqueConstraint(
            "sender",
            "identifier_system",
            "identifier_value",
            name=op.f("uq_referral_sender_identifier_system_identifier_value"),
        ),
    )
    op.create_index(op.f("ix_referral_case_id"), "referral", ["case_id"], unique=False)
    op.create_index("ix_referral_received_at_id", "referral", ["received_at", "id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_referral_received_at_id", table_name="referral")
    op.drop_index(op.f("ix_referral_case_id"), table_name="referral")
    op.drop_table("referral")
    op.drop_table("organisation")
    op.drop_table("instrument")
