"""Goes wherever the door's own description and its references lead, so that everything it can say is said once."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
from fastapi.routing import iter_route_contexts

from tests.referrals.clients.door import Door, Emitted

REFERENCE = re.compile(r"[A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64}")
EACH, OF_EVERY_STATE = 4, 16
"""So many resources of a type are read, more of the types that look different in each state of a referral."""
STATEFUL = frozenset({"Task", "ServiceRequest", "EpisodeOfCare", "CarePlan", "Communication"})
PAGES = 2
FORM = {"content-type": "application/x-www-form-urlencoded"}


def texts(value: Any) -> Iterator[str]:
    """Every reference anywhere in a resource."""
    if isinstance(value, dict):
        for name, part in value.items():
            if name == "reference" and isinstance(part, str):
                yield part
            yield from texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from texts(part)


@dataclass
class Crawler:
    """One reader of the door, and what it has read."""

    client: httpx.Client
    base: str
    read: set[str] = field(default_factory=set)
    numbers: Counter[str] = field(default_factory=Counter)
    dead: list[str] = field(default_factory=list)

    def everything(self, first: Iterable[str]) -> None:
        """Read the self-description and these, search every type, then read what anything refers to."""
        capability: dict[str, Any] = self._get("metadata").json()
        kinds = {each["type"]: interactions(each) for each in capability["rest"][0]["resource"]}
        waiting = [found for reference in first for found in self._read(reference, kinds["Task"])]
        for kind, can in kinds.items():
            if "search-type" in can:
                waiting += self._search(kind, can)
        while waiting:
            reference = waiting.pop()
            kind = reference.partition("/")[0]
            if reference not in self.read and "read" in kinds.get(kind, ()) and self._wants(kind):
                waiting += self._read(reference, kinds[kind])

    def _wants(self, kind: str) -> bool:
        return self.numbers[kind] < (OF_EVERY_STATE if kind in STATEFUL else EACH)

    def _search(self, kind: str, can: set[str]) -> list[str]:
        posted = self.client.post(f"{self.base}/{kind}/_search", content=b"_count=3", headers=FORM)
        assert posted.status_code in (200, 404, 405), f"POST {kind}/_search: {posted.text}"
        if "history-type" in can:
            self._get(f"{kind}/_history?_count=5")
        found: list[str] = []
        url: str | None = f"{kind}?_count=5" if kind in STATEFUL else kind
        for _ in range(PAGES):
            if url is None:
                break
            page = self._get(url).json()
            for entry in page.get("entry", ()):
                found += [f"{entry['resource']['resourceType']}/{entry['resource']['id']}", *texts(entry["resource"])]
            url = next((link["url"] for link in page.get("link", ()) if link["relation"] == "next"), None)
        return [reference for reference in found if REFERENCE.fullmatch(reference)]

    def _read(self, reference: str, can: set[str]) -> list[str]:
        self.read.add(reference)
        self.numbers[reference.partition("/")[0]] += 1
        answer = self.client.get(f"{self.base}/{reference}")
        if answer.status_code != 200:
            self.dead.append(f"{reference}: {answer.status_code}")
            return []
        resource = answer.json()
        if "history-instance" in can:
            self._get(f"{reference}/_history")
        if "vread" in can:
            self._get(f"{reference}/_history/{resource['meta']['versionId']}")
        return [each for each in texts(resource) if REFERENCE.fullmatch(each)]

    def _get(self, path: str) -> httpx.Response:
        answer = self.client.get(path if path.startswith("http") else f"{self.base}/{path}")
        assert answer.status_code == 200, f"GET {path}: {answer.status_code} {answer.text[:500]}"
        return answer


def interactions(resource: Mapping[str, Any]) -> set[str]:
    """What the self-description says can be done with a type."""
    return {each["code"] for each in resource.get("interaction", ())}


def unvisited(door: Door, emitted: list[Emitted]) -> set[str]:
    """The FHIR routes that no answer in FHIR came from yet, as `METHOD /path`; SMART's own document is no FHIR."""
    missing: set[str] = set()
    for route in iter_route_contexts(door.referrals.app.routes):
        path = route.path or ""
        if path.startswith("/referrals/fhir") and "/.well-known/" not in path:
            for method in (route.methods or set()) - {"HEAD", "OPTIONS"}:
                if not any(each.method == method and route.path_regex.match(each.path) for each in emitted):
                    missing.add(f"{method} {path}")
    return missing
