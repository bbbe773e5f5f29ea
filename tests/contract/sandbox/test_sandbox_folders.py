"""Folders of the runner's own beside the draft: environments, caches, and the variables that name them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.contract.sandboxes import Site

from draftsmith.ports.sandbox import Command, MountedFolder


def beside(site: Site, run: str, *folders: MountedFolder, variables: tuple[tuple[str, str], ...] = ()) -> Command:
    command = site.command(run)
    [root] = command.roots
    return replace(command, roots=(replace(root, folders=folders, variables=variables),))


async def test_an_environment_is_seen_below_the_workspace_and_not_written(walled: Site, tmp_path: Path) -> None:
    made = tmp_path / "made"
    (made / ".bin").mkdir(parents=True)
    (made / ".bin" / "greet").write_text("#!/bin/sh\necho greeted\n")
    (made / ".bin" / "greet").chmod(0o755)
    shown = MountedFolder(path=walled.workspace / "node_modules", source=made)
    result = await walled.sandbox.run(beside(walled, "greet; touch node_modules/x; ls node_modules/.bin", shown))
    assert result.stdout.head == "greeted\ngreet\n", result.stderr.head
    assert "Read-only file system" in result.stderr.head
    assert [one.name for one in made.iterdir()] == [".bin"]
    assert not (walled.workspace / "node_modules").exists()


async def test_a_cache_is_written_and_named_by_its_variable(walled: Site, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    shown = MountedFolder(path=Path("/var/draftsmith/cache"), source=cache, writable=True)
    command = beside(walled, 'echo kept > "$MY_CACHE/a"', shown, variables=(("MY_CACHE", "/var/draftsmith/cache"),))
    result = await walled.sandbox.run(command)
    assert result.exit_code == 0, result.stderr.head
    assert (cache / "a").read_text() == "kept\n"


async def test_a_folder_never_lies_on_a_link_of_the_draft(walled: Site, tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    (tmp_path / "outside").mkdir()
    (walled.draft / "node_modules").symlink_to(tmp_path / "outside")
    shown = MountedFolder(path=walled.workspace / "node_modules", source=tmp_path / "made", writable=True)
    result = await walled.sandbox.run(beside(walled, "touch node_modules/x", shown))
    assert result.exit_code != 0
    assert any("is not shown" in note for note in result.notes)
    assert not any((tmp_path / "outside").iterdir())
    assert not any((tmp_path / "made").iterdir())
