"""A document in the making, which remembers where in the FHIR body each of its values stood."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from pydantic import ValidationError

from services.referrals.domain import Document
from shared.errors import Fault
from shared.problems import code_of

Path = tuple[str | int, ...]


class Sketch:
    """The values of a Document by path, and the expression each came from."""

    def __init__(self, root: str) -> None:
        self.value: dict[str, Any] = {}
        self._places: dict[Path, str] = {(): root}

    def put(self, path: Path, value: Any, expression: str) -> None:
        """Set a value and where it came from; None only remembers where it would have stood."""
        self._places[path] = expression
        if value is not None:
            self._set(path, value)

    def put_null(self, path: Path, expression: str) -> None:
        """Say explicitly that there is no value."""
        self._places[path] = expression
        self._set(path, None)

    def _set(self, path: Path, value: Any) -> None:
        place: Any = self.value
        for step, following in pairwise(path):
            fresh: Any = [] if isinstance(following, int) else {}
            place = _item(place, step, fresh) if isinstance(place, list) else place.setdefault(step, fresh)
        if isinstance(place, list):
            place.append(value)
        else:
            place[path[-1]] = value

    def place_of(self, path: Path) -> str:
        """Where a value of the document stood in the body, or the nearest part around it."""
        while path not in self._places:
            path = path[:-1]
        return self._places[path]

    def told(self, faults: Iterable[Fault]) -> list[Fault]:
        """Faults of the document (JSON Pointers), at their places in the FHIR body."""
        return [Fault(self.place_of(_path(fault.pointer)), fault.code) for fault in faults]

    def document(self, faults: list[Fault]) -> Document | None:
        """The document; None with its faults where it breaks a rule of its own."""
        try:
            return Document.model_validate(self.value)
        except ValidationError as error:
            told = error.errors(include_url=False, include_context=False, include_input=False)
            faults += [Fault(self.place_of(tuple(each["loc"])), code_of(each["type"])) for each in told]
            return None


def _item(place: list[Any], step: str | int, fresh: Any) -> Any:
    if step == len(place):
        place.append(fresh)
    return place[int(step)]


def _path(pointer: str) -> Path:
    return tuple(int(part) if part.isdigit() else part for part in pointer.split("/")[1:])
