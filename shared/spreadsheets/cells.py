"""What the text of a cell means, past the traps that spreadsheets lay: each reading gives a value or raises a code."""

import re
from collections.abc import Callable

from pydantic_core import PydanticCustomError

COMPUTED = ("=", "+", "-", "@")
ESCAPED = re.compile(r"'\s*[=+\-@]")
SCIENTIFIC = re.compile(r"[0-9]([.,][0-9]+)?[eE]\+[0-9]{2,3}")
WHOLE = re.compile(r"([0-9]+)[.,]0+")
ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
BELGIAN_DAY = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})")

TRUE = frozenset({"true", "1", "1.0", "yes", "oui", "ja", "vrai", "waar", "wahr"})
FALSE = frozenset({"false", "0", "0.0", "no", "non", "nee", "nein", "faux", "onwaar", "falsch"})


class Unreadable(Exception):
    """A cell has no value of its kind. The text is the stable code."""


def plain(text: str) -> str:
    """The text without surrounding space and without the apostrophe that keeps a spreadsheet from computing it.

    Raises Unreadable for a formula, kept from computing or not: no text of ours begins with `=`.
    """
    value = text.strip()
    value = value[1:].strip() if ESCAPED.match(value) else value
    if value.startswith("="):
        raise Unreadable("formula")
    return value


def neutral(text: str) -> str:
    """A cell as it may be written into a spreadsheet: what would be computed gets an apostrophe in front.

    `plain` reads the same from it as from the cell that came.
    """
    value = text.strip()
    return f"'{value}" if value.startswith(COMPUTED) else value


def whole(value: str) -> str:
    """A number of a code as its digits: `4000.0` is 4000, and 4.0E+3 has lost what it was."""
    if SCIENTIFIC.fullmatch(value):
        raise Unreadable("scientific-notation")
    written = WHOLE.fullmatch(value)
    return written[1] if written else value


def of_width(value: str, width: int, check: Callable[[str], object]) -> str:
    """The digits of a code of fixed width; one that a spreadsheet robbed of its leading zeros is told apart.

    `check` raises PydanticCustomError for what is no such code.
    """
    digits = whole(value)
    if digits.isascii() and digits.isdigit() and len(digits) < width:
        try:
            check(digits.zfill(width))
        except PydanticCustomError:
            return digits
        raise Unreadable("leading-zero-lost")
    return digits


def dialled(value: str) -> list[str]:
    """Numbers to dial; eight or nine digits that do not begin with 0 have lost it."""
    found = [whole(number) for number in listed(value)]
    if any(re.fullmatch(r"[1-9][0-9]{7,8}", number) for number in found):
        raise Unreadable("leading-zero-lost")
    return found


def day(value: str) -> str:
    """A day as YYYY-MM-DD, from that or from dd/mm/yyyy: nothing else is guessed at."""
    belgian = BELGIAN_DAY.fullmatch(value)
    if belgian:
        return f"{belgian[3]}-{belgian[2]}-{belgian[1]}"
    if not ISO_DAY.fullmatch(value):
        raise Unreadable("wrong-format")
    return value


def truth(value: str) -> bool:
    """Yes or no, as people and spreadsheets write it in our languages."""
    if value.lower() in TRUE:
        return True
    if value.lower() in FALSE:
        return False
    raise Unreadable("wrong-type")


def listed(value: str) -> list[str]:
    """A list, separated by `|`."""
    return [part.strip() for part in value.split("|") if part.strip()]
