"""Each of the ten risks of OWASP's list has tests that exist."""

import ast
import re

import pytest

from tests.checks import ROOT

PAGE = ROOT / "shared" / "docs" / "security" / "owasp-api.md"
ROW = re.compile(r"^\| (API\d+) ", re.MULTILINE)
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def rows() -> dict[str, list[tuple[str, str]]]:
    """Risk -> the tests that the page names for it."""
    lines = PAGE.read_text().splitlines()
    return {found[1]: TEST.findall(line) for line in lines if (found := ROW.match(line))}


def named_in(path: str) -> set[str]:
    """The tests that a file has."""
    tree = ast.parse((ROOT / path).read_text())
    functions = (node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)))
    return {function.name for function in functions if function.name.startswith("test_")}


@pytest.mark.parametrize("risk", [f"API{number}" for number in range(1, 11)])
def test_a_risk_has_tests_that_exist(risk: str) -> None:
    named = rows()[risk]
    assert named, "no test stands for this risk"
    for path, name in named:
        assert (ROOT / path).is_file(), path
        assert name in named_in(path), name


def test_the_page_names_each_risk_once() -> None:
    assert sorted(ROW.findall(PAGE.read_text())) == sorted(f"API{number}" for number in range(1, 11))
