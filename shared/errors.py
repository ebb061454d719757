"""The errors a domain raises: they say what rule was broken and know no HTTP status."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Fault:
    """One thing wrong in an input: where (JSON Pointer, RFC 6901) and what (stable code). Never the value."""

    pointer: str
    code: str


class DomainError(Exception):
    """A rule of the domain was broken.

    `message` explains the rule in English and never quotes personal data; `faults` point into the input;
    `facts` are machine-readable hints such as the allowed next states.
    """

    message: ClassVar[str] = "A rule was broken."

    def __init__(
        self,
        message: str | None = None,
        *,
        faults: Sequence[Fault] = (),
        facts: Mapping[str, str | int | list[str]] | None = None,
    ) -> None:
        super().__init__(message or self.__doc__ or self.message)
        self.faults = tuple(faults)
        self.facts = dict(facts or {})


class NotFound(DomainError):
    """Nothing by that id that you may see."""


class StaleVersion(DomainError):
    """The record has changed since you read it; read it again and repeat the step."""
