"""How much two identities resemble each other: reasons first, then a grade by a table of rules."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.intake.domain.identity import Identity, Phone
from services.intake.domain.marks import number_mark
from services.intake.domain.name import Name


class Grade(StrEnum):
    """How sure it is that two are the same person, from sure to doubtful."""

    CERTAIN = "certain"
    LIKELY = "likely"
    POSSIBLE = "possible"


class Reason(StrEnum):
    """What speaks for or against."""

    NISS_SAME = "niss-same"
    NISS_DIFFERS = "niss-differs"
    NUMBER_SAME = "hospital-number-same"
    NAME_SAME = "name-same"
    NAME_SIMILAR = "name-similar"
    NAME_PARTLY = "name-partly"
    NAME_DIFFERS = "name-differs"
    BIRTH_SAME = "birth-date-same"
    BIRTH_DIFFERS = "birth-date-differs"
    BIRTH_UNKNOWN = "birth-date-unknown"
    PHONE_SAME = "phone-same"


@dataclass(frozen=True)
class Resemblance:
    """A grade with its reasons."""

    grade: Grade
    reasons: tuple[Reason, ...]


Rule = tuple[frozenset[Reason], Grade | None]


def rule(grade: Grade | None, *reasons: Reason) -> Rule:
    """A line of a rule table: these reasons together give this grade, None for surely another person."""
    return frozenset(reasons), grade


IDENTIFICATION: Sequence[Rule] = (
    rule(Grade.CERTAIN, Reason.NISS_SAME),
    rule(Grade.POSSIBLE, Reason.NISS_DIFFERS, Reason.NUMBER_SAME),
    rule(None, Reason.NISS_DIFFERS),
    rule(Grade.POSSIBLE, Reason.NUMBER_SAME, Reason.NAME_DIFFERS),
    rule(Grade.LIKELY, Reason.NUMBER_SAME, Reason.BIRTH_DIFFERS),
    rule(Grade.CERTAIN, Reason.NUMBER_SAME),
    rule(Grade.CERTAIN, Reason.NAME_SAME, Reason.BIRTH_SAME),
    rule(Grade.LIKELY, Reason.NAME_SIMILAR, Reason.BIRTH_SAME),
    rule(Grade.LIKELY, Reason.NAME_SAME, Reason.BIRTH_UNKNOWN, Reason.PHONE_SAME),
    rule(Grade.POSSIBLE, Reason.NAME_SAME, Reason.BIRTH_UNKNOWN),
)
"""The first line that fits decides whether two identities are one person; none fits: two people."""

SEARCH: Sequence[Rule] = (
    rule(Grade.CERTAIN, Reason.NISS_SAME),
    rule(None, Reason.NISS_DIFFERS),
    rule(Grade.CERTAIN, Reason.NAME_SAME, Reason.BIRTH_SAME),
    rule(Grade.LIKELY, Reason.NAME_SIMILAR, Reason.BIRTH_SAME),
    rule(Grade.LIKELY, Reason.NAME_PARTLY, Reason.BIRTH_SAME),
    rule(Grade.LIKELY, Reason.PHONE_SAME),
    rule(Grade.POSSIBLE, Reason.NAME_SAME, Reason.BIRTH_DIFFERS),
    rule(None, Reason.BIRTH_DIFFERS),
    rule(None, Reason.NAME_PARTLY, Reason.BIRTH_UNKNOWN),
    rule(Grade.LIKELY, Reason.NAME_SAME),
    rule(Grade.POSSIBLE, Reason.NAME_SIMILAR),
    rule(Grade.POSSIBLE, Reason.NAME_PARTLY),
    rule(Grade.POSSIBLE, Reason.BIRTH_SAME),
)
"""The first line that fits grades somebody found by search terms; none fits: not shown."""


def graded(reasons: Iterable[Reason], rules: Sequence[Rule]) -> Resemblance | None:
    """The resemblance that a table of rules sees in these reasons."""
    found = tuple(dict.fromkeys(reasons))
    for wanted, grade in rules:
        if wanted.issubset(found):
            return Resemblance(grade, found) if grade else None
    return None


def compare(one: Identity, two: Identity) -> Resemblance | None:
    """How much two full identities resemble each other, whichever comes first; None where they do not."""
    reasons = [name_reason(one.name, two.name), birth_reason(one.birth_date, two.birth_date)]
    if one.niss and two.niss:
        reasons.append(Reason.NISS_SAME if one.niss == two.niss else Reason.NISS_DIFFERS)
    numbers = [{number_mark(number) for number in each.hospital_numbers} for each in (one, two)]
    if numbers[0] & numbers[1]:
        reasons.append(Reason.NUMBER_SAME)
    if {*one.phones} & {*two.phones}:
        reasons.append(Reason.PHONE_SAME)
    return graded(reasons, IDENTIFICATION)


def name_reason(one: Name, two: Name) -> Reason:
    """What two full names say."""
    if one.same(two):
        return Reason.NAME_SAME
    return Reason.NAME_SIMILAR if one.similar(two) else Reason.NAME_DIFFERS


def birth_reason(one: date | None, two: date | None) -> Reason:
    """What two birth dates say."""
    if one is None or two is None:
        return Reason.BIRTH_UNKNOWN
    return Reason.BIRTH_SAME if one == two else Reason.BIRTH_DIFFERS


@dataclass(frozen=True)
class Terms:
    """What somebody who searches knows of a person; at least one of them."""

    name: str | None = None
    birth_date: date | None = None
    phone: Phone | None = None
    niss: str | None = None

    def marks(self) -> list[str]:
        """The marks to look for; the NISS is looked for apart."""
        name = Name.of(self.name or "")
        found = [f"word:{word}" for word in (*name.words, *name.bare)]
        found += [f"born:{self.birth_date}"] if self.birth_date else []
        return found + ([f"phone:{self.phone}"] if self.phone else [])

    def fit(self, person: Identity) -> Resemblance | None:
        """How well a person fits the terms; None where not at all."""
        reasons: list[Reason] = []
        if self.name:
            asked = Name.of(self.name)
            whole = name_reason(asked, person.name)
            partly = whole is Reason.NAME_DIFFERS and asked.part_of(person.name)
            reasons.append(Reason.NAME_PARTLY if partly else whole)
        if self.birth_date:
            reasons.append(birth_reason(self.birth_date, person.birth_date))
        if self.phone in person.phones:
            reasons.append(Reason.PHONE_SAME)
        if self.niss and person.niss:
            reasons.append(Reason.NISS_SAME if self.niss == person.niss else Reason.NISS_DIFFERS)
        return graded(reasons, SEARCH)
