"""Marks: the short texts by which people who could be one are found in the index and kept apart while deciding."""

from collections.abc import Iterator
from datetime import date
from itertools import permutations

from services.intake.domain.identity import HospitalNumber, Identity
from services.intake.domain.name import Name
from services.intake.domain.sound import skeleton

MOST_WORDS = 5

EDITION = 2
"""Which rules marks are made by: to be raised with every change of them, and everybody is marked anew."""


def number_mark(number: HospitalNumber) -> str:
    """The mark of a hospital number."""
    return f"number:{number.organisation}:{number.number.casefold()}"


def born_mark(day: date) -> str:
    """The mark of a birth date, the same where day and month are swapped."""
    less, more = sorted((day.month, day.day))
    return f"born:{day.year}-{less}-{more}"


def shared_marks(identity: Identity) -> frozenset[str]:
    """Marks of which two identities have at least one in common whenever they resemble other than by NISS."""
    found = {number_mark(number) for number in identity.hospital_numbers}
    found |= {f"phone:{phone}" for phone in identity.phones}
    if identity.birth_date:
        found.add(born_mark(identity.birth_date))
    if sound := identity.name.sound:
        found.add(f"name:{sound}")
    return frozenset(found)


def all_marks(identity: Identity) -> list[str]:
    """Every mark a person is found by, in alphabetical order; the NISS is none of them."""
    found = set(shared_marks(identity))
    for word in {*identity.name.words, *identity.name.bare}:
        found |= {word_mark(word), initial_mark(word)}
    if identity.address:
        found |= {*commune_marks(identity.address.postal_code, identity.address.nis_code)}
    return sorted(found)


def word_mark(word: str) -> str:
    """The mark of one word of a name, by its sound."""
    return f"word:{skeleton(word)}"


def initial_mark(word: str) -> str:
    """The mark of how a word of a name begins, by its sound."""
    return f"initial:{skeleton(word)[:1]}"


def commune_marks(postal_code: str | None, nis_code: str | None) -> Iterator[str]:
    """The marks of where somebody lives."""
    if postal_code:
        yield f"postal:{postal_code}"
    if nis_code:
        yield f"nis:{nis_code}"


def pair_marks(name: Name) -> list[list[str]]:
    """Marks that together find somebody by two words of a name, of which one may be an initial or misspelt.

    At most five words count: the longest.
    """
    found: dict[tuple[str, str], None] = {}
    for sequence in (name.words, name.bare):
        counted = sorted(sequence, key=len, reverse=True)[:MOST_WORDS]
        for one, two in permutations(counted, 2):
            if len(one) > 1:
                found[word_mark(one), initial_mark(two)] = None
    return [list(pair) for pair in found]


def locks(identity: Identity) -> Iterator[str]:
    """What to hold while deciding whether an identity is known: all through which another could be the same."""
    yield from shared_marks(identity)
    if identity.niss:
        yield f"niss:{identity.niss}"
