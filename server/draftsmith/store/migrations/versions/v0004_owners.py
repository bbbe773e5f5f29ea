"""Who started each session, in the session list. It must not import the current tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("sessions", sa.Column("owner", sa.Text, nullable=False, server_default="local"))
    op.execute(
        "UPDATE sessions SET owner = COALESCE((SELECT actor_user FROM events"
        " WHERE events.stream_id = 'session/' || sessions.session_id AND events.version = 1), 'local')"
    )
    op.create_index("sessions_newest_of_owner", "sessions", ["owner", "updated_at", "session_id"])


def downgrade() -> None:
    op.drop_index("sessions_newest_of_owner", "sessions")
    op.drop_column("sessions", "owner")
