"""Alembic's entry: one connection as the owner, short lock time-outs, the kernel's and the service's tables."""

import asyncio
from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection, MetaData, pool
from sqlalchemy.ext.asyncio import create_async_engine

from shared.migrate import COMPARISON
from shared.store import Json
from shared.tables import kernel

attributes = context.config.attributes


def rendered(kind: str, item: Any, context: AutogenContext) -> str | Literal[False]:
    """Write our own column types into a migration as plain ones, so that it never changes with the code."""
    if kind != "type":
        return False
    if isinstance(item, Json):
        context.imports.add("from sqlalchemy.dialects import postgresql")
        return "postgresql.JSONB()"
    names = {"AutoString": "sa.Text()", "UTCDateTime": "sa.DateTime(timezone=True)", "Xid8": "Xid8()"}
    if isinstance(item, sa.Enum):
        return f"sa.String(length={item.length})"
    return names.get(type(item).__name__) or False


def run(connection: Connection) -> None:
    """Run the wanted revisions in one transaction each."""
    service = attributes["metadata"]
    known = [service] if isinstance(service, MetaData) else [kernel]
    context.configure(
        connection=connection,
        target_metadata=known,
        transaction_per_migration=True,
        render_item=rendered,
        **COMPARISON,
    )
    with context.begin_transaction():
        context.run_migrations()


async def main() -> None:
    """Connect and run."""
    settings = {"lock_timeout": "4s", "statement_timeout": "600s", "relais.reach": "service"}
    engine = create_async_engine(attributes["url"], poolclass=pool.NullPool, connect_args={"server_settings": settings})
    async with engine.begin() as connection:
        await connection.run_sync(run)
    await engine.dispose()


asyncio.run(main())
