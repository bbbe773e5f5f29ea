"""Where Draftsmith keeps its own things on this machine. Nothing is created here."""

from __future__ import annotations

import os
from pathlib import Path

STATE_DIR_VARIABLE = "DRAFTSMITH_STATE_DIR"


def state_dir() -> Path:
    """The folder for everything that Draftsmith keeps: `$DRAFTSMITH_STATE_DIR`, or the user's state folder."""
    if chosen := os.environ.get(STATE_DIR_VARIABLE):
        return Path(chosen).expanduser().absolute()
    # Late: most calls have the variable set or pass a folder, and the import costs 20 ms.
    import platformdirs

    return Path(platformdirs.user_state_dir("draftsmith"))


def users_file(state: Path) -> Path:
    """The named users of the hub; for the user's own eyes."""
    return hub_dir(state) / "users.json"


def signed_in_file(state: Path) -> Path:
    """Which browsers are signed in, as hashes."""
    return hub_dir(state) / "signed-in.json"


def web_port_file(state: Path) -> Path:
    """The port on loopback that the last hub had: browsers keep their address over a restart."""
    return hub_dir(state) / "web-port"


def repeats_file(state: Path) -> Path:
    """Commands that came with a key, and what was answered."""
    return hub_dir(state) / "repeats.jsonl"


def hub_dir(state: Path) -> Path:
    """The hub's folder: database, objects, logs, lock and endpoint file."""
    return state / "hub"


def endpoint_file(state: Path) -> Path:
    """Where a running hub says how it is reached. Readable by its user alone."""
    return hub_dir(state) / "endpoint.json"


def opening_page(state: Path) -> Path:
    """A page for the user's eyes alone that leads a browser to the hub, signed in; gone when it was used."""
    return hub_dir(state) / "open.html"
