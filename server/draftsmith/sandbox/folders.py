"""Whether the folder that a command is to begin in exists for it."""

from __future__ import annotations

from draftsmith.domain.errors import ModelMistake
from draftsmith.ports.sandbox import Command


def require_folder(command: Command) -> None:
    """It must exist in the draft, or below a dependency folder. Raises ModelMistake (`bad_working_folder`)."""
    for root in sorted(command.roots, key=lambda each: -len(each.workspace_path.parts)):
        if not command.cwd.is_relative_to(root.workspace_path) or ".." in command.cwd.parts:
            continue
        in_draft = root.draft_path / command.cwd.relative_to(root.workspace_path)
        shown = any(command.cwd.is_relative_to(folder) for folder in root.dependency_folders)
        if in_draft.is_dir() or (shown and command.cwd.is_dir()):
            return
        break
    raise ModelMistake(
        f"The working folder {command.cwd} does not exist in the draft.",
        code="bad_working_folder",
        remedy="Name an existing folder of the workspace.",
    )
