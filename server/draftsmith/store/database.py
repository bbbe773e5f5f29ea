"""What the store needs of a database: short functions run in write or read transactions, off the event loop.

One implementation per dialect (`sqlite.py`); everything that differs between databases stands behind this.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from draftsmith.store.tables import Statements

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenReport:
    """What happened while the store was opened and the user should hear of."""

    quarantined: Path | None = None
    """Where the damaged database was moved; a fresh one is in its place and holds nothing."""
    damage: str = ""
    migrated_from: str | None = None
    """The schema that was found when it was older than ours; empty for a new database."""
    backup: Path | None = None
    """The copy that was made before the migration."""
    reads_stale: bool = False
    """The read tables do not hold what the streams say: `rebuild_reads` before anything is listed."""


class Database(Protocol):
    """Both raise AdapterError (`disk_full`, `store_failed`, `store_damaged`) for failures of the database."""

    @property
    def statements(self) -> Statements: ...

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run in the only writing transaction and commit: durable on return. Rolled back if `work` raises."""
        ...

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run in a transaction that sees every commit that returned before."""
        ...

    async def close(self) -> None: ...
