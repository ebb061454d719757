"""Whoever has a case already is related to its person: the facts that said so were heard before links were kept."""

from alembic import op

revision = "scheduler_0006"
down_revision = "scheduler_0005"
branch_labels = None
depends_on = "kernel_0008"

# Told before any fact: whatever is told from now on counts more.
CASES = """
    INSERT INTO relationship (source, reason, organisation, worker, subject_id, since, until, told_at)
    SELECT case_id, reason, organisation, '', coalesce(person_id, case_id), timestamptz '2000-01-01T00:00:00Z',
        CASE WHEN reason = 'assignment' AND state = 'closed' THEN now() + interval '30 days' END,
        timestamptz '2000-01-01T00:00:00Z'
    FROM followed_case CROSS JOIN (VALUES ('assignment'), ('coordination')) AS why (reason)
    WHERE organisation IS NOT NULL
    ON CONFLICT DO NOTHING
"""


def upgrade() -> None:
    op.execute("SELECT set_config('relais.reach', 'service', true)")
    op.execute(CASES)


def downgrade() -> None:
    op.execute("SELECT set_config('relais.reach', 'service', true)")
    op.execute("DELETE FROM relationship WHERE told_at = timestamptz '2000-01-01T00:00:00Z'")
