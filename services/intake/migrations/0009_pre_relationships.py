"""Whom people exclude by name, and who is related to the people who are in the index already."""

import sqlalchemy as sa
from alembic import op

from shared.rls import of, raise_fences

revision = "intake_0009"
down_revision = "intake_0008"
branch_labels = None
depends_on = "kernel_0008"

FENCES = {"named_exclusion": of("programme")}

KNOWN = (
    # Whoever coordinates the programme answers for whom it has in its index.
    """
    SELECT p.id, 'coordination', p.programme, coalesce(p.merged_into, p.id), p.registered_at, NULL::timestamptz
    FROM person p
    """,
    # The line: who was registered or heard within three days, who is owed a call, who was lost sight of.
    """
    SELECT p.id, 'line-duty', p.programme, coalesce(p.merged_into, p.id), p.registered_at,
        p.registered_at + interval '72 hours'
    FROM person p WHERE p.registered_at > now() - interval '72 hours'
    """,
    """
    SELECT c.id, 'line-duty', c.programme, c.person_id, c.recorded_at, c.recorded_at + interval '72 hours'
    FROM contact c WHERE c.person_id IS NOT NULL AND c.recorded_at > now() - interval '72 hours'
    """,
    """
    SELECT b.id, 'line-duty', b.programme, b.person_id, b.planned_at, NULL::timestamptz
    FROM call_back b WHERE b.person_id IS NOT NULL AND b.state IN ('planned', 'due', 'escalated')
    """,
    # Who was asked for and has no case yet, and whom the programme follows.
    """
    SELECT r.id, 'referral', r.programme, coalesce(p.merged_into, p.id), r.requested_at, NULL::timestamptz
    FROM relay r JOIN person p ON p.id = r.person_id WHERE NOT r.over AND r.case_id IS NULL
    """,
    """
    SELECT i.id, 'referral', p.programme, coalesce(p.merged_into, p.id), now(), now() + interval '30 days'
    FROM identification i JOIN person p ON p.id = i.person_id
    """,
    *(
        f"""
        SELECT k.id, '{reason}', p.programme, coalesce(p.merged_into, p.id), k.opened_at, {until}
        FROM known_case k JOIN person p ON p.id = k.person_id
        """  # nosec B608  # words of ours alone
        for reason, until in (
            ("assignment", "k.closed_at + interval '200 days'"),
            ("coordination", "NULL::timestamptz"),
        )
    ),
)


def upgrade() -> None:
    op.create_table(
        "named_exclusion",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("said_by", sa.Text(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_named_exclusion_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_named_exclusion")),
    )
    op.create_index("ix_named_exclusion_person_id", "named_exclusion", ["person_id"])
    raise_fences(op.execute, FENCES)
    for rows in KNOWN:
        op.execute(
            "INSERT INTO relationship (source, reason, organisation, subject_id, since, until, told_at) "
            f"SELECT k.*, now() FROM ({rows}) AS k ON CONFLICT DO NOTHING"  # nosec B608  # words of ours alone
        )


def downgrade() -> None:
    op.drop_table("named_exclusion")
    op.execute("DELETE FROM relationship")
