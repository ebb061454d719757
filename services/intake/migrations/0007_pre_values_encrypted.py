"""Personal values are encrypted at rest: people are found by a blind index, whose key each row names.

What is written from now on is encrypted; `python -m services encryption rotate intake` encrypts what was there.
"""

import sqlalchemy as sa
from alembic import op

revision = "intake_0007"
down_revision = "intake_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("person", sa.Column("niss_mark", sa.Text(), nullable=True))
    op.add_column("person", sa.Column("index_key", sa.Text(), nullable=False, server_default=""))
    # Old rows are found by what stands in clear until they are rotated.
    op.execute("UPDATE person SET niss_mark = niss WHERE niss IS NOT NULL")
    op.create_unique_constraint("uq_person_programme_niss_mark", "person", ["programme", "niss_mark"])
    op.create_index("ix_person_index_key", "person", ["index_key"])
    op.drop_constraint("uq_person_programme_niss", "person", type_="unique")


def downgrade() -> None:
    op.create_unique_constraint("uq_person_programme_niss", "person", ["programme", "niss"])
    op.drop_index("ix_person_index_key", "person")
    op.drop_constraint("uq_person_programme_niss_mark", "person", type_="unique")
    op.drop_column("person", "index_key")
    op.drop_column("person", "niss_mark")
