"""Draftsmith: an autonomous coding agent behind the editor."""

__version__ = "0.1.0"
