"""A visit has a nursing note and a social note, beside the one that is shared with the team."""

import sqlalchemy as sa
from alembic import op

revision = "cases_0005"
down_revision = "cases_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("visit", sa.Column("nursing_note", sa.String(), nullable=True))
    op.add_column("visit", sa.Column("social_note", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("visit", "social_note")
    op.drop_column("visit", "nursing_note")
