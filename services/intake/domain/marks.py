"""Marks: the short texts by which people who could be one are found in the index and kept apart while deciding."""

from collections.abc import Iterator

from services.intake.domain.identity import HospitalNumber, Identity


def number_mark(number: HospitalNumber) -> str:
    """The mark of a hospital number."""
    return f"number:{number.organisation}:{number.number.casefold()}"


def shared_marks(identity: Identity) -> frozenset[str]:
    """Marks of which two identities have at least one in common whenever they resemble other than by NISS."""
    found = {number_mark(number) for number in identity.hospital_numbers}
    if identity.birth_date:
        found.add(f"born:{identity.birth_date}")
    if identity.name.key:
        found.add(f"name:{identity.name.key}")
    return frozenset(found)


def all_marks(identity: Identity) -> list[str]:
    """Every mark a person is found by, in alphabetical order; the NISS is none of them."""
    found = set(shared_marks(identity)) | {f"phone:{phone}" for phone in identity.phones}
    return sorted(found | {f"word:{word}" for word in (*identity.name.words, *identity.name.bare)})


def locks(identity: Identity) -> Iterator[str]:
    """What to hold while deciding whether an identity is known: all through which another could be the same."""
    yield from shared_marks(identity)
    if identity.niss:
        yield f"niss:{identity.niss}"
