"""The first tables: people, contacts, identifications and identity reviews."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "intake_0001"
down_revision = None
branch_labels = ("intake",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "person",
        sa.Column("family_name", sa.Text(), nullable=False),
        sa.Column("given_names", sa.Text(), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("niss", sa.Text(), nullable=True),
        sa.Column("hospital_numbers", postgresql.JSONB(), nullable=False),
        sa.Column("phones", postgresql.JSONB(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("address", postgresql.JSONB(), nullable=True),
        sa.Column("gender", sa.String(length=40), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("marks", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("programme", "niss", name=op.f("uq_person_programme_niss")),
    )
    op.create_index("ix_person_marks", "person", ["marks"], unique=False, postgresql_using="gin")
    op.create_table(
        "contact",
        sa.Column("direction", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("caller", postgresql.JSONB(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("topics", postgresql.JSONB(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("urgency", sa.String(length=40), nullable=True),
        sa.Column("organisation", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("discipline", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_contact_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
    )
    op.create_index("ix_contact_person_id_started_at", "contact", ["person_id", "started_at"], unique=False)
    op.create_index("ix_contact_programme_started_at_id", "contact", ["programme", "started_at", "id"], unique=False)
    op.create_table(
        "identification",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("certainty", sa.String(length=40), nullable=False),
        sa.Column("reasons", postgresql.JSONB(), nullable=False),
        sa.Column("identified_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_identification_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identification")),
    )
    op.create_index(op.f("ix_identification_person_id"), "identification", ["person_id"], unique=False)
    op.create_table(
        "identity_review",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("incoming", postgresql.JSONB(), nullable=True),
        sa.Column("candidates", postgresql.JSONB(), nullable=False),
        sa.Column("decided", sa.Boolean(), nullable=False),
        sa.Column("decision", sa.String(length=40), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_identity_review_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_review")),
        sa.UniqueConstraint("referral_id", name=op.f("uq_identity_review_referral_id")),
    )
    op.create_index(
        "ix_identity_review_queue", "identity_review", ["programme", "decided", "opened_at", "id"], unique=False
    )


def downgrade() -> None:
    op.drop_index("ix_identity_review_queue", table_name="identity_review")
    op.drop_table("identity_review")
    op.drop_index(op.f("ix_identification_person_id"), table_name="identification")
    op.drop_table("identification")
    op.drop_index("ix_contact_programme_started_at_id", table_name="contact")
    op.drop_index("ix_contact_person_id_started_at", table_name="contact")
    op.drop_table("contact")
    op.drop_index("ix_person_marks", table_name="person", postgresql_using="gin")
    op.drop_table("person")
