"""A walk over every GET of a service as one persona: what answers, and whether it shows what it must not."""

import re
from collections.abc import Mapping
from typing import Any

from fastapi.routing import iter_route_contexts

from shared.access import May, rules_of
from shared.testing.harness import UnderTest

PARAMETER = re.compile(r"{(\w+)(?::\w+)?}")
NOBODY = "01900000-0000-7000-8000-00000000abcd"
DAYS = {"from": "2026-11-01", "to": "2026-11-30"}
MONTHS = {"from": "2026-10", "to": "2026-10"}


async def shown(running: UnderTest, persona: str, ids: Mapping[str, str], **claims: Any) -> dict[str, int]:
    """By path the status of every GET that shows one of these ids, or that names one in its path and is not refused."""
    found: dict[str, int] = {}
    async with running.client(persona, **claims) as client:
        for path in paths(running):
            address = PARAMETER.sub(lambda name: ids.get(name[1], "1" if ":int" in name[0] else NOBODY), path)
            for query in ({}, DAYS, MONTHS):
                answer = await client.get(address, params=query)
                if answer.status_code != 422:
                    break
            if answer.status_code in (403, 404, 422):
                continue
            is_named = any(each in address for each in ids.values())
            if is_named or any(each in answer.text for each in ids.values()):
                found[path] = answer.status_code
    return found


def paths(running: UnderTest) -> list[str]:
    """Every path that can be read by somebody whom the matrix lets in."""
    routes = iter_route_contexts(running.app.routes)
    return [
        str(route.path)
        for route in routes
        if "GET" in (route.methods or ()) and any(isinstance(rule, May) for rule in rules_of(route.dependant))
    ]
