"""The statements that write aggregates and their facts in as few round trips as can be."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Dialect, Select, Update, bindparam, insert, inspect, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlmodel import SQLModel

from shared import tables
from shared.acting import introduction


@cache
def insertion(kind: type[SQLModel], *, is_audited: bool = False) -> Select[bool]:
    """The statement of `record_new`: who acts, the row, and if it was inserted its fact and its audit."""
    table = inspect(kind).local_table
    values = {column.name: bindparam(f"row_{column.name}", type_=column.type) for column in table.columns}
    acting = introduction()
    new = upsert(table).from_select(list(values), select(*values.values()).select_from(acting))
    made = new.on_conflict_do_nothing().returning(literal_column("1").label("one")).cte("made")
    facts = [column for column in tables.outbox.columns if column.server_default is None and not column.identity]
    named = [column for column in [*facts, tables.outbox.c.trace] if column.name != "published_at"]
    fact = select(*(bindparam(f"fact_{column.name}", type_=column.type) for column in named)).where(
        select(made.c.one).exists()
    )
    told = insert(tables.outbox).from_select([column.name for column in named], fact).cte("told")
    whole = select(select(made.c.one).exists()).add_cte(told)
    if not is_audited:
        return whole
    written = [column for column in tables.audit_record.columns if column.server_default is None]
    record = select(*(bindparam(f"audit_{column.name}", type_=column.type) for column in written)).where(
        select(made.c.one).exists()
    )
    audited = insert(tables.audit_record).from_select([column.name for column in written], record).cte("audited")
    return whole.add_cte(audited)


@cache
def as_text(statement: Select[bool], dialect: Dialect) -> tuple[str, list[tuple[str, Callable[[Any], Any] | None]]]:
    """A statement as the driver takes it: its text, and each value's name and binding in order."""
    compiled = statement.compile(dialect=dialect)
    bound = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in compiled.binds.items()}
    return str(compiled), [(name, bound[name]) for name in compiled.positiontup or ()]


def updates(aggregates: Sequence[Any]) -> Iterator[tuple[Update, list[dict[str, Any]]]]:
    """What changed in aggregates since they were read: a statement for each set of changed columns, with its rows."""
    rows: dict[tuple[type[Any], frozenset[str]], list[dict[str, Any]]] = defaultdict(list)
    for aggregate in aggregates:
        state = inspect(aggregate)
        changed = frozenset(state.mapper.column_attrs.keys()) - state.unmodified
        values = {name: getattr(aggregate, name) for name in changed}
        rows[type(aggregate), changed].append({"row_id": aggregate.id, **values})
    for (kind, _), found in rows.items():
        table = inspect(kind).local_table
        yield update(table).where(table.c.id == bindparam("row_id")), found
