"""0002_pre_open_the_door"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "referrals_0002"
down_revision = "referrals_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("referral", sa.Column("corrected_fingerprint", sa.Text(), nullable=True))
    op.add_column("referral", sa.Column("door", sa.String(length=40), nullable=False))
    op.add_column("referral", sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False))
    op.add_column("referral", sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("referral", sa.Column("reminders", sa.Integer(), nullable=False))
    op.add_column("referral", sa.Column("messages", postgresql.JSONB(), nullable=False))
    op.add_column("referral", sa.Column("possible_duplicates", postgresql.JSONB(), nullable=False))
    op.add_column("referral", sa.Column("care", postgresql.JSONB(), nullable=False))
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
