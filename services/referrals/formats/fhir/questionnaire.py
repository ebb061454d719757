"""The form of an instrument as a Questionnaire, and filled sheets as QuestionnaireResponses, both ways.

A card has up to four items, named by scale and card: `difficulty.<card>`, `need.<card>`, `sources.<card>` and
`absent.<card>`. An item without an answer says that the scale was left open on that card; no item says nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from services.referrals.domain import KnownInstrument, Sheet
from services.referrals.formats.fhir.codes import (
    ABSENCES,
    ABSENT_REASON,
    CANONICAL,
    CARD,
    DATA_ABSENT_REASON,
    HELP_SOURCE,
    LEVEL,
    LEVELS,
    SOURCES,
)
from services.referrals.formats.fhir.elements import Coding, Identifier, Reference
from services.referrals.formats.fhir.resources import Questionnaire, QuestionnaireResponse
from services.referrals.formats.fhir.resources.forms import (
    Answer,
    AnswerOption,
    ItemType,
    QuestionnaireItem,
    ResponseItem,
    ResponseStatus,
)
from services.referrals.formats.fhir.sketch import Path, Sketch
from shared.errors import Fault

LEVELLED = ("difficulty", "need")
PARTS = (*LEVELLED, "sources", "absent")
SYSTEMS = {"difficulty": LEVEL, "need": LEVEL, "sources": HELP_SOURCE, "absent": ABSENT_REASON}
ABSENT_BY_HL7 = {
    "asked-declined": "refused",
    "unknown": "unknown",
    "asked-unknown": "unknown",
    "not-applicable": "not-applicable",
}
COPYRIGHT = "ELADEB-R: CHUV Lausanne, department of psychiatry. Card codes only; no card text is published here."


def canonical_of(code: str) -> str:
    """The canonical url of an instrument's form."""
    return f"{CANONICAL}/Questionnaire/{code}"


def questionnaires_of(instrument: KnownInstrument) -> list[Questionnaire]:
    """The forms of an instrument, the one to be used first.

    The first is the form that assessment exports: its version is the spec version, and its cards stand in groups. The
    other's version is the edition, without groups: simpler to fill, and older. Both have the same questions.
    """
    flat = {part: [_item(part, card, instrument) for card in instrument.cards] for part in PARTS}
    by_edition = _form(instrument, instrument.edition, flat).model_copy(
        update={"id": f"{instrument.code}-{instrument.edition}"}
    )
    if instrument.spec_version is None:
        return [by_edition]
    nested = flat | {part: _grouped(part, flat[part], instrument) for part in LEVELLED}
    return [_form(instrument, instrument.spec_version, nested), by_edition]


def _grouped(part: str, items: list[QuestionnaireItem], instrument: KnownInstrument) -> list[QuestionnaireItem]:
    groups: dict[str, list[QuestionnaireItem]] = {}
    for card, item in zip(instrument.cards, items, strict=True):
        groups.setdefault(instrument.groups.get(card, "cards"), []).append(item)
    return [
        QuestionnaireItem(link_id=f"{part}.{code}", text=code, type=ItemType.GROUP, item=members)
        for code, members in groups.items()
    ]


def _form(instrument: KnownInstrument, version: str, items: Mapping[str, list[QuestionnaireItem]]) -> Questionnaire:
    """One form. Card texts are not ours to publish."""
    return Questionnaire(
        id=instrument.code,
        url=canonical_of(instrument.code),
        version=version,
        name="".join(part.capitalize() for part in instrument.code.split("-")),
        title=instrument.code.upper(),
        status="active",
        subject_type=["Patient"],
        copyright=COPYRIGHT if instrument.code.startswith("eladeb") else None,
        item=[QuestionnaireItem(link_id=part, text=part, type=ItemType.GROUP, item=items[part]) for part in PARTS],
    )


def _item(part: str, card: str, instrument: KnownInstrument) -> QuestionnaireItem:
    return QuestionnaireItem(
        link_id=f"{part}.{card}",
        code=[Coding(system=CARD, code=card)],
        text=card,
        type=ItemType.CHOICE,
        repeats=True if part == "sources" else None,
        required=False,
        answer_option=[AnswerOption(value_coding=option) for option in _options(part, instrument)],
    )


def _options(part: str, instrument: KnownInstrument) -> list[Coding]:
    if part == "sources":
        return [Coding(system=HELP_SOURCE, code=code, display=_display(SOURCES, code)) for code in instrument.sources]
    if part == "absent":
        return [Coding(system=ABSENT_REASON, code=code, display=label.en) for code, label in ABSENCES.items()]
    levels = [str(level) for level in range(instrument.max_level + 1)]
    return [Coding(system=LEVEL, code=code, display=_display(LEVELS, code)) for code in levels]


def _display(labels: Mapping[str, Any], code: str) -> str | None:
    return labels[code].en if code in labels else None


def response_of(sheet: Sheet, resource_id: str, subject: str, cards: Sequence[str] = ()) -> QuestionnaireResponse:
    """A sheet in its compact form as a QuestionnaireResponse; a long form is told as far as levels go.

    Items stand in the order of the form, whose `cards` these are: anything else is invalid FHIR.
    """
    given = compact(sheet.answers)
    ordered = {card: given[card] for card in [*(card for card in cards if card in given), *given]}
    groups = [(part, list(_filled(part, ordered))) for part in PARTS]
    return QuestionnaireResponse(
        id=resource_id,
        language=sheet.language,
        identifier=Identifier(value=sheet.identifier),
        questionnaire=f"{canonical_of(sheet.instrument)}|{sheet.edition}",
        status=ResponseStatus.COMPLETED,
        subject=Reference(reference=subject),
        authored=sheet.filled_on.isoformat(),
        item=[*(ResponseItem(link_id=part, item=items) for part, items in groups if items), *_valued(given)],
    )


def compact(answers: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Answers as the map per card; of the long form, what the map can say."""
    if isinstance(answers, Mapping):
        return {card: dict(answer) for card, answer in answers.items()}
    found: dict[str, dict[str, Any]] = {}
    for entry in answers:
        card = found.setdefault(str(entry.get("domain")), {})
        for scale in ("difficulty", "need"):
            given = entry.get(scale)
            if isinstance(given, Mapping):
                card[scale] = 0 if given.get("presence") is False else given.get("level")
                if given.get("sources"):
                    card["sources"] = given["sources"]
    return found


def _filled(part: str, answers: Mapping[str, Mapping[str, Any]]) -> Iterator[ResponseItem]:
    for card, answer in answers.items():
        if part not in answer:
            continue
        value = answer[part]
        codes = value if isinstance(value, list) else [] if value is None else [value]
        given = [Answer(value_coding=Coding(system=SYSTEMS[part], code=str(code))) for code in codes]
        yield ResponseItem(link_id=f"{part}.{card}", answer=given)


def _valued(answers: Mapping[str, Mapping[str, Any]]) -> Iterator[ResponseItem]:
    """The items of an instrument that has no cards, each with the number that it was answered with."""
    for item, answer in answers.items():
        value = answer.get("value")
        if isinstance(value, int) and not isinstance(value, bool):
            yield ResponseItem(link_id=item, answer=[Answer(value_integer=value)])
        elif isinstance(value, float):
            yield ResponseItem(link_id=item, answer=[Answer(value_decimal=value)])
        elif "value" in answer:
            yield ResponseItem(link_id=item)


class SheetReader:
    """Reads the items of one response into `sheets/<number>/answers` of a sketch."""

    def __init__(self, sketch: Sketch, number: int, faults: list[Fault]) -> None:
        self._sketch = sketch
        self._path: Path = ("sheets", number, "answers")
        self._faults = faults
        self._seen: set[str] = set()

    def read(self, items: Sequence[ResponseItem], place: str) -> None:
        """Read items, groups within groups."""
        for number, item in enumerate(items):
            at = f"{place}.item[{number}]"
            part, _, card = item.link_id.partition(".")
            if part in PARTS and card and not item.item:
                self._card(part, card, item, at)
            elif item.answer or not item.item:
                self._faults.append(Fault(f"{at}.linkId", "unknown-item"))
            else:
                self.read(item.item, at)

    def _card(self, part: str, card: str, item: ResponseItem, at: str) -> None:
        if item.link_id in self._seen:
            self._faults.append(Fault(f"{at}.linkId", "repeated"))
            return
        self._seen.add(item.link_id)
        self._sketch.put((*self._path, card), None, f"{at}.linkId")
        values = [self._value(part, answer, f"{at}.answer[{number}]") for number, answer in enumerate(item.answer)]
        if part == "sources":
            self._sketch.put((*self._path, card, part), values, at)
        elif len(values) > 1:
            self._faults.append(Fault(f"{at}.answer[1]", "several-answers"))
        elif values:
            self._sketch.put((*self._path, card, part), values[0], f"{at}.answer[0]")
        else:
            self._open(part, card, item, at)

    def _open(self, part: str, card: str, item: ResponseItem, at: str) -> None:
        """An item without an answer: the scale is open, perhaps for a reason."""
        self._sketch.put_null((*self._path, card, part), at)
        for extension in item.extension:
            reason = ABSENT_BY_HL7.get(extension.value_code or "")
            if extension.url == DATA_ABSENT_REASON and reason:
                self._sketch.put((*self._path, card, "absent"), reason, f"{at}.extension[0]")

    def _value(self, part: str, answer: Answer, at: str) -> Any:
        if answer.value_integer is not None and SYSTEMS[part] == LEVEL:
            return answer.value_integer
        coding = answer.value_coding
        if coding is None or coding.code is None:
            self._faults.append(Fault(at, "wrong-type"))
        elif coding.system != SYSTEMS[part]:
            self._faults.append(Fault(f"{at}.valueCoding.system", "wrong-code-system"))
        elif SYSTEMS[part] == LEVEL:
            return int(coding.code) if coding.code.isascii() and coding.code.isdigit() else -1
        else:
            return coding.code
        return None
