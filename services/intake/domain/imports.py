"""Imports: people and contacts of another list, each row by the same rules as at the line itself."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from services.intake.domain.contact import Account
from services.intake.domain.identification import Candidate
from services.intake.domain.identity import Identity, Line, Niss, PersonName
from services.intake.domain.marks import locks
from services.intake.domain.person import Person
from services.intake.domain.profile import Known
from shared.errors import DomainError
from shared.spreadsheets import CellFault, TableRow

MOST_NAMES = 500


class UnknownMapping(DomainError):
    """There is no column mapping by that code for this kind of import."""


class MappingExists(DomainError):
    """Another mapping bears this code; a mapping never changes, so that a file always means the same."""


class ImportKind(StrEnum):
    """What the rows of an import are."""

    PERSONS = "persons"
    CONTACTS = "contacts"


class ImportState(StrEnum):
    """Where an import stands."""

    RUNNING = "running"
    FINISHED = "finished"


class RowState(StrEnum):
    """What became of a row. `known`: it was there already; `review`: somebody must say who it is."""

    WAITING = "waiting"
    ENTERED = "entered"
    KNOWN = "known"
    REVIEW = "review"
    REJECTED = "rejected"


ENDED = (RowState.ENTERED, RowState.KNOWN, RowState.REVIEW)
"""What is not looked at again when the same file comes once more."""

Reference = Annotated[str, Field(min_length=1, max_length=200)]


class ImportedPerson(Known):
    """A person of another list; `reference` is what that list knows her or him by."""

    model_config = ConfigDict(extra="forbid")

    reference: Reference | None = None
    family_name: PersonName
    given_names: PersonName


class PastContact(Account):
    """A contact of the past, with who had it and the person as the other list names her or him."""

    model_config = ConfigDict(extra="forbid")

    reference: Reference
    person_reference: Reference | None = None
    person_niss: Niss | None = None
    agent: Line = Field(default="imported", description="Who had it, as the other list names them")
    discipline: Annotated[str, Field(pattern=r"^[a-z][a-z-]{0,39}$")] = "unknown"

    @model_validator(mode="after")
    def named_once(self) -> Self:
        """A person is named in one way."""
        if sum(each is not None for each in (self.person_id, self.person_reference, self.person_niss)) > 1:
            raise PydanticCustomError("named_twice", "the person is named in more than one way")
        return self


class ColumnMapping(BaseModel):
    """How to read another list: what its columns and words are called here, and what stands where it says nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: ImportKind
    columns: Annotated[Mapping[Line, Line | None], Field(max_length=MOST_NAMES)] = Field(
        default={}, description="Its name of a column -> ours; null: read over"
    )
    values: Annotated[Mapping[Line, Mapping[Line, Line]], Field(max_length=MOST_NAMES)] = Field(
        default={}, description="Our column -> its word -> our word; other words are taken as they are"
    )
    defaults: Annotated[Mapping[Line, Line], Field(max_length=MOST_NAMES)] = Field(
        default={}, description="Our column -> what is meant by an empty cell"
    )

    def renamed(self, name: str) -> str:
        """Our name of a column of the file."""
        return self.columns.get(name) or name

    def skipped(self) -> list[str]:
        """The file's columns that are read over."""
        return [name for name, ours in self.columns.items() if ours is None]

    def read(self, cells: Mapping[str, str]) -> dict[str, str]:
        """The cells of a row in our words."""
        said = {name: self.values.get(name, {}).get(text.strip(), text) for name, text in cells.items()}
        return {**self.defaults, **said}


@dataclass
class Entry:
    """A row on its way in, and what became of it."""

    row: TableRow
    faults: list[CellFault] = field(default_factory=list)
    state: RowState = RowState.WAITING
    target_id: UUID | None = None
    candidates: tuple[Candidate, ...] = ()

    def reject(self, *faults: CellFault) -> None:
        """Keep what is wrong with it."""
        self.faults += [fault for fault in faults if fault not in self.faults]
        self.state = RowState.REJECTED

    def settle(self, state: RowState, target_id: UUID | None = None) -> None:
        """Keep what became of it."""
        self.state, self.target_id = state, target_id


@dataclass
class Nearby:
    """People whom an incoming identity could be, by what they have in common: of the index, or met in this import."""

    apart: set[frozenset[UUID]] = field(default_factory=set)
    """The pairs among them of whom somebody has said that they are two."""
    _bearers: dict[str, dict[UUID, Person]] = field(default_factory=dict)

    def add(self, people: Iterable[Person], apart: Iterable[frozenset[UUID]] = ()) -> None:
        """Know these people too, and who of them is known to be somebody else."""
        self.apart.update(apart)
        for person in people:
            for mark in locks(person):
                self._bearers.setdefault(mark, {}).setdefault(person.id, person)

    def of(self, identity: Identity) -> list[Person]:
        """Everybody known here who shares a mark or the NISS."""
        found: dict[UUID, Person] = {}
        for mark in locks(identity):
            found |= self._bearers.get(mark, {})
        return [found[person_id] for person_id in sorted(found)]


def fingerprint(told: BaseModel) -> str:
    """Equal for rows that say the same."""
    return hashlib.sha256(told.model_dump_json(exclude_none=True).encode()).hexdigest()
