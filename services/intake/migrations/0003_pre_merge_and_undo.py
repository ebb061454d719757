"""0003_pre_merge_and_undo"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "intake_0003"
down_revision = "intake_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "known_apart",
        sa.Column("one_id", sa.Uuid(), nullable=False),
        sa.Column("two_id", sa.Uuid(), nullable=False),
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("origin", sa.String(length=40), nullable=False),
        sa.Column("said_by", sa.Text(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["one_id"], ["person.id"], name=op.f("fk_known_apart_one_id")),
        sa.ForeignKeyConstraint(["two_id"], ["person.id"], name=op.f("fk_known_apart_two_id")),
        sa.PrimaryKeyConstraint("one_id", "two_id", name=op.f("pk_known_apart")),
    )
    op.create_index(op.f("ix_known_apart_two_id"), "known_apart", ["two_id"], unique=False)
    op.create_table(
        "person_merge",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("kept_id", sa.Uuid(), nullable=False),
        sa.Column("merged_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("confirmed", postgresql.JSONB(), nullable=False),
        sa.Column("merged_by", sa.Text(), nullable=False),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("taken", postgresql.JSONB(), nullable=False),
        sa.Column("undo_reason", sa.String(length=40), nullable=True),
        sa.Column("undone_by", sa.Text(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["kept_id"], ["person.id"], name=op.f("fk_person_merge_kept_id")),
        sa.ForeignKeyConstraint(["merged_id"], ["person.id"], name=op.f("fk_person_merge_merged_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_merge")),
    )
    op.create_index("ix_person_merge_kept_id", "person_merge", ["kept_id"], unique=False)
    op.create_index("ix_person_merge_merged_id", "person_merge", ["merged_id"], unique=False)
    op.create_index(
        "ix_person_merge_programme_merged_at_id", "person_merge", ["programme", "merged_at", "id"], unique=False
    )
    op.create_index(
        "uq_person_merge_merged_id_in_force",
        "person_merge",
        ["merged_id"],
        unique=True,
        postgresql_where="undone_at IS NULL",
    )
    op.create_table(
        "possible_duplicate",
        sa.Column("one_id", sa.Uuid(), nullable=False),
        sa.Column("two_id", sa.Uuid(), nullable=False),
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("grade", sa.String(length=40), nullable=False),
        sa.Column("reasons", postgresql.JSONB(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["one_id"], ["person.id"], name=op.f("fk_possible_duplicate_one_id")),
        sa.ForeignKeyConstraint(["two_id"], ["person.id"], name=op.f("fk_possible_duplicate_two_id")),
        sa.PrimaryKeyConstraint("one_id", "two_id", name=op.f("pk_possible_duplicate")),
    )
    op.create_index(
        "ix_possible_duplicate_queue",
        "possible_duplicate",
        ["programme", "grade", "found_at", "one_id", "two_id"],
        unique=False,
    )
    op.create_index("ix_possible_duplicate_two_id", "possible_duplicate", ["two_id"], unique=False)
    op.create_index(op.f("ix_elsewhere_check_person_id"), "elsewhere_check", ["person_id"], unique=False)
    op.create_index(op.f("ix_identity_review_person_id"), "identity_review", ["person_id"], unique=False)
    op.add_column("person", sa.Column("merged_into", sa.Uuid(), nullable=True))
    op.add_column("person", sa.Column("compared_version", sa.Integer(), nullable=True))
    op.create_index(
        "ix_person_merged_into",
        "person",
        ["merged_into"],
        unique=False,
        postgresql_where=sa.text("merged_into IS NOT NULL"),
    )
    op.create_index(
        "ix_person_uncompared",
        "person",
        ["id"],
        unique=False,
        postgresql_where=sa.text("compared_version IS DISTINCT FROM version"),
    )
    op.create_foreign_key(op.f("fk_person_merged_into"), "person", "person", ["merged_into"], ["id"])
    op.execute("ALTER INDEX ix_person_marks SET (fastupdate = off)")


def downgrade() -> None:
    op.execute("ALTER INDEX ix_person_marks RESET (fastupdate)")
    op.drop_constraint(op.f("fk_person_merged_into"), "person", type_="foreignkey")
    op.drop_index(
        "ix_person_uncompared",
        table_name="person",
        postgresql_where=sa.text("compared_version IS DISTINCT FROM version"),
    )
    op.drop_index("ix_person_merged_into", table_name="person", postgresql_where=sa.text("merged_into IS NOT NULL"))
    op.drop_column("person", "compared_version")
    op.drop_column("person", "merged_into")
    op.drop_index(op.f("ix_identity_review_person_id"), table_name="identity_review")
    op.drop_index(op.f("ix_elsewhere_check_person_id"), table_name="elsewhere_check")
    op.drop_index("ix_possible_duplicate_two_id", table_name="possible_duplicate")
    op.drop_index("ix_possible_duplicate_queue", table_name="possible_duplicate")
    op.drop_table("possible_duplicate")
    op.drop_index("uq_person_merge_merged_id_in_force", table_name="person_merge", postgresql_where="undone_at IS NULL")
    op.drop_index("ix_person_merge_programme_merged_at_id", table_name="person_merge")
    op.drop_index("ix_person_merge_merged_id", table_name="person_merge")
    op.drop_index("ix_person_merge_kept_id", table_name="person_merge")
    op.drop_table("person_merge")
    op.drop_index(op.f("ix_known_apart_two_id"), table_name="known_apart")
    op.drop_table("known_apart")
