"""What a changed information-request Task says: the answer to a question, and the consent that it may report."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.referrals.formats.fhir.patches import STATUS_FIELDS
from services.referrals.formats.fhir.search_filter import values_at
from services.referrals.formats.fhir.task_wish import WishRefused
from shared.errors import Fault

PATCHABLE = (*STATUS_FIELDS, "output")
CONSENT = "consent-given"
LONGEST = 10_000


@dataclass(frozen=True)
class Answer:
    """The sender's answer."""

    text: str
    consent_given: bool | None = None


def answer_of(before: Mapping[str, Any], after: Mapping[str, Any]) -> Answer | None:
    """The answer in a Task that was completed; None where it stands as it stood. Raises WishRefused."""
    if after.get("status") == before.get("status") and after.get("output") == before.get("output"):
        return None
    if after.get("status") != "completed":
        raise WishRefused(faults=[Fault("Task.status", "not-one-of")])
    outputs = [each for each in values_at(after, "output") if isinstance(each, Mapping)]
    texts = [text for each in outputs if isinstance(text := each.get("valueString"), str) and text]
    if not texts:
        raise WishRefused(faults=[Fault("Task.output.valueString", "required")])
    if len(text := "\n".join(texts)) > LONGEST:
        raise WishRefused(faults=[Fault("Task.output.valueString", "too-long")])
    reported = [value for each in outputs if isinstance(value := each.get("valueBoolean"), bool) and is_consent(each)]
    return Answer(text, reported[-1] if reported else None)


def is_consent(output: Mapping[str, Any]) -> bool:
    """Whether an output tells of the person's consent."""
    return any(code == CONSENT for code in values_at(output, "type.coding.code"))
