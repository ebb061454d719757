"""Who is related to whom the cases are about that are there already."""

from alembic import op

revision = "cases_0008"
down_revision = "cases_0007"
branch_labels = None
depends_on = "kernel_0008"

KNOWN = (
    """
    SELECT c.id, 'coordination', c.organisation, coalesce(c.person_id, c.id), c.opened_at, NULL::timestamptz
    FROM "case" c
    """,
    """
    SELECT c.id, 'referral', c.organisation, coalesce(c.person_id, c.id), c.opened_at, NULL::timestamptz
    FROM "case" c WHERE c.state IN ('requested', 'waiting')
    """,
    """
    SELECT c.id, 'assignment', c.organisation, coalesce(c.person_id, c.id), c.opened_at,
        CASE WHEN c.state IN ('closed', 'declined') THEN coalesce(c.closed_on, current_date) + interval '200 days' END
    FROM "case" c WHERE c.state NOT IN ('requested', 'waiting')
    """,
    """
    SELECT s.case_id, 'care-team', s.organisation, coalesce(c.person_id, c.id),
        s.begins_on::timestamp AT TIME ZONE 'Europe/Brussels',
        (s.until + 1)::timestamp AT TIME ZONE 'Europe/Brussels'
    FROM case_share s JOIN "case" c ON c.id = s.case_id WHERE s.ended_on IS NULL
    """,
    """
    SELECT t.case_id, 'referral', t.to_organisation, coalesce(c.person_id, c.id), t.asked_at, NULL::timestamptz
    FROM transfer t JOIN "case" c ON c.id = t.case_id
    WHERE t.state = 'offered' AND t.to_organisation <> c.organisation
    """,
    """
    SELECT DISTINCT c.id, 'meeting', c.organisation, coalesce(c.person_id, c.id), c.opened_at, NULL::timestamptz
    FROM agenda_line l JOIN "case" c ON c.id = l.case_id WHERE l.settled_at IS NULL
    """,
    """
    SELECT c.id, 'follow-up', c.organisation, coalesce(c.person_id, c.id), c.opened_at,
        (max(t.due_on) + 31)::timestamp AT TIME ZONE 'Europe/Brussels'
    FROM task t JOIN "case" c ON c.id = t.case_id WHERE t.assignee = 'line' GROUP BY c.id
    """,
)


def upgrade() -> None:
    for rows in KNOWN:
        op.execute(
            "INSERT INTO relationship (source, reason, organisation, subject_id, since, until, told_at) "
            f"SELECT k.*, now() FROM ({rows}) AS k ON CONFLICT DO NOTHING"  # nosec B608  # words of ours alone
        )


def downgrade() -> None:
    op.execute("DELETE FROM relationship")
