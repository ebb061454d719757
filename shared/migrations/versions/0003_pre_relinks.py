"""An identifier of another service may stand for another, and for itself again."""

import sqlalchemy as sa
from alembic import op

revision = "kernel_0003"
down_revision = "kernel_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "relink",
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column("from_id", sa.Uuid(), nullable=True),
        sa.Column("to_id", sa.Uuid(), nullable=True),
        sa.Column("undone", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("operation_id", name=op.f("pk_relink")),
    )
    op.create_index("ix_relink_from_id", "relink", ["from_id"])
    op.create_index("ix_relink_to_id", "relink", ["to_id"])
    op.create_index("ix_relink_changed_at", "relink", ["changed_at"])
    op.create_table(
        "relinked_row",
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("column_name", sa.Text(), nullable=False),
        sa.Column("row_key", sa.Text(), nullable=False),
        sa.Column("original_id", sa.Uuid(), nullable=False),
        sa.Column("current_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("table_name", "column_name", "row_key", name=op.f("pk_relinked_row")),
    )
    op.create_index("ix_relinked_row_current_id", "relinked_row", ["current_id"])


def downgrade() -> None:
    op.drop_table("relinked_row")
    op.drop_table("relink")
