"""The names of columns that keep values under keys: `service.table.column`."""

from collections.abc import Iterator

from sqlalchemy import Column, MetaData, Table
from sqlalchemy.types import TypeEngine

from shared.encryption.columns import Blind, Encrypted, Kept


def name_places(service: str, metadata: MetaData) -> None:
    """Give each column that keeps values under keys its name, which its values are bound to from then on."""
    for table in metadata.tables.values():
        for column in table.columns:
            kept: TypeEngine[object] = column.type
            if isinstance(kept, Kept):
                kept.place = f"{service}.{table.name}.{column.name}"


def columns_of(metadata: MetaData, kind: type[Encrypted] | type[Blind]) -> Iterator[tuple[Table, list[Column[object]]]]:
    """The tables with columns of this kind, and these."""
    for table in metadata.sorted_tables:
        found = [column for column in table.columns if isinstance(column.type, kind)]
        if found:
            yield table, found
