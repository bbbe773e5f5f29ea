"""Alembic's environment and the revisions, run by `store.schema`."""
