"""Row-level security: whose each row is. A table that is not here is an exception with a reason in its test."""

from alembic import op

from shared.rls import NONE, of, parent, raise_fences, take_down

revision = "assessment_0004"
down_revision = "assessment_0003"
branch_labels = None
depends_on = None

FENCES = {
    # What belongs to an organisation by its own column.
    **dict.fromkeys(("admission", "course", "draft", "export", "outcome", "sheet"), of("organisation")),
    "profile_consent": of("organisation", "audience"),
    "result": parent("sheet_id", "sheet"),
    # What a referral brought with it: our handlers' alone.
    **dict.fromkeys(("referral_person", "referral_source", "rejection"), NONE),
}


def upgrade() -> None:
    raise_fences(op.execute, FENCES)


def downgrade() -> None:
    take_down(op.execute, FENCES)
