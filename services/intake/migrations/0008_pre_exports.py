"""The copies that people asked for of all that is held of them, and what each service gave for them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.rls import of, parent, raise_fences, take_down

revision = "intake_0008"
down_revision = "intake_0007"
branch_labels = None
depends_on = None

FENCES = {"subject_export": of("programme"), "export_part": parent("export_id", "subject_export")}


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "subject_export",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.String(40), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("language", sa.String(40), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", moment, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("completed_at", moment, nullable=True),
        sa.Column("keep_until", sa.Date(), nullable=True),
        sa.Column("extension", sa.String(40), nullable=True),
        sa.Column("extended_at", moment, nullable=True),
        sa.Column("delivery", sa.String(40), nullable=True),
        sa.Column("delivered_at", moment, nullable=True),
        sa.Column("delivered_by", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_subject_export_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_subject_export"),
    )
    op.create_index("ix_subject_export_person_id", "subject_export", ["person_id"])
    op.create_index("ix_subject_export_programme_due_on_id", "subject_export", ["programme", "due_on", "id"])
    op.create_table(
        "export_part",
        sa.Column("export_id", sa.Uuid(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("try_at", moment, nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("collected_at", moment, nullable=True),
        sa.Column("content", JSONB(), nullable=True),
        sa.ForeignKeyConstraint(["export_id"], ["subject_export.id"], name="fk_export_part_export_id"),
        sa.PrimaryKeyConstraint("export_id", "service", name="pk_export_part"),
    )
    op.create_index("ix_export_part_try_at", "export_part", ["try_at"])
    raise_fences(op.execute, FENCES)


def downgrade() -> None:
    take_down(op.execute, FENCES)
    op.drop_table("export_part")
    op.drop_table("subject_export")
