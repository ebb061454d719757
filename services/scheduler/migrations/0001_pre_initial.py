"""The follow-ups, the closings of each case, and the clock that timers go by."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "scheduler_0001"
down_revision = None
branch_labels = ("scheduler",)
depends_on = None


def upgrade() -> None:
    # STABLE lets a scan by index use it; a SQL function of one expression costs nothing. Tests replace it.
    op.execute("CREATE FUNCTION relais_now() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT now()'")
    op.create_table(
        "closing",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("reopened", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_closing")),
    )
    op.create_table(
        "follow_up",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("closing", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("owner", sa.String(length=40), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("slot", sa.Time(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("items", postgresql.JSONB(), nullable=False),
        sa.Column("attempts", postgresql.JSONB(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("result", postgresql.JSONB(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("slot BETWEEN '08:00' AND '18:00'", name=op.f("ck_follow_up_slot_in_hours")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up")),
        sa.UniqueConstraint("case_id", "closing", "kind", name=op.f("uq_follow_up_case_id_closing_kind")),
    )
    op.create_index("ix_follow_up_due_on_id", "follow_up", ["due_on", "id"], unique=False)
    op.create_index(
        "ix_follow_up_planned", "follow_up", ["due_at"], unique=False, postgresql_where=sa.text("status = 'planned'")
    )
    op.create_index(
        "ix_follow_up_unreachable",
        "follow_up",
        ["person_id"],
        unique=False,
        postgresql_where=sa.text("status = 'unreachable'"),
    )


def downgrade() -> None:
    op.drop_index(
        "ix_follow_up_unreachable", table_name="follow_up", postgresql_where=sa.text("status = 'unreachable'")
    )
    op.drop_index("ix_follow_up_planned", table_name="follow_up", postgresql_where=sa.text("status = 'planned'"))
    op.drop_index("ix_follow_up_due_on_id", table_name="follow_up")
    op.drop_table("follow_up")
    op.drop_table("closing")
    op.execute("DROP FUNCTION relais_now()")
