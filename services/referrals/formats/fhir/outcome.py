"""One OperationOutcome for every error: a stable code, words in four languages, the full path; never a value."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from services.referrals.domain.labels import Label
from services.referrals.formats.fhir.codes import ISSUE
from services.referrals.formats.fhir.elements import CodeableConcept, Coding
from services.referrals.formats.fhir.resources import OperationOutcome
from services.referrals.formats.fhir.resources.exchange import IssueSeverity, IssueType, OutcomeIssue
from shared.errors import DomainError, Fault

_TABLE: Mapping[str, Mapping[str, str]] = json.loads((Path(__file__).parent / "issues.json").read_text())

TEXTS: Mapping[str, Label] = {code: Label(row["fr"], row["nl"], row["de"], row["en"]) for code, row in _TABLE.items()}
"""What each of our issue codes means."""

TYPES: Mapping[int, IssueType] = {
    400: IssueType.INVALID,
    401: IssueType.LOGIN,
    403: IssueType.FORBIDDEN,
    404: IssueType.NOT_FOUND,
    405: IssueType.NOT_SUPPORTED,
    406: IssueType.NOT_SUPPORTED,
    409: IssueType.CONFLICT,
    410: IssueType.DELETED,
    412: IssueType.CONFLICT,
    413: IssueType.TOO_COSTLY,
    415: IssueType.NOT_SUPPORTED,
    422: IssueType.PROCESSING,
    428: IssueType.REQUIRED,
    429: IssueType.THROTTLED,
    500: IssueType.EXCEPTION,
    503: IssueType.TRANSIENT,
}


class BadRequest(DomainError):
    """The request cannot be read as FHIR."""


class RefusedResource(DomainError):
    """A resource breaks a rule; nothing was stored."""


class UnknownReference(DomainError):
    """A reference leads to nothing that you may see."""


class TooManyEntries(DomainError):
    """A Bundle takes at most 100 entries."""


class SeveralMatches(DomainError):
    """A condition fits several resources."""


def issue_of(
    code: str, expression: str, language: str, severity: IssueSeverity = IssueSeverity.ERROR, kind: str = ""
) -> OutcomeIssue:
    """An issue by our stable code; `kind` is FHIR's type where ours has none of its own."""
    row = _TABLE.get(code)
    text = TEXTS[code].in_language(language) if row else code
    return OutcomeIssue(
        severity=severity,
        code=IssueType(row["type"] if row else kind or IssueType.PROCESSING),
        details=CodeableConcept(coding=[Coding(system=ISSUE, code=code)], text=text),
        expression=[expression] if expression else [],
    )


def problem_issue(status: int, code: str, title: str, diagnostics: str = "") -> OutcomeIssue:
    """The issue of a problem as a whole."""
    return OutcomeIssue(
        severity=IssueSeverity.FATAL if status >= 500 else IssueSeverity.ERROR,
        code=TYPES.get(status, IssueType.PROCESSING),
        details=CodeableConcept(coding=[Coding(system=ISSUE, code=code)], text=title),
        diagnostics=diagnostics or None,
    )


def outcome(issues: Iterable[OutcomeIssue]) -> OperationOutcome:
    """An OperationOutcome of these."""
    return OperationOutcome(issue=list(issues))


def fault_issues(faults: Sequence[Fault], status: int, language: str) -> list[OutcomeIssue]:
    """The issues of faults, in their order, each once."""
    kind = TYPES.get(status, IssueType.PROCESSING)
    return [issue_of(fault.code, expression_of(fault.pointer), language, kind=kind) for fault in dict.fromkeys(faults)]


def expression_of(pointer: str) -> str:
    """A FHIRPath for a place; a JSON Pointer of the kernel becomes one, `/query/x` is `http.query.x`."""
    if not pointer.startswith(("/", "#")):
        return pointer
    if pointer.startswith("#"):
        return f"http.header.{pointer[1:]}"
    parts = pointer.strip("/").split("/")
    if parts[0] == "query":
        return "http." + ".".join(parts)
    return "".join(f"[{part}]" if part.isdigit() else f".{part}" for part in parts).lstrip(".")
