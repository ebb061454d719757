"""0003_pre_relinked_persons"""

from alembic import op

revision = "assessment_0003"
down_revision = "assessment_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_referral_person_person_id"), "referral_person", ["person_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_referral_person_person_id"), table_name="referral_person")
