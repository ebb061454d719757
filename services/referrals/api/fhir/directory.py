"""The directory over FHIR: read, search and history of its types, as IHE mCSD 4.0.1 asks of a directory."""

from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request, Response

from services.referrals.api.directory.checks import MunicipalitiesDep
from services.referrals.api.directory.services import MayReadDirectory
from services.referrals.api.fhir.doors import base_url, fhir_answer, router
from services.referrals.api.fhir.read import answer_unless_seen
from services.referrals.api.fhir.search import Pairs, as_address, entry, form_pairs, link, searchset
from services.referrals.domain.municipality import Municipalities, folded
from services.referrals.formats.fhir.directory import (
    DIRECTORY_PARAMETERS,
    NAMED,
    OF_ORGANISATION,
    areas,
    directory_fits,
    healthcare_services,
)
from services.referrals.formats.fhir.outside import Resource
from services.referrals.formats.fhir.search_parameters import (
    Search,
    SearchRefused,
    Token,
    parse_search,
    refuse_numbers,
    span_of,
)
from services.referrals.store import CareServiceRow, DirectoryFeed, OrganisationRow, Sought
from shared.cursors import sign, verify
from shared.errors import Fault, NotFound
from shared.requests import ClockDep, opened

FeedDep = Annotated[DirectoryFeed, Depends(opened(DirectoryFeed))]
Route = Callable[..., Coroutine[Any, Any, Response]]
AT_ONCE = 200
AREA, ENTRY = "area", "entry"
NAMES = frozenset({"name", "name:contains", "name:exact"})


@dataclass(frozen=True)
class Found:
    """One resource of an answer, and where a following page continues."""

    resource: Resource
    key: tuple[str, str, str, int]


@dataclass(frozen=True)
class Question:
    """A search over one type of the directory."""

    kind: str
    search: Search
    names: list[tuple[str, str]]
    feed: DirectoryFeed
    listed: Municipalities

    async def matches(self, after: Sequence[str] | None, limit: int | None) -> list[Found]:
        """The resources that fit, at most so many, after a place."""
        found: list[Found] = []
        async for each in self._all(after):
            if directory_fits(each.resource, self.search, self.names):
                found.append(each)
            if limit is not None and len(found) >= limit:
                break
        return found

    async def _all(self, after: Sequence[str] | None) -> AsyncIterator[Found]:
        """Areas are older than every entry: they come first, or last when the newest come first."""
        steps = [ENTRY, AREA] if self.search.newest_first else [AREA, ENTRY]
        for step in steps[steps.index(after[0]) :] if after else steps:
            seen = after if after and after[0] == step else None
            if step == AREA:
                for each in self._areas(seen):
                    yield each
            else:
                async for each in self._entries(seen):
                    yield each

    def _areas(self, after: Sequence[str] | None) -> Iterator[Found]:
        if self.kind != "Location":
            return
        for each in sorted(areas(self.listed), key=lambda area: str(area["id"])):
            if after is None or str(each["id"]) > after[2]:
                yield Found(each, (AREA, "", each["id"], 0))

    async def _entries(self, after: Sequence[str] | None) -> AsyncIterator[Found]:
        spot = (datetime.fromisoformat(after[1]), UUID(after[2])) if after else None
        if after and spot:
            for each in made(self.kind, await self._at(spot)):
                if each.key[3] > int(after[3]):
                    yield each
        while True:
            rows = await self._rows(spot, AT_ONCE)
            for row in rows:
                for each in made(self.kind, [row]):
                    yield each
            if len(rows) < AT_ONCE:
                return
            spot = (rows[-1].updated_at, rows[-1].id)

    async def _rows(self, spot: tuple[datetime, UUID] | None, limit: int) -> Sequence[OrganisationRow | CareServiceRow]:
        read = self.feed.services if self.kind == "HealthcareService" else self.feed.organisations
        return await read(sought(self), spot, limit, self.search.newest_first)

    async def _at(self, spot: tuple[datetime, UUID]) -> Sequence[OrganisationRow | CareServiceRow]:
        """The entry that the last page stopped at, if it has not changed since: it may have more to show."""
        if self.kind != "Endpoint":
            return []
        rows = await self.feed.organisations(Sought(spans=[(spot[0], None)]), None, AT_ONCE, False)
        return [row for row in rows if (row.updated_at, row.id) == spot]


def made(kind: str, rows: Sequence[OrganisationRow | CareServiceRow]) -> Iterator[Found]:
    """The resources that entries give, numbered within each."""
    for row in rows:
        if isinstance(row, CareServiceRow):
            resources = healthcare_services(row, row.version)
        else:
            resources = OF_ORGANISATION[kind](row, row.version)
        for number, resource in enumerate(resources):
            yield Found(resource, (ENTRY, row.updated_at.isoformat(), str(row.id), number))


def sought(question: Question) -> Sought:
    """What the database can tell of a search; the rest is looked at resource by resource."""
    kind, search = question.kind, question.search
    spans = [(span.since, span.until) for span in search.spans.get("_lastUpdated", [])]
    ids = (
        [token.code for some in search.tokens.get("_id", [])[:1] for token in some] if "_id" in search.tokens else None
    )
    if kind != "HealthcareService":
        return Sought(codes=None if ids is None else [each.removesuffix(".mail") for each in ids], spans=spans)
    numbers = first_codes(search, "identifier")
    return Sought(
        ids=None if ids is None else [UUID(each) for each in ids if is_uuid(each)],
        organisations=ends(search, "organization"),
        codes=[each.rpartition("/")[2] for each in numbers] if numbers else None,
        domains=first_codes(search, "service-type"),
        capacities=first_codes(search, "characteristic"),
        begins=next((folded(value) for name, value in question.names if name != "name:contains"), None),
        communes=communes_of(search),
        spans=spans,
    )


def ends(search: Search, name: str) -> list[str] | None:
    """The ids at the end of the first reference parameter of a name."""
    asked = search.references.get(name)
    return [each.rpartition("/")[2] for each in asked[0]] if asked else None


def first_codes(search: Search, name: str) -> list[str] | None:
    """The codes of the first token parameter of a name; None where one of them asks for any code."""
    asked = search.tokens.get(name)
    found = [token.code for token in asked[0]] if asked else None
    return found if found and all(found) else None


def communes_of(search: Search) -> list[str] | None:
    """The NIS codes of the first coverage asked for; None where it is also of another kind."""
    found = ends(search, "coverage-area")
    if not found or not all(each.startswith("nis-") for each in found):
        return None
    return [each.removeprefix("nis-") for each in found]


def is_uuid(text: str) -> bool:
    """Whether a text is a uuid."""
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def searcher(kind: str, is_form: bool) -> Route:
    """The route that searches one type."""

    async def search(
        request: Request, feed: FeedDep, listed: MunicipalitiesDep, clock: ClockDep, caller: MayReadDirectory
    ) -> Response:
        """Search the directory. Inactive entries are found too: ask for `active=true` or `status=active`."""
        in_address = list(request.query_params.multi_items())
        refuse_numbers(in_address)
        pairs = [*in_address, *(await form_pairs(request) if is_form else [])]
        asked = [pair for pair in pairs if pair[0] != "cursor"]
        cursor = next((value for name, value in pairs if name == "cursor"), None)
        question = question_of(kind, asked, feed, listed)
        return await answer(request, question, asked, (cursor, clock.now()))

    return search


def question_of(kind: str, asked: Pairs, feed: DirectoryFeed, listed: Municipalities) -> Question:
    """The search that parameters ask for."""
    names = [pair for pair in asked if kind in NAMED and pair[0] in NAMES]
    rest = [pair for pair in asked if pair not in names]
    known = {name: parameter.kind for name, parameter in DIRECTORY_PARAMETERS[kind].items()}
    return Question(kind, parse_search(rest, known, frozenset()), names, feed, listed)


async def answer(request: Request, question: Question, asked: Pairs, at: tuple[str | None, datetime]) -> Response:
    """The searchset: matches, and links."""
    cursor, now = at
    here = as_address(request, question.kind, asked)
    base = f"{base_url(request)}/{question.kind}"
    links = [link("self", base, asked if cursor is None else [*asked, ("cursor", cursor)])]
    count = question.search.count
    if question.search.only_total:
        return fhir_answer(searchset(now, [], links, len(await question.matches(None, None))))
    found = await question.matches(verify(here, cursor) if cursor else None, count + 1)
    shown = found[:count]
    if len(found) > count:
        links.append(link("next", base, [*asked, ("cursor", sign(here, shown[-1].key))]))
    total = len(found) if cursor is None and len(found) <= count else None
    return fhir_answer(searchset(now, [entry(request, each.resource, "match") for each in shown], links, total))


def reader(kind: str) -> Route:
    """The route that reads one type."""

    async def read(
        resource_id: str,
        request: Request,
        feed: FeedDep,
        listed: MunicipalitiesDep,
        caller: MayReadDirectory,
    ) -> Response:
        """Read one resource of the directory."""
        search = Search({"_id": [[Token(None, resource_id)]]}, {}, {})
        found = await Question(kind, search, [], feed, listed).matches(None, None)
        for each in found:
            if each.resource["id"] == resource_id:
                return answer_unless_seen(request, each.resource)
        raise NotFound

    return read


def historian(kind: str) -> Route:
    """The route that tells what has changed in one type."""

    async def history(
        request: Request, feed: FeedDep, listed: MunicipalitiesDep, clock: ClockDep, caller: MayReadDirectory
    ) -> Response:
        """What changed since a moment, the latest first: of each resource its newest version, ended ones too.

        Nothing of the directory is ever deleted: an entry ends by `active: false`, `status: inactive` or `off`.
        """
        pairs = list(request.query_params.multi_items())
        asked = [pair for pair in pairs if pair[0] != "cursor"]
        cursor = next((value for name, value in pairs if name == "cursor"), None)
        question = question_of(kind, of_history(asked), feed, listed)
        here = as_address(request, f"{kind}/_history", asked)
        found = await question.matches(verify(here, cursor) if cursor else None, question.search.count + 1)
        shown = found[: question.search.count]
        base = f"{base_url(request)}/{kind}/_history"
        links = [link("self", base, pairs)]
        if len(found) > len(shown):
            links.append(link("next", base, [*asked, ("cursor", sign(here, shown[-1].key))]))
        bundle = searchset(clock.now(), [changed(request, each.resource) for each in shown], links, None)
        return fhir_answer({**bundle, "type": "history"})

    return history


def of_history(asked: Pairs) -> Pairs:
    """The search that a history asks for: `_since` is a moment, `_count` a number; nothing else is known."""
    unknown = [name for name, _ in asked if name not in ("_since", "_count", "_format", "_pretty")]
    wrong = [value for name, value in asked if name == "_since" and (value[:1].isalpha() or span_of(value) is None)]
    if unknown or wrong:
        faults = [Fault(f"/query/{name}", "unknown-parameter") for name in unknown if name.isidentifier()]
        raise SearchRefused(faults=[*faults, *(Fault("/query/_since", "wrong-format") for _ in wrong)])
    moments = [("_lastUpdated", f"ge{value}") for name, value in asked if name == "_since"]
    return [*moments, *(pair for pair in asked if pair[0] != "_since"), ("_sort", "-_lastUpdated")]


def changed(request: Request, resource: Resource) -> Resource:
    """One change in a history."""
    is_new = resource["meta"]["versionId"] == "1"
    place = f"{resource['resourceType']}/{resource['id']}"
    return {
        "fullUrl": f"{base_url(request)}/{place}",
        "resource": resource,
        "request": {"method": "POST", "url": resource["resourceType"]} if is_new else {"method": "PUT", "url": place},
        "response": {
            "status": "201" if is_new else "200",
            "etag": f'W/"{resource["meta"]["versionId"]}"',
            "lastModified": resource["meta"]["lastUpdated"],
        },
    }


for _kind in DIRECTORY_PARAMETERS:
    router.add_api_route(f"/{_kind}/_history", historian(_kind), methods=["GET"], name=f"fhir_history_{_kind}")
    router.add_api_route(f"/{_kind}/{{resource_id}}", reader(_kind), methods=["GET"], name=f"fhir_read_{_kind}")
    router.add_api_route(f"/{_kind}", searcher(_kind, False), methods=["GET"], name=f"fhir_search_{_kind}")
    router.add_api_route(f"/{_kind}/_search", searcher(_kind, True), methods=["POST"], name=f"fhir_search_form_{_kind}")
