"""The bubblewrap adapter of the sandbox port: what only it can refuse, and what is its alone."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import time
from importlib import import_module
from pathlib import Path

import psutil
import pytest
from tests.contract.sandboxes import Site, marked, until

from draftsmith.domain.errors import AdapterError, UserError
from draftsmith.platform.processes import kill_tree
from draftsmith.sandbox.bubblewrap import BubblewrapSandbox
from draftsmith.sandbox.gitview import filtered_config


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_filtered_config_passes_known_keys_only() -> None:
    text = (
        '[core]\n\tbare = false\n\tsshCommand = evil\n\tpager = evil\n[include]\n\tpath = ~/.x\n[remote "o"]\n'
        "\turl = https://tok@h.org/r.git?token=1\n\tfetch = +refs/heads/*:refs/remotes/o/*\n\tproxy = http://u:p@x\n"
        '[remote "p"]\n\turl = git@h.org:a/b.git\n[alias]\n\tx = !evil\n[core] editor = evil\n'
        "[credential]\n\thelper = evil\n"
    )
    filtered = filtered_config(text)
    assert filtered == (
        '[core]\n\tbare = false\n[remote "o"]\n\tfetch = +refs/heads/*:refs/remotes/o/*\n'
        '[remote "p"]\n\turl = h.org:a/b.git\n'
    )
    assert filtered_config(filtered) == filtered


async def test_cancelled_at_any_moment_of_its_start_it_leaves_nothing_behind(site: Site) -> None:
    for turns in range(1, 40):
        running = asyncio.create_task(site.run("sleep 4715"))
        for _ in range(turns):
            await asyncio.sleep(0)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    await until(lambda: not marked("sleep 4715"))


async def test_no_descriptor_and_no_child_is_left(site: Site) -> None:
    await site.run("true")
    me = psutil.Process()
    before, children = me.num_fds(), set(me.children())
    for _ in range(5):
        await site.run("true", stdin=b"x")
    await until(lambda: me.num_fds() <= before)  # others' garbage may go meanwhile
    assert set(me.children()) <= children


async def test_without_bubblewrap_nothing_runs(site: Site, tmp_path: Path) -> None:
    site.sandbox = BubblewrapSandbox(environ={"PATH": str(tmp_path / "nothing")})
    with pytest.raises(UserError) as refusal:
        await site.run("touch ran")
    assert refusal.value.code == "sandbox_missing"
    assert "Install bubblewrap" in refusal.value.remedy
    assert not (site.draft / "ran").exists()
    probe = await site.sandbox.probe()
    assert (probe.usable, probe.remedy) == (False, refusal.value.remedy)


async def test_forbidden_namespaces_are_told_with_a_remedy(site: Site, tmp_path: Path) -> None:
    """The real engine, started where the kernel gives no more user namespaces."""
    folder = tmp_path / "bin"
    folder.mkdir()
    outer = f"{shutil.which('bwrap')} --unshare-user --disable-userns --dev-bind / /"
    (folder / "bwrap").write_text(f'#!/bin/sh\nexec {outer} {shutil.which("bwrap")} "$@"\n')
    (folder / "bwrap").chmod(0o755)
    site.sandbox = BubblewrapSandbox(environ={"PATH": f"{folder}:/usr/bin:/bin"})
    with pytest.raises(UserError, match="namespace") as refusal:
        await site.run("touch ran")
    assert refusal.value.code == "sandbox_missing"
    assert "sysctl" in refusal.value.remedy
    assert not (site.draft / "ran").exists()
    probe = await site.sandbox.probe()
    assert not probe.usable
    assert "namespace" in probe.reason


async def test_probe_finds_the_engine() -> None:
    probe = await BubblewrapSandbox().probe()
    assert probe.usable, probe.reason
    assert probe.version[0].isdigit()


async def test_a_broken_setup_is_not_taken_for_the_commands_own_end(site: Site) -> None:
    said = await site.run("echo 'bwrap: pretended' >&2; exit 1")
    assert said.exit_code == 1
    site.draft.rename(site.draft.with_name("gone"))
    (site.workspace / "sub").mkdir()
    site.dependencies = (site.workspace / "sub",)
    with pytest.raises(AdapterError) as failure:
        await site.run("true", cwd=site.workspace / "sub")
    assert failure.value.code == "sandbox_failed"


def test_a_user_without_rights_can_use_it(state_dir: Path) -> None:
    """As root a child that gave up its rights does it; everybody else has none to give up."""
    # Imported late by asyncio.to_thread, and the child may not be able to read where Python is installed.
    import_module("concurrent.futures.thread")
    site = Site(state_dir)
    for folder in (state_dir, site.workspace, site.draft) if os.geteuid() == 0 else ():
        os.chown(folder, 65534, 65534)
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
            sandbox = BubblewrapSandbox(environ={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"})
            line = "id -u; cat where.txt; echo x > made; grep CapEff /proc/self/status"
            result = asyncio.run(sandbox.run(site.command(line)))
            os.write(write, (result.stdout.head + result.stderr.head).encode())
            code = 0
        finally:
            os._exit(code)
    os.close(write)
    with os.fdopen(read) as pipe:
        said = pipe.read()
    assert os.waitpid(child, 0)[1] == 0
    made = site.draft / "made"
    assert said == f"{made.stat().st_uid}\ndraft\nCapEff:\t0000000000000000\n"
    assert made.stat().st_uid != 0


def test_kill_tree_reaches_children_that_left_the_group() -> None:
    line = "setsid sh -c 'setsid sleep 4717; true' & sleep 4717"
    root = subprocess.Popen(["/bin/sh", "-c", line], start_new_session=True)
    deadline = time.monotonic() + 10
    while len([each for each in marked("sleep 4717") if each.name() == "sleep"]) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    kill_tree(root.pid)
    root.wait()
    assert [each for each in marked("sleep 4717") if each.status() != psutil.STATUS_ZOMBIE] == []
