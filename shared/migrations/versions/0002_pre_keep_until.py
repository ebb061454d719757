"""A kept answer says itself how long it is kept; those of before are kept for the seven days they were promised."""

import sqlalchemy as sa
from alembic import op

revision = "kernel_0002"
down_revision = "kernel_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The default serves code of the last version, which goes on writing rows until it is replaced.
    column = sa.Column(
        "keep_until",
        sa.DateTime(timezone=True),
        server_default=sa.text("now() + interval '7 days'"),
        nullable=False,
    )
    op.add_column("idempotency_key", column)
    op.execute("UPDATE idempotency_key SET keep_until = at + interval '7 days'")
    op.create_index("ix_idempotency_key_keep_until", "idempotency_key", ["keep_until"])


def downgrade() -> None:
    op.drop_index("ix_idempotency_key_keep_until", table_name="idempotency_key")
    op.drop_column("idempotency_key", "keep_until")
