"""Every method of the registry is handled, and nothing else is."""

from __future__ import annotations

from draftsmith.hub.dispatch import HANDLERS
from draftsmith.protocol.registry import METHODS


def test_the_handlers_are_the_registry() -> None:
    # `hello` belongs to the connection: before it there is no caller to dispatch for.
    assert set(HANDLERS) == {method.name for method in METHODS} - {"hello"}
