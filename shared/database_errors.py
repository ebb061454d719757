"""What an error of the database means: try again, the database is away, a constraint refused a row."""

import asyncpg
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

GAVE_WAY = frozenset({"40001", "40P01", "55P03", "57014"})
"""SQLSTATEs of a statement that gave way to others: serialisation, deadlock, lock and statement time-outs."""

UNIQUE_RACE = "23505"
"""The SQLSTATE of a row that another transaction was faster to put in: a second try finds it there."""


def is_busy(error: BaseException) -> bool:
    """Whether others were at work on the same rows, or on every connection, for too long: a second try may pass."""
    return sqlstate_of(error) in GAVE_WAY or isinstance(error, NoConnectionFree)


def sqlstate_of(error: BaseException) -> str:
    """The five-character SQLSTATE of a database error, empty for any other."""
    origin = getattr(error, "orig", None) or error
    return str(getattr(origin, "sqlstate", "") or "")


def is_away(error: BaseException) -> bool:
    """Whether the database itself could not be reached or is stopping, as against a statement that failed."""
    if isinstance(error, (OSError, TimeoutError, asyncpg.InterfaceError)):
        return True
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or sqlstate_of(error)[:3] in AWAY or not sqlstate_of(error)
    return isinstance(error, asyncpg.PostgresError) and sqlstate_of(error)[:3] in AWAY


AWAY = frozenset({"080", "57P", "533"})

BROKEN = (IntegrityError, asyncpg.IntegrityConstraintViolationError)
"""A row that a constraint refused, through a session or on a bare connection."""


def broken_constraint(error: Exception) -> str:
    """The name of the constraint that refused a row."""
    cause = getattr(getattr(error, "orig", None), "__cause__", None) or error
    return str(getattr(cause, "constraint_name", "") or "")
