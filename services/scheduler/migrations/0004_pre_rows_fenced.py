"""Row-level security: whose each row is. A table that is not here is an exception with a reason in its test."""

from alembic import op

from shared.rls import of, parent, raise_fences, take_down

revision = "scheduler_0004"
down_revision = "scheduler_0003"
branch_labels = None
depends_on = None

FENCES = {
    # What belongs to an organisation by its own column.
    **dict.fromkeys(
        (
            "absence",
            "appointment",
            "cadence",
            "calendar",
            "campaign",
            "feed",
            "follow_up",
            "lease",
            "line_task",
            "stopped",
        ),
        of("organisation"),
    ),
    # Ids of a case; nobody's until it is assigned, and read beside a task of the reader's only.
    "followed_case": f"{of('organisation')} OR organisation IS NULL",
    # What belongs to a record.
    "campaign_member": parent("campaign_id", "campaign"),
    "reminder": parent("case_id", "followed_case", "case_id"),
}


def upgrade() -> None:
    raise_fences(op.execute, FENCES)


def downgrade() -> None:
    take_down(op.execute, FENCES)
