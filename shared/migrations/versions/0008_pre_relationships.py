"""Who is related to which subject, whom a subject has excluded, and emergency access with its review."""

import sqlalchemy as sa
from alembic import op

from shared.rls import ACTS, of, raise_fences

revision = "kernel_0008"
down_revision = "kernel_0007"
branch_labels = None
depends_on = None

# An exclusion that a fence hid would open what it closes: whoever acts sees them all. They are ids and codes.
FENCES = {"relationship": of("organisation"), "break_glass": of("organisation"), "exclusion": ACTS}


def upgrade() -> None:
    op.create_table(
        "relationship",
        sa.Column("source", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("worker", sa.Text(), server_default="", nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("vital", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("ended", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", "reason", "organisation", "worker", name=op.f("pk_relationship")),
    )
    op.create_index("ix_relationship_subject_id_organisation", "relationship", ["subject_id", "organisation"])
    op.create_table(
        "exclusion",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("worker", sa.Text(), server_default="", nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exclusion")),
    )
    op.create_index("ix_exclusion_subject_id_organisation", "exclusion", ["subject_id", "organisation"])
    op.create_table(
        "break_glass",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewer", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_break_glass")),
    )
    op.create_index(
        "ix_break_glass_unreviewed",
        "break_glass",
        ["organisation", "id"],
        postgresql_where=sa.text("reviewed_at IS NULL"),
    )
    op.create_index("ix_break_glass_open", "break_glass", ["until"], postgresql_where=sa.text("closed_at IS NULL"))
    raise_fences(op.execute, FENCES)


def downgrade() -> None:
    for table in FENCES:
        op.drop_table(table)
