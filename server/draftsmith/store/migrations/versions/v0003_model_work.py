"""The read table of how models did, by session, day, model, key and role. It must not import the current tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_SUMS = (
    *("calls", "failed_calls", "input_tokens", "output_tokens", "cached_tokens", "reasoning_tokens", "nano_usd"),
    *("unpriced_calls", "model_ms", "first_token_ms", "tool_ms", "tool_calls", "invalid_tool_calls", "gates"),
    *("passed_gates", "tasks", "good_tasks", "search_edits", "good_search_edits", "symbol_edits"),
    *("good_symbol_edits", "lines_edits", "good_lines_edits", "patch_edits", "good_patch_edits"),
)


def upgrade() -> None:
    op.create_table(
        "model_work",
        sa.Column("session_id", sa.Text, nullable=False),
        sa.Column("day", sa.Text, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("endpoint", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in _SUMS),
        sa.PrimaryKeyConstraint("session_id", "day", "model", "endpoint", "role", name="model_work_key"),
    )
    op.create_index("model_work_day", "model_work", ["day"])
    op.execute(
        "INSERT INTO store_info (key, value) SELECT 'reads_stale', 'yes'"
        " WHERE EXISTS (SELECT 1 FROM events WHERE version = 1)"
        " AND NOT EXISTS (SELECT 1 FROM store_info WHERE key = 'reads_stale')"
    )


def downgrade() -> None:
    op.drop_index("model_work_day", "model_work")
    op.drop_table("model_work")
