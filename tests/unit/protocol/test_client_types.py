"""The light client's types say the same as the models, without loading them."""

from __future__ import annotations

import subprocess
import sys
from typing import NotRequired, get_args, get_origin, get_type_hints

import pytest

from draftsmith.client import messages as client_messages
from draftsmith.protocol.generate.catalogue import Way, messages
from draftsmith.protocol.registry import METHODS, NOTIFICATIONS


@pytest.mark.parametrize("name", sorted(messages()))
def test_every_message_has_its_type(name: str) -> None:
    entry = messages()[name]
    # Resolving the hints shows also that every name in them exists.
    hints = get_type_hints(getattr(client_messages, name), include_extras=True)
    assert list(hints) == list(entry.model.model_fields)
    optional = {field for field, hint in hints.items() if get_origin(hint) is NotRequired}
    defaulted = {field for field, info in entry.model.model_fields.items() if not info.is_required()}
    assert optional == (defaulted if Way.SENT in entry.way else set())


def test_names_of_methods_and_notifications_are_listed() -> None:
    assert get_args(client_messages.MethodName) == tuple(method.name for method in METHODS)
    assert get_args(client_messages.NotificationName) == tuple(name for name, _, _ in NOTIFICATIONS)


def test_the_types_load_no_library() -> None:
    program = (
        "import sys, draftsmith.client.messages\n"
        "print([name for name in ('pydantic', 'asyncio', 'draftsmith.protocol') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"
