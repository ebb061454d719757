"""What a sender submits: the entries of a transaction, or a single resource, with every reference followed."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from services.referrals.formats.fhir.elements import Identifier, Reference, Resource
from services.referrals.formats.fhir.outcome import BadRequest, RefusedResource, TooManyEntries
from services.referrals.formats.fhir.reading import TAKEN, raise_for, read_as, read_resource
from services.referrals.formats.fhir.resources import Bundle
from services.referrals.formats.fhir.resources.exchange import BundleEntry, BundleType, HttpVerb
from shared.errors import Fault

MAX_ENTRIES = 100
RELATIVE = re.compile(r"([A-Z][A-Za-z]+)/([A-Za-z0-9.-]{1,64})(/_history/[A-Za-z0-9.-]+)?")
R = TypeVar("R", bound=Resource)


@dataclass(frozen=True)
class Entry:
    """One resource, where it stands in the body, and under which conditions it is to be created."""

    place: str
    resource: Resource
    raw: Mapping[str, Any]
    full_url: str | None = None
    condition: str | None = None
    condition_place: str = ""

    @property
    def kind(self) -> str:
        """Its resource type."""
        return self.resource.resource_type


@dataclass
class Submission:
    """Entries that belong together, and what their references mean.

    `entries` are the resources, each once; `places` the entry for each place in the body, in the sender's order.
    `targets` maps the text of a reference to the entry that it leads to; `ours` are references to resources that we
    may hold (expression, type, id), for the store to confirm; `faults` is everything found so far.
    """

    entries: list[Entry]
    base: str = ""
    places: list[Entry] = field(default_factory=list)
    full_urls: dict[str, Entry] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    targets: dict[str, Entry] = field(default_factory=dict)
    ours: list[tuple[str, str, str]] = field(default_factory=list)

    def fail(self, expression: str, code: str) -> None:
        """Note a fault."""
        self.faults.append(Fault(expression, code))

    def all(self, kind: type[R]) -> list[tuple[Entry, R]]:
        """The entries of a type, in their order."""
        return [(entry, entry.resource) for entry in self.entries if isinstance(entry.resource, kind)]

    def target(self, reference: Reference | None) -> Entry | None:
        """The entry that a reference leads to."""
        return self.targets.get(reference.reference) if reference and reference.reference else None

    def resolve(self) -> None:
        """Follow every literal reference; what leads nowhere is a fault at its place."""
        index = self._index()
        for entry in self.entries:
            for expression, text in references(entry.raw, entry.place):
                self._follow(expression, text, index)

    def _index(self) -> dict[str, Entry]:
        index: dict[str, Entry] = {}
        for entry in self.entries:
            named = [f"{entry.kind}/{entry.resource.id}"] if entry.resource.id else []
            for name in named:
                index.setdefault(name, entry)
        for url, entry in self.full_urls.items():
            index[url] = entry
            relative = url.rstrip("/").rsplit("/", 2)[-2:]
            if relative[0] == entry.kind:
                index.setdefault("/".join(relative), entry)
        return index

    def _follow(self, expression: str, text: str, index: Mapping[str, Entry]) -> None:
        short = text.removeprefix(f"{self.base}/") if self.base else text
        found = index.get(text) or index.get(short.partition("/_history/")[0]) or self._by_identifier(short)
        relative = RELATIVE.fullmatch(short)
        if found:
            self.targets[text] = found
        elif relative:
            self.ours.append((expression, relative[1], relative[2]))
        elif "?" in short and not short.startswith(("http:", "https:")):
            self.fail(expression, "unknown-reference")
        elif not short.startswith(("http://", "https://")):
            self.fail(expression, "dangling-reference")

    def _by_identifier(self, text: str) -> Entry | None:
        kind, _, query = text.partition("?identifier=")
        if not query:
            return None
        wanted = tuple(query.rpartition("|")[::2])
        for entry in self.entries:
            if entry.kind == kind and any((each.system or "", each.value) == wanted for each in identifiers(entry)):
                return entry
        return None


def identifiers(entry: Entry) -> list[Identifier]:
    """The business identifiers of a resource."""
    found = getattr(entry.resource, "identifier", None)
    return [found] if isinstance(found, Identifier) else list(found or [])


def references(value: Any, place: str) -> Iterator[tuple[str, str]]:
    """Every literal reference in a JSON value with its expression."""
    if isinstance(value, dict):
        for name, part in value.items():
            if name == "reference" and isinstance(part, str):
                yield f"{place}.reference", part
            elif name != "text":
                yield from references(part, f"{place}.{name}")
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from references(part, f"{place}[{number}]")


def read_bundle(value: Any) -> Bundle:
    """The envelope of a transaction or batch. Raises what is wrong with it."""
    if not isinstance(value, dict) or not isinstance(value.get("resourceType"), str):
        raise BadRequest(faults=[Fault("", "not-a-resource")])
    if value["resourceType"] != "Bundle":
        raise BadRequest(faults=[Fault("resourceType", "wrong-resource-type")])
    entries = value.get("entry")
    if isinstance(entries, list) and len(entries) > MAX_ENTRIES:
        raise TooManyEntries(faults=[Fault("Bundle.entry", "too-many-entries")])
    faults: list[Fault] = []
    bundle = read_as(Bundle, shallow(value), "Bundle", faults)
    raise_for(faults)
    if bundle is None or bundle.type not in (BundleType.TRANSACTION, BundleType.BATCH):
        raise RefusedResource(faults=[Fault("Bundle.type", "wrong-bundle-type")])
    if not bundle.entry:
        raise RefusedResource(faults=[Fault("Bundle.entry", "required")])
    return bundle


def shallow(value: Mapping[str, Any]) -> dict[str, Any]:
    """A Bundle whose resources are only looked at for being there: each is read as its own type later."""
    entries = value.get("entry")
    if not isinstance(entries, list):
        return dict(value)
    stubbed = [
        {**entry, "resource": {"resourceType": "Any"}}
        if isinstance(entry, dict) and isinstance(entry.get("resource"), dict) and entry["resource"]
        else entry
        for entry in entries
    ]
    return {**value, "entry": stubbed}


def read_transaction(value: Mapping[str, Any], bundle: Bundle, base: str) -> Submission:
    """The entries of a transaction, with the faults that can be seen without our own data."""
    submission = Submission([], base)
    urls: set[str] = set()
    for number, entry in enumerate(bundle.entry):
        place = f"Bundle.entry[{number}]"
        if entry.full_url and entry.full_url in urls:
            submission.fail(f"{place}.fullUrl", "duplicate-full-url")
        urls.add(entry.full_url or "")
        if entry.resource is None:
            submission.fail(f"{place}.resource", "required")
            continue
        raw = value["entry"][number]["resource"]
        resource = read_resource(raw, f"{place}.resource", submission.faults)
        check_request_of(entry, place, raw, submission.faults)
        if resource:
            condition = entry.request.if_none_exist if entry.request else None
            known = Entry(f"{place}.resource", resource, raw, entry.full_url, condition, f"{place}.request.ifNoneExist")
            submission.places.append(known)
    if not submission.faults:
        one_of_each(submission)
        submission.resolve()
    return submission


def check_request_of(entry: BundleEntry, place: str, raw: Mapping[str, Any], faults: list[Fault]) -> None:
    """The request of an entry fits its resource: POST to its type."""
    if entry.request is None:
        faults.append(Fault(f"{place}.request", "required"))
    elif entry.request.method is not HttpVerb.POST:
        faults.append(Fault(f"{place}.request.method", "method-not-taken"))
    elif raw.get("resourceType") in TAKEN and entry.request.url.strip("/").rsplit("/", 1)[-1] != raw["resourceType"]:
        faults.append(Fault(f"{place}.request.url", "url-mismatch"))


def one_of_each(submission: Submission) -> None:
    """Refuse an entry that comes twice. Entries of one type with equal conditions (`ifNoneExist`) are one resource."""
    seen: dict[str, Entry] = {}
    conditional: dict[tuple[str, str], Entry] = {}
    places, submission.places = submission.places, []
    for entry in places:
        first = conditional.setdefault((entry.kind, entry.condition), entry) if entry.condition else entry
        if first is entry:
            if seen.setdefault(canonical(entry.raw), entry) is not entry:
                submission.fail(entry.place, "duplicate-entry")
            submission.entries.append(entry)
        submission.places.append(first)
        if entry.full_url:
            submission.full_urls[entry.full_url] = first


def canonical(raw: Any) -> str:
    """A resource's content, whatever the order of its keys."""
    return json.dumps(raw, sort_keys=True, ensure_ascii=False)


def single(value: Any, place: str, base: str) -> Submission:
    """A single resource at its place in the body."""
    faults: list[Fault] = []
    resource = read_resource(value, place, faults)
    raise_for(faults)
    entries = [Entry(place, resource, value)] if resource else []
    submission = Submission(entries, base, list(entries))
    submission.resolve()
    return submission


def sent_content(value: Mapping[str, Any]) -> str:
    """What a Bundle says, whatever its own identifier, its time, its fullUrls and the order of its entries."""
    entries = [each for each in value.get("entry", []) if isinstance(each, dict)]
    bodies = {each.get("fullUrl"): canonical(without_references(each.get("resource"))) for each in entries}
    marks = {url: hashlib.sha256(body.encode()).hexdigest() for url, body in bodies.items() if isinstance(url, str)}
    told = [canonical([each.get("request"), _marked(each.get("resource"), marks)]) for each in entries]
    return canonical([value.get("type"), sorted(told)])


def without_references(value: Any) -> Any:
    """A value without its literal references."""
    if isinstance(value, dict):
        return {name: without_references(part) for name, part in value.items() if name != "reference"}
    return [without_references(part) for part in value] if isinstance(value, list) else value


def _marked(value: Any, marks: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {
            name: marks.get(part, part) if name == "reference" and isinstance(part, str) else _marked(part, marks)
            for name, part in value.items()
        }
    return [_marked(part, marks) for part in value] if isinstance(value, list) else value
