"""Nobody is forgotten: policies and calendars as data, leases, campaigns, appointments."""

import sqlalchemy as sa
from alembic import op

revision = "scheduler_0002"
down_revision = "scheduler_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_constraint("uq_follow_up_case_id_closing_kind", "follow_up", type_="unique")
    op.alter_column("follow_up", "closing", new_column_name="occasion")
    op.alter_column("follow_up", "closed_on", new_column_name="counted_from")
    op.add_column("follow_up", sa.Column("trigger", sa.String(length=40), nullable=False, server_default="case-closed"))
    op.add_column("follow_up", sa.Column("origin_id", sa.Uuid(), nullable=True))
    op.execute("UPDATE follow_up SET origin_id = case_id")
    op.alter_column("follow_up", "origin_id", nullable=False)
    op.drop_constraint(op.f("ck_follow_up_slot_in_hours"), "follow_up", type_="check")
    op.create_check_constraint(op.f("ck_follow_up_slot_in_hours"), "follow_up", "slot BETWEEN '07:00' AND '20:00'")
    op.add_column("follow_up", sa.Column("programme", sa.Text(), nullable=True))
    op.add_column("follow_up", sa.Column("worker", sa.Text(), nullable=True))
    op.add_column("follow_up", sa.Column("risk", sa.Integer(), nullable=False, server_default="5"))
    op.alter_column("follow_up", "case_id", existing_type=sa.UUID(), nullable=True)
    op.create_index("ix_follow_up_case_id", "follow_up", ["case_id"], unique=False)
    op.create_unique_constraint(
        op.f("uq_follow_up_trigger_origin_id_occasion_kind"), "follow_up", ["trigger", "origin_id", "occasion", "kind"]
    )


def downgrade() -> None:
    op.add_column("follow_up", sa.Column("closing", sa.INTEGER(), autoincrement=False, nullable=False))
    op.add_column("follow_up", sa.Column("closed_on", sa.DATE(), autoincrement=False, nullable=False))
    op.drop_constraint(op.f("uq_follow_up_trigger_origin_id_occasion_kind"), "follow_up", type_="unique")
    op.drop_index("ix_follow_up_case_id", table_name="follow_up")
    op.create_unique_constraint(
        op.f("uq_follow_up_case_id_closing_kind"),
        "follow_up",
        ["case_id", "closing", "kind"],
        postgresql_nulls_not_distinct=False,
    )
    op.alter_column("follow_up", "case_id", existing_type=sa.UUID(), nullable=False)
    op.drop_column("follow_up", "counted_from")
    op.drop_column("follow_up", "risk")
    op.drop_column("follow_up", "worker")
    op.drop_column("follow_up", "programme")
    op.drop_column("follow_up", "occasion")
    op.drop_column("follow_up", "origin_id")
    op.drop_column("follow_up", "trigger")
