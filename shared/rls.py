"""Row-level security: the policies that PostgreSQL holds every statement of the application against.

A migration writes them as a table, table -> rule: `raise_fences(op.execute, {"visit": parent("case_id", "case")})`.
Whoever acts (`shared.acting`) sees and writes the rows of its rule; with the reach `all`, and as the service itself,
every row; with nothing said, none. What is asked of the session stands in sub-selects, so that PostgreSQL asks it
once per statement, not once per row.
"""

from collections.abc import Callable, Mapping, Sequence

_REACH = "current_setting('relais.reach', true)"
WIDE = f"(SELECT {_REACH} IN ('all', 'service'))"
"""Whether every row is seen, whose ever it is: by the reach `all`, and by the service itself."""
ITSELF = f"(SELECT {_REACH} = 'service')"
"""Whether the service itself acts, on an event, on the clock or as its own relay."""
OURS = (
    f"(SELECT CASE WHEN {_REACH} IN ('own', 'team', 'organisation') "
    "THEN nullif(current_setting('relais.organisation', true), '') END)"
)
"""The code of the organisation whose rows are seen; null where none acts, or where the reach is wide."""
_SOMEBODY = f"{_REACH} IN ('own', 'team', 'organisation', 'all')"
ORGANISATION = f"(SELECT CASE WHEN {_SOMEBODY} THEN nullif(current_setting('relais.organisation', true), '') END)"
"""The same however far the reach: for what is kept for one organisation alone."""
SUBJECT = f"(SELECT CASE WHEN {_SOMEBODY} THEN nullif(current_setting('relais.subject', true), '') END)"
"""The subject of the token of whoever acts."""
ACTS = f"(SELECT {_REACH} <> '')"
"""Whether anybody acts at all."""
_RESTRICTED = """
    (SELECT CASE WHEN current_setting('relais.restricted', true) = 'seen' THEN '{}'::uuid[]
     ELSE coalesce(array_agg(id), '{}') END FROM ended_subject WHERE state = 'restricted')::uuid[]
"""
"""The ids of who is restricted; none for those who may see them."""
NONE = "false"
"""A rule by which only a wide reach has rows."""
HERE = '"{here}"'
"""In a rule, the name of the table that it is for."""

Execute = Callable[[str], object]


def of(*columns: str) -> str:
    """The rows that name the acting organisation in one of these columns."""
    return " OR ".join(f'"{column}" = {OURS}' for column in columns)


def parent(column: str, table: str, key: str = "id") -> str:
    """The rows of a record whose own row is seen: by that table's policy, which holds in here too."""
    return f'EXISTS (SELECT FROM "{table}" AS parent WHERE parent."{key}" = {HERE}."{column}")'  # nosec B608  # ours


def raise_fences(execute: Execute, fences: Mapping[str, str], wide: str = WIDE) -> None:
    """Fence these tables, for their owner too: each row is seen and written by its rule, and by a wide reach."""
    for table, rule in fences.items():
        execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY')
        execute(f'CREATE POLICY fence ON "{table}" USING ({wide} OR {rule.format(here=table)})')


def open_doors(execute: Execute, doors: Mapping[str, str]) -> None:
    """Let rows be added to fenced tables by a rule of its own: those who add them need not see them."""
    for table, rule in doors.items():
        execute(f'CREATE POLICY door ON "{table}" FOR INSERT WITH CHECK ({rule})')


def take_down(execute: Execute, tables: Mapping[str, str]) -> None:
    """Take the fences of these tables away."""
    for table in tables:
        execute(f'DROP POLICY fence ON "{table}"')
        execute(f'DROP POLICY IF EXISTS door ON "{table}"')
        execute(f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY')


def hide_restricted(execute: Execute, about: Mapping[str, Sequence[str]]) -> None:
    """Hide the rows of these tables of which one of the columns names somebody restricted (`shared.erasure`)."""
    for table, columns in about.items():
        named = " OR ".join(f'("{column}" = ANY ({_RESTRICTED})) IS TRUE' for column in columns)
        execute(f'CREATE POLICY restricted ON "{table}" AS RESTRICTIVE USING ({ITSELF} OR NOT ({named}))')


def show_restricted(execute: Execute, about: Mapping[str, Sequence[str]]) -> None:
    """Take these policies away."""
    for table in about:
        execute(f'DROP POLICY restricted ON "{table}"')
