"""Row-level security: whose each row is. A table that is not here is an exception with a reason in its test."""

from alembic import op

from shared.rls import HERE, of, parent, raise_fences, take_down

revision = "cases_0006"
down_revision = "cases_0005"
branch_labels = None
depends_on = None

# A look past the fence, which would otherwise stand in its own way: a share is seen by its case, a case by its share.
GUEST_CASES = """
    CREATE FUNCTION guest_cases() RETURNS uuid[] LANGUAGE plpgsql STABLE AS $$
    DECLARE
        reach text := current_setting('relais.reach', true);
        ours text := nullif(current_setting('relais.organisation', true), '');
        found uuid[];
    BEGIN
        PERFORM set_config('relais.reach', 'service', true);
        found := array(
            SELECT case_id FROM case_share WHERE organisation = ours AND is_live
            UNION
            SELECT case_id FROM transfer WHERE to_organisation = ours AND state = 'offered'
        );
        PERFORM set_config('relais.reach', reach, true);
        RETURN CASE WHEN reach IN ('own', 'team', 'organisation') THEN found END;
    END
    $$
"""

FENCES = {
    # What belongs to an organisation by its own column.
    **dict.fromkeys(
        ("activity_period", "meeting", "meeting_series", "pathway", "pathway_version", "plan_template", "rates"),
        of("organisation"),
    ),
    "worker": of("organisation"),
    "transfer": of("from_organisation", "to_organisation"),
    # A case is its organisation's, and its guests' as long as they are.
    "case": f"{of('organisation')} OR id = ANY ((SELECT guest_cases())::uuid[])",
    "case_share": f"{of('organisation')} OR {parent('case_id', 'case')}",
    "activity": f"{of('organisation')} OR {parent('case_id', 'case')}",
    # What belongs to a case.
    **dict.fromkeys(
        (
            "agenda_line",
            "checklist_tick",
            "circle_member",
            "decision",
            "follow_up_result",
            "general_practitioner",
            "hand_over",
            "help_request",
            "information",
            "pathway_deviation",
            "plan",
            "task",
            "timeline",
            "visit",
        ),
        parent("case_id", "case"),
    ),
    "meeting_line": parent("meeting_id", "meeting"),
    "assessed": (
        f'EXISTS (SELECT FROM "case" WHERE "case".person_id = {HERE}.person_id) '
        f'OR EXISTS (SELECT FROM "case" WHERE "case".origin_id = {HERE}.referral_id)'  # nosec B608  # ours
    ),
}


def upgrade() -> None:
    op.execute(GUEST_CASES)
    raise_fences(op.execute, FENCES)


def downgrade() -> None:
    take_down(op.execute, FENCES)
    op.execute("DROP FUNCTION guest_cases()")
