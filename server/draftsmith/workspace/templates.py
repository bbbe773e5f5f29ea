"""New projects from templates: data in `project_templates/*.toml`, written into an empty folder and nowhere else.

Files are written as an apply's are, by `apply.carry_out`. Nothing is executed, and no repository is made.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast

from draftsmith.domain.errors import AdapterError, UserError
from draftsmith.platform.files import disk_errors
from draftsmith.workspace.apply import carry_out
from draftsmith.workspace.applyplan import ApplyPlan, FilePlan, keep_contents, state_with
from draftsmith.workspace.bounds import Bounds, check_root, is_home
from draftsmith.workspace.offload import Stop, in_thread
from draftsmith.workspace.store import ObjectStore

_FOLDER = Path(__file__).parent / "project_templates"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9 ._-]{0,63}\Z")
_PLACE = re.compile(r"\{\{(name|package|module)\}\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """`files` by path; `{{name}}`, `{{package}}` (with hyphens) and `{{module}}` (with underscores) are filled in."""

    template: str
    title: str
    summary: str
    language: str
    request: str
    files: Mapping[str, str]


@cache
def templates() -> tuple[Template, ...]:
    """All that there are, by title."""
    found = [_read(path) for path in _FOLDER.glob("*.toml")]
    return tuple(sorted(found, key=lambda one: (one.template != "empty", one.title)))


def _read(path: Path) -> Template:
    whole = tomllib.loads(path.read_text("utf-8"))
    return Template(
        template=path.stem,
        title=str(whole["title"]),
        summary=str(whole["summary"]),
        language=str(whole["language"]),
        request=str(whole["request"]),
        files={str(name): str(text) for name, text in cast("dict[str, object]", whole["files"]).items()},
    )


def filled(template: Template, name: str) -> dict[str, str]:
    """The template's files for a project of this name. Raises UserError (`bad_project_name`)."""
    if not _NAME.match(name):
        raise UserError(
            f"{name!r} cannot be a project's name.",
            code="bad_project_name",
            remedy="Begin with a letter; letters, digits, blanks, points, hyphens and underscores may follow.",
        )
    package = re.sub(r"[ ._-]+", "-", name).strip("-").lower()
    values = {"name": name, "package": package, "module": package.replace("-", "_")}

    def fill(text: str) -> str:
        return _PLACE.sub(lambda found: values[found[1]], text)

    return {fill(path): fill(text) for path, text in template.files.items()}


def find_template(name: str) -> Template:
    """Raises UserError (`unknown_template`)."""
    known = {one.template: one for one in templates()}
    if name not in known:
        raise UserError(
            f"There is no template {name[:80]!r}.",
            code="unknown_template",
            remedy=f"There are: {', '.join(known)}.",
        )
    return known[name]


async def prepare_folder(folder: str, own: Path | None) -> Path:
    """The folder with links resolved, made when it is missing. Raises UserError when it is not to be used so."""
    return await in_thread(_prepare_folder, folder, own)


def _prepare_folder(_stop: Stop, folder: str, own: Path | None) -> Path:
    given = Path(folder).expanduser() if folder.startswith("~/") else Path(folder)
    if not given.is_absolute() or ".." in given.parts or "\0" in folder:
        raise UserError(
            f"{folder} is not an absolute path.",
            code="unknown_folder",
            remedy="Give the whole path, such as ~/projects/shop.",
        )
    above = _parent(given)
    target = above / given.name
    if is_home(target):
        raise UserError(f"{folder} is a home folder.", code="workspace_is_home", remedy="Name a folder in it.")
    if target.is_symlink() or (target.exists() and not _is_empty(target)):
        raise UserError(
            f"{target} is not an empty folder; nothing was written.",
            code="folder_not_empty",
            remedy="Name a folder that does not exist yet, or an empty one.",
        )
    # Where a project may be is asked before anything is made: the folder above has git's or our own state around it.
    check_root(above, Bounds(allow_home=True, own=own))
    with disk_errors(f"making {target}"):
        target.mkdir(exist_ok=True)
    return check_root(target, Bounds(own=own))


def _parent(given: Path) -> Path:
    try:
        return given.parent.resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as failure:
        raise UserError(
            f"The folder {given.parent} does not exist.",
            code="unknown_folder",
            remedy="Make it first, or name another place.",
        ) from failure


def _is_empty(folder: Path) -> bool:
    try:
        with os.scandir(folder) as entries:
            return folder.is_dir() and next(entries, None) is None
    except OSError:
        return False


async def write_project(store: ObjectStore, folder: Path, files: Mapping[str, str]) -> tuple[str, ...]:
    """The paths that were written. A file that came in between is left alone and told (`AdapterError`)."""
    plan = await in_thread(_plan, store, files)
    done = await carry_out(store, [folder], plan)
    failed = [one for one in done if one.state not in ("written", "already")]
    if failed:
        raise AdapterError(
            f"{failed[0].plan.path} could not be written: {failed[0].reason}",
            code="disk_failed",
            remedy=f"Look at {folder} and try again with another folder.",
        )
    return tuple(one.plan.path for one in done)


def _plan(_stop: Stop, store: ObjectStore, files: Mapping[str, str]) -> ApplyPlan:
    contents: dict[str, bytes] = {}
    planned: list[FilePlan] = []
    for path, text in sorted(files.items()):
        content = text.encode("utf-8")
        after = state_with(None, content)
        contents[after.blob] = content
        planned.append(FilePlan(root=0, path=path, before=None, after=after))
    return ApplyPlan(files=tuple(planned), outcomes=(), keep=keep_contents(store, contents))
