"""How much two identities resemble each other: reasons first, then a grade by a table of rules."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property

from services.intake.domain.identity import Address, Identity, Phone
from services.intake.domain.marks import born_mark, commune_marks, number_mark, pair_marks, word_mark
from services.intake.domain.name import Name


class Grade(StrEnum):
    """How sure it is that two are the same person, from sure to doubtful."""

    CERTAIN = "certain"
    PROBABLE = "probable"
    POSSIBLE = "possible"


class Reason(StrEnum):
    """What speaks for or against."""

    NISS_SAME = "niss-same"
    NISS_DIFFERS = "niss-differs"
    NUMBER_SAME = "hospital-number-same"
    NAME_SAME = "name-same"
    NAME_SOUNDS = "name-sounds-same"
    NAME_SIMILAR = "name-similar"
    NAME_PARTLY = "name-partly"
    NAME_DIFFERS = "name-differs"
    BIRTH_SAME = "birth-date-same"
    BIRTH_SWAPPED = "birth-date-swapped"
    BIRTH_NEAR = "birth-date-near"
    BIRTH_DIFFERS = "birth-date-differs"
    BIRTH_UNKNOWN = "birth-date-unknown"
    PHONE_SAME = "phone-same"
    COMMUNE_SAME = "commune-same"
    COMMUNE_DIFFERS = "commune-differs"


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
    rule(Grade.PROBABLE, Reason.NUMBER_SAME, Reason.BIRTH_DIFFERS),
    rule(Grade.PROBABLE, Reason.NUMBER_SAME, Reason.BIRTH_SWAPPED),
    rule(Grade.PROBABLE, Reason.NUMBER_SAME, Reason.BIRTH_NEAR),
    rule(Grade.CERTAIN, Reason.NUMBER_SAME),
    rule(Grade.CERTAIN, Reason.NAME_SAME, Reason.BIRTH_SAME),
    rule(Grade.PROBABLE, Reason.NAME_SIMILAR, Reason.BIRTH_SAME),
    rule(Grade.PROBABLE, Reason.NAME_SAME, Reason.BIRTH_SWAPPED),
    rule(Grade.POSSIBLE, Reason.NAME_SIMILAR, Reason.BIRTH_SWAPPED),
    rule(Grade.PROBABLE, Reason.NAME_SAME, Reason.BIRTH_NEAR, Reason.PHONE_SAME),
    rule(Grade.POSSIBLE, Reason.NAME_SAME, Reason.BIRTH_NEAR),
    rule(Grade.POSSIBLE, Reason.NAME_SOUNDS, Reason.BIRTH_NEAR),
    rule(Grade.PROBABLE, Reason.NAME_SAME, Reason.BIRTH_UNKNOWN, Reason.PHONE_SAME),
    rule(Grade.POSSIBLE, Reason.NAME_SAME, Reason.BIRTH_UNKNOWN),
    rule(Grade.POSSIBLE, Reason.NAME_SOUNDS, Reason.BIRTH_UNKNOWN),
    rule(Grade.POSSIBLE, Reason.NAME_SIMILAR, Reason.BIRTH_UNKNOWN, Reason.PHONE_SAME),
    rule(Grade.POSSIBLE, Reason.NAME_SIMILAR, Reason.BIRTH_NEAR, Reason.PHONE_SAME),
)
"""The first line that fits decides whether two identities are one person; none fits: two people."""

SEARCH: Sequence[Rule] = (
    rule(Grade.CERTAIN, Reason.NISS_SAME),
    rule(None, Reason.NISS_DIFFERS),
    rule(Grade.CERTAIN, Reason.NAME_SAME, Reason.BIRTH_SAME),
    rule(Grade.PROBABLE, Reason.NAME_SIMILAR, Reason.BIRTH_SAME),
    rule(Grade.PROBABLE, Reason.NAME_PARTLY, Reason.BIRTH_SAME),
    rule(Grade.PROBABLE, Reason.PHONE_SAME),
    rule(Grade.PROBABLE, Reason.NAME_SAME, Reason.BIRTH_SWAPPED),
    rule(Grade.POSSIBLE, Reason.NAME_SIMILAR, Reason.BIRTH_SWAPPED),
    rule(Grade.POSSIBLE, Reason.NAME_SAME, Reason.BIRTH_NEAR),
    rule(Grade.POSSIBLE, Reason.NAME_SIMILAR, Reason.BIRTH_NEAR),
    rule(Grade.POSSIBLE, Reason.NAME_SAME, Reason.BIRTH_DIFFERS),
    rule(None, Reason.BIRTH_DIFFERS),
    rule(None, Reason.BIRTH_SWAPPED),
    rule(None, Reason.BIRTH_NEAR),
    rule(None, Reason.NAME_PARTLY, Reason.BIRTH_UNKNOWN),
    rule(Grade.PROBABLE, Reason.NAME_SAME),
    rule(Grade.POSSIBLE, Reason.NAME_SIMILAR),
    rule(None, Reason.NAME_PARTLY, Reason.COMMUNE_DIFFERS),
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
    reasons = [*name_reasons(one.name, two.name), birth_reason(one.birth_date, two.birth_date)]
    if one.niss and two.niss:
        reasons.append(Reason.NISS_SAME if one.niss == two.niss else Reason.NISS_DIFFERS)
    numbers = [{number_mark(number) for number in each.hospital_numbers} for each in (one, two)]
    if numbers[0] & numbers[1]:
        reasons.append(Reason.NUMBER_SAME)
    if {*one.phones} & {*two.phones}:
        reasons.append(Reason.PHONE_SAME)
    return graded(reasons, IDENTIFICATION)


def name_reasons(one: Name, two: Name) -> list[Reason]:
    """What two full names say; one that sounds the same is similar too."""
    if one.same(two):
        return [Reason.NAME_SAME]
    if not one.similar(two):
        return [Reason.NAME_DIFFERS]
    return [Reason.NAME_SIMILAR, Reason.NAME_SOUNDS] if one.sound == two.sound else [Reason.NAME_SIMILAR]


def birth_reason(one: date | None, two: date | None) -> Reason:
    """What two birth dates say."""
    if one is None or two is None:
        return Reason.BIRTH_UNKNOWN
    if one == two:
        return Reason.BIRTH_SAME
    if (one.year, one.month, one.day) == (two.year, two.day, two.month):
        return Reason.BIRTH_SWAPPED
    return Reason.BIRTH_NEAR if near(one, two) else Reason.BIRTH_DIFFERS


def near(one: date, two: date) -> bool:
    """Whether two days differ in the day alone, in the month alone, or in one digit of the year alone."""
    if one.year == two.year:
        return one.month == two.month or one.day == two.day
    digits = zip(str(one.year), str(two.year), strict=True)
    return (one.month, one.day) == (two.month, two.day) and sum(each != other for each, other in digits) == 1


@dataclass(frozen=True)
class Commune:
    """Where somebody lives, by either code."""

    postal_code: str | None = None
    nis_code: str | None = None

    def reason(self, address: Address | None) -> Reason | None:
        """What an address says; None where it has none of the codes asked for."""
        known = (address.postal_code, address.nis_code) if address else (None, None)
        pairs = list(zip((self.postal_code, self.nis_code), known, strict=True))
        told = [asked == written for asked, written in pairs if asked and written]
        return (Reason.COMMUNE_SAME if any(told) else Reason.COMMUNE_DIFFERS) if told else None


@dataclass(frozen=True)
class Terms:
    """What somebody who searches knows of a person; at least one of them, and a commune never alone."""

    name: str | None = None
    birth_date: date | None = None
    phone: Phone | None = None
    niss: str | None = None
    commune: Commune | None = None

    @cached_property
    def asked(self) -> Name:
        """The name as it is compared."""
        return Name.of(self.name or "")

    def marks(self) -> list[str]:
        """The marks of which each alone finds few people; the NISS is looked for apart."""
        found = [born_mark(self.birth_date)] if self.birth_date else []
        return found + ([f"phone:{self.phone}"] if self.phone else [])

    def pairs(self) -> list[list[str]]:
        """The marks that find few people where somebody bears them all."""
        commune = [*commune_marks(self.commune.postal_code, self.commune.nis_code)] if self.commune else []
        return pair_marks(self.asked) + [[word, where] for word in self.words() for where in commune]

    def words(self) -> list[str]:
        """The marks of single words: some find thousands of people."""
        every = (*self.asked.words, *self.asked.bare)
        return list(dict.fromkeys(word_mark(word) for word in every if len(word) > 1))

    def fit(self, person: Identity) -> Resemblance | None:
        """How well a person fits the terms; None where not at all."""
        reasons = self._of_name(person.name) if self.name else []
        if self.birth_date:
            reasons.append(birth_reason(self.birth_date, person.birth_date))
        if self.phone in person.phones:
            reasons.append(Reason.PHONE_SAME)
        if self.niss and person.niss:
            reasons.append(Reason.NISS_SAME if self.niss == person.niss else Reason.NISS_DIFFERS)
        if self.commune and (where := self.commune.reason(person.address)):
            reasons.append(where)
        return graded(reasons, SEARCH)

    def _of_name(self, name: Name) -> list[Reason]:
        reasons = name_reasons(self.asked, name)
        partly = Reason.NAME_DIFFERS in reasons and self.asked.part_of(name)
        return [Reason.NAME_PARTLY] if partly else reasons
