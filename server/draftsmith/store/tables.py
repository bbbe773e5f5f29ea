"""The tables as this version uses them; the migrations make them.

Truth: `events` and `documents`. The others but `store_info` are read tables that can be cleared and filled again.
Every later schema keeps `store_info`: an older version finds there which version it would need.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    bindparam,
    delete,
    text,
)

from draftsmith.domain.figures import FIGURES

METADATA = MetaData()

EVENTS = Table(
    "events",
    METADATA,
    # SQLite counts by itself only in a column of type INTEGER, which has 64 bits there and 32 elsewhere.
    Column("position", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("event_id", Text, nullable=False),
    Column("stream_id", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("kind_version", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("actor_user", Text, nullable=False),
    Column("actor_client", Text, nullable=False),
    Column("causation_id", Text, nullable=False),
    Column("correlation_id", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    UniqueConstraint("stream_id", "version", name="events_stream_version"),
)
IS_FIRST = text("version = 1")
"""Written out, not bound: only so do databases see that the index of first events answers the query."""
Index(
    "events_first_of_stream",
    EVENTS.c.position,
    EVENTS.c.stream_id,
    sqlite_where=IS_FIRST,
    postgresql_where=IS_FIRST,
)

DOCUMENTS = Table(
    "documents",
    METADATA,
    Column("document_id", Text, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("packing", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
)

SESSIONS = Table(
    "sessions",
    METADATA,
    Column("session_id", Text, primary_key=True),
    Column("workspace_id", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("cost_nano_usd", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("owner", Text, nullable=False),
    Index("sessions_newest", "updated_at", "session_id"),
    Index("sessions_newest_of_workspace", "workspace_id", "updated_at", "session_id"),
    Index("sessions_newest_of_owner", "owner", "updated_at", "session_id"),
)

ENTITIES = Table(
    "entities",
    METADATA,
    Column("session_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("entity_id", Text, nullable=False),
    Column("ordinal", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("session_id", "kind", "entity_id", name="entities_key"),
    Index("entities_order", "session_id", "kind", "ordinal", "entity_id"),
)

MODEL_WORK = Table(
    "model_work",
    METADATA,
    Column("session_id", Text, nullable=False),
    Column("day", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("endpoint", Text, nullable=False),
    Column("role", Text, nullable=False),
    *(Column(name, BigInteger, nullable=False) for name in FIGURES),
    PrimaryKeyConstraint("session_id", "day", "model", "endpoint", "role", name="model_work_key"),
    Index("model_work_day", "day"),
)

STORE_INFO = Table("store_info", METADATA, Column("key", Text, primary_key=True), Column("value", Text, nullable=False))


@dataclass(frozen=True, slots=True, kw_only=True)
class Statements:
    """The writing statements in one database's dialect; built once, so that they are compiled once."""

    add_events: Any
    add_documents: Any
    put_session: Any
    put_entities: Any
    drop_entities: Any
    put_work: Any
    add_work: Any
    put_info: Any


def build_statements(insert: Callable[[Table], Any]) -> Statements:
    """`insert` is the dialect's own, the one with `ON CONFLICT`."""

    def put(table: Table) -> Any:
        statement = insert(table)
        keys = {column.name for column in table.primary_key}
        new = {column.name: column for column in statement.excluded if column.name not in keys}
        return statement.on_conflict_do_update(index_elements=sorted(keys), set_=new)

    return Statements(
        add_events=insert(EVENTS),
        add_documents=insert(DOCUMENTS).on_conflict_do_nothing(index_elements=["document_id"]),
        put_session=put(SESSIONS),
        put_entities=put(ENTITIES),
        drop_entities=delete(ENTITIES).where(
            *(column == bindparam(f"old_{column.name}") for column in ENTITIES.primary_key)
        ),
        put_work=put(MODEL_WORK),
        add_work=_adding(insert(MODEL_WORK)),
        put_info=put(STORE_INFO),
    )


def _adding(statement: Any) -> Any:
    """Rows whose figures are added to those that are there under the same key."""
    sums = {name: MODEL_WORK.c[name] + statement.excluded[name] for name in FIGURES}
    keys = sorted(column.name for column in MODEL_WORK.primary_key)
    return statement.on_conflict_do_update(index_elements=keys, set_=sums)
