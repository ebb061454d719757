"""Whoever has a case already is related to its person: the facts that said so were heard before links were kept."""

from alembic import op

revision = "assessment_0006"
down_revision = "assessment_0005"
branch_labels = None
depends_on = "kernel_0008"

# Told before any fact: whatever is told from now on counts more.
CASES = """
    INSERT INTO relationship (source, reason, organisation, worker, subject_id, since, until, told_at)
    SELECT case_id, reason, organisation, '', coalesce(person_id, case_id), opened_on,
        CASE WHEN reason = 'assignment' AND closed_on IS NOT NULL THEN closed_on + interval '30 days' END,
        timestamptz '2000-01-01T00:00:00Z'
    FROM course CROSS JOIN (VALUES ('assignment'), ('coordination')) AS why (reason)
    ON CONFLICT DO NOTHING
"""
REFERRALS = """
    INSERT INTO relationship (source, reason, organisation, worker, subject_id, since, until, told_at)
    SELECT referral_id, 'referral', organisation, '', coalesce(person_id, referral_id), assessed_at,
        now() + interval '30 days',
        timestamptz '2000-01-01T00:00:00Z'
    FROM admission WHERE is_current AND referral_id IS NOT NULL
        AND NOT EXISTS (SELECT FROM course WHERE origin_id = referral_id)
    ON CONFLICT DO NOTHING
"""


def upgrade() -> None:
    op.execute("SELECT set_config('relais.reach', 'service', true)")
    op.execute(CASES)
    op.execute(REFERRALS)


def downgrade() -> None:
    op.execute("SELECT set_config('relais.reach', 'service', true)")
    op.execute("DELETE FROM relationship WHERE told_at = timestamptz '2000-01-01T00:00:00Z'")
