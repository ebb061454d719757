"""The catalogue of what is held of people is whole: every table, every column and every field within has its place."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from sqlalchemy import Column, MetaData, Text

from services.__main__ import NAMES, load
from shared.rights.holdings import Holdings
from shared.rights.labels import LANGUAGES, Telling, labels
from shared.service import Service

SERVICES = load(NAMES)
each_service = pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)


def fields_in(schema: Mapping[str, Any], known: Mapping[str, Any], within: tuple[str, ...] = ()) -> Iterator[str]:
    """Every name of a field that a JSON Schema lets a value have."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name not in within:
            yield from fields_in(known[name], known, (*within, name))
        return
    yield from schema.get("properties", {})
    inner = [schema.get("items"), schema.get("additionalProperties"), *schema.get("properties", {}).values()]
    for part in (*inner, *(each for kind in ("anyOf", "oneOf", "prefixItems") for each in schema.get(kind, ()))):
        if isinstance(part, dict):
            yield from fields_in(part, known, within)


def names_of(column: Column[Any]) -> set[str]:
    """The name of a column, and those of all fields within it."""
    adapter = getattr(column.type, "_adapter", None)
    schema = adapter.json_schema() if adapter else {}
    return {column.name, *fields_in(schema, schema.get("$defs", {}))}


def gaps(holdings: Holdings, metadata: MetaData) -> list[str]:
    """What the catalogue does not say, or says of what is not there."""
    tables = metadata.tables
    found = [f"{name}: in no list" for name in tables.keys() - holdings.tables.keys() - holdings.nothing.keys()]
    found += [f"{name}: no such table" for name in (holdings.tables.keys() | holdings.nothing.keys()) - tables.keys()]
    for name, holding in holdings.tables.items():
        columns = {column.name for column in tables[name].columns}
        named = {*holding.columns, *(each.partition(".")[0] for each in (*holding.by, *holding.also))}
        named |= {each for shown in holding.also.values() for each in shown}
        found += [f"{name}.{column}: not said how it is told" for column in columns - set(holding.columns)]
        found += [f"{name}.{column}: no such column" for column in named - columns]
        within = {each for column in tables[name].columns for each in names_of(column)}
        found += [f"{name}.{each}: has no name to be told by" for each in within if not labels().knows(each)]
    return sorted(found)


@each_service
def test_every_table_column_and_field_is_in_the_catalogue(service: Service) -> None:
    assert gaps(service.holdings, service.metadata) == []


def test_a_new_column_or_table_that_nobody_thought_of_is_found() -> None:
    metadata = MetaData()
    intake = next(service for service in SERVICES if service.name == "intake")
    for table in intake.metadata.tables.values():
        table.to_metadata(metadata)
    metadata.tables["person"].append_column(Column("note", Text))
    assert gaps(intake.holdings, metadata) == ["person.note: not said how it is told"]
    metadata.tables["offer"].to_metadata(metadata, name="shoe_size")
    assert "shoe_size: in no list" in gaps(intake.holdings, metadata)


@each_service
def test_everything_is_told_in_four_languages(service: Service) -> None:
    holdings = service.holdings
    said = [holdings.purpose, holdings.retention, *(each.labels for each in holdings.tables.values())]
    assert all(set(names) == set(LANGUAGES) and all(names.values()) for names in said)
    assert all(len(set(names.values())) > 1 or len(holdings.tables) > 1 for names in said)
    assert all(all(names) for names in labels().names.values())


@each_service
def test_a_table_that_is_left_out_has_a_reason_and_names_no_person(service: Service) -> None:
    for table, reason in service.holdings.nothing.items():
        assert len(reason) > 10
        assert "person_id" not in service.metadata.tables[table].columns, table
        assert "case_id" not in service.metadata.tables[table].columns, table


def test_a_name_has_one_telling() -> None:
    named = [name for names in labels().tellings.values() for name in names]
    assert len(named) == len(set(named))
    assert labels().tellings.keys() <= set(Telling)
