"""The audit: records, the chain over them, and how far it was told of. The application may add and read, no more."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.tables import Xid8

revision = "kernel_0004"
down_revision = "kernel_0003"
branch_labels = None
depends_on = None

TABLES = ("audit_record", "audit_seal", "audit_anchor")
# Whoever the application's role is: everybody but the owner keeps what adds and reads, and loses the rest.
ADD_AND_READ = """
DO $$
DECLARE
    held record;
BEGIN
    FOR held IN
        SELECT DISTINCT
            relation.relname AS name, pg_get_userbyid(granted.grantee) AS role, granted.grantee = 0 AS anyone
        FROM pg_class relation, aclexplode(relation.relacl) granted
        WHERE relation.relnamespace = current_schema()::regnamespace
        AND relation.relname IN ('audit_record', 'audit_seal', 'audit_anchor') AND granted.grantee <> relation.relowner
    LOOP
        IF held.anyone THEN
            EXECUTE format('REVOKE ALL ON %I FROM PUBLIC', held.name);
        ELSE
            EXECUTE format('REVOKE ALL ON %I FROM %I', held.name, held.role);
            EXECUTE format('GRANT SELECT, INSERT ON %I TO %I', held.name, held.role);
        END IF;
    END LOOP;
END
$$
"""


def upgrade() -> None:
    op.create_table(
        "audit_record",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("subject", "client", "organisation")),
        sa.Column("roles", postgresql.ARRAY(sa.Text()), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("action", "scope", "purpose", "reason")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("method", "route")),
        sa.Column("entities", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("terms", sa.LargeBinary(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("trace", sa.Text(), nullable=False),
        sa.Column("break_glass", sa.Uuid(), nullable=True),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.Column("xid", Xid8(), server_default=sa.text("pg_current_xact_id()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_record")),
    )
    op.create_index("ix_audit_record_xid_id", "audit_record", ["xid", "id"])
    op.create_index("ix_audit_record_at", "audit_record", ["at"], postgresql_using="brin")
    op.create_index("ix_audit_record_entities", "audit_record", ["entities"], postgresql_using="gin")
    op.create_table(
        "audit_seal",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("record", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("xid", Xid8(), nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("link", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_audit_seal")),
        sa.UniqueConstraint("record", name=op.f("uq_audit_seal_record")),
    )
    op.create_table(
        "audit_anchor",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("link", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_anchor")),
    )
    op.execute(ADD_AND_READ)


def downgrade() -> None:
    for name in reversed(TABLES):
        op.drop_table(name)
