"""0002_pre_pause"""

import sqlalchemy as sa
from alembic import op

revision = "cases_0002"
down_revision = "cases_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("case", sa.Column("first_contact_on", sa.Date(), nullable=True))
    op.add_column("case", sa.Column("paused_reason", sa.String(length=40), nullable=True))
    op.add_column("case", sa.Column("paused_until", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("case", "paused_until")
    op.drop_column("case", "paused_reason")
    op.drop_column("case", "first_contact_on")
