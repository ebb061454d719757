"""Row-level security: whose each row is. A table that is not here is an exception with a reason in its test."""

from alembic import op

from shared.rls import ACTS, of, parent, raise_fences, take_down

revision = "intake_0004"
down_revision = "intake_0003"
branch_labels = None
depends_on = None

FENCES = {
    # What belongs to a programme by its own column.
    **dict.fromkeys(
        (
            "call_back",
            "column_mapping",
            "contact",
            "contact_draft",
            "contact_topic",
            "elsewhere_check",
            "elsewhere_consent",
            "identification",
            "identity_review",
            "import_reference",
            "known_apart",
            "lapsed_link",
            "line_heartbeat",
            "line_hours",
            "line_silence",
            "line_volume",
            "list_import",
            "model_topic",
            "outage",
            "person",
            "person_merge",
            "population",
            "possible_duplicate",
            "relay",
            "topic_fit",
            "topic_model",
            "unmet_demand",
        ),
        of("programme"),
    ),
    "joint_case_question": of("programme", "asked_programme"),
    # What belongs to a record.
    "contact_amendment": parent("contact_id", "contact"),
    "import_row": parent("import_id", "list_import"),
    "known_case": parent("person_id", "person"),
    "person_change": parent("person_id", "person"),
    "person_relation": parent("person_id", "person"),
    "placed_note": parent("fit_id", "topic_fit"),
    # Marks by a key that only programmes have: they are kept to be compared by all.
    "elsewhere_mark": ACTS,
}


def upgrade() -> None:
    raise_fences(op.execute, FENCES)


def downgrade() -> None:
    take_down(op.execute, FENCES)
