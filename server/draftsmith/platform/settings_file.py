"""The user's own layer of settings: `settings.toml` in the state folder. Read as text, written whole or not at all.

What a person wrote there stays as it is, comments and order included. Which settings there are is not known here.
"""

from __future__ import annotations

import contextlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from draftsmith.domain.errors import UserError
from draftsmith.platform.files import make_private_folder, read_file, replace_file

FILE_NAME = "settings.toml"
MAX_BYTES = 256_000
_HEAD = "# Settings of Draftsmith's hub and runner. An environment variable of the same name wins over a line here.\n\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsFile:
    """`values` by name, as text. `trouble` says why nothing of it counts, or what of it does not."""

    values: Mapping[str, str] = field(default_factory=dict[str, str])
    trouble: tuple[str, ...] = ()


def settings_file(state: Path) -> Path:
    return state / FILE_NAME


def read_settings(state: Path) -> SettingsFile:
    """What the file says; nothing when there is none. Raises nothing: a hub must start with any file."""
    path = settings_file(state)
    try:
        content = read_file(path)
    except FileNotFoundError:
        return SettingsFile()
    except OSError as error:
        return SettingsFile(trouble=(f"{path} cannot be read: {error.strerror or error}.",))
    if len(content) > MAX_BYTES:
        return SettingsFile(trouble=(f"{path} is larger than {MAX_BYTES:,} bytes, so nothing of it counts.",))
    try:
        found = tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        return SettingsFile(trouble=(f"{path} is not TOML, so nothing of it counts: {error}.",))
    values: dict[str, str] = {}
    trouble: list[str] = []
    for name, value in found.items():
        text = _as_text(value)
        if text is None:
            trouble.append(f"{path}: {name[:80]} is no text, number or switch.")
        else:
            values[name] = text
    return SettingsFile(values=values, trouble=tuple(trouble))


def write_setting(state: Path, name: str, value: str) -> None:
    """Sets one line of the file, or takes it out with an empty value. Blocks.

    Raises UserError (`settings_unreadable`) for a file that is not TOML: it would be lost. Raises AdapterError
    (`disk_full`, `disk_failed`).
    """
    # Late: reading, which every start does, needs nothing of it.
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    path = settings_file(state)
    before = _HEAD
    with contextlib.suppress(FileNotFoundError):
        try:
            before = read_file(path).decode("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            if isinstance(error, FileNotFoundError):
                raise
            raise _unreadable(path, str(error)) from error
    try:
        document = tomlkit.parse(before)
    except TOMLKitError as error:
        raise _unreadable(path, str(error)) from error
    if value:
        document[name] = value
    elif name in document:
        del document[name]
    make_private_folder(path.parent)
    replace_file(path, tomlkit.dumps(document).encode("utf-8"))


def _as_text(value: object) -> str | None:
    if isinstance(value, bool):
        return "1" if value else ""
    return str(value) if isinstance(value, str | int | float) else None


def _unreadable(path: Path, reason: str) -> UserError:
    return UserError(
        f"{path} cannot be changed, because it is not TOML: {reason}.",
        code="settings_unreadable",
        remedy="Mend the file, or move it away, and set it again.",
    )
