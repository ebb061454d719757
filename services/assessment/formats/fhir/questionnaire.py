"""An instrument as a Questionnaire: its version is our spec version, its texts are what its rights allow.

Cards stand as `{scale}.{card}` in groups `{scale}.{group}` within their scale; `sources.{card}` names from whom help is
wished, and `absent.{card}` is how a sender may say why a card is open. Items of a form stand under their own codes. No
item is required: a reason may always stand in the place of an answer, and the optional card may be left out.
"""

from collections.abc import Iterable
from typing import Any

from services.assessment.domain import Card, Form, Instrument, Labels
from services.assessment.domain.form import Item
from services.assessment.formats.fhir.codes import (
    ABSENCE,
    ABSENCES,
    CANONICAL,
    CARD,
    EXTENSION,
    HELP_SOURCE,
    LEVEL,
    LEVELS,
    SOURCES,
    Resource,
    answers_system,
    coding,
    label_of,
    option_code,
    pascal,
    weights,
)


def canonical_of(code: str) -> str:
    """The canonical url of an instrument's form."""
    return f"{CANONICAL}/Questionnaire/{code}"


def questionnaire_of(definition: Instrument | Form) -> Resource:
    """The form of an instrument."""
    return {
        "resourceType": "Questionnaire",
        "id": definition.code,
        "language": "fr",
        "url": canonical_of(definition.code),
        "version": definition.spec_version,
        "name": pascal(definition.code),
        "title": definition.name,
        "status": "active",
        "experimental": False,
        "subjectType": ["Patient"],
        "copyright": definition.rights.attribution,
        "item": _cards(definition) if isinstance(definition, Instrument) else _items(definition),
    }


def grouped(instrument: Instrument) -> dict[str, list[Card]]:
    """The cards of each group that has some, both in their order."""
    found = {group.code: [card for card in instrument.cards if card.group == group.code] for group in instrument.groups}
    return {code: cards for code, cards in found.items() if cards}


def texts(code: str, labels: Labels | None) -> Resource:
    """A text with its translations; the code where there is none or none may be shown."""
    if labels is None:
        return {"text": code}
    told = [
        {
            "url": f"{EXTENSION}/translation",
            "extension": [
                {"url": "lang", "valueCode": language},
                {"url": "content", "valueString": getattr(labels, language)},
            ],
        }
        for language in ("nl", "de", "en")
    ]
    return {"text": labels.fr, "_text": {"extension": told}}


def _cards(instrument: Instrument) -> list[Resource]:
    levels = [
        {"valueCoding": {"extension": weights(level), **coding(LEVEL, str(level), LEVELS[str(level)].en)}}
        for level in range(max(scale.top_level for scale in instrument.scales) + 1)
    ]
    labels = {group.code: group.labels for group in instrument.groups}
    scales = [
        _group(
            scale.code,
            scale.flagged_labels,
            [
                _group(
                    f"{scale.code}.{group}",
                    labels[group],
                    [_choice(instrument, scale.code, card, levels) for card in cards],
                )
                for group, cards in grouped(instrument).items()
            ],
        )
        for scale in instrument.scales
    ]
    sources = [source.code for scale in instrument.scales for source in scale.help_sources]
    wished = _options(HELP_SOURCE, {code: SOURCES[code] for code in sources if code in SOURCES})
    given = [_choice(instrument, "sources", card, wished) | {"repeats": True} for card in instrument.cards]
    excused = [_choice(instrument, "absent", card, _options(ABSENCE, ABSENCES)) for card in instrument.cards]
    return [*scales, _group("sources", None, given), _group("absent", None, excused)]


def _options(of: str, labels: dict[str, Labels]) -> list[Resource]:
    return [{"valueCoding": coding(of, code, label.en)} for code, label in labels.items()]


def _group(link_id: str, labels: Labels | None, items: list[Resource]) -> Resource:
    return {"linkId": link_id, **texts(link_id, labels), "type": "group", "item": items}


def _choice(instrument: Instrument, part: str, card: Card, options: list[Resource]) -> Resource:
    return {
        "linkId": f"{part}.{card.code}",
        "code": [coding(CARD, card.code)],
        **texts(card.code, label_of(instrument, card.labels)),
        "type": "choice",
        "required": False,
        "answerOption": options,
    }


def _items(form: Form) -> list[Resource]:
    return [
        {
            **_range(item),
            "linkId": item.code,
            **texts(item.code, label_of(form, item.labels)),
            "type": item_type(item),
            "required": False,
            **({"answerOption": _answers(form, item)} if item.options else {}),
        }
        for item in form.items
    ]


def item_type(item: Item) -> str:
    """How an item is answered: by a choice, a whole number, or a decimal."""
    if item.options:
        return "choice"
    return "integer" if item.step == item.step.to_integral_value() else "decimal"


def number(item: Item, value: Any) -> Resource:
    """A value of an item that has a range."""
    return {"valueInteger": int(value)} if item_type(item) == "integer" else {"valueDecimal": float(value)}


def _range(item: Item) -> Resource:
    if item.options:
        return {}
    ends: Iterable[tuple[str, Any]] = zip(("minValue", "maxValue"), item.range, strict=True)
    return {"extension": [{"url": f"{EXTENSION}/{name}", **number(item, value)} for name, value in ends]}


def _answers(form: Form, item: Item) -> list[Resource]:
    return [
        {
            "valueCoding": {
                "extension": weights(float(option.value)),
                **coding(
                    answers_system(form),
                    option_code(item.code, option),
                    words.en if (words := label_of(form, option.labels)) else None,
                ),
            }
        }
        for option in item.options
    ]
