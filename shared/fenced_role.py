"""The role that a service works with: PostgreSQL must hold it to the fences, so none above them is taken.

Superusers and roles with BYPASSRLS see every row whatever the policies say, and the owner of a table may lower its
fence (PostgreSQL, Row Security Policies).
"""

import asyncio

import asyncpg

from shared.store import Database

WITHIN = 5.0
"""Seconds to wait for the database at the start; one that is away is asked again by each look at the readiness."""
_ABOVE = """
    SELECT CASE WHEN rolsuper THEN 'is a superuser' WHEN rolbypassrls THEN 'has BYPASSRLS'
        WHEN EXISTS (
            SELECT FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace
            AND pg_has_role(relowner, 'MEMBER')
        ) THEN 'owns its tables' END
    FROM pg_roles WHERE rolname = current_user
"""


class AboveTheFences(Exception):
    """The service's role is not bound by row-level security: it must not start. The message is one clear sentence."""


async def refuse_unfenced_role(service: str, database: Database) -> None:
    """Raise AboveTheFences for a role that row-level security does not bind; ConnectionError where nobody answers."""
    try:
        async with asyncio.timeout(WITHIN), database.raw() as connection:
            reason = await connection.fetchval(_ABOVE)
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        raise ConnectionError from error
    if reason:
        raise AboveTheFences(
            f"{service} does not start: its database role {reason}, so that row-level security would not bind it. "
            f"Give {service.upper()}_DATABASE_URL a role that only uses the tables, such as {service}_app."
        )
