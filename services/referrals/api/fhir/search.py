"""Searching, by GET and by POST to `_search`; a page continues where the last one stopped, whatever has changed."""

import re
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from fastapi import Depends, Request, Response

from services.referrals.api.fhir.doors import base_url, fhir_answer, instant, router
from services.referrals.api.fhir.partner import Partner, PartnerDep
from services.referrals.api.fhir.views import RESOURCE_ID, SearchDep, Views, ViewsDep
from services.referrals.domain.states import STANDING, State
from services.referrals.formats.fhir.outbound import SHOWN
from services.referrals.formats.fhir.outgoing import Addressed
from services.referrals.formats.fhir.outside import Outside, Resource
from services.referrals.formats.fhir.search_filter import INCLUDES, PARAMETERS, REVERSE_INCLUDES, fits
from services.referrals.formats.fhir.search_parameters import (
    MOST_RESULTS,
    Search,
    has_number,
    parse_search,
    refuse_numbers,
)
from services.referrals.store import Narrowing, Place, ReferralSearch
from shared.access import May
from shared.auth import Caller
from shared.cursors import sign, verify
from shared.problems import UNSUPPORTED, Problem
from shared.requests import ClockDep
from shared.scopes import suffices

FORM = "application/x-www-form-urlencoded"
OVERLAP = timedelta(seconds=60)
"""No transaction lasts longer (waiting for a connection, for a lock and idling included): what was written before this
long ago is visible. A poller that asks on from here misses nothing."""
AT_ONCE = 50

Pairs = list[tuple[str, str]]
Searcher = Callable[..., Coroutine[Any, Any, Response]]


@dataclass(frozen=True)
class Match:
    """One resource of an answer, with its referral and its number among that referral's."""

    outside: Outside | Addressed
    number: int
    resource: Resource

    @property
    def key(self) -> tuple[str, UUID, int]:
        """Where a following page continues."""
        return self.outside.referral.updated_at.isoformat(), self.outside.referral.id, self.number


@dataclass(frozen=True)
class Question:
    """A search over one type, and everything that answers it."""

    kind: str
    search: Search
    caller: Caller
    views: Views
    found: ReferralSearch
    partner: Partner

    async def matches(self, after: Sequence[str] | None, limit: int | None) -> list[Match]:
        """The resources that fit, at most so many, after a place."""
        place = Place(datetime.fromisoformat(after[0]), UUID(after[1]), True) if after else None
        seen = int(after[2]) if after else -1
        matches: list[Match] = []
        narrowed = narrowing(self.kind, self.search)
        while limit is None or len(matches) < limit:
            rows = await self.page(narrowed, place)
            for outside in rows:
                again = after is not None and str(outside.referral.id) == after[1]
                made = enumerate(shown(self.kind, outside))
                fitting = (Match(outside, n, each) for n, each in made if fits(each, self.search))
                matches += [match for match in fitting if not (again and match.number <= seen)]
            if len(rows) < AT_ONCE:
                break
            place = Place(rows[-1].referral.updated_at, rows[-1].referral.id)
        return matches if limit is None else matches[:limit]

    async def page(self, narrowed: Narrowing, place: Place | None) -> Sequence[Outside | Addressed]:
        """The next referrals to look at: those addressed to a partner, else those that the caller is party to."""
        if self.partner.is_one(self.caller):
            return await self.partner.page(self.caller, place, AT_ONCE, self.search.newest_first)
        rows = await self.found.page(self.caller, narrowed, place, AT_ONCE, self.search.newest_first)
        return await self.views.of(rows)

    def includes(self, matches: Iterable[Match]) -> list[Resource]:
        """What comes along with the matches, each once; nothing of a type that the token may not read."""
        wanted = {**INCLUDES.get(self.kind, {}), **REVERSE_INCLUDES.get(self.kind, {})}
        named = {wanted[name] for name in self.search.includes}
        kinds = sorted(kind for kind in named if suffices(self.caller, f"{kind}.r"))
        given = {(match.resource["resourceType"], match.resource["id"]) for match in matches}
        along: dict[tuple[str, str], Resource] = {}
        for match in matches:
            for kind in kinds:
                for resource in shown(kind, match.outside):
                    along.setdefault((kind, resource["id"]), resource)
        return [resource for key, resource in along.items() if key not in given]


def shown(kind: str, outside: Outside | Addressed) -> Iterable[Resource]:
    """The resources of one type that a referral shows."""
    if isinstance(outside, Addressed):
        return [each for each in outside.all() if each["resourceType"] == kind]
    return SHOWN[kind](outside)


def searcher(kind: str, is_form: bool) -> Searcher:
    """The route that searches one type."""

    async def search(
        request: Request,
        views: ViewsDep,
        found: SearchDep,
        partner: PartnerDep,
        clock: ClockDep,
        caller: Annotated[Caller, Depends(May("fhir:read", f"{kind}.s"))],
    ) -> Response:
        """Search what you are party to. A national number goes into a form, never into an address."""
        in_address = list(request.query_params.multi_items())
        refuse_numbers(in_address)
        pairs = [*in_address, *(await form_pairs(request) if is_form else [])]
        asked = [pair for pair in pairs if pair[0] != "cursor"]
        cursor = next((value for name, value in pairs if name == "cursor"), None)
        known = {name: parameter.kind for name, parameter in PARAMETERS[kind].items()}
        includes = frozenset({*INCLUDES.get(kind, {}), *REVERSE_INCLUDES.get(kind, {})})
        question = Question(kind, parse_search(asked, known, includes), caller, views, found, partner)
        return await answer(request, question, asked, (cursor, clock.now()))

    return search


async def form_pairs(request: Request) -> Pairs:
    """The parameters of a posted form; 415 for any other body."""
    body = await request.body()
    media = request.headers.get("content-type", FORM).partition(";")[0].strip().lower()
    if body and media != FORM:
        raise Problem(UNSUPPORTED)
    return parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)


async def answer(request: Request, question: Question, asked: Pairs, at: tuple[str | None, datetime]) -> Response:
    """The searchset: matches, what comes along, links, and from when on to ask next time.

    What was asked by a national number is answered on one page, with links that do not tell it.
    """
    cursor, now = at
    here = as_address(request, question.kind, asked)
    after = verify(here, cursor) if cursor else None
    base = f"{base_url(request)}/{question.kind}"
    is_secret = any(has_number(value) for _, value in asked)
    count = MOST_RESULTS if is_secret else question.search.count
    if question.search.only_total:
        every = len(await question.matches(None, None))
        return fhir_answer(searchset(now, [], [link("self", base, [] if is_secret else asked)], every))
    found = await question.matches(after, count + 1)
    shown = found[:count]
    links = [link("self", base, [] if is_secret else asked if cursor is None else [*asked, ("cursor", cursor)])]
    total = len(found) if after is None and len(found) <= count else None
    if len(found) > count and not is_secret:
        links.append(link("next", base, [*asked, ("cursor", sign(here, shown[-1].key))]))
    if total is None and ("_total", "accurate") in asked:
        total = len(await question.matches(None, None))
    entries = [entry(request, match.resource, "match") for match in shown]
    entries += [entry(request, resource, "include") for resource in question.includes(shown)]
    return fhir_answer(searchset(now, entries, links, total))


def searchset(now: datetime, entries: list[Resource], links: list[Resource], total: int | None) -> Resource:
    """The Bundle. Its `meta.lastUpdated` is the safe moment for the next `_lastUpdated=ge`: some may come twice."""
    bundle: Resource = {"resourceType": "Bundle", "meta": {"lastUpdated": instant(now - OVERLAP)}, "type": "searchset"}
    bundle |= {"total": total} if total is not None else {}
    return bundle | {"link": links} | ({"entry": entries} if entries else {})


def link(relation: str, base: str, pairs: Pairs) -> Resource:
    """A link of the Bundle."""
    query = urlencode(pairs)
    return {"relation": relation, "url": f"{base}?{query}" if query else base}


def as_address(request: Request, kind: str, asked: Pairs) -> Request:
    """The same search as an address: what a cursor is bound to, whether it was asked by GET or by a form."""
    path = f"/referrals/fhir/{kind}"
    return Request({**request.scope, "path": path, "query_string": urlencode(asked).encode()})


def entry(request: Request, resource: Resource, mode: str) -> Resource:
    """One resource in the answer."""
    full_url = f"{base_url(request)}/{resource['resourceType']}/{resource['id']}"
    return {"fullUrl": full_url, "resource": resource, "search": {"mode": mode}}


INSIDE = frozenset({"patient", "subject", "focus", "based-on", "part-of", "derived-from"})
"""References that stay within one referral: their ids tell which."""


def narrowing(kind: str, search: Search) -> Narrowing:
    """What the database can tell of a search; the rest is looked at resource by resource."""
    listed = [[token.code for token in each] for each in search.tokens.get("_id", [])]
    listed += [list(each) for name in INSIDE for each in search.references.get(name, [])]
    ids: frozenset[UUID] | None = None
    for alternatives in listed:
        some = frozenset(UUID(match[1]) for each in alternatives if (match := uuid_in(each)))
        ids = some if ids is None else ids & some
    spans = tuple((span.since, span.until) for span in search.spans.get("_lastUpdated", []))
    numbers = [frozenset(token.code for token in each) for each in search.tokens.get("identifier", [])]
    return Narrowing(
        ids=ids,
        identifiers=numbers[0] if numbers and kind == "ServiceRequest" else None,
        person_numbers=numbers[0] if numbers and kind == "Patient" else None,
        states=states_of(search) if kind == "Task" else None,
        spans=spans,
        with_questions=True,
    )


def uuid_in(reference: str) -> re.Match[str] | None:
    """The id at the end of a reference, if it is one of ours."""
    return RESOURCE_ID.fullmatch(reference.rpartition("/")[2])


def states_of(search: Search) -> frozenset[State] | None:
    """The states that a Task's status can stand for."""
    asked = search.tokens.get("status", [])
    if not asked:
        return None
    wanted = {token.code for token in asked[0]}
    return frozenset(state for state in State if STANDING[state].task_status in wanted)


for _kind in SHOWN:
    router.add_api_route(f"/{_kind}", searcher(_kind, False), methods=["GET"], name=f"fhir_search_{_kind}")
    router.add_api_route(f"/{_kind}/_search", searcher(_kind, True), methods=["POST"], name=f"fhir_search_form_{_kind}")
