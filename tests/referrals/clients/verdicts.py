"""What the judge is taught, and what it says of the bodies that the door emitted."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from services.referrals.formats.fhir.profiles import PROFILES
from tests.outside.judge import Judge
from tests.referrals.clients.door import Door, Emitted

TAUGHT = ("CodeSystem", "ValueSet", "StructureDefinition", "Questionnaire")


def resources_of(bundle: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The resources of a bundle's entries."""
    for entry in bundle.get("entry", ()):
        if "resource" in entry:
            yield entry["resource"]


def teach(judge: Judge, door: Door) -> None:
    """Tell the judge everything that the door publishes about its own resources."""
    with door.client() as client:
        described = client.get(f"{door.fhir}/metadata").json()["rest"][0]["resource"]
        for kind in [each["type"] for each in described if each["type"] in TAUGHT]:
            answer = client.get(f"{door.fhir}/{kind}")
            assert answer.status_code == 200, f"{kind}: {answer.text}"
            for resource in resources_of(answer.json()):
                judge.know(resource)
    assert judge.known, "the door publishes nothing about its resources"


def profile_of(resource: Mapping[str, Any]) -> str | None:
    """The profile that we promise for a resource: a Task that asks a question promises none."""
    kind = resource.get("resourceType", "")
    if kind == "Task" and resource["code"]["coding"][0]["code"] != "fulfill":
        return None
    return PROFILES.get(kind)


def verdicts(judge: Judge, emitted: Iterable[Emitted]) -> list[str]:
    """The errors of these bodies, each different body judged once a run."""
    wrong = []
    for each in emitted:
        if each.body in judge.passed:
            continue
        errors = judge.errors(each.resource, profile_of(each.resource))
        wrong += [f"{each.method} {each.path} {each.status}: {error.at}: {error.says}" for error in errors]
        if not errors:
            judge.passed.add(each.body)
    return wrong
