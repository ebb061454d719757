"""Rows of people whose data are restricted (GDPR 18) are seen by nobody who may not see what is restricted."""

from alembic import op

from shared.rls import hide_restricted, show_restricted

revision = "referrals_0004"
down_revision = "referrals_0003"
branch_labels = None
depends_on = "kernel_0007"

ABOUT = {
    "referral": (
        "id",
        "person_id",
    ),
    "outgoing_referral": (
        "id",
        "person_id",
    ),
    "followed_person": (
        "case_id",
        "person_id",
    ),
    "received_identifier": ("referral_id",),
    "received_resource": ("referral_id",),
    "import_row": ("referral_id",),
}
"""Which columns of a table name whom, or what, a row is about."""

# As `shared.erasure.ended.key_of` makes it: whatever door a referral comes by, it costs no round trip.
PASS_OVER_ERASED = """
    CREATE FUNCTION pass_over_erased() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (
            SELECT FROM ended_subject WHERE state = 'erased'
            AND id = md5(concat_ws(chr(31), NEW.sender, NEW.identifier_system, NEW.identifier_value))::uuid
        ) THEN
            RETURN NULL;
        END IF;
        RETURN NEW;
    END
    $$
"""


def upgrade() -> None:
    hide_restricted(op.execute, ABOUT)
    op.execute(PASS_OVER_ERASED)
    op.execute(
        "CREATE TRIGGER pass_over_erased BEFORE INSERT ON referral FOR EACH ROW EXECUTE FUNCTION pass_over_erased()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER pass_over_erased ON referral")
    op.execute("DROP FUNCTION pass_over_erased()")
    show_restricted(op.execute, ABOUT)
