"""0003_pre_relinked_persons"""

import sqlalchemy as sa
from alembic import op

revision = "scheduler_0003"
down_revision = "scheduler_0002"
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
    op.create_table(
        "stopped",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("of", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("listed_on", sa.Date(), nullable=True),
        sa.Column("decision", sa.String(length=40), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stopped")),
    )
    op.create_index(
        "ix_stopped_listed_on_id",
        "stopped",
        ["listed_on", "id"],
        unique=False,
        postgresql_where=sa.text("listed_on IS NOT NULL"),
    )
    op.create_index(
        "ix_stopped_person_id", "stopped", ["person_id"], unique=False, postgresql_where=sa.text("listed_on IS NULL")
    )
    op.add_column("campaign_member", sa.Column("current_id", sa.Uuid(), nullable=True))
    op.create_index(op.f("ix_campaign_member_current_id"), "campaign_member", ["current_id"], unique=False)
    op.add_column("last_contact", sa.Column("current_id", sa.Uuid(), nullable=True))
    op.create_index(op.f("ix_last_contact_current_id"), "last_contact", ["current_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_last_contact_current_id"), table_name="last_contact")
    op.drop_column("last_contact", "current_id")
    op.drop_index(op.f("ix_campaign_member_current_id"), table_name="campaign_member")
    op.drop_column("campaign_member", "current_id")
    op.drop_index("ix_stopped_person_id", table_name="stopped", postgresql_where=sa.text("listed_on IS NULL"))
    op.drop_index("ix_stopped_listed_on_id", table_name="stopped", postgresql_where=sa.text("listed_on IS NOT NULL"))
    op.drop_table("stopped")
    op.drop_index("ix_death_person_id", table_name="death", postgresql_where=sa.text("withdrawn_on IS NULL"))
    op.drop_table("death")
