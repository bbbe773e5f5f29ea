"""A workspace with its draft, and calls as a model makes them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from draftsmith.sandbox.bubblewrap import BubblewrapSandbox
from draftsmith.tools.registry import parse_call, run_call
from draftsmith.tools.tool import DraftRoot, ToolContext, ToolResult


class Bench:
    """One or two roots; `call` runs a tool with the given arguments through JSON."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.workspace = folder / "ws"
        self.draft = folder / "draft"
        self.dependencies = self.workspace / ".venv"
        (self.dependencies / "lib").mkdir(parents=True)
        (self.dependencies / "lib" / "dep.py").write_text("needle = 1\n")
        self.draft.mkdir()
        self.context = ToolContext(
            roots=(
                DraftRoot(
                    name="ws",
                    workspace_path=self.workspace,
                    draft_path=self.draft,
                    dependency_folders=(self.dependencies,),
                ),
            ),
            sandbox=BubblewrapSandbox(),
            output_dir=folder / "outputs",
        )

    def add_root(self, name: str) -> Path:
        draft = self.folder / f"draft-{name}"
        draft.mkdir()
        (self.folder / name).mkdir()
        root = DraftRoot(name=name, workspace_path=self.folder / name, draft_path=draft)
        self.context = replace(self.context, roots=(*self.context.roots, root))
        return draft

    async def call(self, name: str, **arguments: object) -> ToolResult:
        return await run_call(parse_call(name, json.dumps(arguments)), self.context)


def files_below(folder: Path) -> dict[str, bytes]:
    """Every file and link, to compare before and after."""
    return {
        str(path.relative_to(folder)): str(path.readlink()).encode() if path.is_symlink() else path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_symlink() or path.is_file()
    }
