"""Notebooks are left alone: their cells are no files, and a change of one cannot be applied to the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from draftsmith.edge.editor import Editor

_CELL_SCHEMES = ("vscode-notebook-cell:", "jupyter-cell:")


class Notebooks:
    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self._said = False

    def is_cell(self, uri: str) -> bool:
        return uri.startswith(_CELL_SCHEMES)

    def seen(self, uri: str) -> None:
        """Say so, the first time; after that only in the log."""
        words = "Draftsmith does not work in notebooks: its code actions are not offered there."
        if self._said:
            self._editor.record("info", f"{words} ({uri})")
        else:
            self._said = True
            self._editor.say("info", f"{words} Files beside them are worked on as ever.")
