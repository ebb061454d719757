"""What is left of a kept value when everything is taken out of it that somebody wrote: codes, ids, days, numbers."""

from enum import Enum
from types import NoneType
from typing import Any, get_args
from uuid import UUID

from pydantic import BaseModel
from pydantic.fields import FieldInfo

BLANK = "-"
"""What stands where a text was that the shape asks for."""


def without_words(value: Any) -> Any:
    """A value of models, lists and objects without its free texts; a text that has a pattern is a code, and stays.

    A text that may be missing is missing then; one that may not is a dash. Texts in a list are left out.
    """
    if isinstance(value, BaseModel):
        fields = type(value).model_fields
        left = {name: _field(getattr(value, name), about) for name, about in fields.items()}
        return value.model_copy(update=left)
    if isinstance(value, dict):
        return {name: without_words(each) for name, each in value.items() if not _is_text(each)}
    if isinstance(value, (list, tuple)):
        return type(value)(without_words(each) for each in value if not _is_text(each))
    return value


def _field(value: Any, about: FieldInfo) -> Any:
    if not _is_text(value):
        if isinstance(value, (list, tuple)) and value and _is_text(value[0]) and _is_coded(about):
            return value
        return without_words(value)
    if _is_coded(about) and "@" not in value:
        return value
    return None if _may_miss(about.annotation) else BLANK


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and not isinstance(value, (Enum, UUID))


def _may_miss(annotation: Any) -> bool:
    return annotation is NoneType or any(each is NoneType for each in get_args(annotation))


def _is_coded(about: FieldInfo) -> bool:
    return any("pattern" in text for text in _constraints(about.annotation, about.metadata))


def _constraints(annotation: Any, metadata: Any) -> list[str]:
    found = [repr(each) for each in metadata if "pattern=None" not in repr(each)]
    for part in get_args(annotation):
        found += _constraints(part, getattr(part, "__metadata__", ()))
        if not isinstance(part, type):
            found += [repr(each) for each in (part,) if "pattern='" in repr(part)]
    return found
