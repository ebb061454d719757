"""HAPI's validator as an outside judge of every FHIR body: one Java process per test run, fed line by line."""

import json
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from shared.local.children import last_lines
from tests.outside.runtimes import HERE, java_command

OURS = re.compile(r"https://relais\.example/fhir/(CodeSystem|ValueSet|StructureDefinition|Questionnaire)/")
UNKNOWN = ("could not be resolved", "could not be found", "is unknown and can't be validated")
PREFERRED = "is not in valueset: http://hl7.org/fhir/ValueSet/languages"
"""R4 only prefers these languages (Walloon and de-BE are none of them); HAPI says so too, once more, as information."""


@dataclass(frozen=True)
class Finding:
    """One remark of the judge."""

    severity: str
    at: str
    says: str

    @property
    def counts(self) -> bool:
        """An error; or that one of our own forms, profiles or code lists, all of which it was given, is unknown."""
        if self.says.endswith(PREFERRED):
            return False
        unknown = any(words in self.says for words in UNKNOWN)
        return self.severity in {"error", "fatal"} or (unknown and OURS.search(self.says) is not None)


class Judge:
    """The process. `known` counts what it was told, `judged` what it was asked, `passed` keeps what was valid."""

    def __init__(self, log: Path) -> None:
        self._log = log
        with log.open("w") as errors:
            self._process = subprocess.Popen(
                java_command(HERE / "Judge.java"),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        self.known = 0
        self.judged = 0
        self.passed: set[bytes] = set()

    def know(self, resource: Mapping[str, Any]) -> None:
        """Tell it one of our Questionnaires, CodeSystems, ValueSets or StructureDefinitions."""
        trouble = self._ask({"know": resource})
        assert not trouble, trouble
        self.known += 1

    def findings(self, resource: Mapping[str, Any], profile: str | None = None) -> Sequence[Finding]:
        """Everything it says of a resource, measured by a profile too where one is named."""
        self.judged += 1
        return self._ask({"judge": resource, **({"profile": profile} if profile else {})})

    def errors(self, resource: Mapping[str, Any], profile: str | None = None) -> Sequence[Finding]:
        """What it says that counts; empty when the resource is valid."""
        return [each for each in self.findings(resource, profile) if each.counts]

    def _ask(self, order: Mapping[str, Any]) -> list[Finding]:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise AssertionError(f"The judge ended:\n{last_lines(self._log, 30)}")
        return [Finding(**each) for each in json.loads(line)["issues"]]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()
