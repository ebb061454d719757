"""How people are told wrongly: slips of the hand, of the ear and of the form. Nothing here knows how one matches."""

import random
import unicodedata
from datetime import date

KEYS = {
    "a": "zqs", "b": "vn", "c": "xv", "d": "sf", "e": "zr", "f": "dg", "g": "fh", "h": "gj", "i": "uo", "j": "hk",
    "k": "jl", "l": "km", "m": "lp", "n": "bv", "o": "ip", "p": "om", "q": "sa", "r": "et", "s": "qd", "t": "ry",
    "u": "yi", "v": "cb", "w": "xq", "x": "wc", "y": "tu", "z": "ae",
}  # fmt: skip
"""Neighbours on a Belgian keyboard."""

PARTICLES = (
    "van den ",
    "van der ",
    "van ",
    "de la ",
    "de ",
    "di ",
    "del ",
    "della ",
    "el ",
    "al ",
    "ben ",
    "d'",
    "la ",
)


def without_accents(text: str) -> str:
    """As a form without accents writes it."""
    kept = [letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter)]
    return "".join(kept).replace("ı", "i").replace("œ", "oe")


def mistyped(text: str, chance: random.Random) -> str:
    """One slip of the hand in a text of four letters and more: neighbour key, left out, doubled or swapped."""
    places = [place for place, letter in enumerate(text) if letter.isalpha() and place > 0]
    if len(places) < 3:
        return text
    place = chance.choice(places)
    letter = text[place]
    kind = chance.choices(["neighbour", "left-out", "doubled", "swapped"], [3, 3, 2, 2])[0]
    if kind == "neighbour":
        return text[:place] + chance.choice(KEYS.get(letter.lower(), letter)) + text[place + 1 :]
    if kind == "left-out":
        return text[:place] + text[place + 1 :]
    if kind == "doubled":
        return text[:place] + letter.lower() + text[place:]
    before = text[place - 1]
    return text[: place - 1] + letter + before + text[place + 1 :]


def reparticled(family: str, chance: random.Random) -> str:
    """A particle glued, or more rarely left out."""
    low = family.lower()
    for particle in PARTICLES:
        if low.startswith(particle):
            rest = family[len(particle) :]
            glued = particle.replace(" ", "").replace("'", "").capitalize() + rest.lower()
            return chance.choices([glued, rest], [3, 1])[0]
    return family


def rehyphenated(text: str, chance: random.Random) -> str:
    """A hyphen as a blank, or neither."""
    return text.replace("-", chance.choices([" ", ""], [4, 1])[0])


def married(family: str, husband: str, chance: random.Random) -> str:
    """A woman told by her own and her husband's name, in the ways of Belgian letters."""
    forms = [f"{family}-{husband}", f"{family} épouse {husband}", f"{family} echtgenote van {husband}"]
    forms += [f"{husband}-{family}", f"{family} ép. {husband}", f"{family} echtg. {husband}", f"{husband} née {family}"]
    return chance.choice(forms)


def wrong_birth(born: date, chance: random.Random) -> date | None:
    """A birth date not told, with day and month swapped, or with one figure wrong."""
    kind = chance.choices(["none", "swapped", "day", "month", "year", "first"], [40, 22, 14, 8, 10, 6])[0]
    try:
        if kind == "swapped":
            return date(born.year, born.day, born.month)
        if kind == "day":
            return born.replace(day=chance.randint(1, 28))
        if kind == "month":
            return born.replace(month=chance.randint(1, 12))
        if kind == "year":
            return born.replace(year=born.year + chance.choice([-10, -1, 1, 10]))
    except ValueError:
        return born
    return date(born.year, 1, 1) if kind == "first" else None


def written_phone(digits: str, chance: random.Random) -> str:
    """A Belgian number, nine digits after the 0, in one of the ways people write it."""
    head, rest = digits[:3], digits[3:]
    pairs = " ".join(rest[place : place + 2] for place in range(0, len(rest), 2))
    ways = [f"0{digits}", f"0{head}/{pairs.replace(' ', '.')}", f"+32 {head} {pairs}", f"0032{digits}"]
    ways += [f"+32 (0){head} {pairs}", f"0{head} {pairs}"]
    return chance.choice(ways)
