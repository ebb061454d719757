"""Our code systems, each with a value set of all its codes: published, so that a partner can validate what we say."""

from collections.abc import Iterable

from services.referrals.domain import KnownInstrument
from services.referrals.domain.labels import Label
from services.referrals.formats.fhir.codes import CANONICAL, CARD, ISSUE, PublishedCodes
from services.referrals.formats.fhir.outcome import TEXTS
from services.referrals.formats.fhir.outside import Resource

STATUS = {"status": "active", "experimental": False}


def code_system(codes: PublishedCodes) -> Resource:
    """One of our code systems, with its designations in four languages."""
    return {
        "resourceType": "CodeSystem",
        "id": codes.id,
        "url": codes.url,
        "name": pascal(codes.id),
        "title": codes.title,
        **STATUS,
        "caseSensitive": True,
        "valueSet": value_set_url(codes),
        "content": "complete",
        "count": len(codes.concepts),
        "concept": [
            {"code": code, "display": label.en, "designation": designations(label)}
            for code, label in codes.concepts.items()
        ],
    }


def designations(label: Label) -> list[Resource]:
    """A meaning in the other three languages."""
    return [{"language": name, "value": text} for name, text in (("fr", label.fr), ("nl", label.nl), ("de", label.de))]


def value_set(codes: PublishedCodes) -> Resource:
    """All codes of one of our code systems."""
    return {
        "resourceType": "ValueSet",
        "id": codes.id,
        "url": value_set_url(codes),
        "name": pascal(codes.id),
        "title": codes.title,
        **STATUS,
        "compose": {"include": [{"system": codes.url}]},
    }


def value_set_url(codes: PublishedCodes) -> str:
    """The canonical url of the value set of all its codes."""
    return f"{CANONICAL}/ValueSet/{codes.id}"


def pascal(name: str) -> str:
    """A name as FHIR wants it for machines: `business-status` becomes `BusinessStatus`."""
    return "".join(part.capitalize() for part in name.split("-"))


def card_codes(instruments: Iterable[KnownInstrument]) -> Resource:
    """The cards of all instruments we know, each once; the directory's domains of need are the same codes."""
    cards = dict.fromkeys(card for instrument in instruments for card in instrument.cards)
    return {
        "resourceType": "CodeSystem",
        "id": CARD.rpartition("/")[2],
        "url": CARD,
        "name": "Card",
        "title": "Cards of the instruments",
        **STATUS,
        "caseSensitive": True,
        "content": "complete",
        "count": len(cards),
        "concept": [{"code": card} for card in cards],
    }


ISSUE_CODES: Resource = {
    "resourceType": "CodeSystem",
    "id": ISSUE.rpartition("/")[2],
    "url": ISSUE,
    "name": "Issue",
    "title": "What is wrong with a resource; a request as a whole has the codes of our problems (RFC 9457)",
    **STATUS,
    "caseSensitive": True,
    "content": "fragment",
    "concept": [
        {"code": code, "display": label.en, "designation": designations(label)} for code, label in TEXTS.items()
    ],
}
"""The codes of faults. A fragment: every kind of problem of the service is a code too."""
