"""Answers kept for repeats: the first answer to a key, given again byte for byte until it is forgotten."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from starlette.responses import Response

from shared.database_errors import sqlstate_of
from shared.problems import KEY_IN_USE, Problem
from shared.store import Transaction
from shared.tables import idempotency_key

KEPT_HEADERS = ("etag", "location", "content-type", "last-modified")
LOCK_TIMEOUT = "55P03"


async def answered_once(  # noqa: PLR0913 - one claim: whose, which, for what, how, how long, and what else
    transaction: Transaction,
    caller: str,
    key: str,
    fingerprint: bytes,
    answer: Callable[[], Awaitable[Response]],
    keep: timedelta,
    on_other: Problem,
) -> Response:
    """The first answer to a caller's key, or the answer of now, kept in the same transaction for that long.

    A second request with the key waits for the first on the key's row, and not for ever. The same key with another
    fingerprint raises `on_other`. An answer that is raised, not returned, is not kept and leaves the key free.
    """
    session = transaction.session
    now = transaction.clock.now()
    claimed = {"fingerprint": fingerprint, "keep_until": now + keep}
    claim = insert(idempotency_key).values(caller=caller, key=key, **claimed)
    forgotten = claim.on_conflict_do_update(
        index_elements=("caller", "key"), set_=claimed, where=idempotency_key.c.keep_until <= now
    )
    where = (idempotency_key.c.caller == caller) & (idempotency_key.c.key == key)
    try:
        is_first = (await session.exec(forgotten)).rowcount
    except DBAPIError as error:
        if sqlstate_of(error) == LOCK_TIMEOUT:
            raise Problem(KEY_IN_USE, headers={"retry-after": "2"}) from None
        raise
    if not is_first:
        kept_columns = [idempotency_key.c[name] for name in ("fingerprint", "status", "headers", "body")]
        kept = (await (await session.connection()).execute(select(*kept_columns).where(where))).one()
        if kept.fingerprint != fingerprint:
            raise on_other
        return Response(kept.body, kept.status, {**kept.headers, "idempotent-replayed": "true"})
    response = await answer()
    headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    values = {"status": response.status_code, "headers": headers, "body": bytes(response.body)}
    await session.exec(update(idempotency_key).where(where).values(**values))
    return response
