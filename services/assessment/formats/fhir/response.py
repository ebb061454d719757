"""A filled sheet as a QuestionnaireResponse. Missing is an item without an answer, with its reason if known."""

from collections.abc import Sequence
from uuid import UUID

from services.assessment.domain import (
    AbsentReason,
    CardAnswer,
    Form,
    Instrument,
    ItemAnswer,
    RaterType,
    Sheet,
    SheetStatus,
    is_administered,
)
from services.assessment.domain.answers import SCALES, ScaleAnswer
from services.assessment.domain.form import Item
from services.assessment.formats.fhir.codes import (
    ABSENT_REASON,
    CANONICAL,
    HELP_SOURCE,
    LEVEL,
    Resource,
    answers_system,
    coding,
    option_code,
)
from services.assessment.formats.fhir.questionnaire import canonical_of, grouped, number

STATUS = {
    SheetStatus.IN_PROGRESS: "in-progress",
    SheetStatus.COMPLETED: "completed",
    SheetStatus.STOPPED: "stopped",
    SheetStatus.AMENDED: "amended",
    SheetStatus.ENTERED_IN_ERROR: "entered-in-error",
}
REASONS = {
    AbsentReason.DECLINED: "asked-declined",
    AbsentReason.UNKNOWN: "asked-unknown",
    AbsentReason.NOT_ASKED: "not-asked",
    AbsentReason.NOT_APPLICABLE: "not-applicable",
}
KINDS = {RaterType.SELF: "Patient", RaterType.RELATIVE: "RelatedPerson", RaterType.PROFESSIONAL: "Practitioner"}


def response_of(sheet: Sheet, definition: Instrument | Form) -> Resource:
    """A sheet by the definition that it was answered under."""
    items = (
        _cards(definition, sheet.cards)
        if isinstance(definition, Instrument)
        else _items(definition, sheet.answers if isinstance(sheet.answers, dict) else {})
    )
    return {
        "resourceType": "QuestionnaireResponse",
        "id": str(sheet.id),
        **({"language": sheet.language} if sheet.language else {}),
        **({"identifier": {"value": sheet.identifier}} if sheet.identifier else {}),
        "questionnaire": f"{canonical_of(sheet.instrument)}|{sheet.spec_version}",
        "status": STATUS[sheet.status],
        **subject_of(sheet),
        "authored": sheet.filled_on.isoformat(),
        "author": _author(sheet),
        "source": _who(sheet),
        **({"item": items} if items else {}),
    }


def subject_of(sheet: Sheet) -> Resource:
    """Whom the sheet is about, by our number of the person, as long as that is known."""
    return {"subject": _named("Patient", sheet.person_id)} if sheet.person_id else {}


def _named(kind: str, number_of: UUID) -> Resource:
    return {"type": kind, "identifier": {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{number_of}"}}


def _who(sheet: Sheet) -> Resource:
    """Who answered."""
    if sheet.rater is RaterType.SELF and sheet.person_id:
        return _named("Patient", sheet.person_id)
    return {"type": KINDS[sheet.rater], "display": sheet.rater.value}


def _author(sheet: Sheet) -> Resource:
    """Who recorded the answers; of a sheet that came with a referral, who answered."""
    if sheet.recorded_by is None:
        return _who(sheet)
    named = {"system": f"{CANONICAL}/NamingSystem/staff", "value": sheet.recorded_by}
    return {"type": "Practitioner", "identifier": named}


def _cards(instrument: Instrument, answers: Sequence[CardAnswer]) -> list[Resource]:
    given = {answer.domain: answer for answer in answers}
    found = []
    for scale in SCALES:
        if not is_administered(answers, scale):
            continue
        groups = [
            _group(
                f"{scale}.{group}",
                [_card(f"{scale}.{card.code}", given[card.code].on(scale)) for card in cards if card.code in given],
            )
            for group, cards in grouped(instrument).items()
        ]
        found.append(_group(scale, [group for group in groups if "item" in group]))
    wished = [
        {
            "linkId": f"sources.{card.code}",
            "answer": [{"valueCoding": coding(HELP_SOURCE, source)} for source in need.sources],
        }
        for card in instrument.cards
        if card.code in given and (need := given[card.code].need) and need.sources
    ]
    return [each for each in (*found, _group("sources", wished)) if "item" in each]


def _group(link_id: str, items: list[Resource]) -> Resource:
    return {"linkId": link_id, **({"item": items} if items else {})}


def _card(link_id: str, answer: ScaleAnswer) -> Resource:
    """One card on one scale. Not applicable counts as 0 and says so beside it."""
    why = _why(answer.absent_reason)
    if answer.value is None:
        return {**why, "linkId": link_id}
    return {**why, "linkId": link_id, "answer": [{"valueCoding": coding(LEVEL, str(answer.value))}]}


def _why(reason: AbsentReason | None) -> Resource:
    return {"extension": [{"url": ABSENT_REASON, "valueCode": REASONS[reason]}]} if reason else {}


def _items(form: Form, answers: dict[str, ItemAnswer]) -> list[Resource]:
    return [_item(form, item, answers[item.code]) for item in form.items if item.code in answers]


def _item(form: Form, item: Item, answer: ItemAnswer) -> Resource:
    why = _why(answer.absent_reason)
    if answer.value is None:
        return {**why, "linkId": item.code}
    chosen = next((option for option in item.options if option.value == answer.value), None)
    told = (
        {"valueCoding": coding(answers_system(form), option_code(item.code, chosen))}
        if chosen
        else number(item, answer.value)
    )
    return {**why, "linkId": item.code, "answer": [told]}
