"""The files of a workspace over HTTP: looked at, saved over the version that was edited only, and never left."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from e2e.http.calling import script, until
from e2e.hubs import RunningHub, calc


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = calc(tmp_path_factory.mktemp("project") / "ws")
    for arguments in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-q", "-m", "Begin")):
        identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
        subprocess.run(["git", *identity, *arguments], cwd=made, check=True, capture_output=True)
    return made


@pytest.fixture(scope="module")
def client(hub: RunningHub) -> Iterator[httpx.Client]:
    with script(hub) as made:
        yield made


@pytest.fixture(scope="module")
def session(client: httpx.Client, folder: Path) -> str:
    started = client.post("/api/v1/sessions", json={"folders": [str(folder)], "request": "Mend add"})
    place = f"/api/v1/sessions/{started.json()['session_id']}"
    until(lambda: client.get(f"{place}/folder?side=base").json().get("total"), "the session's base")
    return place


def save(client: httpx.Client, session: str, path: str, text: str, version: str, **more: object) -> dict[str, Any]:
    answer = client.post(f"{session}/file/save", json={"path": path, "text": text, "version": version, **more})
    return answer.json()


def test_a_file_is_read_changed_and_saved(client: httpx.Client, session: str, folder: Path) -> None:
    names = [one["name"] for one in client.get(f"{session}/folder").json()["entries"]]
    assert names == ["calc.py", "test_calc.py"]
    found = client.get(f"{session}/file?path=calc.py&side=workspace").json()
    assert (found["text"], found["read_only"]) == ((folder / "calc.py").read_text(), "")
    text = found["text"].replace("a - b", "a * b")
    saved = save(client, session, "calc.py", text, found["version"])
    assert saved["state"] == "saved"
    assert (folder / "calc.py").read_text() == text
    (folder / "calc.py").write_text("# by somebody else\n")
    late = save(client, session, "calc.py", "# mine\n", saved["version"])
    assert late["state"] == "changed"
    assert (folder / "calc.py").read_text() == "# by somebody else\n"
    assert save(client, session, "calc.py", "# mine\n", late["version"])["state"] == "saved"
    base = client.get(f"{session}/file?path=calc.py&side=base").json()
    assert "a - b" in base["text"]
    assert base["read_only"]


@pytest.mark.parametrize("path", ["../secret", "/etc/passwd", ".git/config", "a/../../secret", "calc.py/", "%00"])
def test_no_path_leads_out_of_the_workspace(client: httpx.Client, session: str, folder: Path, path: str) -> None:
    (folder.parent / "secret").write_text("secret")
    plain = path.replace("%00", "\0")
    for side in ("workspace", "base", "draft"):
        answer = client.get(f"{session}/file", params={"path": plain, "side": side})
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_file")
        listed = client.get(f"{session}/folder", params={"path": plain, "side": side})
        assert (listed.status_code, listed.json()["code"]) == (404, "unknown_file")
    for wrong in ({"path": plain, "text": "x"}, {"path": "calc.py", "text": "x", "root": 7}):
        assert client.post(f"{session}/file/save", json=wrong).json()["code"] == "unknown_file"
    assert (folder.parent / "secret").read_text() == "secret"


def test_a_link_out_of_the_workspace_is_not_followed(client: httpx.Client, session: str, folder: Path) -> None:
    (folder.parent / "outside").mkdir(exist_ok=True)
    (folder / "out").symlink_to(folder.parent / "outside")
    try:
        assert client.get(f"{session}/folder?path=out").status_code == 404
        assert client.get(f"{session}/file?path=out/x&side=workspace").status_code == 404
        assert save(client, session, "out/x", "x", "")["state"] == "refused"
        assert not list((folder.parent / "outside").iterdir())
    finally:
        (folder / "out").unlink()


def test_what_is_binary_or_too_large_is_shown_as_such(client: httpx.Client, session: str, folder: Path) -> None:
    (folder / "image.bin").write_bytes(b"\x89PNG\0\0")
    (folder / "large.txt").write_bytes(b"x" * 3_000_000)
    (folder / "huge.txt").write_bytes(b"x" * 9_000_000)
    try:
        binary = client.get(f"{session}/file?path=image.bin&side=workspace").json()
        assert (binary["binary"], binary["text"], binary["size"]) == (True, None, 6)
        assert client.get(f"{session}/file?path=large.txt&side=workspace").json()["read_only"]
        huge = client.get(f"{session}/file?path=huge.txt&side=workspace")
        assert (huge.status_code, huge.json()["code"]) == (409, "file_too_large")
        for name in ("image.bin", "large.txt"):
            version = client.get(f"{session}/file?path={name}&side=workspace").json()["version"]
            assert save(client, session, name, "x", version)["state"] == "refused"
    finally:
        for name in ("image.bin", "large.txt", "huge.txt"):
            (folder / name).unlink()


def test_the_draft_is_not_edited_while_the_agent_works(client: httpx.Client, session: str) -> None:
    draft = client.get(f"{session}/file?path=calc.py&side=draft").json()
    assert "proposal" in draft["read_only"]
    assert save(client, session, "calc.py", "x", draft["version"], side="draft")["code"] == "illegal_command"


def test_state_and_history_of_the_repository(client: httpx.Client, session: str, folder: Path) -> None:
    (folder / "notes.txt").write_text("new")
    state = client.get(f"{session}/git/state").json()
    assert (state["repository"], state["branch"]) == (True, "main")
    assert ("notes.txt", "untracked") in [(one["path"], one["state"]) for one in state["files"]]
    log = client.get(f"{session}/git/log").json()
    assert [(one["subject"], one["author"]) for one in log["commits"]] == [("Begin", "Ada")]
    commit = client.get(f"{session}/git/commit?commit={state['commit']}").json()
    assert [one["path"] for one in commit["files"]] == ["calc.py", "test_calc.py"]
    assert "a - b" in client.get(f"{session}/git?path=calc.py").json()["text"]
    assert client.get(f"{session}/git/log?cursor=x").json()["code"] == "bad_cursor"
    assert client.get(f"{session}/git/commit?commit=HEAD").json()["code"] == "unknown_commit"


def test_a_file_says_what_it_defines(client: httpx.Client, session: str) -> None:
    found = client.get(f"{session}/file/symbols?path=test_calc.py").json()
    assert [(one["name"], one["container"]) for one in found["symbols"]] == [
        ("AddTest", ""),
        ("test_add", "AddTest"),
    ]
    assert client.get(f"{session}/file/symbols?path=nothing.py").json()["code"] == "unknown_file"


def test_a_new_project_is_made_once_and_a_session_begins_in_it(client: httpx.Client, tmp_path: Path) -> None:
    listed = client.get("/api/v1/project/templates").json()["templates"]
    assert "python-package" in [one["template"] for one in listed]
    wanted = {"template": "python-package", "folder": str(tmp_path / "shop")}
    made = client.post("/api/v1/project/create", json=wanted).json()
    assert "src/shop/greeting.py" in made["files"]
    assert (tmp_path / "shop/src/shop/greeting.py").is_file()
    again = client.post("/api/v1/project/create", json=wanted)
    assert (again.status_code, again.json()["code"]) == (409, "folder_not_empty")
    started = client.post("/api/v1/sessions", json={"folders": [made["folder"]], "request": listed[0]["request"]})
    assert started.status_code == 200
