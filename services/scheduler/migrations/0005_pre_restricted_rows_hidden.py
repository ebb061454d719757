"""Rows of people whose data are restricted (GDPR 18) are seen by nobody who may not see what is restricted."""

from alembic import op

from shared.rls import hide_restricted, show_restricted

revision = "scheduler_0005"
down_revision = "scheduler_0004"
branch_labels = None
depends_on = "kernel_0007"

ABOUT = {
    "appointment": (
        "case_id",
        "person_id",
    ),
    "campaign_member": (
        "person_id",
        "current_id",
    ),
    "follow_up": (
        "case_id",
        "person_id",
    ),
    "followed_case": (
        "case_id",
        "person_id",
    ),
    "lease": ("subject_id",),
    "line_task": ("case_id",),
    "reminder": ("case_id",),
    "stopped": (
        "case_id",
        "person_id",
    ),
}
"""Which columns of a table name whom, or what, a row is about."""


def upgrade() -> None:
    hide_restricted(op.execute, ABOUT)


def downgrade() -> None:
    show_restricted(op.execute, ABOUT)
