"""Consents per purpose, as people gave and withdrew them."""

import sqlalchemy as sa
from alembic import op

from shared.rls import of, raise_fences, take_down

revision = "intake_0005"
down_revision = "intake_0004"
branch_labels = None
depends_on = None

FENCES = {"consent": of("programme")}


def upgrade() -> None:
    op.create_table(
        "consent",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("programme", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("recipient", sa.String(), nullable=True),
        sa.Column("channel", sa.String(length=40), nullable=True),
        sa.Column("decision", sa.String(length=40), nullable=False),
        sa.Column("how", sa.String(length=40), nullable=False),
        sa.Column("witness_note", sa.String(), nullable=True),
        sa.Column("document", sa.String(), nullable=True),
        sa.Column("text_version", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("given_by", sa.String(length=40), nullable=False),
        sa.Column("relation", sa.String(length=40), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_how", sa.String(length=40), nullable=True),
        sa.Column("withdrawal_note", sa.String(), nullable=True),
        sa.Column("withdrawal_by", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_consent_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index(op.f("ix_consent_person_id"), "consent", ["person_id"])
    op.create_index(
        "uq_consent_source_id",
        "consent",
        ["source_id", "purpose"],
        unique=True,
        postgresql_where=sa.text("source_id IS NOT NULL"),
    )
    raise_fences(op.execute, FENCES)


def downgrade() -> None:
    take_down(op.execute, FENCES)
    op.drop_table("consent")
