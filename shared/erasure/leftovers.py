"""What else may hold something of a subject: messages that wait or were given up, and answers kept for repeats."""

import json
from collections.abc import Collection as Some
from uuid import UUID

from sqlalchemy import select, update

from shared.acting import SERVICE
from shared.audit.entry import ids_shown
from shared.problems import ERASED, MEDIA_TYPE
from shared.relinks import identifiers_in
from shared.store import Transaction
from shared.tables import dead_letter, idempotency_key

GONE = {"type": "about:blank", "title": "Gone", "status": 410, "code": ERASED.code}
"""What a repeat of a request is answered whose answer told of the subject (RFC 9110, 410 Gone)."""
ATTEMPTS_ANEW = {"reason": "retry", "attempts": 0}


async def clean(ids: Some[UUID], transaction: Transaction) -> dict[str, int]:
    """Empty all that is left of these ids; how many letters and answers there were.

    Of a letter an id stays, by which it passes without effect when its turn comes; one that waits is tried at once.
    """
    async with transaction.in_name_of(SERVICE):
        return {"dead-letter": await _letters(set(ids), transaction), "kept-answer": await _answers(ids, transaction)}


async def _letters(ids: set[UUID], transaction: Transaction) -> int:
    connection = await transaction.session.connection()
    letter = dead_letter.c
    cleaned = 0
    for row in await connection.execute(select(letter.id, letter.aggregate_id, letter.payload, letter.state)):
        named = (identifiers_in(row.payload or b"") | {row.aggregate_id}) & ids
        if not named:
            continue
        stub = json.dumps({"ended": str(min(named))}).encode()
        left: dict[str, object] = {"payload": stub}
        if row.state == "parked":
            left |= {"next_attempt_at": transaction.clock.now(), **ATTEMPTS_ANEW}
        await connection.execute(update(dead_letter).where(letter.id == row.id).values(left))
        cleaned += 1
    return cleaned


async def _answers(ids: Some[UUID], transaction: Transaction) -> int:
    connection = await transaction.session.connection()
    key = idempotency_key.c
    told = select(key.caller, key.key, key.headers, key.body).where(key.body.is_not(None))
    cleaned = 0
    for row in await connection.execute(told):
        if not (ids_shown(bytes(row.body)) | ids_shown(json.dumps(row.headers).encode())) & set(ids):
            continue
        gone = {"status": 410, "headers": {"content-type": MEDIA_TYPE}, "body": json.dumps(GONE).encode()}
        where = (key.caller == row.caller, key.key == row.key)
        await connection.execute(update(idempotency_key).where(*where).values(gone))
        cleaned += 1
    return cleaned
