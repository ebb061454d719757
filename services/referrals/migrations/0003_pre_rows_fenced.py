"""Row-level security: whose each row is. A table that is not here is an exception with a reason in its test."""

from alembic import op

from shared.rls import ACTS, NONE, of, open_doors, parent, raise_fences, take_down

revision = "referrals_0003"
down_revision = "referrals_0002"
branch_labels = None
depends_on = None

FENCES = {
    # What belongs to an organisation by its own column: of a referral the sender's, of a demand its addressee's.
    **dict.fromkeys(
        ("capacity_question", "followed_person", "notice", "outgoing_referral", "referral_import"),
        of("organisation"),
    ),
    "referral": of("sender"),
    "received_identifier": of("sender"),
    "subscription": of("owner"),
    # What belongs to a record.
    "import_row": parent("import_id", "referral_import"),
    "received_resource": parent("referral_id", "referral"),
    "subscription_notice": parent("subscription_id", "subscription"),
    # What was missing: added by whoever's answer tells it, seen by those who look at the whole programme.
    "gap": NONE,
}


def upgrade() -> None:
    raise_fences(op.execute, FENCES)
    open_doors(op.execute, {"gap": ACTS})


def downgrade() -> None:
    take_down(op.execute, FENCES)
