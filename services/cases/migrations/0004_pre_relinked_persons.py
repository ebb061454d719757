"""What a merge of persons moves, deaths, repeated relays; a signal about a person is a line for each of the cases."""

import sqlalchemy as sa
from alembic import op

revision = "cases_0004"
down_revision = "cases_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "death",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_death")),
    )
    op.create_index(
        "ix_death_person_id", "death", ["person_id"], unique=False, postgresql_where=sa.text("withdrawn_on IS NULL")
    )
    op.create_index("ix_circle_member_person_id", "circle_member", ["person_id"], unique=False)
    op.add_column("origin", sa.Column("repeated_by", sa.Uuid(), nullable=True))
    op.add_column("origin", sa.Column("repeated_urgency", sa.String(length=40), nullable=True))
    op.create_index("ix_origin_person_id", "origin", ["person_id"], unique=False)
    op.drop_constraint(op.f("uq_agenda_line_reason_subject_id_source_id"), "agenda_line", type_="unique")
    op.create_unique_constraint(
        op.f("uq_agenda_line_case_id_reason_subject_id_source_id"),
        "agenda_line",
        ["case_id", "reason", "subject_id", "source_id"],
    )


def downgrade() -> None:
    op.drop_constraint(op.f("uq_agenda_line_case_id_reason_subject_id_source_id"), "agenda_line", type_="unique")
    op.create_unique_constraint(
        op.f("uq_agenda_line_reason_subject_id_source_id"), "agenda_line", ["reason", "subject_id", "source_id"]
    )
    op.drop_index("ix_origin_person_id", table_name="origin")
    op.drop_column("origin", "repeated_urgency")
    op.drop_column("origin", "repeated_by")
    op.drop_index("ix_circle_member_person_id", table_name="circle_member")
    op.drop_index("ix_death_person_id", table_name="death", postgresql_where=sa.text("withdrawn_on IS NULL"))
    op.drop_table("death")
