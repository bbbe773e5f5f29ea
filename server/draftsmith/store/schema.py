"""Which schema a database has, and bringing it to another one by Alembic, all in one transaction.

Says no to what a newer version wrote and to databases that are not ours. It makes no backup: its callers do.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, inspect, select, text
from sqlalchemy.exc import SQLAlchemyError

from draftsmith.domain.errors import AdapterError, UserError
from draftsmith.store.tables import METADATA, STORE_INFO, Statements

HEAD = "0004"
"""The last revision in `migrations/versions`; here, so that Alembic is imported only when there is work."""
VERSIONS = Path(__file__).parent / "migrations" / "versions"
_REVISIONS_TABLE = "alembic_version"


class SchemaDamaged(Exception):
    """The database says it has our schema, and it has not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """`revision` is empty for an empty database. `application_version` is the one that last migrated it."""

    revision: str
    application_version: str
    reads_stale: bool


def read_schema(connection: Connection) -> Schema:
    """Raises UserError (`foreign_database`) when the tables are not ours."""
    tables = set(inspect(connection).get_table_names())
    if not tables:
        return Schema(revision="", application_version="", reads_stale=False)
    if {_REVISIONS_TABLE, STORE_INFO.name} <= tables:
        revision = connection.execute(text(f"SELECT version_num FROM {_REVISIONS_TABLE}")).scalar()  # noqa: S608 - a constant
        facts = {row.key: row.value for row in connection.execute(select(STORE_INFO))}
        if revision and revision.isdigit():
            return Schema(
                revision=revision,
                application_version=facts.get("application_version", ""),
                reads_stale="reads_stale" in facts,
            )
    if {_REVISIONS_TABLE, STORE_INFO.name} & tables:
        raise SchemaDamaged("it does not say which schema it has")
    raise UserError(
        f"The database has tables that are not Draftsmith's ({', '.join(sorted(tables)[:3])}).",
        code="foreign_database",
        remedy="Move that file away, or set DRAFTSMITH_STATE_DIR to another folder.",
    )


def check_schema(connection: Connection, schema: Schema, *, application_version: str) -> bool:
    """Whether a migration is needed. Raises UserError (`newer_schema`) or SchemaDamaged."""
    if schema.revision > HEAD:
        needed = schema.application_version or "a newer version"
        raise UserError(
            f"The store was written by Draftsmith {needed} (schema {schema.revision}); this is"
            f" {application_version}, which reads schemas up to {HEAD}. Nothing was changed.",
            code="newer_schema",
            remedy=f"Install Draftsmith {needed} or newer, or set DRAFTSMITH_STATE_DIR to another folder.",
        )
    if schema.revision < HEAD:
        return True
    if missing := METADATA.tables.keys() - set(inspect(connection).get_table_names()):
        raise SchemaDamaged(f"tables are missing: {', '.join(sorted(missing))}")
    return False


def migrate(
    connection: Connection,
    statements: Statements,
    *,
    application_version: str,
    revision: str = HEAD,
    versions: Path = VERSIONS,
) -> None:
    """Up or down to `revision`, inside the caller's transaction. Raises AdapterError (`migration_failed`)."""
    # Imported late: it takes a tenth of a second, and nearly every start finds the schema as it should be.
    from alembic import command
    from alembic.config import Config
    from alembic.util.exc import CommandError

    config = Config()
    config.set_main_option("script_location", str(VERSIONS.parent).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")  # no folder has one in its name
    config.set_main_option("version_locations", str(versions).replace("%", "%%"))
    config.attributes["connection"] = connection
    before = read_schema(connection).revision
    try:
        if revision < before:
            command.downgrade(config, revision)
            return
        command.upgrade(config, revision)
        connection.execute(statements.put_info, [{"key": "application_version", "value": application_version}])
    except (SQLAlchemyError, CommandError) as error:
        raise AdapterError(
            f"The store could not be brought from schema {before or 'none'} to {revision}: {error}.",
            code="migration_failed",
            remedy="It is as it was before. Go on with the version used before, and report this.",
        ) from error
