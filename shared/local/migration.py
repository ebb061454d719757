"""Drafts a migration from the models, against a throw-away database at the newest revision."""

import asyncio
import re
import tempfile
from pathlib import Path

from alembic import command

from shared import migrate
from shared.local.postgres import EmbeddedPostgres
from shared.service import Service


def main(service: Service, about: str) -> int:
    """Write the next numbered draft: `pre` runs before the new code is live, `post` (say it first) after."""
    number = len(list(service.migrations.glob("[0-9]*.py"))) + 1
    phase, _, rest = about.partition(" ")
    if phase not in {"pre", "post"}:
        phase, rest = "pre", about
    name = f"{number:04d}_{phase}_{re.sub('[^a-z0-9]+', '_', rest.lower()).strip('_')}"
    with tempfile.TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder) / "pg") as postgres:
        database = asyncio.run(postgres.create_database("draft", owner="draft_owner", app="draft_app"))
        asyncio.run(migrate.upgrade(service.migrations, database.owner_url))
        config = migrate.config_for(service.migrations, database.owner_url, service.metadata)
        first = number == 1
        command.revision(
            config,
            message=name,
            autogenerate=True,
            rev_id=f"{service.name}_{number:04d}",
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
