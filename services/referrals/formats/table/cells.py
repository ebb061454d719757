"""How the text of each kind of cell is read: a value, or a code."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from pydantic_core import PydanticCustomError

from services.referrals.domain.identifiers import valid_niss
from services.referrals.formats.table.columns import Kind
from shared.spreadsheets.cells import Unreadable, day, listed, truth, whole


def niss(value: str) -> str:
    """A NISS; one that a spreadsheet took for a number and robbed of its leading zeros is told apart."""
    digits = whole(value)
    if digits.isascii() and digits.isdigit() and len(digits) < 11:
        try:
            valid_niss(digits.zfill(11))
        except PydanticCustomError:
            return digits
        raise Unreadable("leading-zero-lost")
    return digits


def phones(value: str) -> list[str]:
    """Phone numbers; nine digits or fewer that do not begin with 0 have lost it."""
    found = [whole(phone) for phone in listed(value)]
    if any(re.fullmatch(r"[1-9][0-9]{7,8}", phone) for phone in found):
        raise Unreadable("leading-zero-lost")
    return found


def level(value: str) -> int:
    """A whole number, of which the instrument then says whether it is a level."""
    digits = whole(value)
    if not re.fullmatch(r"[0-9]{1,4}", digits):
        raise Unreadable("level_out_of_range")
    return int(digits)


READINGS: Mapping[Kind, Callable[[str], Any]] = {
    Kind.TEXT: str,
    Kind.NISS: niss,
    Kind.NUMBER: whole,
    Kind.PHONES: phones,
    Kind.DAY: day,
    Kind.TRUTH: truth,
    Kind.LIST: listed,
    Kind.LEVEL: level,
}
