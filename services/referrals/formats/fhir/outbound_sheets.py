"""The filled sheets as sent, and scores: one Observation per scale of an assessed sheet, with a member per group.

They are our server's totals, never the sender's. Missing is not zero: a scale that was not given or is incomplete has a
reason instead of a value, and says how many cards were answered.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from services.referrals.domain.document import Sheet
from services.referrals.formats.fhir import outbound_codes
from services.referrals.formats.fhir.outside import Outside, Resource, concept, filled, repeated
from services.referrals.formats.fhir.questionnaire import response_of

SCALES = ("difficulty", "need")
PER_SHEET, PER_SCALE = 100, 50
"""Numbers of Observations: sheet 1 has 100 (difficulty), 101.. (its groups), 150 (need), 151.. ."""


def responses(outside: Outside) -> Iterator[Resource]:
    """The filled sheets: as the sender sent them over FHIR, else made from the document."""
    subject = f"Patient/{outside.id()}"
    made = [
        {
            **response_of(
                sheet, outside.id(number), subject, outside.cards.get((sheet.instrument, sheet.edition), ())
            ).wire(),
            "meta": outside.meta(),
            "basedOn": [outside.reference("ServiceRequest")],
        }
        for number, sheet in enumerate(outside.referral.document.sheets, 1)
    ]
    yield from repeated(outside, "QuestionnaireResponse", made)


def observations(outside: Outside) -> Iterator[Resource]:
    """The computed totals of the referral's sheets."""
    for totals in outside.referral.totals:
        place = sheet_place(outside, totals)
        if place is None:
            continue
        for index, scale in enumerate(SCALES):
            found = totals.get("scales", {}).get(scale)
            if isinstance(found, dict):
                yield from scale_observations(outside, place, (index, scale), found)


def sheet_place(outside: Outside, totals: Mapping[str, Any]) -> int | None:
    """Which of the referral's sheets these totals are of, from 1; None for one that was not sent with it."""
    named = (sheet.identifier for sheet in outside.referral.document.sheets)
    return next((place for place, name in enumerate(named, 1) if name == totals.get("identifier")), None)


def scale_observations(
    outside: Outside, place: int, scale: tuple[int, str], found: Mapping[str, Any]
) -> Iterator[Resource]:
    """One scale's total and its groups."""
    index, name = scale
    sheet = outside.referral.document.sheets[place - 1]
    number = place * PER_SHEET + index * PER_SCALE
    groups = {group: total for group, total in found.get("groups", {}).items() if isinstance(total, dict)}
    members = [outside.reference("Observation", number + step) for step, _ in enumerate(groups, 1)]
    yield observation(outside, sheet, (place, number), f"{name}-total", found) | filled(hasMember=members)
    for step, (group, total) in enumerate(groups.items(), 1):
        yield observation(outside, sheet, (place, number + step), f"{name}-{group.replace('_', '-')}", total)


def observation(outside: Outside, sheet: Sheet, at: tuple[int, int], code: str, total: Mapping[str, Any]) -> Resource:
    """One number, with how many cards it rests on."""
    place, number = at
    value, answered = total.get("sum"), total.get("answered_n")
    if isinstance(value, int) and answered == total.get("expected_n"):
        known: Resource = {"valueInteger": value}
    else:
        known = {"dataAbsentReason": outbound_codes.UNKNOWN if answered else outbound_codes.NOT_PERFORMED}
    counts = [
        {"code": concept(outbound_codes.SCORE, name.replace("_", "-")), "valueInteger": total[name]}
        for name in ("max", "answered_n", "expected_n", "flagged_n", "sum_lower", "sum_upper")
        if isinstance(total.get(name), int)
    ]
    return filled(
        **outside.start("Observation", number),
        status="final",
        category=[outbound_codes.SURVEY],
        code=concept(outbound_codes.SCORE, code),
        subject=outside.patient,
        effectiveDateTime=sheet.filled_on.isoformat(),
        performer=[outside.programme],
        **known,
        derivedFrom=[outside.reference("QuestionnaireResponse", place)],
        component=counts,
    )


def score_outputs(outside: Outside) -> Iterator[Resource]:
    """The totals as outputs of the Task: one per scale."""
    for made in observations(outside):
        number = int(made["id"].rpartition(".")[2])
        if number % PER_SCALE == 0:
            kind = concept(outbound_codes.TASK_OUTPUT, "score")
            yield {"type": kind, "valueReference": outside.reference("Observation", number)}
