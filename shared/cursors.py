"""Signed, opaque cursors for lists: bound to the question they continue, so that none can be forged or moved."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel, Field

from shared.errors import Fault
from shared.problems import INVALID, Problem

T = TypeVar("T")
SIGNATURE = 12


class Page(BaseModel, Generic[T]):
    """One page of a list; `next` continues it, null at the end."""

    items: list[T]
    next: str | None = Field(description="Cursor of the next page; null on the last")


class Paging:
    """The page that a request asks for. `after` is the sort key of the last item seen, or None."""

    def __init__(self, request: Request, response: Response, limit: int, after: Sequence[Any] | None) -> None:
        self._request = request
        self._response = response
        self.limit = limit
        self.after = after

    def page(self, items: Sequence[T], keys: Sequence[Sequence[Any]]) -> Page[T]:
        """A page from at most `limit` + 1 items and their sort keys; sets the Link header (RFC 8288)."""
        cursor = None
        if len(items) > self.limit:
            cursor = sign(self._request, keys[self.limit - 1])
            link = self._request.url.include_query_params(cursor=cursor, limit=self.limit)
            self._response.headers["link"] = f'<{link.path}?{link.query}>; rel="next"'
        return Page(items=list(items[: self.limit]), next=cursor)


def question(request: Request) -> Mapping[str, str]:
    """What a cursor is bound to: the path and the filters."""
    filters = {name: value for name, value in request.query_params.items() if name not in {"cursor", "limit"}}
    return {"path": request.url.path, **filters}


def _signature(request: Request, payload: bytes) -> bytes:
    key: str = request.app.state.settings.cursor_key.get_secret_value()
    bound = json.dumps(question(request), sort_keys=True).encode()
    return hmac.new(key.encode(), payload + b"\0" + bound, hashlib.sha256).digest()[:SIGNATURE]


def sign(request: Request, key: Sequence[Any]) -> str:
    """A cursor behind an item."""
    payload = json.dumps([str(part) for part in key]).encode()
    return base64.urlsafe_b64encode(_signature(request, payload) + payload).decode().rstrip("=")


def verify(request: Request, cursor: str) -> list[str]:
    """The sort key in a cursor; a 422 problem when it was altered or belongs to another question."""
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except ValueError:
        raw = b""
    signature, payload = raw[:SIGNATURE], raw[SIGNATURE:]
    if not payload or not hmac.compare_digest(signature, _signature(request, payload)):
        raise Problem(INVALID, faults=[Fault("/query/cursor", "stale-cursor")])
    found: list[str] = json.loads(payload)
    return found


async def _paging(
    request: Request,
    response: Response,
    limit: Annotated[int, Query(ge=1, le=200, description="Items per page")] = 50,
    cursor: Annotated[str | None, Query(max_length=2000, description="`next` of the page before")] = None,
) -> Paging:
    return Paging(request, response, limit, verify(request, cursor) if cursor else None)


PagingDep = Annotated[Paging, Depends(_paging)]
