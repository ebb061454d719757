"""Why records are looked at: the closed list of purposes, said by the caller or taken from the action."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict
from starlette.requests import Request

from shared.errors import Fault
from shared.problems import INVALID, Problem

HEADER = "purpose-of-use"
BREAK_GLASS = "BTG"
"""Said by nobody: it goes with a grant of emergency access, and with that alone."""


class Purposes(BaseModel):
    """The published purposes: codes with their names, and the one that an action has where the caller says none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    about: str
    system: str
    codes: Mapping[str, Mapping[str, str]]
    reasons: Mapping[str, Mapping[str, str]]
    otherwise: str
    by_action: Mapping[str, str]

    def of_action(self, action: str) -> str:
        """The purpose of an action, of its resource where the action is not named itself."""
        return self.by_action.get(action) or self.by_action.get(action.partition(":")[0], self.otherwise)


@cache
def purposes() -> Purposes:
    """The purposes in force."""
    path = Path(__file__).parents[1] / "permissions" / "purposes.json"
    return Purposes.model_validate_json(path.read_text())


def purpose_said(request: Request) -> str:
    """The purpose in the header Purpose-Of-Use, empty for none; a 422 problem for one that is not on the list."""
    said = request.headers.get(HEADER, "")
    if said and (said not in purposes().codes or said == BREAK_GLASS):
        raise Problem(INVALID, faults=[Fault(f"#{HEADER}", "not-one-of")])
    return said


def by_action() -> Mapping[str, str]:
    """Every action of the matrix with the purpose it has where the caller says none."""
    matrix = json.loads((Path(__file__).parents[1] / "permissions" / "matrix.json").read_text())
    return {action: purposes().of_action(action) for action in matrix["actions"]}
