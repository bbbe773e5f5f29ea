"""Alembic runs this file on the connection that `store.schema` passes in, inside the transaction that is open there."""

from __future__ import annotations

from alembic import context

from draftsmith.store.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
)
context.run_migrations()
