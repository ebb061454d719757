"""Rows of people whose data are restricted (GDPR 18) are seen by nobody who may not see what is restricted."""

from alembic import op

from shared.rls import hide_restricted, show_restricted

revision = "assessment_0005"
down_revision = "assessment_0004"
branch_labels = None
depends_on = "kernel_0007"

ABOUT = {
    "admission": (
        "person_id",
        "referral_id",
    ),
    "course": (
        "case_id",
        "person_id",
    ),
    "draft": ("person_id",),
    "outcome": (
        "case_id",
        "person_id",
    ),
    "profile_consent": ("person_id",),
    "rejection": ("referral_id",),
    "result": ("sheet_id",),
    "sheet": (
        "id",
        "person_id",
        "referral_id",
    ),
}
"""Which columns of a table name whom, or what, a row is about."""


def upgrade() -> None:
    hide_restricted(op.execute, ABOUT)


def downgrade() -> None:
    show_restricted(op.execute, ABOUT)
