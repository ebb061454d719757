"""A column type for frozen values that are kept as JSON, in clear."""

from collections.abc import Callable
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB


class Json(TypeDecorator[Any]):
    """A JSONB column that holds a frozen pydantic value: replaced, never mutated in place."""

    impl = JSONB
    cache_ok = True

    def __init__(self, shape: Any) -> None:
        super().__init__(none_as_null=True)
        self._adapter: TypeAdapter[Any] = TypeAdapter(shape)

    def bind_processor(self, dialect: object) -> Callable[[Any], str | None]:
        """The JSON text of a value, written in one pass."""
        return lambda value: None if value is None else self._adapter.dump_json(value).decode()

    def process_result_value(self, value: Any, dialect: object) -> Any:
        """The value of a stored JSON."""
        return None if value is None else self._adapter.validate_python(value)
