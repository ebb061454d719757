"""A database of the first release is brought forward with its referrals, and they are read and moved as before."""

import asyncio
import json
from uuid import uuid4

import asyncpg
from alembic import command

from services.referrals.domain import Document
from services.referrals.domain.document import fingerprint
from shared import migrate
from shared.local.postgres import EmbeddedPostgres
from shared.testing.harness import under_test
from tests.conftest import load
from tests.referrals.pushes import FULL, read, step

BEFORE = "referrals_0001"

ORGANISATION = (
    "INSERT INTO organisation (id, code, name, kind, active, version) VALUES ($1, $2, 'X', 'hospital', true, 1)"
)
REFERRAL = """
    INSERT INTO referral (id, sender, identifier_system, identifier_value, fingerprint, state, urgency, consent_given,
        received_at, document, sheets_checked, moves, cancellation_requested, totals, rejections, version)
    VALUES ($1, 'chu', 'urn:chu:referral', '2026-0001', $2, 'received', 'urgent', true, '2026-10-01T08:00:00Z',
        $3, true, $4, false, '[]', '[]', 1)
"""


async def test_a_referral_of_the_first_release_lives_on(postgres: EmbeddedPostgres) -> None:
    service, referral_id = load("referrals"), uuid4()
    urls = await postgres.create_database("upgraded", owner="upgraded_owner", app="upgraded_app")
    config = migrate.config_for(service.migrations, urls.owner_url)
    await asyncio.to_thread(command.upgrade, config, BEFORE)
    await asyncio.to_thread(command.upgrade, config, "kernel@head")
    document = Document.model_validate(FULL)
    moves = [{"state": "received", "at": "2026-10-01T08:00:00Z", "actor": "sender"}]
    connection = await asyncpg.connect(urls.owner_url.replace("+asyncpg", ""))
    try:
        for code in ("chu", "centre"):
            await connection.execute(ORGANISATION, uuid4(), code)
        stored = (document.model_dump_json(exclude_defaults=True), json.dumps(moves))
        await connection.execute(REFERRAL, referral_id, fingerprint(document.content()), *stored)
    finally:
        await connection.close()

    await migrate.upgrade(service.migrations, urls.owner_url)

    async with under_test(service, urls) as referrals:
        path = f"/referrals/{referral_id}"
        found = await read(referrals, path)
        assert (found["state"], found["updated_at"], found["door"]) == ("received", found["received_at"], "json")
        accepted = await step(referrals, "coordinator", path, "acceptance", {})
        assert (accepted.status_code, accepted.json()["state"]) == (201, "accepted")
        async with referrals.client("hospital-chu") as client:
            again = await client.post("/referrals", json=FULL)
        assert (again.status_code, again.json()["id"]) == (201, str(referral_id))
