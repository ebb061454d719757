"""The columns of an import: the flat names of the JSON push, and where each stands in it."""

import re
from collections.abc import Collection, Mapping
from enum import StrEnum

from shared.spreadsheets import Columns


class Kind(StrEnum):
    """How the text of a cell is read."""

    TEXT = "text"
    NISS = "niss"
    NUMBER = "number"
    PHONES = "phones"
    DAY = "day"
    TRUTH = "truth"
    LIST = "list"
    LEVEL = "level"


PLACES: Mapping[str, tuple[str, Kind]] = {
    "identifier_system": ("/identifier/system", Kind.TEXT),
    "identifier_value": ("/identifier/value", Kind.TEXT),
    "niss": ("/person/niss", Kind.NISS),
    "hospital_number": ("/person/hospital_number", Kind.TEXT),
    "family_name": ("/person/family_name", Kind.TEXT),
    "given_names": ("/person/given_names", Kind.TEXT),
    "birth_date": ("/person/birth_date", Kind.DAY),
    "gender": ("/person/gender", Kind.TEXT),
    "language": ("/person/language", Kind.TEXT),
    "phone": ("/person/phones", Kind.PHONES),
    "street": ("/person/address/street", Kind.TEXT),
    "house_number": ("/person/address/house_number", Kind.NUMBER),
    "box": ("/person/address/box", Kind.NUMBER),
    "postal_code": ("/person/address/postal_code", Kind.NUMBER),
    "city": ("/person/address/city", Kind.TEXT),
    "nis_code": ("/person/address/nis_code", Kind.NUMBER),
    "reason_text": ("/reason/text", Kind.TEXT),
    "reason_factors": ("/reason/factors", Kind.LIST),
    "urgency": ("/urgency", Kind.TEXT),
    "admitted_on": ("/stay/admitted_on", Kind.DAY),
    "discharge_on": ("/stay/discharge_on", Kind.DAY),
    "unplanned": ("/stay/unplanned", Kind.TRUTH),
    "ward": ("/stay/ward", Kind.TEXT),
    "unit_contact": ("/stay/unit_contact", Kind.TEXT),
    "consent_given": ("/consent/given", Kind.TRUTH),
    "consent_kind": ("/consent/kind", Kind.TEXT),
    "consent_by": ("/consent/by", Kind.TEXT),
    "consent_on": ("/consent/on", Kind.DAY),
    "sheet_identifier": ("/sheets/0/identifier", Kind.TEXT),
    "instrument": ("/sheets/0/instrument", Kind.TEXT),
    "edition": ("/sheets/0/edition", Kind.NUMBER),
    "filled_on": ("/sheets/0/filled_on", Kind.DAY),
    "rater": ("/sheets/0/rater", Kind.TEXT),
}

REQUIRED = ("identifier_system", "identifier_value", "family_name", "given_names", "consent_given")

ANSWERS: Mapping[str, Kind] = {
    "difficulty": Kind.LEVEL,
    "need": Kind.LEVEL,
    "sources": Kind.LIST,
    "absent": Kind.TEXT,
}

COLUMNS = {pointer: column for column, (pointer, _) in PLACES.items()}
ANSWER_PLACE = re.compile(r"/sheets/0/answers/([^/]+)(?:/([a-z]+))?")


def columns_with(cards: Collection[str]) -> Columns:
    """The columns of an import; `cards` are those of every instrument that the door knows."""
    return Columns(lambda name: is_column(name, cards), REQUIRED)


def is_column(name: str, cards: Collection[str]) -> bool:
    """Whether an import may have this column; `cards` are those of every instrument that the door knows."""
    part, dot, card = name.partition(".")
    return name in PLACES or (dot == "." and part in ANSWERS and card in cards)


def kind_of(column: str) -> Kind:
    """How the cells of a known column are read."""
    return PLACES[column][1] if column in PLACES else ANSWERS[column.partition(".")[0]]


def column_of(pointer: str, filled: Collection[str]) -> str:
    """The column that a JSON Pointer into the document means; of a card as a whole, the first that is filled."""
    answer = ANSWER_PLACE.match(pointer)
    if answer and answer[2] in ANSWERS:
        return f"{answer[2]}.{answer[1]}"
    if answer:
        return next((name for part in ANSWERS if (name := f"{part}.{answer[1]}") in filled), "")
    while pointer and pointer not in COLUMNS:
        pointer = pointer.rpartition("/")[0]
    return COLUMNS.get(pointer, "")
