"""Who was restricted, made a pseudonym or erased: so that no fact, however late, brings anybody back."""

import sqlalchemy as sa
from alembic import op

revision = "kernel_0007"
down_revision = "kernel_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ended_subject",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cause", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.PrimaryKeyConstraint("id", "cause", name="pk_ended_subject"),
    )
    op.create_index("ix_ended_subject_cause", "ended_subject", ["cause"])
    op.create_index(
        "ix_ended_subject_restricted", "ended_subject", ["id"], postgresql_where=sa.text("state = 'restricted'")
    )


def downgrade() -> None:
    op.drop_table("ended_subject")
