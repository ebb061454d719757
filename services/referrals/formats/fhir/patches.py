"""The three patch dialects that stock clients send, each turned into the Task that the client wants to see.

JSON Patch (RFC 6902), FHIRPath Patch (a `Parameters` resource) and a plain merge body (RFC 7396). Only the status, its
reason and the fine step may be patched: everything else of a Task follows from the referral.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import jsonpatch

from shared.errors import DomainError, Fault

STATUS_FIELDS = ("status", "statusReason", "businessStatus")
MOST_OPERATIONS = 20

_STEP = re.compile(r"([A-Za-z]+)(?:\[(\d{1,2})\])?")
_LISTS = frozenset({"coding", "output"})


class PatchRefused(DomainError):
    """Only the status of a Task, its reason and its fine step can be patched."""


class PatchTestFailed(DomainError):
    """The Task is no longer as the patch expects it; read it again."""


def patched(task: Mapping[str, Any], body: Any, allowed: Sequence[str] = STATUS_FIELDS) -> dict[str, Any]:
    """The Task after a patch in whichever dialect; raises PatchRefused, or PatchTestFailed for a `test` that fails."""
    if isinstance(body, list):
        return _applied(task, body, allowed)
    if not isinstance(body, dict):
        raise PatchRefused(faults=[Fault("", "wrong-type")])
    if body.get("resourceType") == "Parameters":
        return _applied(task, list(_operations(body)), allowed)
    return _merged(task, body, allowed)


def _applied(task: Mapping[str, Any], operations: list[Any], allowed: Sequence[str]) -> dict[str, Any]:
    if not 1 <= len(operations) <= MOST_OPERATIONS:
        raise PatchRefused(faults=[Fault("", "too-long" if operations else "required")])
    for number, operation in enumerate(operations):
        _check_reach(operation, f"[{number}]", allowed)
    try:
        made = jsonpatch.JsonPatch(operations).apply(dict(task))
    except jsonpatch.JsonPatchTestFailed:
        raise PatchTestFailed from None
    except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException, TypeError, KeyError):
        raise PatchRefused("This is no patch that fits the Task.", faults=[Fault("", "patch-not-applicable")]) from None
    if not isinstance(made, dict):
        raise PatchRefused(faults=[Fault("", "wrong-type")])
    return made


def _check_reach(operation: Any, place: str, allowed: Sequence[str]) -> None:
    """An operation may write to the fields that are allowed; a `test` may look anywhere."""
    if not isinstance(operation, dict):
        raise PatchRefused(faults=[Fault(place, "wrong-type")])
    for name in ("path", "from"):
        field = str(operation.get(name, "")).removeprefix("/").split("/")[0]
        if name in operation and operation.get("op") != "test" and field not in allowed:
            raise PatchRefused(faults=[Fault(f"{place}.{name}", "not-patchable")])


def _merged(task: Mapping[str, Any], body: Mapping[str, Any], allowed: Sequence[str]) -> dict[str, Any]:
    for name in body:
        known = name in ("resourceType", "id") and body[name] == task.get(name)
        if name not in allowed and not known:
            raise PatchRefused(faults=[Fault(f"Task.{name}" if name.isalpha() else "Task", "not-patchable")])
    return _merge(task, body)


def _merge(target: Any, patch: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(target) if isinstance(target, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = _merge(merged.get(name), value) if isinstance(value, Mapping) else value
    return merged


def _operations(parameters: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The JSON Patch operations that a FHIRPath patch stands for."""
    listed = parameters.get("parameter")
    for number, parameter in enumerate(listed if isinstance(listed, list) else []):
        place = f"Parameters.parameter[{number}]"
        if not isinstance(parameter, dict) or parameter.get("name") != "operation":
            raise PatchRefused(faults=[Fault(f"{place}.name", "not-one-of")])
        given = parameter.get("part")
        parts = {
            part.get("name"): part for part in (given if isinstance(given, list) else ()) if isinstance(part, dict)
        }
        kind = _value(parts.get("type", {}))
        pointer = _pointer(_value(parts.get("path", {})), place)
        if kind == "add":
            yield {"op": "add", **_added(pointer, str(_value(parts.get("name", {}))), _value(parts.get("value", {})))}
        elif kind == "replace":
            yield {"op": "replace", "path": pointer, "value": _value(parts.get("value", {}))}
        elif kind == "delete":
            yield {"op": "remove", "path": pointer}
        else:
            raise PatchRefused(faults=[Fault(f"{place}.part", "not-one-of")])


def _added(pointer: str, name: str, value: Any) -> dict[str, Any]:
    if name in _LISTS:
        return {"path": f"{pointer}/{name}", "value": [value]}
    return {"path": f"{pointer}/{name}", "value": value}


def _pointer(path: Any, place: str) -> str:
    """The JSON Pointer of the simple FHIRPaths that patches use: `Task.statusReason.coding[0].code`."""
    root, *steps = str(path).split(".")
    found = [_STEP.fullmatch(step) for step in steps]
    if root != "Task" or not all(found):
        raise PatchRefused(faults=[Fault(f"{place}.part", "path-not-supported")])
    return "".join(f"/{step[1]}" + (f"/{step[2]}" if step[2] and step[1] in _LISTS else "") for step in found if step)


def _value(part: Mapping[str, Any]) -> Any:
    """The `value[x]` of a parameter part, or the object that its own parts spell out."""
    for name, value in part.items():
        if name.startswith("value"):
            return value
    made: dict[str, Any] = {}
    for each in _parts(part):
        name, value = str(each.get("name")), _value(each)
        made[name] = [*made.get(name, []), value] if name in _LISTS else value
    return made or None


def _parts(parameter: Mapping[str, Any]) -> list[dict[str, Any]]:
    given = parameter.get("part")
    return [part for part in given if isinstance(part, dict)] if isinstance(given, list) else []
