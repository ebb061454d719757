"""The labelled set: pairs of tellings, of one person or of two people, from a fixed seed."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from tests.intake.matching.errors import (
    married,
    mistyped,
    rehyphenated,
    reparticled,
    without_accents,
    written_phone,
    wrong_birth,
)
from tests.intake.matching.spellings import FAMILIES, MEN, WOMEN, spellings_of
from tests.intake.people import niss_of

ROOTS = ("fr", "nl", "ar", "it")
SEED, OF_EACH = 20261122, 300
"""Pairs of one person, and as many of two people, of each root."""


@dataclass(frozen=True)
class Telling:
    """A person as somebody told of her or him. The spellings are all that the two names are written as."""

    family: str
    given: str
    born: date | None
    phone: str | None
    niss: str | None
    woman: bool
    family_spellings: tuple[str, ...]
    given_spellings: tuple[str, ...]

    @property
    def shown_phone(self) -> list[str]:
        """As an identity holds it."""
        return [self.phone] if self.phone else []


@dataclass(frozen=True)
class Pair:
    """Two tellings, whether they are of one person, and what makes it hard."""

    root: str
    known: Telling
    incoming: Telling
    same: bool
    why: str


def labelled(seed: int = SEED, of_each: int = OF_EACH) -> list[Pair]:
    """The whole set: the same seed, the same pairs."""
    chance = random.Random(seed)
    pairs: list[Pair] = []
    for root in ROOTS:
        pairs += [true_pair(root, chance) for _ in range(of_each)]
        pairs += [false_pair(root, chance) for _ in range(of_each)]
    return pairs


def somebody(root: str, chance: random.Random, woman: bool | None = None) -> Telling:
    """A person as the register would write it."""
    is_woman = chance.random() < 0.55 if woman is None else woman
    family = chance.choice(spellings_of(FAMILIES[root]))
    given = chance.choice(spellings_of((WOMEN if is_woman else MEN)[root]))
    born = date(1930, 1, 1) + timedelta(days=chance.randrange(75 * 365))
    if root == "ar" and chance.random() < 0.08:
        born = born.replace(month=1, day=1)
    mobile = f"4{chance.choice('6789')}{chance.randrange(10**7):07}"
    first = given[0]
    if chance.random() < 0.15:
        first += " " + chance.choice(spellings_of((WOMEN if is_woman else MEN)[root]))[0]
    number = niss_of(born.year, born.month, born.day, chance.randrange(1, 998))
    return Telling(
        family=family[0],
        given=first,
        born=born,
        phone=written_phone(mobile, chance) if chance.random() < 0.7 else None,
        niss=number if chance.random() < 0.3 else None,
        woman=is_woman,
        family_spellings=tuple(family),
        given_spellings=tuple(given),
    )


def true_pair(root: str, chance: random.Random) -> Pair:
    """One person told twice: the second time with none to three slips in the name, perhaps one in the birth date."""
    known = somebody(root, chance)
    told = replace(known, niss=None)
    slips = [chance.choice(SLIPS) for _ in range(chance.choices([0, 1, 2, 3], [12, 53, 29, 6])[0])]
    for slip in slips:
        told = SLIP_OF[slip](told, root, chance)
    if known.born and chance.random() < 0.22:
        told = replace(told, born=wrong_birth(known.born, chance))
        slips.append("birth")
    digits = f"4{chance.choice('6789')}{chance.randrange(10**7):07}"
    phones = [known.phone, None, written_phone(digits, chance)]
    told = replace(told, phone=chance.choices(phones, [5, 3, 2])[0])
    return Pair(root, known, told, True, "+".join(slips) or "none")


SLIPS = (
    *("spelling-family", "spelling-given", "spelling-family", "spelling-given", "typed-family", "typed-given"),
    *("accents", "capitals", "particle", "hyphen", "initial", "second-name", "order", "married", "husband"),
)


def _spelt_family(told: Telling, root: str, chance: random.Random) -> Telling:
    return replace(told, family=chance.choice(told.family_spellings))


def _spelt_given(told: Telling, root: str, chance: random.Random) -> Telling:
    _, *more = told.given.split(" ") if told.given_spellings[0].count(" ") == 0 else [told.given]
    return replace(told, given=" ".join([chance.choice(told.given_spellings), *more]))


def _second(told: Telling, root: str, chance: random.Random) -> Telling:
    if " " in told.given:
        return replace(told, given=told.given.split(" ")[0])
    other = chance.choice(spellings_of((WOMEN if told.woman else MEN)[root]))[0]
    return replace(told, given=f"{told.given} {other}")


def _married(told: Telling, root: str, chance: random.Random) -> Telling:
    husband = chance.choice(spellings_of(FAMILIES[root]))[0]
    return replace(told, family=married(told.family, husband, chance)) if told.woman else told


def _husband(told: Telling, root: str, chance: random.Random) -> Telling:
    husband = chance.choice(spellings_of(FAMILIES[root]))[0]
    return replace(told, family=husband) if told.woman and chance.random() < 0.25 else told


SLIP_OF = {
    "spelling-family": _spelt_family,
    "spelling-given": _spelt_given,
    "typed-family": lambda told, _, chance: replace(told, family=mistyped(told.family, chance)),
    "typed-given": lambda told, _, chance: replace(told, given=mistyped(told.given, chance)),
    "accents": lambda told, *_: replace(told, family=without_accents(told.family), given=without_accents(told.given)),
    "capitals": lambda told, *_: replace(told, family=told.family.upper()),
    "particle": lambda told, _, chance: replace(told, family=reparticled(told.family, chance)),
    "hyphen": lambda told, _, chance: replace(told, given=rehyphenated(told.given, chance)),
    "initial": lambda told, *_: replace(told, given=f"{told.given[0]}."),
    "second-name": _second,
    "order": lambda told, *_: replace(told, family=told.given, given=told.family),
    "married": _married,
    "husband": _husband,
}


def false_pair(root: str, chance: random.Random) -> Pair:
    """Two people whom a register could take for one: family, namesakes, the same day, nearly the same name."""
    one = somebody(root, chance)
    kinds = ["twin", "sibling", "parent", "namesake", "namesake-no-day", "same-day", "spouse", "nearby", "double"]
    kind = chance.choices(kinds, [18, 16, 10, 20, 6, 10, 9, 10, 1])[0]
    return Pair(root, one, _OTHER[kind](one, root, chance), False, kind)


def _other(one: Telling, root: str, chance: random.Random, woman: bool | None = None) -> Telling:
    while (other := somebody(root, chance, woman)).given.split(" ")[0] == one.given.split(" ")[0]:
        pass
    return replace(other, niss=None)


def _kin(one: Telling, root: str, chance: random.Random, born: date | None) -> Telling:
    return replace(_other(one, root, chance), family=one.family, phone=one.phone, born=born)


def _years(one: Telling, least: int, most: int, chance: random.Random) -> date:
    born = one.born or date(1950, 1, 1)
    return born + timedelta(days=chance.randint(least * 365, most * 365) + 1)


def _namesake(one: Telling, root: str, chance: random.Random) -> Telling:
    return replace(somebody(root, chance), family=one.family, given=one.given, niss=None)


def _double(one: Telling, root: str, chance: random.Random) -> Telling:
    born = one.born or date(1950, 1, 1)
    number = niss_of(born.year, born.month, born.day, chance.randrange(1, 998))
    return replace(_namesake(one, root, chance), born=born, niss=number if chance.random() < 0.5 else None)


_OTHER = {
    "twin": lambda one, root, chance: _kin(one, root, chance, one.born),
    "sibling": lambda one, root, chance: _kin(one, root, chance, _years(one, 1, 9, chance)),
    "parent": lambda one, root, chance: replace(one, born=_years(one, 18, 40, chance), niss=None, given=f"{one.given}"),
    "namesake": _namesake,
    "namesake-no-day": lambda one, root, chance: replace(_namesake(one, root, chance), born=None),
    "same-day": lambda one, root, chance: replace(_other(one, root, chance), born=one.born),
    "spouse": lambda one, root, chance: replace(
        _other(one, root, chance, not one.woman), family=one.family, phone=one.phone
    ),
    "nearby": lambda one, root, chance: replace(
        _other(one, root, chance, one.woman), family=mistyped(one.family, chance)
    ),
    "double": _double,
}
"""Another person for each kind of confusion."""


def kinds(pairs: list[Pair]) -> Iterator[str]:
    """What the set holds, for a reader of the test's output."""
    for root in ROOTS:
        of_root = [pair for pair in pairs if pair.root == root]
        yield f"{root}: {sum(pair.same for pair in of_root)} true, {sum(not pair.same for pair in of_root)} false"
