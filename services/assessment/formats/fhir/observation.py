"""The scores of a sheet: one Observation per scale, with a member per group. A total is told of a complete scale only.

A calculated sum elsewhere would turn missing answers into 0; here an incomplete scale has a reason in the place of its
value, how many answers it rests on, and between which bounds the true sum lies.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from services.assessment.domain import Sheet, SheetScore, SheetStatus
from services.assessment.domain.scoring import ScaleScore
from services.assessment.formats.fhir.codes import HL7, SCORE, Resource, concept, score_code
from services.assessment.formats.fhir.response import subject_of

STATUS = {SheetStatus.AMENDED: "amended", SheetStatus.ENTERED_IN_ERROR: "entered-in-error"}
COUNTED = ("max", "answered_n", "expected_n", "flagged_n")
BOUNDS = {"sum_lower": "sum-lower", "sum_upper": "sum-upper", "lower": "sum-lower", "upper": "sum-upper"}


def observations_of(sheet: Sheet) -> list[Resource]:
    """The scores of a sheet, each scale before its groups. A result-only instrument has none."""
    found: list[Resource] = []
    if isinstance(sheet.result, SheetScore):
        for code in ("difficulty", "need"):
            found += _scale(sheet, code, getattr(sheet.result, code), len(found) + 1)
        return found
    for number, (code, scale) in enumerate(sheet.result.scales.items(), 1):
        name = score_code(sheet.instrument, code)
        found.append(_observation(sheet, number, name, scale.model_dump(), scale.value))
    return found


def _scale(sheet: Sheet, code: str, score: ScaleScore, first: int) -> list[Resource]:
    groups = [
        _observation(sheet, first + step, score_code(sheet.instrument, code, group), total.model_dump(), total.sum)
        for step, (group, total) in enumerate(score.groups.items(), 1)
    ]
    name = score_code(sheet.instrument, code)
    whole = _observation(sheet, first, name, score.total.model_dump(), score.total.sum)
    members = [{"reference": f"Observation/{group['id']}"} for group in groups]
    return [{**whole, **({"hasMember": members} if members else {})}, *groups]


def _observation(
    sheet: Sheet, number: int, code: str, counts: Mapping[str, Any], total: int | Decimal | None
) -> Resource:
    return {
        "resourceType": "Observation",
        "id": f"{sheet.id}.{number}",
        "status": STATUS.get(sheet.status, "final"),
        "category": [concept(f"{HL7}/observation-category", "survey")],
        "code": concept(SCORE, code),
        **subject_of(sheet),
        "effectiveDateTime": sheet.filled_on.isoformat(),
        **_value(counts, total),
        "derivedFrom": [{"reference": f"QuestionnaireResponse/{sheet.id}"}],
        "component": _components(counts),
    }


def _value(counts: Mapping[str, Any], total: int | Decimal | None) -> Resource:
    """The total of a complete scale, or the mean that its rule allows; else why there is none."""
    complete = counts["answered_n"] == counts["expected_n"] or "sum" not in counts
    if total is None or not complete:
        reason = "unknown" if counts["answered_n"] else "not-performed"
        return {"dataAbsentReason": concept(f"{HL7}/data-absent-reason", reason)}
    return _number(total)


def _number(value: int | Decimal) -> Resource:
    whole = value == int(value)
    return {"valueInteger": int(value)} if whole else {"valueQuantity": {"value": float(value)}}


def _components(counts: Mapping[str, Any]) -> list[Resource]:
    told = {name.replace("_", "-"): counts[name] for name in COUNTED if counts.get(name) is not None}
    told |= {code: counts[name] for name, code in BOUNDS.items() if counts.get(name) is not None}
    return [{"code": concept(SCORE, code), **_number(value)} for code, value in told.items()]
