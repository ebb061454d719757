"""Which tables have no fence and why, whose rows nobody is shown, and one row of everything to look for."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg

EXCEPTIONS: Mapping[str, Mapping[str, str]] = {
    "every service": {
        "alembic_version": "the number of the newest migration",
        "ended_subject": "ids of who is restricted or ended, no records; every fence asks it",
        "relink": "which identifier stands for which, no records; what is moved by it is fenced",
        "relinked_row": "keys of rows that stand for another, no records; the rows themselves are fenced",
    },
    "intake": {
        "decision": "codes of a decision by the id of a referral; no person, read in sums only",
        "hospital_stay": "a day and a yes or no by the id of a referral; read in sums only",
        "offer": "our copy of the directory, which is for all",
        "orientation": "codes of a demand by its id; no person, read in sums only",
        "retention_policy": "the installation's rules, no records",
    },
    "cases": {
        "asked_elsewhere": "codes of a demand by ids; read beside a case of the reader's only",
        "death": "a day by the id of a person; read by what is told only",
        "heard": "codes of what others told, by ids; copied to the timeline of the case that it is about",
        "organisation": "our copy of the directory, which is for all",
        "origin": "ids of what a case came from, which a case is opened by",
        "routing": "the installation's rules, no records",
        "tie": "ids of what belongs together",
    },
    "assessment": {
        "pack": "a published instrument, the same for all",
        "publication": "which instruments are published, the same for all",
        "threshold": "a published cut-off, the same for all",
    },
    "scheduler": {
        "backlog_minute": "how much of a minute is taken, no records",
        "death": "a day by the id of a person; read beside a follow-up of the reader's only",
        "closing": "a count by the id of a case; read beside a task of the reader's only",
        "last_contact": "a day by the id of a person; read beside a follow-up of the reader's only",
        "person_language": "a code by the id of a person; read beside a follow-up of the reader's only",
        "policy": "the installation's rules, no records",
        "policy_version": "the installation's rules, no records",
    },
    "referrals": {
        "care_service": "the directory, which is for all",
        "instrument": "a published instrument, the same for all",
        "organisation": "the directory, which is for all",
        "programme": "the directory, which is for all",
    },
}

AUDIT = frozenset({"audit_record", "audit_seal", "audit_anchor"})
SHOWN_TO_NOBODY = frozenset({"gap", "referral_person", "referral_source", "rejection"}) | AUDIT
"""No organisation's: for those who look at the whole installation."""
THE_SERVICES_OWN = frozenset({"agreement", "outbox", "inbox", "position", "dead_letter"})
"""For no caller at all, however far the reach."""
SHOWN_TO_ALL = frozenset({"elsewhere_mark", "exclusion"})
"""Keyed marks, made to be compared by every programme; whom people exclude, for none of it may be missed."""

ONE = UUID(int=0xFACE)
COLUMNS = """
    SELECT table_name, column_name, data_type, udt_name FROM information_schema.columns
    WHERE table_schema = 'public' AND is_identity = 'NO' AND is_generated = 'NEVER' ORDER BY table_name
"""
FILLED = {
    "uuid": f"'{ONE}'",
    "boolean": "true",
    "jsonb": "'{}'",
    "ARRAY": "'{}'",
    "bytea": "''",
    "date": "current_date",
    "time without time zone": "time '10:00'",
    "timestamp with time zone": "now()",
    "xid8": "'1'",
}
WORDS = frozenset({"text", "character varying"})


def plain(url: str) -> str:
    """A URL as asyncpg wants it."""
    return url.replace("+asyncpg", "")


@asynccontextmanager
async def connected(url: str) -> AsyncIterator["asyncpg.Connection[Any]"]:
    """A connection for the time of a block."""
    connection = await asyncpg.connect(plain(url))
    try:
        yield connection
    finally:
        await connection.close()


async def plant(superuser: "asyncpg.Connection[Any]", organisation: str) -> list[str]:
    """Put one row into every table; its texts are all the organisation's code, its ids all the same."""
    await superuser.execute("SET session_replication_role = replica")
    columns: dict[str, dict[str, str]] = {}
    for row in await superuser.fetch(COLUMNS):
        kind = row["data_type"] if row["data_type"] != "USER-DEFINED" else row["udt_name"]
        value = f"'{organisation}'" if kind in WORDS else FILLED.get(kind, "1")
        columns.setdefault(row["table_name"], {})[row["column_name"]] = value
    for table, values in columns.items():
        names = ", ".join(f'"{name}"' for name in values)
        await superuser.execute(f'INSERT INTO "{table}" ({names}) VALUES ({", ".join(values.values())})')
    return list(columns)


async def act(connection: "asyncpg.Connection[Any]", organisation: str, reach: str) -> None:
    """Say who acts on a bare connection from now on."""
    statement = "SELECT set_config('relais.organisation', $1, false), set_config('relais.reach', $2, false)"
    await connection.execute("SELECT set_config('relais.subject', '', false)")
    await connection.fetch(statement, organisation, reach)


async def seen(connection: "asyncpg.Connection[Any]", tables: list[str]) -> set[str]:
    """The tables of which this connection sees any row."""
    return {table for table in tables if await connection.fetchval(f'SELECT count(*) FROM "{table}"')}
