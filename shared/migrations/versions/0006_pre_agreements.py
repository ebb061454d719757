"""What subjects said last about each purpose: ids and codes, by which five services refuse."""

import sqlalchemy as sa
from alembic import op

from shared.rls import ITSELF, NONE, raise_fences, take_down

revision = "kernel_0006"
down_revision = "kernel_0005"
branch_labels = None
depends_on = None

# Asked by the service itself: a caller learns of it by what is refused.
FENCES = {"agreement": NONE}


def upgrade() -> None:
    op.create_table(
        "agreement",
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source_id", "decision", name=op.f("pk_agreement")),
    )
    op.create_index("ix_agreement_subject_id", "agreement", ["subject_id", "purpose", "about"])
    op.create_index("ix_agreement_purpose", "agreement", ["purpose"], postgresql_where=sa.text("decision <> 'given'"))
    raise_fences(op.execute, FENCES, ITSELF)


def downgrade() -> None:
    take_down(op.execute, FENCES)
    op.drop_table("agreement")
