"""The columns of the two kinds of import, and where each stands in what the API would have been told."""

from collections.abc import Mapping
from enum import StrEnum

from services.intake.domain.imports import ColumnMapping, ImportKind
from shared.errors import DomainError, Fault
from shared.spreadsheets import Columns


class UnknownColumns(DomainError):
    """The mapping names a column of ours that there is not."""


class Kind(StrEnum):
    """How the text of a cell is read."""

    TEXT = "text"
    NISS = "niss"
    NUMBER = "number"
    PHONES = "phones"
    DAY = "day"
    MOMENT = "moment"
    MINUTES = "minutes"
    TRUTH = "truth"
    LIST = "list"


PERSONS: Mapping[str, tuple[str, Kind]] = {
    "reference": ("/reference", Kind.TEXT),
    "niss": ("/niss", Kind.NISS),
    "hospital": ("/hospital_numbers/0/organisation", Kind.TEXT),
    "hospital_number": ("/hospital_numbers/0/number", Kind.TEXT),
    "family_name": ("/family_name", Kind.TEXT),
    "given_names": ("/given_names", Kind.TEXT),
    "birth_date": ("/birth_date", Kind.DAY),
    "gender": ("/gender", Kind.TEXT),
    "language": ("/language", Kind.TEXT),
    "phone": ("/phones", Kind.PHONES),
    "email": ("/email", Kind.TEXT),
    "street": ("/address/street", Kind.TEXT),
    "house_number": ("/address/house_number", Kind.NUMBER),
    "box": ("/address/box", Kind.NUMBER),
    "postal_code": ("/address/postal_code", Kind.NUMBER),
    "city": ("/address/city", Kind.TEXT),
    "nis_code": ("/address/nis_code", Kind.NUMBER),
    "preferred_channel": ("/preferred_channel", Kind.TEXT),
    "lives_alone": ("/lives_alone", Kind.TRUTH),
}

CONTACTS: Mapping[str, tuple[str, Kind]] = {
    "reference": ("/reference", Kind.TEXT),
    "person_id": ("/person_id", Kind.TEXT),
    "person_reference": ("/person_reference", Kind.TEXT),
    "person_niss": ("/person_niss", Kind.NISS),
    "direction": ("/direction", Kind.TEXT),
    "channel": ("/channel", Kind.TEXT),
    "caller_kind": ("/caller/kind", Kind.TEXT),
    "caller_relation": ("/caller/relation", Kind.TEXT),
    "caller_organisation": ("/caller/organisation", Kind.TEXT),
    "started_at": ("/started_at", Kind.MOMENT),
    "ended_at": ("/ended_at", Kind.MOMENT),
    "minutes": ("/minutes", Kind.MINUTES),
    "language": ("/language", Kind.TEXT),
    "topics": ("/topics", Kind.LIST),
    "note": ("/note", Kind.TEXT),
    "outcome": ("/outcome", Kind.TEXT),
    "reason": ("/reason", Kind.TEXT),
    "urgency": ("/urgency", Kind.TEXT),
    "next_owner": ("/next_owner", Kind.TEXT),
    "organisation": ("/organisation", Kind.TEXT),
    "declined_by": ("/declined_by", Kind.TEXT),
    "heard_from": ("/heard_from", Kind.TEXT),
    "agent": ("/agent", Kind.TEXT),
    "discipline": ("/discipline", Kind.TEXT),
}

PLACES: Mapping[ImportKind, Mapping[str, tuple[str, Kind]]] = {
    ImportKind.PERSONS: PERSONS,
    ImportKind.CONTACTS: CONTACTS,
}

BOUNDS: Mapping[ImportKind, tuple[str, ...]] = {
    ImportKind.PERSONS: ("family_name", "given_names"),
    ImportKind.CONTACTS: ("reference", "direction", "channel", "caller_kind", "started_at", "outcome", "reason"),
}
"""The columns that there must be, unless a mapping says what is meant without them."""


def columns_of(mapping: ColumnMapping) -> Columns:
    """The columns of a file that is read by this mapping."""
    places = PLACES[mapping.kind]
    required = tuple(name for name in BOUNDS[mapping.kind] if name not in mapping.defaults)
    return Columns(places.__contains__, required, mapping.renamed, mapping.skipped())


def refuse_unknown(mapping: ColumnMapping) -> None:
    """Raise UnknownColumns where a mapping leads to no column of ours; the places are named by number alone."""
    places = PLACES[mapping.kind]
    faults = [
        Fault(f"/columns/{number}", "unknown-column")
        for number, ours in enumerate(mapping.columns.values())
        if ours is not None and ours not in places
    ]
    faults += [
        Fault(f"/values/{number}", "unknown-column") for number, ours in enumerate(mapping.values) if ours not in places
    ]
    faults += [
        Fault(f"/defaults/{number}", "unknown-column")
        for number, ours in enumerate(mapping.defaults)
        if ours not in places
    ]
    if faults:
        raise UnknownColumns(faults=faults)


def column_of(pointer: str, kind: ImportKind) -> str:
    """The column that a JSON Pointer means; empty for the row as a whole."""
    columns = {place: column for column, (place, _) in PLACES[kind].items()}
    while pointer and pointer not in columns:
        below = next((columns[place] for place in columns if place.startswith(f"{pointer}/")), None)
        if below:
            return below
        pointer = pointer.rpartition("/")[0]
    return columns.get(pointer, "")
