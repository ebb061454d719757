"""Migrations: each service's own, and the kernel's tables beside them, run by the owner of the database."""

import asyncio
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import String
from sqlalchemy.types import TypeEngine
from sqlmodel.sql.sqltypes import AutoString

from shared.encryption import EncryptedText
from shared.store import Database
from shared.tables import kernel


def type_differs(_: object, __: object, ___: object, there: TypeEngine[Any], ours: TypeEngine[Any]) -> bool | None:
    """SQLModel's text without a length and PostgreSQL's text are the same; of others Alembic judges itself."""
    if isinstance(ours, EncryptedText):
        ours = AutoString()
    same = isinstance(there, String) and there.length is None and isinstance(ours, AutoString) and ours.length is None
    return False if same else None


def is_service_object(_: object, name: str | None, kind: str, reflected: bool, __: object) -> bool:
    """Leave the kernel's tables to the kernel's own migrations."""
    return not (kind == "table" and reflected and name in {*kernel.tables, "alembic_version"})


COMPARISON: dict[str, Any] = {"compare_type": type_differs, "include_object": is_service_object}
"""How the models are compared with a database: for drafts, and for the test that nothing was forgotten."""

HERE = Path(__file__).parent / "migrations"


def config_for(migrations: Path, url: str = "", metadata: object = None) -> Config:
    """The Alembic configuration of one service; it has two branches, the kernel's and the service's."""
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", f"{HERE / 'versions'}\n{migrations}")
    config.set_main_option("file_template", "%%(slug)s")
    config.attributes["url"] = url
    config.attributes["metadata"] = metadata
    return config


def heads(migrations: Path) -> frozenset[str]:
    """The revisions that the code expects: the newest of each branch, without one that another rests on."""
    scripts = ScriptDirectory.from_config(config_for(migrations))
    rested_on = {each for revision in scripts.walk_revisions() for each in as_tuple(revision.dependencies)}
    return frozenset(scripts.get_heads()) - rested_on


def as_tuple(named: str | Iterable[str] | None) -> tuple[str, ...]:
    """None, one or several of Alembic's revisions as a tuple."""
    return (named,) if isinstance(named, str) else tuple(named or ())


async def upgrade(migrations: Path, owner_url: str) -> None:
    """Bring a database to the newest revision, as its owner, waiting at most four seconds for any lock."""
    await asyncio.to_thread(_upgrade, config_for(migrations, owner_url))


_one_at_a_time = threading.Lock()


def _upgrade(config: Config) -> None:
    """Alembic keeps its context in a module: two runs in one process must not overlap."""
    with _one_at_a_time:
        command.upgrade(config, "heads")


async def at_head(database: Database, expected: frozenset[str]) -> bool:
    """Whether the database has exactly the revisions that the code expects."""
    async with database.raw() as connection:
        known = await connection.fetchval("SELECT to_regclass('alembic_version') IS NOT NULL")
        if not known:
            return False
        rows = await connection.fetch("SELECT version_num FROM alembic_version")
    return frozenset(row["version_num"] for row in rows) == expected
