"""The option that names folders, and what it names made absolute."""

from __future__ import annotations

import os
from pathlib import Path

import click

from draftsmith.cli.untrusted import one_line
from draftsmith.domain.errors import UserError

folders_option = click.option(
    "--workspace",
    "-w",
    "folders",
    multiple=True,
    metavar="DIR",
    help="Folder to work on; may be given again. [current]",
)


def checked_folders(given: tuple[str, ...]) -> list[str]:
    """Absolute folders without links, each once. Raises UserError (`unknown_folder`, `unreadable_folder`)."""
    found: list[str] = []
    for name in given or (os.curdir,):
        path = os.path.realpath(Path(name).expanduser())
        if not Path(path).is_dir():
            what = "is not a folder" if Path(path).exists() else "does not exist"
            raise UserError(
                f"{one_line(name)} {what}.", code="unknown_folder", remedy="Name an existing folder with -w."
            )
        if not os.access(path, os.R_OK | os.X_OK):
            raise UserError(
                f"{one_line(name)} cannot be read by you.", code="unreadable_folder", remedy="Check its permissions."
            )
        if path not in found:
            found.append(path)
    return found
