"""The pseudonymised evaluation export: what a column is, the pseudonyms, the rows and their data dictionary.

A column is one entry of `evaluation_columns`: its values and its line in the dictionary come from the same place.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from services.assessment.domain.facts import CaseFacts

Value = str | int | float | bool | None
Row = dict[str, Value]


class ColumnType(StrEnum):
    """What the values of a column are."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"


class Precision(StrEnum):
    """How coarse dates are."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True)
class Frame:
    """What a row is made with, besides its case."""

    today: date
    precision: Precision
    pseudonym: Callable[[UUID], str]
    episode: int = 1


@dataclass(frozen=True)
class Column:
    """One column. A quasi-identifier is something that others may know of the person."""

    name: str
    type: ColumnType
    description: str
    value: Callable[[CaseFacts, Frame], Value]
    is_quasi_identifier: bool = False
    codes: tuple[str, ...] = ()
    unit: str = ""
    missing: str = "not recorded"


def pseudonym_of(key: bytes, study: str, person_id: UUID) -> str:
    """The pseudonym of a person in a study: the same at every export, and of no use in another study.

    HMAC-SHA-256 under a key of the study's own, which is itself derived from the secret key; 128 bits of it.
    """
    own = hmac.new(key, b"relais evaluation study\0" + study.encode(), hashlib.sha256).digest()
    return hmac.new(own, person_id.bytes, hashlib.sha256).hexdigest()[:32]


def coarse(day: date | None, precision: Precision) -> str | None:
    """A day as its month (2026-11), quarter (2026-Q4) or year."""
    if day is None:
        return None
    if precision is Precision.MONTH:
        return f"{day.year}-{day.month:02}"
    return f"{day.year}-Q{(day.month + 2) // 3}" if precision is Precision.QUARTER else str(day.year)


def rows_of(cases: Sequence[CaseFacts], wanted: Sequence[Column], frame: Frame) -> list[Row]:
    """One row per case of an identified person, in the order of the pseudonyms, which tells nothing."""
    known = [(frame.pseudonym(case.person_id), case) for case in cases if case.person_id]
    episodes: dict[str, int] = {}
    rows: list[tuple[str, int, Row]] = []
    for pseudonym, case in sorted(known, key=lambda pair: (pair[0], pair[1].period.opened_on, pair[1].case_id)):
        episodes[pseudonym] = episode = episodes.get(pseudonym, 0) + 1
        own = Frame(frame.today, frame.precision, frame.pseudonym, episode)
        rows.append((pseudonym, episode, {column.name: column.value(case, own) for column in wanted}))
    return [row for _, _, row in rows]


def dictionary_of(wanted: Sequence[Column], precision: Precision) -> list[Mapping[str, Value | list[str]]]:
    """The data dictionary: one entry per column, in the order of the columns."""
    return [
        {
            "column": column.name,
            "type": column.type.value,
            "description": column.description,
            "unit": precision.value if column.name in ("opened", "closed") else column.unit,
            "codes": [str(code) for code in column.codes],
            "missing": column.missing,
            "quasi_identifier": column.is_quasi_identifier,
        }
        for column in wanted
    ]
