"""The kernel hosts and knows no meaning: no word of care stands in it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import shared

KERNEL = Path(shared.__file__).parent
APART = ("permissions", "contracts", "local")
"""Data about roles, published contracts, and what starts things on a laptop may name what they serve."""

WORDS = (
    # who
    *(
        "patient",
        "person",
        "nurse",
        "social_worker",
        "case_manager",
        "coordinator",
        "practitioner",
        "carer",
        "caregiver",
    ),
    *("relative", "hospital", "analyst", "auditor", "doctor", "physician", "caller_type"),
    # what is known of them
    *(
        "niss",
        "ssn",
        "birth",
        "gender",
        "family_name",
        "given_name",
        "phone",
        "address",
        "diagnosis",
        "disease",
        "illness",
    ),
    # what is done
    *("referral", "triage", "care", "care_plan", "home_visit", "follow_up", "visit", "caseload", "waiting_list"),
    *("admission", "discharge", "treatment", "consent", "assessment", "questionnaire", "eladeb", "sheet", "card"),
    *("instrument", "rater", "contact", "call_back", "topic_of_call", "closure", "hand_over", "goal", "intake"),
    *("scheduler", "complexity", "case_id", "person_id", "urgency", "ward"),
)
OTHERS = {
    *("address", "ip_address", "IPv4Address", "IPv6Address"),
    "aiokafka.coordinator.assignors.sticky.sticky_assignor",
    "patient",
    *("{*}sheets", "get_sheet_by_index", "create_sheet"),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""Names that others gave: of a topic (AsyncAPI), a network number (Python), a broker (Kafka), a page (Excel).

`patient` is a search parameter (FHIR).
"""


def sources() -> list[Path]:
    """Every Python file of the kernel proper."""
    return [path for path in sorted(KERNEL.rglob("*.py")) if path.relative_to(KERNEL).parts[0] not in APART]


def parts(name: str) -> str:
    """A name as words with underscores: `CaseManager`, `case-manager` and `case_manager` are the same."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return re.sub(r"[^a-z0-9]+", "_", spaced.lower()).strip("_")


def spoken(tree: ast.AST) -> Iterator[str]:
    """Every name and every text in a module, documentation aside: that may explain by an example."""
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        for field in ("id", "attr", "arg", "name", "module", "asname"):
            value = getattr(node, field, None)
            if isinstance(value, str):
                yield value
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield node.value


def cares(text: str) -> list[str]:
    """The words of care in a text."""
    words = f"_{parts(text)}_"
    return [word for word in WORDS if f"_{word}_" in words or f"_{word}s_" in words]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("CaseManager", ["case_manager"]),
        ("referral_id", ["referral"]),
        ("/persons/{id}/care-plan", ["person", "care", "care_plan"]),
        ("SELECT niss FROM t", ["niss"]),
        ("caller", []),
        ("careful", []),
        ("discard", []),
    ],
)
def test_the_search_finds_words_of_care_and_not_their_neighbours(text: str, found: list[str]) -> None:
    assert cares(text) == found


def test_no_word_of_care_is_a_name_or_a_text_of_the_kernel() -> None:
    files = sources()
    assert len(files) > 30
    found = {
        f"{path.relative_to(KERNEL)}: {text[:60]!r}": words
        for path in files
        for text in spoken(ast.parse(path.read_text()))
        if text not in OTHERS and (words := cares(text))
    }
    assert found == {}


def test_no_title_of_the_kernel_speaks_of_care() -> None:
    assert cares((KERNEL / "titles.json").read_text()) == []


def test_the_kernel_imports_no_service() -> None:
    imported = {
        name
        for path in KERNEL.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else _imported(node))
    }
    assert not [name for name in imported if name.split(".")[0] == "services"]


def _imported(node: ast.AST) -> list[str]:
    return [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
