"""The line, the people and what the region lacks: drafts, amendments, merges, the line's health, imports."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "intake_0002"
down_revision = "intake_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE FUNCTION relais_now() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT now()'")
    op.create_table(
        "column_mapping",
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("programme", "code", name=op.f("pk_column_mapping")),
    )
    op.create_table(
        "contact_draft",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("discipline", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_draft")),
    )
    op.create_index(
        "ix_contact_draft_programme_opened_at_id", "contact_draft", ["programme", "opened_at", "id"], unique=False
    )
    op.create_table(
        "decision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("complexity", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    op.create_table(
        "elsewhere_mark",
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("programme", "key_id", "mark", "kind", name=op.f("pk_elsewhere_mark")),
    )
    op.create_index("ix_elsewhere_mark_key_id_mark", "elsewhere_mark", ["key_id", "mark"], unique=False)
    op.create_table(
        "hospital_stay",
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lives_alone", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("referral_id", name=op.f("pk_hospital_stay")),
    )
    op.create_table(
        "import_reference",
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("programme", "kind", "reference", name=op.f("pk_import_reference")),
    )
    op.create_index(op.f("ix_import_reference_target_id"), "import_reference", ["target_id"], unique=False)
    op.create_table(
        "known_case",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("planned", sa.Boolean(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("organisation", sa.Text(), nullable=True),
        sa.Column("declined", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_case")),
    )
    op.create_index(op.f("ix_known_case_person_id"), "known_case", ["person_id"], unique=False)
    op.create_table(
        "line_heartbeat",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_heartbeat")),
    )
    op.create_index("ix_line_heartbeat_programme_at", "line_heartbeat", ["programme", "at"], unique=False)
    op.create_table(
        "line_hours",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("versions", postgresql.JSONB(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_hours")),
        sa.UniqueConstraint("programme", name=op.f("uq_line_hours_programme")),
    )
    op.create_table(
        "line_silence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("sign", sa.String(length=40), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("probability", sa.Float(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ending", sa.String(length=40), nullable=True),
        sa.Column("dismissal", sa.String(length=40), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("judged_by", sa.Text(), nullable=True),
        sa.Column("outage_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_silence")),
        sa.UniqueConstraint("programme", "sign", "since", name=op.f("uq_line_silence_programme_sign_since")),
    )
    op.create_index(
        "ix_line_silence_programme_raised_at_id", "line_silence", ["programme", "raised_at", "id"], unique=False
    )
    op.create_table(
        "line_volume",
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("learned_on", sa.Date(), nullable=False),
        sa.Column("hours_version", sa.Integer(), nullable=False),
        sa.Column("volume", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("programme", name=op.f("pk_line_volume")),
    )
    op.create_table(
        "list_import",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rows_forgotten_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("columns", postgresql.JSONB(), nullable=False),
        sa.Column("mapping", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_import")),
        sa.UniqueConstraint("programme", "content_hash", name=op.f("uq_list_import_programme_content_hash")),
    )
    op.create_index("ix_list_import_state_created_at", "list_import", ["state", "created_at"], unique=False)
    op.create_table(
        "model_topic",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("fit_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("terms", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("coherence", sa.Float(), nullable=False),
        sa.Column("documents", sa.Integer(), nullable=False),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("labelled_by", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model_topic")),
    )
    op.create_index("ix_model_topic_programme", "model_topic", ["programme"], unique=False)
    op.create_table(
        "offer",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("domains", postgresql.JSONB(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("capacity", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("service_id", name=op.f("pk_offer")),
    )
    op.create_table(
        "orientation",
        sa.Column("outgoing_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("service_status", sa.Text(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("outgoing_id", name=op.f("pk_orientation")),
    )
    op.create_index(op.f("ix_orientation_contact_id"), "orientation", ["contact_id"], unique=False)
    op.create_table(
        "outage",
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cause", sa.String(length=40), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outage")),
    )
    op.create_index("ix_outage_programme_began_at_id", "outage", ["programme", "began_at", "id"], unique=False)
    op.create_table(
        "population",
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("nis_code", sa.Text(), nullable=False),
        sa.Column("inhabitants", sa.Integer(), nullable=False),
        sa.Column("programme", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("as_of", "nis_code", "programme", name=op.f("pk_population")),
    )
    op.create_table(
        "topic_fit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=True),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("turn_ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("progress", sa.Float(), nullable=False),
        sa.Column("notes", sa.Integer(), nullable=False),
        sa.Column("failure", sa.String(length=40), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topic_fit")),
    )
    op.create_index("ix_topic_fit_programme_id", "topic_fit", ["programme", "id"], unique=False)
    op.create_index(
        "ix_topic_fit_under_way",
        "topic_fit",
        ["programme"],
        unique=True,
        postgresql_where=sa.text("state IN ('waiting', 'running')"),
    )
    op.create_table(
        "unmet_demand",
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("commune", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("origin_id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("origin_id", "topic", name=op.f("pk_unmet_demand")),
    )
    op.create_index("ix_unmet_demand_programme_month", "unmet_demand", ["programme", "month"], unique=False)
    op.create_table(
        "elsewhere_check",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_elsewhere_check_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_elsewhere_check")),
    )
    op.create_index("ix_elsewhere_check_asked_by_asked_at", "elsewhere_check", ["asked_by", "asked_at"], unique=False)
    op.create_table(
        "elsewhere_consent",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("consent", postgresql.JSONB(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_elsewhere_consent_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_elsewhere_consent")),
        sa.UniqueConstraint("person_id", name=op.f("uq_elsewhere_consent_person_id")),
    )
    op.create_table(
        "import_row",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=True),
        sa.Column("faults", postgresql.JSONB(), nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=True),
        sa.Column("candidates", postgresql.JSONB(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"], ["list_import.id"], name=op.f("fk_import_row_import_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("import_id", "number", name=op.f("pk_import_row")),
    )
    op.create_index(
        "ix_import_row_import_id_state_number", "import_row", ["import_id", "state", "number"], unique=False
    )
    op.create_table(
        "joint_case_question",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("asked_programme", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("consent", postgresql.JSONB(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_joint_case_question_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_joint_case_question")),
    )
    op.create_index(
        "ix_joint_case_question_asked_programme_asked_at_id",
        "joint_case_question",
        ["asked_programme", "asked_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_joint_case_question_programme_asked_at_id",
        "joint_case_question",
        ["programme", "asked_at", "id"],
        unique=False,
    )
    op.create_index(
        "uq_joint_case_question_person_id_asked_programme_open",
        "joint_case_question",
        ["person_id", "asked_programme"],
        unique=True,
        postgresql_where=sa.text("state = 'asked'"),
    )
    op.create_table(
        "lapsed_link",
        sa.Column("outage_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("reasons", postgresql.JSONB(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("restored_on", sa.Date(), nullable=True),
        sa.Column("restored_by", sa.String(length=40), nullable=True),
        sa.Column("programme", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["outage_id"], ["outage.id"], name=op.f("fk_lapsed_link_outage_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_lapsed_link_person_id")),
        sa.PrimaryKeyConstraint("outage_id", "person_id", name=op.f("pk_lapsed_link")),
    )
    op.create_index(
        "ix_lapsed_link_lapsed", "lapsed_link", ["person_id"], unique=False, postgresql_where="state = 'lapsed'"
    )
    op.create_index("ix_lapsed_link_programme_rank", "lapsed_link", ["programme", "rank", "outage_id"], unique=False)
    op.create_table(
        "person_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_person_change_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_change")),
    )
    op.create_index("ix_person_change_person_id_id", "person_change", ["person_id", "id"], unique=False)
    op.create_table(
        "person_relation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("mandates", postgresql.JSONB(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["other_id"], ["person.id"], name=op.f("fk_person_relation_other_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_person_relation_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_relation")),
    )
    op.create_index(op.f("ix_person_relation_other_id"), "person_relation", ["other_id"], unique=False)
    op.create_index(op.f("ix_person_relation_person_id"), "person_relation", ["person_id"], unique=False)
    op.create_table(
        "relay",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("urgency", sa.String(length=40), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("over", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_relay_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relay")),
    )
    op.create_index(op.f("ix_relay_case_id"), "relay", ["case_id"], unique=False)
    op.create_index(
        "uq_relay_programme_person_id_open",
        "relay",
        ["programme", "person_id"],
        unique=True,
        postgresql_where=sa.text("NOT over"),
    )
    op.create_table(
        "topic_model",
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("fit_id", sa.Uuid(), nullable=False),
        sa.Column("fitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("coherence", sa.Float(), nullable=False),
        sa.Column("words", sa.Integer(), nullable=False),
        sa.Column("stored", sa.LargeBinary(), nullable=False),
        sa.Column("notes", sa.Integer(), nullable=False),
        sa.Column("unplaced", sa.Integer(), nullable=False),
        sa.Column("placed_since", sa.Integer(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=True),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["fit_id"], ["topic_fit.id"], name=op.f("fk_topic_model_fit_id")),
        sa.PrimaryKeyConstraint("programme", name=op.f("pk_topic_model")),
    )
    op.create_table(
        "call_back",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("urgency", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("escalates_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claimed_by", sa.Text(), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("postponed", sa.Integer(), nullable=False),
        sa.Column("result", sa.String(length=40), nullable=True),
        sa.Column("cancellation", sa.String(length=40), nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_call_back_contact_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_call_back_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_back")),
    )
    op.create_index(op.f("ix_call_back_contact_id"), "call_back", ["contact_id"], unique=False)
    op.create_index(
        "ix_call_back_due", "call_back", ["escalates_at"], unique=False, postgresql_where=sa.text("state = 'due'")
    )
    op.create_index(
        "ix_call_back_open",
        "call_back",
        ["programme", "due_at", "id"],
        unique=False,
        postgresql_where=sa.text("state IN ('planned', 'due', 'escalated')"),
    )
    op.create_index(op.f("ix_call_back_person_id"), "call_back", ["person_id"], unique=False)
    op.create_index(
        "ix_call_back_planned", "call_back", ["due_at"], unique=False, postgresql_where=sa.text("state = 'planned'")
    )
    op.create_index("ix_call_back_programme_due_at_id", "call_back", ["programme", "due_at", "id"], unique=False)
    op.create_table(
        "contact_amendment",
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=True),
        sa.Column("before", postgresql.JSONB(), nullable=False),
        sa.Column("after", postgresql.JSONB(), nullable=False),
        sa.Column("amended_by", sa.Text(), nullable=False),
        sa.Column("discipline", sa.Text(), nullable=False),
        sa.Column("amended_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_contact_amendment_contact_id")),
        sa.PrimaryKeyConstraint("contact_id", "number", name=op.f("pk_contact_amendment")),
    )
    op.create_table(
        "contact_topic",
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_contact_topic_contact_id")),
        sa.PrimaryKeyConstraint("contact_id", "topic", name=op.f("pk_contact_topic")),
    )
    op.create_index(
        "ix_contact_topic_programme_topic",
        "contact_topic",
        ["programme", "topic", "started_at", "contact_id"],
        unique=False,
    )
    op.create_table(
        "placed_note",
        sa.Column("fit_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_placed_note_contact_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["fit_id"], ["topic_fit.id"], name=op.f("fk_placed_note_fit_id")),
        sa.PrimaryKeyConstraint("fit_id", "contact_id", name=op.f("pk_placed_note")),
    )
    op.create_index("ix_placed_note_fit_id_started_on", "placed_note", ["fit_id", "started_on", "number"], unique=False)
    op.add_column("contact", sa.Column("next_owner", sa.String(length=40), nullable=True))
    op.add_column("contact", sa.Column("declined_by", sa.Text(), nullable=True))
    op.add_column("contact", sa.Column("heard_from", sa.String(length=40), nullable=True))
    op.add_column("contact", sa.Column("answers_callback_id", sa.Uuid(), nullable=True))
    op.add_column("contact", sa.Column("caller_kind", sa.String(length=40), nullable=False, server_default=""))
    op.add_column("contact", sa.Column("caller_person_id", sa.Uuid(), nullable=True))
    op.add_column("contact", sa.Column("request_id", sa.Uuid(), nullable=True))
    op.add_column("contact", sa.Column("amendments", sa.Integer(), nullable=False, server_default="0"))
    op.create_index(
        "ix_contact_caller_person_id_started_at",
        "contact",
        ["caller_person_id", "started_at"],
        unique=False,
        postgresql_where=sa.text("caller_person_id IS NOT NULL"),
    )
    op.create_index(
        "ix_contact_programme_agent_started_at_id", "contact", ["programme", "agent", "started_at", "id"], unique=False
    )
    op.create_index(
        "ix_contact_programme_caller_kind_started_at_id",
        "contact",
        ["programme", "caller_kind", "started_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_contact_programme_channel_started_at_id",
        "contact",
        ["programme", "channel", "started_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_contact_programme_outcome_started_at_id",
        "contact",
        ["programme", "outcome", "started_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_contact_request_id",
        "contact",
        ["request_id"],
        unique=False,
        postgresql_where=sa.text("request_id IS NOT NULL"),
    )
    op.create_foreign_key(op.f("fk_contact_caller_person_id"), "contact", "person", ["caller_person_id"], ["id"])
    op.add_column("person", sa.Column("lives_alone", sa.Boolean(), nullable=True))
    op.add_column("person", sa.Column("contact_points", postgresql.JSONB(), nullable=False, server_default="[]"))
    op.add_column("person", sa.Column("preferred_channel", sa.String(length=40), nullable=True))
    op.add_column("person", sa.Column("deceased_on", sa.Date(), nullable=True))
    op.add_column("person", sa.Column("death_source", sa.String(length=40), nullable=True))
    op.add_column("person", sa.Column("marks_edition", sa.Integer(), nullable=False, server_default="0"))
    op.create_index(op.f("ix_person_marks_edition"), "person", ["marks_edition"], unique=False)
    op.execute("UPDATE contact SET caller_kind = caller ->> 'kind'")
    op.execute("UPDATE contact SET request_id = id WHERE outcome = 'relayed'")
    op.execute(
        "INSERT INTO contact_topic (contact_id, topic, programme, started_at)"
        " SELECT DISTINCT id, name, programme, started_at FROM contact, jsonb_array_elements_text(topics) AS topic,"
        " unnest(ARRAY[topic, split_part(topic, '.', 1)]) AS name"
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_person_marks_edition"), table_name="person")
    op.drop_column("person", "marks_edition")
    op.drop_column("person", "death_source")
    op.drop_column("person", "deceased_on")
    op.drop_column("person", "preferred_channel")
    op.drop_column("person", "contact_points")
    op.drop_column("person", "lives_alone")
    op.drop_constraint(op.f("fk_contact_caller_person_id"), "contact", type_="foreignkey")
    op.drop_index("ix_contact_request_id", table_name="contact", postgresql_where=sa.text("request_id IS NOT NULL"))
    op.drop_index("ix_contact_programme_outcome_started_at_id", table_name="contact")
    op.drop_index("ix_contact_programme_channel_started_at_id", table_name="contact")
    op.drop_index("ix_contact_programme_caller_kind_started_at_id", table_name="contact")
    op.drop_index("ix_contact_programme_agent_started_at_id", table_name="contact")
    op.drop_index(
        "ix_contact_caller_person_id_started_at",
        table_name="contact",
        postgresql_where=sa.text("caller_person_id IS NOT NULL"),
    )
    op.drop_column("contact", "amendments")
    op.drop_column("contact", "request_id")
    op.drop_column("contact", "caller_person_id")
    op.drop_column("contact", "caller_kind")
    op.drop_column("contact", "answers_callback_id")
    op.drop_column("contact", "heard_from")
    op.drop_column("contact", "declined_by")
    op.drop_column("contact", "next_owner")
    op.drop_index("ix_placed_note_fit_id_started_on", table_name="placed_note")
    op.drop_table("placed_note")
    op.drop_index("ix_contact_topic_programme_topic", table_name="contact_topic")
    op.drop_table("contact_topic")
    op.drop_table("contact_amendment")
    op.drop_index("ix_call_back_programme_due_at_id", table_name="call_back")
    op.drop_index("ix_call_back_planned", table_name="call_back", postgresql_where=sa.text("state = 'planned'"))
    op.drop_index(op.f("ix_call_back_person_id"), table_name="call_back")
    op.drop_index(
        "ix_call_back_open",
        table_name="call_back",
        postgresql_where=sa.text("state IN ('planned', 'due', 'escalated')"),
    )
    op.drop_index("ix_call_back_due", table_name="call_back", postgresql_where=sa.text("state = 'due'"))
    op.drop_index(op.f("ix_call_back_contact_id"), table_name="call_back")
    op.drop_table("call_back")
    op.drop_table("topic_model")
    op.drop_index("uq_relay_programme_person_id_open", table_name="relay", postgresql_where=sa.text("NOT over"))
    op.drop_index(op.f("ix_relay_case_id"), table_name="relay")
    op.drop_table("relay")
    op.drop_index(op.f("ix_person_relation_person_id"), table_name="person_relation")
    op.drop_index(op.f("ix_person_relation_other_id"), table_name="person_relation")
    op.drop_table("person_relation")
    op.drop_index("ix_person_change_person_id_id", table_name="person_change")
    op.drop_table("person_change")
    op.drop_index("ix_lapsed_link_programme_rank", table_name="lapsed_link")
    op.drop_index("ix_lapsed_link_lapsed", table_name="lapsed_link", postgresql_where="state = 'lapsed'")
    op.drop_table("lapsed_link")
    op.drop_index(
        "uq_joint_case_question_person_id_asked_programme_open",
        table_name="joint_case_question",
        postgresql_where=sa.text("state = 'asked'"),
    )
    op.drop_index("ix_joint_case_question_programme_asked_at_id", table_name="joint_case_question")
    op.drop_index("ix_joint_case_question_asked_programme_asked_at_id", table_name="joint_case_question")
    op.drop_table("joint_case_question")
    op.drop_index("ix_import_row_import_id_state_number", table_name="import_row")
    op.drop_table("import_row")
    op.drop_table("elsewhere_consent")
    op.drop_index("ix_elsewhere_check_asked_by_asked_at", table_name="elsewhere_check")
    op.drop_table("elsewhere_check")
    op.drop_index("ix_unmet_demand_programme_month", table_name="unmet_demand")
    op.drop_table("unmet_demand")
    op.drop_index(
        "ix_topic_fit_under_way", table_name="topic_fit", postgresql_where=sa.text("state IN ('waiting', 'running')")
    )
    op.drop_index("ix_topic_fit_programme_id", table_name="topic_fit")
    op.drop_table("topic_fit")
    op.drop_table("population")
    op.drop_index("ix_outage_programme_began_at_id", table_name="outage")
    op.drop_table("outage")
    op.drop_index(op.f("ix_orientation_contact_id"), table_name="orientation")
    op.drop_table("orientation")
    op.drop_table("offer")
    op.drop_index("ix_model_topic_programme", table_name="model_topic")
    op.drop_table("model_topic")
    op.drop_index("ix_list_import_state_created_at", table_name="list_import")
    op.drop_table("list_import")
    op.drop_table("line_volume")
    op.drop_index("ix_line_silence_programme_raised_at_id", table_name="line_silence")
    op.drop_table("line_silence")
    op.drop_table("line_hours")
    op.drop_index("ix_line_heartbeat_programme_at", table_name="line_heartbeat")
    op.drop_table("line_heartbeat")
    op.drop_index(op.f("ix_known_case_person_id"), table_name="known_case")
    op.drop_table("known_case")
    op.drop_index(op.f("ix_import_reference_target_id"), table_name="import_reference")
    op.drop_table("import_reference")
    op.drop_table("hospital_stay")
    op.drop_index("ix_elsewhere_mark_key_id_mark", table_name="elsewhere_mark")
    op.drop_table("elsewhere_mark")
    op.drop_table("decision")
    op.drop_index("ix_contact_draft_programme_opened_at_id", table_name="contact_draft")
    op.drop_table("contact_draft")
    op.drop_table("column_mapping")
    op.execute("DROP FUNCTION relais_now()")
