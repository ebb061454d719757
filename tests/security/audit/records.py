"""What the tests of the audit look at: the rows themselves."""

from collections.abc import Mapping
from typing import Any

from shared.testing.harness import UnderTest

Row = Mapping[str, Any]


async def records(running: UnderTest, **like: Any) -> list[Row]:
    """The audit records so far, in the order of their making, of those that have these values."""
    async with running.app.state.database.raw() as connection:
        rows = await connection.fetch("SELECT *, xid::text AS of FROM audit_record ORDER BY id")
    return [dict(row) for row in rows if all(row[name] == value for name, value in like.items())]


async def last(running: UnderTest) -> Row:
    """The latest record."""
    return (await records(running))[-1]
