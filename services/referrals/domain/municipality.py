"""The municipalities of Belgium: what a NIS code or a postal code can mean, and what it cannot."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict


def folded(text: str) -> str:
    """A text as it is searched: without accents and capitals, hyphens and apostrophes as blanks."""
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    return " ".join(plain.casefold().replace("-", " ").replace("'", " ").replace("’", " ").split())


class Municipality(BaseModel):
    """A municipality by its NIS code (Statbel), with every postal code that lies in it or partly in it."""

    model_config = ConfigDict(frozen=True)

    nis_code: str
    name: str
    arrondissement: str
    province: str
    region: str
    postal_codes: tuple[str, ...]


@dataclass(frozen=True)
class Municipalities:
    """A dated list of them. Several may share a postal code; none is ever chosen for the caller."""

    edition: str
    by_code: Mapping[str, Municipality]
    by_postal_code: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, edition: str, listed: Iterable[Municipality]) -> "Municipalities":
        """The list, indexed both ways."""
        by_code = {each.nis_code: each for each in listed}
        shared: dict[str, tuple[str, ...]] = {}
        for each in by_code.values():
            for postal_code in each.postal_codes:
                shared[postal_code] = (*shared.get(postal_code, ()), each.nis_code)
        return cls(edition, by_code, shared)

    def postal_codes_of(self, nis_code: str) -> tuple[str, ...]:
        """Every postal code of a municipality, some of them perhaps shared with its neighbours."""
        known = self.by_code.get(nis_code)
        return known.postal_codes if known else ()

    def with_postal_code(self, postal_code: str) -> tuple[str, ...]:
        """The NIS codes of all municipalities that a postal code can mean."""
        return self.by_postal_code.get(postal_code, ())

    def search(self, words: str) -> Sequence[tuple[int, str, Municipality]]:
        """Those whose name begins so, then those with such a word in it; or by postal or NIS code. Accents aside.

        Each with its rank and its searched name, in the order of both and of the NIS code.
        """
        wanted = folded(words)
        ranked = [(rank_of(each, wanted), folded(each.name), each) for each in self.by_code.values()]
        found = [(rank, name, each) for rank, name, each in ranked if rank is not None]
        return sorted(found, key=lambda line: (line[0], line[1], line[2].nis_code))


def rank_of(municipality: Municipality, wanted: str) -> int | None:
    """0 for a code or the beginning of the name, 1 for the beginning of a word in it, None for neither."""
    if wanted.isdigit():
        codes = (municipality.nis_code, *municipality.postal_codes)
        return 0 if any(code.startswith(wanted) for code in codes) else None
    name = folded(municipality.name)
    if name.startswith(wanted):
        return 0
    return 1 if f" {wanted}" in f" {name}" else None
