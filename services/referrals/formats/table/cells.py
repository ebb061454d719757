"""How the text of each kind of cell is read: a value, or a code."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from services.referrals.domain.identifiers import valid_niss
from services.referrals.formats.table.columns import Kind
from shared.spreadsheets.cells import Unreadable, day, dialled, listed, of_width, truth, whole


def niss(value: str) -> str:
    """A NISS: eleven digits."""
    return of_width(value, 11, valid_niss)


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
    Kind.PHONES: dialled,
    Kind.DAY: day,
    Kind.TRUTH: truth,
    Kind.LIST: listed,
    Kind.LEVEL: level,
}
