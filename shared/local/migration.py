"""Drafts a migration from the models, against a throw-away database at the newest revision."""

import asyncio
import tempfile
from pathlib import Path

from alembic import command

from shared import migrate
from shared.local.postgres import EmbeddedPostgres
from shared.service import Service


def main(service: Service, name: str) -> int:
    """Write `<service>/migrations/<name>.py`."""
    with tempfile.TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder) / "pg") as postgres:
        database = asyncio.run(postgres.create_database("draft", owner="draft_owner", app="draft_app"))
        asyncio.run(migrate.upgrade(service.migrations, database.owner_url))
        config = migrate.config_for(service.migrations, database.owner_url, service.metadata)
        first = not list(service.migrations.glob("[0-9]*.py"))
        command.revision(
            config,
            message=name,
            autogenerate=True,
            rev_id=f"{service.name}_{name.split('_')[0]}",
            head="base" if first else f"{service.name}@head",
            branch_label=service.name if first else None,
            version_path=str(service.migrations),
            splice=False,
        )
        tidy(service.migrations)
    return 0


def tidy(folder: Path) -> None:
    """Take Alembic's chatter out of the drafts."""
    for draft in folder.glob("[0-9]*.py"):
        lines = [line for line in draft.read_text().splitlines() if "# ###" not in line]
        draft.write_text("\n".join(lines) + "\n")
