"""Personal values are encrypted at rest: referrals are found by their person's numbers in a blind index.

What is written from now on is encrypted; `python -m services encryption rotate referrals` encrypts what was there.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "referrals_0006"
down_revision = "referrals_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    numbers = postgresql.ARRAY(sa.Text())
    op.add_column("referral", sa.Column("person_numbers", numbers, nullable=False, server_default="{}"))
    op.add_column("referral", sa.Column("index_key", sa.Text(), nullable=False, server_default=""))
    # Old rows are found by what stands in clear until they are rotated.
    op.execute(
        "UPDATE referral SET person_numbers = array_remove(ARRAY["
        "document #>> '{person,niss}', document #>> '{person,hospital_number}'], NULL)"
    )
    op.create_index("ix_referral_person_numbers", "referral", ["person_numbers"], postgresql_using="gin")
    op.create_index("ix_referral_index_key", "referral", ["index_key"])


def downgrade() -> None:
    op.drop_index("ix_referral_index_key", "referral")
    op.drop_index("ix_referral_person_numbers", "referral")
    op.drop_column("referral", "index_key")
    op.drop_column("referral", "person_numbers")
