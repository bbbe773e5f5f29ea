"""The papers: Markdown files of ours that the editor opens like any other, known by their name.

Only their own folder is written.
"""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from draftsmith.edge.uris import path_of, uri_of
from draftsmith.platform.files import make_private_folder, replace_file

if TYPE_CHECKING:
    from draftsmith.edge.editor import Editor

PaperKind = Literal["request", "answer", "plan", "summary", "why", "conflict"]
_NAME = re.compile(r"(request|answer|plan|summary|why|conflict)-([A-Za-z0-9_-]+?)(?:\.([A-Za-z0-9_-]+))?\.md")
KEPT_SECONDS = 7 * 86_400
"""Papers that nobody touched for so long are removed."""

_NOTE = re.compile(r"<!--.*?-->", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """`subject` is a session's id, or a number of its own; `detail` the id of a question."""

    kind: PaperKind
    subject: str
    detail: str = ""

    @property
    def file_name(self) -> str:
        return f"{self.kind}-{self.subject}{f'.{self.detail}' if self.detail else ''}.md"


class Desk:
    def __init__(self, folder: Path, editor: Editor) -> None:
        self._folder = folder
        self._editor = editor

    def paper_at(self, uri: str) -> Paper | None:
        """Which paper this document is, if it is one."""
        path = path_of(uri)
        if path is None or Path(path).parent != self._folder:
            return None
        found = _NAME.fullmatch(Path(path).name)
        if found is None:
            return None
        return Paper(kind=cast("PaperKind", found[1]), subject=found[2], detail=found[3] or "")

    def uri(self, paper: Paper) -> str:
        return uri_of(str(self._folder / paper.file_name))

    async def lay_out(self, paper: Paper, text: str) -> str:
        """Write the paper and show it, or say where it is; its URI."""
        path = self._folder / paper.file_name
        await asyncio.to_thread(_write, path, text)
        uri = uri_of(str(path))
        if not await self._editor.show_document(uri):
            self._editor.say("info", f"Draftsmith: open {path}")
        return uri

    async def read(self, paper: Paper) -> str:
        """What is on disk; empty when there is nothing."""
        return await asyncio.to_thread(_read, self._folder / paper.file_name)

    async def tidy(self) -> None:
        await asyncio.to_thread(_remove_old, self._folder)


def words_of(text: str) -> str:
    """What a person wrote: without our notes."""
    return _NOTE.sub("", text).strip()


def plan_of(text: str) -> str:
    """The plan on a paper, its lines numbered as on the paper."""
    return _NOTE.sub(lambda found: "\n" * found[0].count("\n"), text)


def note(*lines: str) -> str:
    """A comment that `words_of` takes away; what it holds cannot end it."""
    inner = "\n".join(lines).replace("--", "- -")
    return f"<!--\n{inner}\n-->\n"


def _write(path: Path, text: str) -> None:
    make_private_folder(path.parent)
    replace_file(path, text.encode("utf-8", "replace"), mode=0o600)


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""


def _remove_old(folder: Path) -> None:
    if not folder.is_dir():
        return
    before = time.time() - KEPT_SECONDS
    for path in folder.iterdir():
        if _NAME.fullmatch(path.name) and path.stat().st_mtime < before:
            path.unlink(missing_ok=True)
