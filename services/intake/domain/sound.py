"""How a name sounds: what French, Dutch, Arabic and Italian hands write differently becomes one spelling."""

import re
from functools import lru_cache

RESPELLINGS = (
    ("(?:eaux|eau|ault|aulx|aud|aut|aux)$", "o"), ("(?<=[aeiou])(?:nd|nds|nts)$", "nt"), ("dts?$", "t"),
    ("tsch|sch|sh|sj|tch|cz|sz|tz|z", "s"), ("^ch(?=[lr])", "k"), ("ch(?=[aeiouyr])", "s"), ("ch(?=[a-z])", ""),
    ("ch", "k"),
    ("dj|gi(?=[aou])", "j"), ("dh", "d"), ("th|dt", "t"), ("kh|h", ""), ("gh", "g"), ("ph", "f"),
    ("gn(?=[aeiouy])", "ni"), ("gl(?=i)", "l"), ("bv", "v"), ("ckx|cks|cx|x", "ks"),
    ("sc(?=[eiy])|c(?=[eiy])", "s"), ("ck|cq|qu|q|c", "k"), ("w", "v"),
    ("eau|au", "o"), ("ouw", "uv"), ("ou|oo|oe|uu", "u"), ("ae", "a"), ("uy|uij", "ui"),
    ("ij(?![aeou])|ey|eij|ei|ay|ai|ee|ie(?![ln]$)|ye|y", "i"), ("j(?=[b-df-hk-np-tv-z]|$)", "i"),
)  # fmt: skip
"""What is written so, and what it becomes; at each place of a word the first that fits."""

VARIANTS = {
    "md": "mohamed", "med": "mohamed", "moh": "mohamed", "mohd": "mohamed", "mehmet": "mohamed", "mehmed": "mohamed",
    "achmed": "ahmed", "achmet": "ahmed", "ahmet": "ahmed", "fatma": "fatima", "ayse": "aicha", "aisha": "aicha",
    "huseyin": "hussein", "hossein": "hussein", "yusuf": "youssef", "joussef": "youssef",
}  # fmt: skip
"""Names whose spellings are too far apart for rules, each with the spelling that it is compared as."""

_WRITTEN = re.compile("|".join(f"({written})" for written, _ in RESPELLINGS))
_DOUBLED = re.compile(r"(.)\1+")
_SILENT_END = re.compile("(?<=[a-z]{3})es?$")
_VOWELS = re.compile("[aeiou]+")


@lru_cache(maxsize=8192)
def respelled(word: str) -> str:
    """A word of plain letters in the one spelling of its sound; empty only for the empty word."""
    heard = _WRITTEN.sub(lambda found: RESPELLINGS[(found.lastindex or 1) - 1][1], VARIANTS.get(word, word))
    return _SILENT_END.sub("", _DOUBLED.sub(r"\1", heard)) or word


@lru_cache(maxsize=8192)
def bones(heard: str) -> str:
    """The consonants of a respelled word, all first vowels alike."""
    if not heard:
        return ""
    return ("a" if _VOWELS.match(heard) else heard[0]) + _VOWELS.sub("", heard[1:])


def skeleton(word: str) -> str:
    """The consonants of a word as it sounds: what slips in vowels leave as it is."""
    return bones(respelled(word))
