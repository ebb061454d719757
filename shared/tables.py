"""The kernel's own tables, the same in each service's database."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.types import UserDefinedType

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

kernel = MetaData(naming_convention=NAMES)

_moment = DateTime(timezone=True)


class Xid8(UserDefinedType[int]):
    """PostgreSQL's 64-bit transaction id: with `seq` the only safe cursor over committed rows."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """The name of the type in DDL."""
        return "xid8"


# So that a reflected database is understood.
ischema_names["xid8"] = Xid8

outbox = Table(
    "outbox",
    kernel,
    Column("seq", BigInteger, Identity(always=True), primary_key=True),
    Column("id", Uuid, nullable=False),
    Column("aggregate_id", Uuid, nullable=False),
    Column("aggregate_version", Integer, nullable=False),
    Column("type", Text, nullable=False),
    Column("occurred_at", _moment, nullable=False),
    Column("trace", Text, nullable=False, server_default=""),
    Column("payload", JSONB, nullable=False),
    Column("shard", SmallInteger, nullable=False),
    Column("xid", Xid8, nullable=False, server_default=text("pg_current_xact_id()")),
    Column("published_at", _moment),
    UniqueConstraint("aggregate_id", "aggregate_version"),
    Index("ix_outbox_unpublished", "shard", "seq", postgresql_where=text("published_at IS NULL")),
    Index("ix_outbox_occurred_at", "occurred_at", postgresql_using="brin"),
)

inbox = Table(
    "inbox",
    kernel,
    Column("consumer", Text, primary_key=True),
    Column("event_id", Uuid, primary_key=True),
    Column("at", _moment, nullable=False, server_default=func.now()),
    Index("ix_inbox_at", "at", postgresql_using="brin"),
)

position = Table(
    "position",
    kernel,
    Column("consumer", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("aggregate_id", Uuid, primary_key=True),
    Column("last_version", Integer, nullable=False),
    Column("parked", Boolean, nullable=False, server_default=text("false")),
)

dead_letter = Table(
    "dead_letter",
    kernel,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("consumer", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("kafka_offset", BigInteger, nullable=False),
    Column("source", Text, nullable=False),
    Column("aggregate_id", Uuid),
    Column("aggregate_version", Integer),
    Column("event_id", Uuid),
    Column("type", Text),
    Column("headers", JSONB, nullable=False),
    Column("payload", LargeBinary),
    Column("reason", Text, nullable=False),
    Column("error_class", Text, nullable=False, server_default=""),
    Column("fingerprint", Text, nullable=False, server_default=""),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("next_attempt_at", _moment),
    Column("first_seen", _moment, nullable=False, server_default=func.now()),
    Column("state", Text, nullable=False, server_default="parked"),
    Column("decision", Text),
    UniqueConstraint("consumer", "topic", "partition", "kafka_offset"),
    Index(
        "ix_dead_letter_key",
        "consumer",
        "source",
        "aggregate_id",
        "aggregate_version",
        postgresql_where=text("state = 'parked'"),
    ),
)

idempotency_key = Table(
    "idempotency_key",
    kernel,
    Column("caller", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("status", SmallInteger, nullable=False, server_default=text("0")),
    Column("headers", JSONB),
    Column("body", LargeBinary),
    Column("at", _moment, nullable=False, server_default=func.now()),
    Column("keep_until", _moment, nullable=False, server_default=text("now() + interval '7 days'")),
    Index("ix_idempotency_key_at", "at", postgresql_using="brin"),
    Index("ix_idempotency_key_keep_until", "keep_until"),
)

relink = Table(
    "relink",
    kernel,
    Column("operation_id", Uuid, primary_key=True),
    Column("from_id", Uuid),
    Column("to_id", Uuid),
    Column("undone", Boolean, nullable=False, server_default=text("false")),
    Column("changed_at", _moment, nullable=False, server_default=func.now()),
    Index("ix_relink_from_id", "from_id"),
    Index("ix_relink_to_id", "to_id"),
    Index("ix_relink_changed_at", "changed_at"),
)

relinked_row = Table(
    "relinked_row",
    kernel,
    Column("table_name", Text, primary_key=True),
    Column("column_name", Text, primary_key=True),
    Column("row_key", Text, primary_key=True),
    Column("original_id", Uuid, nullable=False),
    Column("current_id", Uuid, nullable=False),
    Index("ix_relinked_row_current_id", "current_id"),
)
