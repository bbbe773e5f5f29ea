"""The read tables: the session list and the entities of sessions. It must not import the current tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "sessions",
        sa.Column("session_id", sa.Text, primary_key=True),
        sa.Column("workspace_id", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.Column("cost_nano_usd", sa.BigInteger, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
    )
    op.create_index("sessions_newest", "sessions", ["updated_at", "session_id"])
    op.create_index("sessions_newest_of_workspace", "sessions", ["workspace_id", "updated_at", "session_id"])
    op.create_table(
        "entities",
        sa.Column("session_id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("entity_id", sa.Text, nullable=False),
        sa.Column("ordinal", sa.BigInteger, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("session_id", "kind", "entity_id", name="entities_key"),
    )
    op.create_index("entities_order", "entities", ["session_id", "kind", "ordinal", "entity_id"])
    op.execute(
        "INSERT INTO store_info (key, value)"
        " SELECT 'reads_stale', 'yes' WHERE EXISTS (SELECT 1 FROM events WHERE version = 1)"
    )


def downgrade() -> None:
    op.execute("DELETE FROM store_info WHERE key = 'reads_stale'")
    op.drop_index("entities_order", "entities")
    op.drop_table("entities")
    op.drop_index("sessions_newest_of_workspace", "sessions")
    op.drop_index("sessions_newest", "sessions")
    op.drop_table("sessions")
