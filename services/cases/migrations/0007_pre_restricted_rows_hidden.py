"""Rows of people whose data are restricted (GDPR 18) are seen by nobody who may not see what is restricted."""

from alembic import op

from shared.rls import hide_restricted, show_restricted

revision = "cases_0007"
down_revision = "cases_0006"
branch_labels = None
depends_on = "kernel_0007"

ABOUT = {
    "case": (
        "id",
        "person_id",
    ),
    "activity": ("case_id",),
    "agenda_line": ("case_id",),
    "assessed": ("person_id",),
    "case_share": ("case_id",),
    "checklist_tick": ("case_id",),
    "circle_member": ("case_id",),
    "decision": ("case_id",),
    "follow_up_result": ("case_id",),
    "general_practitioner": ("case_id",),
    "hand_over": ("case_id",),
    "help_request": ("case_id",),
    "information": ("case_id",),
    "meeting_line": ("case_id",),
    "pathway_deviation": ("case_id",),
    "plan": ("case_id",),
    "task": ("case_id",),
    "timeline": ("case_id",),
    "transfer": ("case_id",),
    "visit": ("case_id",),
}
"""Which columns of a table name whom, or what, a row is about."""


def upgrade() -> None:
    hide_restricted(op.execute, ABOUT)


def downgrade() -> None:
    show_restricted(op.execute, ABOUT)
