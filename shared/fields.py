"""Fields that a role may not see or may not write, by the matrix: one engine for what goes in and what comes out.

A field is known by its name wherever it stands in the documents of its resource. What is hidden is left out of every
answer: of one record, of lists and of exports; it can neither be filtered nor sorted by. Writing a field that is hidden
or read-only is refused with a pointer to it; a write-only one is taken and never shown.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from fastapi import Request, Response

from shared.access import Fence, May, published
from shared.auth import Caller
from shared.errors import Fault
from shared.problems import FORBIDDEN, Problem, pointer_of

FENCED = "not-your-field"


@dataclass(frozen=True, slots=True)
class Fences:
    """The fields of a resource that a caller may not see, and those that the caller may not write.

    `clears` says that the route leaves out itself what is hidden, in forms that name no fields.
    """

    hidden: frozenset[str] = frozenset()
    locked: frozenset[str] = frozenset()
    clears: bool = False


@lru_cache(1024)
def fences(action: str, roles: frozenset[str]) -> Fences:
    """What is fenced for one who has an action by these roles; a field is open if one of them may see, or write, it."""
    rules = published().fields.get(action.partition(":")[0], {})

    def fenced(*by: Fence) -> set[str]:
        return {name for name, found in rules.items() if roles <= {role for each in by for role in found.get(each, ())}}

    hidden = fenced(Fence.HIDDEN, Fence.WRITE_ONLY)
    locked = fenced(Fence.HIDDEN, Fence.READ_ONLY)
    return Fences(frozenset(hidden), frozenset(locked))


def fences_of(granted: Iterable[tuple[May, Caller]]) -> Fences:
    """What is fenced for a request whose access rules have let its caller in."""
    found = [replace(fences(rule.action, caller.granted), clears=rule.clears) for rule, caller in granted]
    return found[0] if found else Fences()


def refuse_fenced_query(request: Request, found: Fences) -> None:
    """Raise a 403 problem where a query filters or sorts by a hidden field."""
    asked = [
        name
        for name, value in request.query_params.multi_items()
        if name in found.hidden or found.hidden & {part.strip().lstrip("+-") for part in value.split(",")}
    ]
    _refuse([pointer_of(("query", name)) for name in asked])


def refuse_fenced_body(body: Any, found: Fences) -> None:
    """Raise a 403 problem, with a pointer to each, where a body writes fields that the caller may not write."""
    _refuse([pointer_of(path) for path in _places(body, found.locked)])


def _refuse(pointers: list[str]) -> None:
    if pointers:
        raise Problem(FORBIDDEN, faults=[Fault(pointer, FENCED) for pointer in pointers])


def _places(value: Any, names: frozenset[str], path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    parts: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in parts:
        if name in names and part is not None:
            yield (*path, name)
        else:
            yield from _places(part, names, (*path, name))


def without_hidden(response: Response, found: Fences) -> Response:
    """The answer without hidden fields: JSON at any depth, CSV by column.

    Pages, prints and workbooks do not name their fields, and what is given in parts cannot be looked through: raises
    TypeError for these, unless the route leaves out itself what is hidden (`May.clears`).
    """
    body = getattr(response, "body", None)
    if not found.hidden or body == b"":
        return response
    media = (response.media_type or response.headers.get("content-type", "")).partition(";")[0]
    if body and (media == "application/json" or media.endswith("+json")):
        kept = _pruned(json.loads(bytes(response.body)), found.hidden)
        response.body = json.dumps(kept, ensure_ascii=False, separators=(",", ":")).encode()
    elif body and media == "text/csv":
        response.body = _columns(bytes(response.body).decode(), found.hidden).encode()
    elif not found.clears:
        raise TypeError(f"{media}: an answer in this form cannot be cleared of hidden fields")
    else:
        return response
    response.headers["content-length"] = str(len(response.body))
    return response


def _pruned(value: Any, hidden: frozenset[str]) -> Any:
    if isinstance(value, dict):
        return {name: _pruned(part, hidden) for name, part in value.items() if name not in hidden}
    return [_pruned(part, hidden) for part in value] if isinstance(value, list) else value


def _columns(text: str, hidden: frozenset[str]) -> str:
    delimiter = ";" if ";" in text.partition("\n")[0] else ","
    rows = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    kept = [at for at, name in enumerate(rows[0] if rows else ()) if name.lstrip("\ufeff") not in hidden]
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter).writerows([row[at] for at in kept if at < len(row)] for row in rows)
    return written.getvalue()
