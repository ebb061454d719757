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
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.types import UserDefinedType

from shared.encryption.columns import EncryptedBytes, EncryptedText
from shared.encryption.places import name_places

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
    Column("body", EncryptedBytes),
    Column("at", _moment, nullable=False, server_default=func.now()),
    Column("keep_until", _moment, nullable=False, server_default=text("now() + interval '7 days'")),
    Index("ix_idempotency_key_at", "at", postgresql_using="brin"),
    Index("ix_idempotency_key_keep_until", "keep_until"),
)

audit_record = Table(
    "audit_record",
    kernel,
    Column("id", Uuid, primary_key=True),
    Column("at", _moment, nullable=False),
    Column("subject", Text, nullable=False),
    Column("client", Text, nullable=False),
    Column("organisation", Text, nullable=False),
    Column("roles", ARRAY(Text), nullable=False),
    Column("action", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("route", Text, nullable=False),
    Column("entities", ARRAY(Uuid), nullable=False),
    Column("terms", LargeBinary),
    Column("outcome", Text, nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("trace", Text, nullable=False),
    Column("break_glass", Uuid),
    Column("key_id", Text, nullable=False),
    Column("mac", LargeBinary, nullable=False),
    Column("xid", Xid8, nullable=False, server_default=text("pg_current_xact_id()")),
    Index("ix_audit_record_xid_id", "xid", "id"),
    Index("ix_audit_record_at", "at", postgresql_using="brin"),
    Index("ix_audit_record_entities", "entities", postgresql_using="gin"),
)
"""What was asked and answered: one row per request (`shared.audit`). The application may add rows and read them."""

audit_seal = Table(
    "audit_seal",
    kernel,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("record", Uuid, nullable=False, unique=True),
    Column("at", _moment, nullable=False),
    Column("xid", Xid8, nullable=False),
    Column("mac", LargeBinary, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("link", LargeBinary, nullable=False),
)
"""The chain over the records, in the order in which their transactions became visible."""

audit_anchor = Table(
    "audit_anchor",
    kernel,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("sequence", BigInteger, nullable=False),
    Column("link", LargeBinary, nullable=False),
    Column("at", _moment, nullable=False),
)
"""How far the chain was when the world was told of it."""

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

agreement = Table(
    "agreement",
    kernel,
    Column("source_id", Uuid, primary_key=True),
    Column("decision", Text, primary_key=True),
    Column("subject_id", Uuid, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("since", _moment, nullable=False),
    Index("ix_agreement_subject_id", "subject_id", "purpose", "about"),
    Index("ix_agreement_purpose", "purpose", postgresql_where=text("decision <> 'given'")),
)
"""What subjects said to each purpose, one row per word: which word counts is read, never kept."""

ended_subject = Table(
    "ended_subject",
    kernel,
    Column("id", Uuid, primary_key=True),
    Column("cause", Uuid, primary_key=True),
    Column("state", Text, nullable=False),
    Column("since", _moment, nullable=False, server_default=func.now()),
    Index("ix_ended_subject_cause", "cause"),
    Index("ix_ended_subject_restricted", "id", postgresql_where=text("state = 'restricted'")),
)
"""Ids of subjects, and of all that is about them alone, by what ended them (`shared.erasure`)."""

relationship = Table(
    "relationship",
    kernel,
    Column("source", Uuid, primary_key=True),
    Column("reason", Text, primary_key=True),
    Column("organisation", Text, primary_key=True),
    Column("worker", Text, primary_key=True, server_default=""),
    Column("subject_id", Uuid),
    Column("since", _moment, nullable=False),
    Column("until", _moment),
    Column("vital", Boolean, nullable=False, server_default=text("false")),
    Column("ended", Boolean, nullable=False, server_default=text("false")),
    Column("told_at", _moment, nullable=False),
    Index("ix_relationship_subject_id_organisation", "subject_id", "organisation"),
)
"""Who is related to which subject, and why (`shared.relationships`); no worker is the whole team of an organisation."""

exclusion = Table(
    "exclusion",
    kernel,
    Column("id", Uuid, primary_key=True),
    Column("subject_id", Uuid),
    Column("organisation", Text, nullable=False),
    Column("worker", Text, nullable=False, server_default=""),
    Column("since", _moment, nullable=False),
    Column("until", _moment),
    Column("told_at", _moment, nullable=False),
    Index("ix_exclusion_subject_id_organisation", "subject_id", "organisation"),
)
"""Whom a subject has excluded by name; no worker is the whole organisation."""

break_glass = Table(
    "break_glass",
    kernel,
    Column("id", Uuid, primary_key=True),
    Column("subject_id", Uuid, nullable=False),
    Column("organisation", Text, nullable=False),
    Column("worker", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("text", EncryptedText, nullable=False),
    Column("opened_at", _moment, nullable=False),
    Column("until", _moment, nullable=False),
    Column("closed_at", _moment),
    Column("verdict", Text),
    Column("reviewed_at", _moment),
    Column("reviewer", Text),
    Column("note", EncryptedText),
    Column("version", Integer, nullable=False),
    Index("ix_break_glass_unreviewed", "organisation", "id", postgresql_where=text("reviewed_at IS NULL")),
    Index("ix_break_glass_open", "until", postgresql_where=text("closed_at IS NULL")),
)
"""Emergency accesses, with what was said for them and of them."""

name_places("relais", kernel)
