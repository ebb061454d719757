"""Restrictions, legal holds, erasures, their policy. Rows of people whose data are restricted are hidden (GDPR 18)."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.rls import hide_restricted, of, raise_fences, show_restricted, take_down

revision = "intake_0006"
down_revision = "intake_0005"
branch_labels = None
depends_on = "kernel_0007"

ABOUT = {
    "consent": ("person_id",),
    "person": ("id",),
    "contact": ("person_id",),
    "call_back": ("person_id",),
    "known_case": ("person_id",),
    "identification": ("person_id",),
    "identity_review": ("person_id",),
    "person_change": ("person_id",),
    "person_relation": ("person_id",),
    "person_merge": ("kept_id",),
    "relay": ("person_id",),
    "elsewhere_check": ("person_id",),
    "elsewhere_consent": ("person_id",),
    "joint_case_question": ("person_id",),
    "lapsed_link": ("person_id",),
    "possible_duplicate": (
        "one_id",
        "two_id",
    ),
    "contact_amendment": ("contact_id",),
    "contact_topic": ("contact_id",),
    "import_row": ("target_id",),
}
"""Which columns of a table name whom, or what, a row is about."""

FENCES = dict.fromkeys(("restriction", "legal_hold", "erasure"), of("programme"))
MOMENT = sa.DateTime(timezone=True)


def owned() -> list["sa.Column[Any]"]:
    """What each of these records begins with."""
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("programme", sa.String(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
    ]


def upgrade() -> None:
    op.create_table(
        "retention_policy",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("content", JSONB(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_policy")),
    )
    op.create_table(
        "restriction",
        *owned(),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("restricted_by", sa.String(), nullable=False),
        sa.Column("restricted_at", MOMENT, nullable=False),
        sa.Column("lifted_by", sa.String(), nullable=True),
        sa.Column("lifted_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_restriction")),
    )
    in_force = sa.text("lifted_at IS NULL")
    op.create_index("uq_restriction_person_id", "restriction", ["person_id"], unique=True, postgresql_where=in_force)
    op.create_table(
        "legal_hold",
        *owned(),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("placed_by", sa.String(), nullable=False),
        sa.Column("placed_at", MOMENT, nullable=False),
        sa.Column("review_on", sa.Date(), nullable=False),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_hold")),
    )
    op.create_index(op.f("ix_legal_hold_person_id"), "legal_hold", ["person_id"])
    op.create_table(
        "erasure",
        *owned(),
        sa.Column("subjects", JSONB(), nullable=False),
        sa.Column("ground", sa.String(length=40), nullable=False),
        sa.Column("then", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("settled_by", sa.String(), nullable=True),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.Column("decisions", JSONB(), nullable=False),
        sa.Column("answers", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure")),
    )
    asked = sa.text("state = 'asked'")
    op.create_index("uq_erasure_person_id", "erasure", ["person_id"], unique=True, postgresql_where=asked)
    raise_fences(op.execute, FENCES)
    hide_restricted(op.execute, ABOUT)


def downgrade() -> None:
    show_restricted(op.execute, ABOUT)
    take_down(op.execute, FENCES)
    for table in (*FENCES, "retention_policy"):
        op.drop_table(table)
