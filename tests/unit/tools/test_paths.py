"""No path leads out of the draft, and what the model may name it can reach."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.tools.toolbench import Bench, files_below

from draftsmith.domain.errors import ModelMistake, ToolFailure
from draftsmith.tools.paths import locate, locate_writable


@pytest.mark.parametrize("path", ["../x", "a/../../x", "/etc/passwd", "/", "a\x00b"])
async def test_paths_out_of_the_workspace_are_refused(bench: Bench, path: str) -> None:
    for name, arguments in (("read", {}), ("write", {"content": "x"}), ("delete", {}), ("list", {})):
        result = await bench.call(name, path=path, **arguments)
        assert (result.kind, result.code) in {("mistake", "bad_path"), ("mistake", "outside_workspace")}
    assert (await bench.call("move", source=path, destination="y")).kind == "mistake"
    assert (await bench.call("run_command", command="true", cwd=path)).kind == "mistake"


@pytest.mark.parametrize("target", ["/etc", "../outside", "/", "../../../../etc"])
async def test_links_out_of_the_draft_are_not_followed(bench: Bench, target: str) -> None:
    (bench.folder / "outside").mkdir()
    (bench.folder / "outside" / "passwd").write_text("root")
    (bench.draft / "link").symlink_to(target)
    before = files_below(bench.folder / "outside")
    for name, arguments in (
        ("read", {}),
        ("write", {"content": "x", "overwrite": True}),
        ("edit", {"old": "root", "new": "x"}),
        ("delete", {}),
    ):
        result = await bench.call(name, path="link/passwd", **arguments)
        assert result.code == "outside_workspace"
    assert files_below(bench.folder / "outside") == before


async def test_a_new_file_is_not_written_through_a_dangling_link_out(bench: Bench) -> None:
    (bench.draft / "out").symlink_to(bench.folder / "made-outside")
    result = await bench.call("write", path="out", content="x")
    assert result.code == "outside_workspace"
    assert not (bench.folder / "made-outside").exists()


async def test_links_inside_are_followed_also_by_the_workspaces_absolute_path(bench: Bench) -> None:
    (bench.draft / "src").mkdir()
    (bench.draft / "src" / "a.py").write_text("x = 1\n")
    (bench.draft / "relative").symlink_to("src/a.py")
    (bench.draft / "absolute").symlink_to(bench.workspace / "src")
    assert "x = 1" in (await bench.call("read", path="relative")).text
    result = await bench.call("edit", path="absolute/a.py", old="1", new="2")
    assert result.touched == ("src/a.py",)
    assert (bench.draft / "src" / "a.py").read_text() == "x = 2\n"
    assert (bench.draft / "relative").is_symlink()


async def test_a_link_loop_ends(bench: Bench) -> None:
    (bench.draft / "a").symlink_to("b")
    (bench.draft / "b").symlink_to("a")
    assert (await bench.call("read", path="a")).code == "too_many_links"


async def test_the_absolute_workspace_path_means_the_draft(bench: Bench) -> None:
    (bench.draft / "a.txt").write_text("draft\n")
    (bench.workspace / "a.txt").write_text("workspace\n")
    assert "draft" in (await bench.call("read", path=str(bench.workspace / "a.txt"))).text


@pytest.mark.parametrize("path", [".git/config", "sub/.git/hooks/x", ".GIT/config"])
async def test_git_folders_are_closed(bench: Bench, path: str) -> None:
    (bench.draft / "sub" / ".git" / "hooks").mkdir(parents=True)
    for name, arguments in (("read", {}), ("write", {"content": "x"}), ("delete", {})):
        assert (await bench.call(name, path=path, **arguments)).code == "git_folder"
    (bench.draft / "g").symlink_to(".git")
    assert (await bench.call("write", path="g/config", content="x")).code == "git_folder"


async def test_dependency_folders_can_be_read_and_not_changed(bench: Bench) -> None:
    assert "needle" in (await bench.call("read", path=".venv/lib/dep.py")).text
    before = files_below(bench.workspace)
    for name, arguments in (
        ("write", {"path": ".venv/lib/new.py", "content": "x"}),
        ("edit", {"path": ".venv/lib/dep.py", "old": "1", "new": "2"}),
        ("delete", {"path": ".venv", "recursive": True}),
        ("move", {"source": ".venv/lib/dep.py", "destination": "dep.py"}),
    ):
        assert (await bench.call(name, **arguments)).code == "read_only"
    assert files_below(bench.workspace) == before


async def test_a_link_in_a_dependency_folder_back_into_the_workspace_reads_the_draft(bench: Bench) -> None:
    (bench.draft / "pkg").mkdir()
    (bench.draft / "pkg" / "x.js").write_text("draft\n")
    (bench.dependencies / "linked").symlink_to("../pkg")
    assert "draft" in (await bench.call("read", path=".venv/linked/x.js")).text


async def test_several_roots_are_named_in_front(bench: Bench) -> None:
    other = bench.add_root("lib")
    (other / "a.txt").write_text("in lib\n")
    assert "in lib" in (await bench.call("read", path="lib/a.txt")).text
    result = await bench.call("read", path="a.txt")
    assert result.code == "bad_path"
    assert "ws/, lib/" in result.text
    assert (await bench.call("list")).text == "The workspace has 2 folders:\nws/\nlib/"
    moved = await bench.call("move", source="lib/a.txt", destination="ws/b.txt")
    assert moved.touched == ("lib/a.txt", "ws/b.txt")
    assert (bench.draft / "b.txt").read_text() == "in lib\n"


_NAME = st.sampled_from(["a", "b", "..", ".", ".git", "out", "up", "abs", "loop", "", "deps"])


@given(names=st.lists(_NAME, min_size=1, max_size=6), absolute=st.booleans())
def test_every_place_found_lies_in_the_draft_or_a_dependency_folder(names: list[str], absolute: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder).resolve())
        (bench.draft / "a" / "b").mkdir(parents=True)
        for name, target in (
            ("out", "/etc"),
            ("up", ".."),
            ("abs", str(bench.workspace / "a")),
            ("loop", "loop"),
            ("a/up", "../.."),
            ("deps", ".venv/lib"),
            ("b", "a/b/../../a"),
        ):
            (bench.draft / name).symlink_to(target)
        text = "/".join(names)
        try:
            place = locate(bench.context, f"{bench.workspace}/{text}" if absolute else text)
            writable = locate_writable(bench.context, place.shown) if place.parts and place.writable else None
        except (ModelMistake, ToolFailure):
            return
        real = Path(os.path.realpath(place.path))
        assert real == place.path
        assert real.is_relative_to(bench.draft if place.writable else bench.dependencies)
        assert ".git" not in place.parts
        assert writable is None or writable.path == place.path
