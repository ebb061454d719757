"""A referral whose person withdrew the consent to share is recalled."""

import sqlalchemy as sa
from alembic import op

revision = "referrals_0005"
down_revision = "referrals_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outgoing_referral", sa.Column("recall_requested_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("outgoing_referral", "recall_requested_at")
