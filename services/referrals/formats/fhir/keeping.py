"""Resources as received: their ids with us, and their references rewritten to these. Nothing else is changed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from services.referrals.formats.fhir.codes import ORGANISATION
from services.referrals.formats.fhir.inbound import Inbound, sorted_entries
from services.referrals.formats.fhir.submission import Entry, Submission, identifiers

WHOLE = frozenset({"Task", "ServiceRequest", "Patient", "Consent"})
"""Types of which a referral has one: their id is the referral's. Others are `<referral>.<n>`, n from 1 by type."""


def ids_of(submission: Submission, inbound: Inbound, referral: UUID, sender: str) -> dict[str, str]:
    """The id of each entry by its place. It depends on the content alone, not on the order of the sending."""
    first = [*inbound.sheets, *inbound.letters, *(entry for entry, _ in inbound.messages)]
    rest = [entry for entry in submission.entries if entry not in first]
    counts: Counter[str] = Counter()
    ids: dict[str, str] = {}
    for entry in [*first, *sorted_entries(rest)]:
        counts[entry.kind] += 1
        if entry.kind in WHOLE:
            ids[entry.place] = str(referral)
        elif entry.kind == "Organization" and is_sender(entry, sender):
            ids[entry.place] = sender
        else:
            ids[entry.place] = f"{referral}.{counts[entry.kind]}"
    return ids


def is_sender(entry: Entry, sender: str) -> bool:
    """Whether an Organization is the sender itself, by its code in our directory."""
    return any((each.system, each.value) == (ORGANISATION, sender) for each in identifiers(entry))


def kept(submission: Submission, ids: Mapping[str, str]) -> list[dict[str, Any]]:
    """The resources with our ids, each as it came but for its references."""
    return [kept_one(submission, entry, ids) for entry in submission.entries]


def kept_one(submission: Submission, entry: Entry, ids: Mapping[str, str]) -> dict[str, Any]:
    """One resource as it is kept."""
    meta = {
        name: part for name, part in (entry.raw.get("meta") or {}).items() if name in ("profile", "tag", "security")
    }
    body = {name: part for name, part in entry.raw.items() if name not in ("id", "meta", "resourceType")}
    head: dict[str, Any] = {"resourceType": entry.kind, "id": ids[entry.place]}
    if meta:
        head["meta"] = meta
    rewritten: dict[str, Any] = rewrite(submission, body, ids)
    return {**head, **rewritten}


def rewrite(submission: Submission, value: Any, ids: Mapping[str, str]) -> Any:
    """A value with every reference into the body led to our id."""
    if isinstance(value, dict):
        made = {name: rewrite(submission, part, ids) for name, part in value.items()}
        text = value.get("reference")
        found = submission.targets.get(text) if isinstance(text, str) else None
        if found:
            made["reference"] = f"{found.kind}/{ids[found.place]}"
        return made
    return [rewrite(submission, part, ids) for part in value] if isinstance(value, list) else value


def merged(known: Sequence[dict[str, Any]], new: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is kept, with new resources in place of those of the same type and id."""
    fresh = {(each["resourceType"], each["id"]): each for each in new}
    old = [each for each in known if (each["resourceType"], each["id"]) not in fresh]
    return [*old, *fresh.values()]
