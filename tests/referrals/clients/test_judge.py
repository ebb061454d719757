"""The judge itself: a good sample passes, each planted fault is seen. Without this, silence would prove nothing."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.outside.judge import Judge
from tests.referrals.clients.places import EXAMPLES
from tests.referrals.fhir.test_transactions import in_groups

Bundle = dict[str, Any]


def example() -> Bundle:
    """The transaction of the guide."""
    found: Bundle = json.loads((EXAMPLES / "fhir-transaction.json").read_text())
    return found


def one(bundle: Bundle, kind: str) -> dict[str, Any]:
    """The first resource of a type."""
    found: dict[str, Any] = next(
        entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == kind
    )
    return found


def test_the_transaction_of_the_guide_is_valid(judge: Judge) -> None:
    assert judge.errors(example()) == []


def test_the_same_sheet_by_spec_version_is_valid_in_groups_and_only_there(judge: Judge) -> None:
    bundle = example()
    one(bundle, "QuestionnaireResponse")["questionnaire"] = "https://relais.example/fhir/Questionnaire/eladeb-r|0.1.0"
    assert judge.errors(bundle)
    assert judge.errors(in_groups(bundle)) == []


FAULTS: dict[str, Callable[[Bundle], Any]] = {
    "a code outside a required list": lambda bundle: one(bundle, "Task").update(status="begun"),
    "a missing mandatory element": lambda bundle: one(bundle, "ServiceRequest").pop("intent"),
    "an unknown element": lambda bundle: one(bundle, "Patient").update(colour="red"),
    "a date that does not exist": lambda bundle: one(bundle, "Patient").update(birthDate="1950-02-30"),
    "a list where one value belongs": lambda bundle: one(bundle, "Consent").update(status=["active"]),
    "a reference to the wrong type": lambda bundle: one(bundle, "ServiceRequest").update(
        subject={"reference": bundle["entry"][3]["fullUrl"]}
    ),
    "an answer that the form does not offer": lambda bundle: answer_of(bundle).update(
        valueCoding={"system": "http://unknown.example", "code": "9"}
    ),
    "a question that the form does not have": lambda bundle: one(bundle, "QuestionnaireResponse")["item"].append(
        {"linkId": "no-such-card", "answer": [{"valueString": "x"}]}
    ),
}


def answer_of(bundle: Bundle) -> dict[str, Any]:
    """The first answer of the sheet, however deep it stands."""
    waiting = list(one(bundle, "QuestionnaireResponse")["item"])
    while waiting:
        item = waiting.pop(0)
        if item.get("answer"):
            found: dict[str, Any] = item["answer"][0]
            found.clear()
            return found
        waiting += item.get("item", [])
    raise AssertionError("the example's sheet has no answer")


@pytest.mark.parametrize("fault", FAULTS)
def test_the_judge_sees(judge: Judge, fault: str) -> None:
    bundle = copy.deepcopy(example())
    FAULTS[fault](bundle)
    assert judge.errors(bundle)
