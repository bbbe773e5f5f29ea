"""Workspaces that are not what was meant, or that cannot be read or written: said clearly, and nothing is harmed."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from draftsmith.domain.errors import UserError
from e2e.hubs import RunningHub, calc, fill, running, small_disk, tree, vendor
from isolation import short_folder

AS_ANYBODY = ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search")
"""Without these powers permissions hold for root as well."""


@pytest.fixture(scope="module")
def hub() -> Iterator[RunningHub]:
    prefix = AS_ANYBODY if os.geteuid() == 0 else ()
    with short_folder("ds-") as folder, running(folder, prefix=prefix) as made:
        yield made


@pytest.mark.parametrize(
    ("folder", "code"),
    [
        ("/no/such/folder", "workspace_missing"),
        ("relative", "unknown_folder"),
        ("/etc/hostname", "workspace_missing"),
        ("/", "workspace_is_home"),
        ("/tmp/nul\x00byte", "workspace_missing"),
        ("/tmp/" + "x" * 5_000, "workspace_missing"),
        ("", "unknown_folder"),
    ],
)
async def test_a_folder_that_cannot_be_a_workspace_is_refused_by_name(hub: RunningHub, folder: str, code: str) -> None:
    async with hub.connected() as talk:
        before = (await talk.call("session/list", {}))["sessions"]
        with pytest.raises(Exception) as refused:  # noqa: PT011 (which error it is, is asserted below)
            await talk.call("session/start", {"folders": [folder], "request": "x"})
        assert getattr(refused.value, "code", "") == code, refused.value
        assert (await talk.call("session/list", {}))["sessions"] == before


async def test_a_repository_and_the_state_folder_are_no_workspaces(hub: RunningHub, tmp_path: Path) -> None:
    folder = calc(tmp_path / "ws")
    work, bare = str(folder), str(tmp_path / "bare")
    for line in (
        ("init", "-q", work),
        ("init", "-q", "--bare", bare),
        ("-C", work, "commit", "-qm", "x", "--allow-empty"),
    ):
        subprocess.run(["git", *line], check=True, timeout=60)
    subprocess.run(["git", "-C", work, "worktree", "add", "-q", str(tmp_path / "other")], check=True, timeout=60)
    (tmp_path / "link").symlink_to(folder / ".git")
    refused = {
        folder / ".git": "workspace_is_git",
        folder / ".git" / "hooks": "workspace_is_git",
        tmp_path / "link": "workspace_is_git",
        tmp_path / "bare": "workspace_is_git",
        tmp_path / "bare" / "hooks": "workspace_is_git",
        hub.state_dir: "workspace_is_state",
        hub.state_dir / "hub": "workspace_is_state",
    }
    async with hub.connected() as talk:
        before = (await talk.call("session/list", {}))["sessions"]
        for place, code in refused.items():
            with pytest.raises(UserError) as caught:
                await talk.start(place)
            assert (caught.value.code, bool(caught.value.remedy)) == (code, True), place
        assert (await talk.call("session/list", {}))["sessions"] == before
        await talk.start(tmp_path / "other")  # a worktree's own folder is one


async def test_a_home_folder_is_asked_about_and_taken_when_it_is_meant(hub: RunningHub) -> None:
    async with hub.connected() as talk:
        environ = Path(f"/proc/{hub.process.pid}/environ").read_bytes().split(b"\0")
        home = Path(os.fsdecode(next(one for one in environ if one.startswith(b"HOME=")))[5:])
        assert any(home.iterdir()), "the hub's home is empty"
        with pytest.raises(UserError) as refused:
            await talk.start(home)
        assert refused.value.code == "workspace_is_home"
        assert refused.value.remedy
        session_id = await talk.start(home, allow_home=True)
        await talk.until(session_id, "stopped", "working", "proposed")
        assert (await talk.session(session_id))["base"]


async def test_a_file_that_may_not_be_read_is_left_out_and_told(hub: RunningHub, tmp_path: Path) -> None:
    folder = calc(tmp_path / "ws")
    (folder / "secret.txt").write_text("mine")
    (folder / "secret.txt").chmod(0)
    (folder / "closed").mkdir()
    (folder / "closed" / "inner.txt").write_text("mine")
    (folder / "closed").chmod(0)
    async with vendor() as model, hub.connected() as talk:
        await talk.offer(model.openai_url)
        session_id = await talk.start(folder)
        session = await talk.until(session_id, "proposed")
        told = "\n".join(session["skipped"])
        assert "secret.txt" in told
        assert "closed" in told
        assert [hunk["path"] for hunk in await talk.hunks(session_id)] == ["calc.py"]
        assert [one["status"] for one in await talk.accept(session_id)] == ["on_disk"]
    assert (folder / "secret.txt").stat().st_mode & 0o777 == 0
    (folder / "closed").chmod(0o700)
    assert (folder / "closed" / "inner.txt").read_text() == "mine"


async def test_a_workspace_that_may_not_be_written_keeps_its_hunks_pending_with_the_reason(
    hub: RunningHub, tmp_path: Path
) -> None:
    folder = calc(tmp_path / "ws")
    before = tree(folder)
    async with vendor() as model, hub.connected() as talk:
        await talk.offer(model.openai_url)
        session_id = await talk.start(folder)
        await talk.until(session_id, "proposed")
        (folder / "calc.py").chmod(0o444)
        folder.chmod(0o555)
        (outcome,) = await talk.accept(session_id)
        assert outcome["status"] == "pending"
        assert "calc.py" in outcome["note"] or "permission" in outcome["note"].lower()
        assert tree(folder) == before
        assert (await talk.session(session_id))["status"] == "proposed"
        folder.chmod(0o755)
        (outcome,) = await talk.accept(session_id)
        assert (outcome["status"], outcome["note"]) == ("on_disk", "")
    assert b"a + b" in (folder / "calc.py").read_bytes()


async def test_a_workspace_on_a_full_disk_keeps_its_hunks_pending_and_its_files_whole(
    hub: RunningHub, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "disk", 1) as disk:
        folder = calc(disk / "ws")
        before = tree(folder)
        async with vendor() as model, hub.connected() as talk:
            await talk.offer(model.openai_url)
            session_id = await talk.start(folder)
            await talk.until(session_id, "proposed")
            filler = fill(disk)
            (outcome,) = await talk.accept(session_id)
            assert outcome["status"] == "pending"
            assert "full" in outcome["note"] or "No space" in outcome["note"]
            assert tree(folder) == before
            filler.unlink()
            (outcome,) = await talk.accept(session_id)
            assert (outcome["status"], outcome["note"]) == ("on_disk", "")
        assert b"a + b" in (folder / "calc.py").read_bytes()
