"""The sandbox port against real bubblewrap: what a command sees, what it may change, and how it ends."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import psutil
import pytest

from draftsmith.domain.errors import AdapterError, ModelMistake, UserError
from draftsmith.platform.processes import kill_tree
from draftsmith.ports.sandbox import Command, CommandResult, MountedRoot, StreamName
from draftsmith.sandbox.bubblewrap import BubblewrapSandbox
from draftsmith.sandbox.gitview import filtered_config


class Site:
    """A workspace and its draft, which differ in one file so that a command shows which it sees."""

    def __init__(self, folder: Path) -> None:
        self.workspace = folder / "ws"
        self.draft = folder / "draft"
        self.outputs = folder / "outputs"
        for each, text in ((self.workspace, "workspace\n"), (self.draft, "draft\n")):
            each.mkdir()
            (each / "where.txt").write_text(text)
        self.dependencies: tuple[Path, ...] = ()
        self.sandbox = BubblewrapSandbox()

    def command(self, run: str | tuple[str, ...], **fields: object) -> Command:
        root = MountedRoot(workspace_path=self.workspace, draft_path=self.draft, dependency_folders=self.dependencies)
        given = {"cwd": self.workspace, "roots": (root,), "output_dir": self.outputs, "output_id": "c1", **fields}
        return Command(run=run, **given)  # type: ignore[arg-type]  the fields are named by each test

    async def run(self, run: str | tuple[str, ...], **fields: object) -> CommandResult:
        return await self.sandbox.run(self.command(run, **fields))


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def marked(mark: str) -> list[psutil.Process]:
    """Living processes with the mark on their command line, in any namespace below ours."""
    return [each for each in psutil.process_iter(["cmdline"]) if mark in " ".join(each.info["cmdline"] or [])]


async def until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  other processes set no event of ours
            await asyncio.sleep(0.02)


# --- what it sees ---


async def test_the_draft_stands_at_the_workspaces_own_path(site: Site) -> None:
    result = await site.run("pwd; cat where.txt; echo new > made.txt")
    assert result.stdout.head == f"{site.workspace}\ndraft\n"
    assert (site.draft / "made.txt").read_text() == "new\n"
    assert not (site.workspace / "made.txt").exists()


async def test_only_the_draft_and_private_places_can_be_written(site: Site) -> None:
    result = await site.run("touch /usr/x /etc/x /x /bin/x 2>&1; touch /tmp/ok ~/ok && ls /tmp/ok ~/ok")
    assert result.exit_code == 0
    assert result.stdout.head.count("Read-only file system") == 4
    assert not Path("/tmp/ok").exists()
    assert not (Path.home() / "ok").exists()


async def test_nothing_of_the_home_folder_or_the_drafts_surroundings_is_seen(site: Site, tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / ".ssh").mkdir(parents=True)
    (home / ".ssh" / "id_ed25519").write_text("SECRET")
    (home / ".npmrc").write_text("SECRET")
    tools = home / ".tool" / "bin"
    tools.mkdir(parents=True)
    (home / ".tool" / "lib").mkdir()
    (tools / "greet").write_text("#!/bin/sh\necho hello\n")
    (tools / "greet").chmod(0o755)
    site.sandbox = BubblewrapSandbox(environ={"HOME": str(home), "PATH": f"{tools}:{home / '.ssh'}:/usr/bin:/bin"})
    result = await site.run(
        "greet; echo $HOME; ls -A ~; cat ~/.ssh/id_ed25519 ~/.npmrc; ls " + str(site.outputs.parent)
    )
    assert result.stdout.head == f"hello\n{home}\n.tool\nhome\nws\n"
    assert "SECRET" not in result.stdout.head + result.stderr.head


async def test_no_secret_file_of_the_system_is_seen(site: Site) -> None:
    result = await site.run(
        "cat /etc/shadow /etc/gshadow /etc/sudoers; ls /etc/ssh /etc/ssl/private /root/.ssh /var/lib; cat /etc/passwd"
    )
    assert result.stderr.head.count("No such file or directory") == 7
    assert len(result.stdout.head.splitlines()) <= 3


async def test_the_environment_is_an_allow_list(site: Site) -> None:
    environ = {**os.environ, "OPENAI_API_KEY": "sk-secret", "LD_PRELOAD": "/x.so", "GIT_DIR": "/x", "LC_TIME": "C"}
    site.sandbox = BubblewrapSandbox(environ=environ)
    result = await site.run("env", env=(("CI", "1"),))
    names = {line.split("=")[0] for line in result.stdout.head.splitlines()}
    assert {"CI", "PATH", "HOME", "LC_TIME", "TMPDIR"} <= names
    assert not {"OPENAI_API_KEY", "LD_PRELOAD", "GIT_DIR"} & names


async def test_draftsmiths_own_environment_is_not_the_projects(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{sys.prefix}/bin:/usr/bin:/bin")
    assert sys.prefix != sys.base_prefix, "these tests run in an environment of their own"
    site.sandbox = BubblewrapSandbox()
    result = await site.run("command -v python3; echo $PATH")
    assert result.stdout.head.startswith("/usr/bin/python3\n")
    assert sys.prefix not in result.stdout.head


async def test_there_is_no_network(site: Site) -> None:
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    code = f"import socket; socket.create_connection(('127.0.0.1', {port}), 2)"
    result = await site.run(("/usr/bin/python3", "-c", code))
    server.close()
    assert result.exit_code == 1
    assert "ConnectionRefusedError" in result.stderr.head


async def test_no_capability_and_no_terminal_is_left(site: Site) -> None:
    result = await site.run("grep -h Cap /proc/self/status; ls /proc | grep -c '^[0-9]'; cat < /dev/tty")
    assert {line.split()[1] for line in result.stdout.head.splitlines()[:5]} == {"0" * 16}
    assert int(result.stdout.head.splitlines()[5]) < 10
    assert "/dev/tty" in result.stderr.head


async def test_other_processes_cannot_be_signalled(site: Site) -> None:
    result = await site.run(f"kill -9 {os.getpid()}")
    assert result.exit_code == 1
    assert "No such process" in result.stderr.head


# --- dependency folders ---


async def test_dependency_folders_are_seen_at_their_path_and_not_written(site: Site) -> None:
    venv = site.workspace / ".venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "pyvenv.cfg").write_text("home = /usr/bin\n")
    (venv / "bin" / "tool").write_text(f"#!/bin/sh\ncat {site.workspace}/where.txt\n")
    (venv / "bin" / "tool").chmod(0o755)
    site.dependencies = (venv,)
    result = await site.run("tool; touch .venv/x")
    assert result.stdout.head == "draft\n"
    assert "Read-only file system" in result.stderr.head
    assert result.notes == (f"{venv} is read-only.",)


async def test_an_editable_install_imports_the_drafts_code(site: Site) -> None:
    """The venv names the workspace's path; in the sandbox that path holds the draft."""
    packages = site.workspace / ".venv" / "lib" / "site"
    packages.mkdir(parents=True)
    (packages / "editable.pth").write_text(f"{site.workspace}/src\n")
    for folder, value in ((site.workspace, "workspace"), (site.draft, "draft")):
        (folder / "src").mkdir()
        (folder / "src" / "editable_mod.py").write_text(f"WHERE = {value!r}\n")
    site.dependencies = (site.workspace / ".venv",)
    code = f"import site; site.addsitedir({str(packages)!r}); import editable_mod; print(editable_mod.WHERE)"
    assert (await site.run(("/usr/bin/python3", "-c", code))).stdout.head == "draft\n"


async def test_the_interpreter_that_a_venv_names_is_shown_but_not_any_folder_it_names(
    site: Site, tmp_path: Path
) -> None:
    python = tmp_path / "pythons" / "3.x"
    (python / "bin").mkdir(parents=True)
    (python / "bin" / "python3").touch()
    (python / "lib" / "python3.x").mkdir(parents=True)
    (python / "lib" / "python3.x" / "os.py").touch()
    secret = tmp_path / "secret" / "bin"
    secret.mkdir(parents=True)
    for name, home in (("good", python / "bin"), ("bad", secret)):
        (site.workspace / name).mkdir()
        (site.workspace / name / "pyvenv.cfg").write_text(f"home = {home}\n")
    site.dependencies = (site.workspace / "good", site.workspace / "bad")
    result = await site.run(f"ls {python}/lib/python3.x; ls {secret}")
    assert result.stdout.head == "os.py\n"
    assert "No such file" in result.stderr.head


async def test_a_dependency_link_out_of_the_workspace_is_not_shown(site: Site, tmp_path: Path) -> None:
    (tmp_path / "private").mkdir()
    (tmp_path / "private" / "key").write_text("SECRET")
    (site.workspace / "node_modules").symlink_to(tmp_path / "private")
    site.dependencies = (site.workspace / "node_modules",)
    result = await site.run("ls node_modules; cat node_modules/key")
    assert "SECRET" not in result.stdout.head
    assert "outside the workspace" in result.notes[0]


async def test_a_link_in_the_draft_cannot_lead_a_mount_out(site: Site, tmp_path: Path) -> None:
    (site.workspace / "pkg" / "node_modules").mkdir(parents=True)
    outside = tmp_path / "outside"
    outside.mkdir()
    (site.draft / "pkg").symlink_to(outside)
    site.dependencies = (site.workspace / "pkg" / "node_modules",)
    result = await site.run("true")
    assert result.exit_code == 0
    assert "not shown" in result.notes[0]
    assert list(outside.iterdir()) == []


# --- git ---


async def test_git_history_can_be_read_and_holds_no_credentials_or_programs(site: Site) -> None:
    git(site.workspace, "init", "-q")
    git(site.workspace, "add", ".")
    git(site.workspace, "commit", "-qm", "first")
    git(site.workspace, "remote", "add", "origin", "https://user:SECRET@example.org/repo.git")
    git(site.workspace, "config", "core.fsmonitor", "/bin/evil")
    (site.workspace / ".git" / "hooks" / "pre-commit").write_text("SECRET")
    (site.workspace / ".git" / "my-credentials").write_text("SECRET")
    before = (site.workspace / ".git" / "index").read_bytes()
    result = await site.run(
        "git log --format=%s; git status --short; git blame -s where.txt; git remote -v; cat .git/config;"
        " grep -r SECRET .git; git commit -qam no; touch .git/x"
    )
    lines = result.stdout.head.splitlines()
    assert lines[:2] == ["first", " M where.txt"]
    assert "origin\thttps://example.org/repo.git (fetch)" in lines
    assert "SECRET" not in result.stdout.head
    assert "fsmonitor" not in result.stdout.head
    assert "Read-only file system" in result.stderr.head
    assert (site.workspace / ".git" / "index").read_bytes() == before


async def test_git_works_in_a_worktree_and_a_forged_pointer_shows_nothing(site: Site, tmp_path: Path) -> None:
    main = tmp_path / "main"
    main.mkdir()
    (main / "where.txt").write_text("x\n")
    git(main, "init", "-q")
    git(main, "add", ".")
    git(main, "commit", "-qm", "in main")
    (site.workspace / "where.txt").unlink()
    site.workspace.rmdir()
    git(main, "worktree", "add", "-q", str(site.workspace))
    assert (await site.run("git log --format=%s")).stdout.head == "in main\n"
    git(main, "worktree", "add", "-q", str(tmp_path / "other"))
    (site.workspace / ".git").write_text(f"gitdir: {main}/.git/worktrees/other\n")
    assert (await site.run("git log --format=%s")).stdout.head == ""
    (site.workspace / ".git").write_text(f"gitdir: {main}/.git\n")
    forged = await site.run("git log --format=%s; ls " + str(main))
    assert forged.stdout.head == ""
    assert "does not point back" in forged.notes[0]


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


# --- output ---


async def test_stdout_and_stderr_are_apart_and_streamed_in_whole_characters(site: Site) -> None:
    pieces: list[tuple[StreamName, str]] = []
    line = "printf 'caf\\303'; sleep 0.1; printf '\\251\\n'; echo bad >&2; printf '\\377'"
    result = await site.sandbox.run(site.command(line), on_output=lambda name, text: pieces.append((name, text)))
    assert result.stdout.head == "café\n\ufffd"
    assert result.stderr.head == "bad\n"
    assert "".join(text for name, text in pieces if name == "stdout") == "café\n\ufffd"
    assert ("stderr", "bad\n") in pieces


async def test_long_output_is_cut_at_lines_and_spilled_whole(site: Site) -> None:
    result = await site.run("seq 100000; echo short >&2", kept_bytes=1_000)
    out = result.stdout
    assert out.head.startswith("1\n2\n")
    assert out.head.endswith("\n")
    assert out.tail.endswith("99999\n100000\n")
    assert len(out.head) <= 500
    assert len(out.tail) <= 500
    first_of_tail, last_of_head = int(out.tail.splitlines()[0]), int(out.head.splitlines()[-1])
    assert out.omitted_lines == first_of_tail - last_of_head - 1
    assert out.total_lines == 100_000
    assert out.spilled is not None
    assert out.spilled.read_text() == "".join(f"{n}\n" for n in range(1, 100_001))
    assert out.omitted_bytes == out.total_bytes - len(out.head) - len(out.tail)
    assert (result.stderr.head, result.stderr.spilled) == ("short\n", None)


async def test_output_within_the_bound_is_whole(site: Site) -> None:
    result = await site.run("seq 100", kept_bytes=292)
    assert (result.stdout.tail, result.stdout.omitted_bytes, result.stdout.spilled) == ("", 0, None)
    assert result.stdout.head == "".join(f"{n}\n" for n in range(1, 101))


async def test_one_giant_line_is_cut_between_characters(site: Site) -> None:
    result = await site.run("printf '€%.0s' $(seq 3000)", kept_bytes=1_000)
    assert set(result.stdout.head + result.stdout.tail) == {"€"}


async def test_the_output_limit_stops_the_command(site: Site) -> None:
    result = await site.run("yes", output_limit_bytes=300_000)
    assert (result.stopped_by, result.exit_code) == ("output", None)
    assert result.stdout.total_bytes == 300_000
    assert result.stdout.spilled is not None
    assert result.stdout.spilled.stat().st_size == 300_000


# --- ends ---


@pytest.mark.parametrize(
    ("line", "code", "signal"),
    [("exit 3", 3, None), ("kill -11 $$", 139, 11), ("no-such-program-here", 127, None), ("exit 200", 200, None)],
)
async def test_exit_codes_and_signals(site: Site, line: str, code: int, signal: int | None) -> None:
    result = await site.run(line)
    assert (result.exit_code, result.signal, result.stopped_by) == (code, signal, None)


async def test_an_argument_vector_runs_programs_without_a_shells_reading(site: Site) -> None:
    assert (await site.run(("printf", "%s|", "a b", "$HOME", "*"))).stdout.head == "a b|$HOME|*|"
    assert (await site.run(("exit", "0"))).exit_code == 127


async def test_stdin_is_given_or_empty(site: Site) -> None:
    assert (await site.run("cat", stdin=b"x" * 300_000)).stdout.total_bytes == 300_000
    assert (await site.run("cat; echo end")).stdout.head == "end\n"
    assert (await site.run("true", stdin=b"x" * 300_000)).exit_code == 0


async def test_the_time_limit_kills_the_whole_tree(site: Site) -> None:
    line = "setsid sleep 4711 & (trap '' TERM; sleep 4711) & sleep 4711"
    result = await site.run(line, time_limit_seconds=0.5)
    assert (result.stopped_by, result.exit_code) == ("time", None)
    assert marked("sleep 4711") == []


async def test_the_idle_limit_counts_from_the_last_output(site: Site) -> None:
    result = await site.run("for i in 1 2 3 4; do echo $i; sleep 0.3; done; sleep 60", idle_seconds=1.0)
    assert result.stopped_by == "idle"
    assert result.stdout.head == "1\n2\n3\n4\n"


async def test_background_processes_end_with_the_command(site: Site) -> None:
    result = await site.run("setsid nohup sleep 4712 >/dev/null 2>&1 & echo started")
    assert result.stdout.head == "started\n"
    assert marked("sleep 4712") == []


async def test_cancel_kills_at_once_and_keeps_what_was_written(site: Site) -> None:
    cancel = asyncio.Event()
    running = asyncio.create_task(
        site.sandbox.run(site.command("echo begun; sleep 4713"), on_output=lambda *_: cancel.set(), cancel=cancel)
    )
    result = await asyncio.wait_for(running, 10)
    assert (result.stopped_by, result.stdout.head) == ("cancelled", "begun\n")
    assert marked("sleep 4713") == []


async def test_cancelled_at_any_moment_of_its_start_it_leaves_nothing_behind(site: Site) -> None:
    for turns in range(1, 40):
        running = asyncio.create_task(site.run("sleep 4715"))
        for _ in range(turns):
            await asyncio.sleep(0)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    await until(lambda: not marked("sleep 4715"))


async def test_a_cancelled_task_leaves_nothing_behind(site: Site) -> None:
    begun = asyncio.Event()
    running = asyncio.create_task(
        site.sandbox.run(site.command("echo begun; sleep 4714"), on_output=lambda *_: begun.set())
    )
    await asyncio.wait_for(begun.wait(), 10)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert marked("sleep 4714") == []


async def test_a_killed_runner_takes_its_commands_along(site: Site) -> None:
    code = (
        "import asyncio, sys\nfrom pathlib import Path\nfrom draftsmith.ports.sandbox import *\n"
        "from draftsmith.sandbox.bubblewrap import BubblewrapSandbox\n"
        "w, d, o = map(Path, sys.argv[1:])\n"
        "r = MountedRoot(workspace_path=w, draft_path=d)\n"
        "c = Command(run='sleep 4715', cwd=w, roots=(r,), output_dir=o, output_id='x')\n"
        "asyncio.run(BubblewrapSandbox().run(c))\n"
    )
    runner = subprocess.Popen([sys.executable, "-c", code, str(site.workspace), str(site.draft), str(site.outputs)])
    try:
        await until(lambda: any("sleep" in each.name() for each in marked("sleep 4715")), 20)
    finally:
        runner.kill()
        runner.wait()
    await until(lambda: marked("sleep 4715") == [])


async def test_what_it_cost_is_known(site: Site) -> None:
    result = await site.run(("/usr/bin/python3", "-c", "x = bytearray(1_200_000_000)\nsum(range(3_000_000))"))
    assert result.cpu_seconds > 0.02
    assert result.wall_seconds > 0
    assert result.peak_memory_bytes is not None
    assert result.peak_memory_bytes > 1_200_000_000


async def test_no_descriptor_and_no_child_is_left(site: Site) -> None:
    await site.run("true")
    me = psutil.Process()
    before, children = me.num_fds(), set(me.children())
    for _ in range(5):
        await site.run("true", stdin=b"x")
    assert me.num_fds() == before
    assert set(me.children()) <= children


# --- refusals ---


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


@pytest.mark.parametrize("cwd", ["missing", "../elsewhere", "where.txt"])
async def test_a_working_folder_that_is_none_is_the_models_mistake(site: Site, cwd: str) -> None:
    with pytest.raises(ModelMistake) as refusal:
        await site.run("true", cwd=site.workspace / cwd)
    assert refusal.value.code == "bad_working_folder"


@pytest.mark.parametrize("path", ["/", "/usr", "/proc/x", "/etc", "/dev/shm"])
async def test_a_workspace_where_the_sandbox_needs_its_own_files_is_refused(site: Site, path: str) -> None:
    root = MountedRoot(workspace_path=Path(path), draft_path=site.draft)
    with pytest.raises(UserError) as refusal:
        await site.run("true", cwd=Path(path), roots=(root,))
    assert refusal.value.code == "workspace_unsupported"


@pytest.mark.parametrize("parent", ["/tmp", "/root", "/var/tmp", "/opt", "/usr/src", "/srv/some/where"])
async def test_a_workspace_may_lie_below_any_usual_folder(site: Site, parent: str) -> None:
    """The path need not exist outside when nothing of the workspace itself is shown."""
    path = Path(parent) / "project-4716"
    if parent == "/usr/src":
        path = Path("/usr/share")  # below a read-only system folder a mount point has to exist
    root = MountedRoot(workspace_path=path, draft_path=site.draft)
    result = await site.run("pwd; cat where.txt", cwd=path, roots=(root,))
    assert result.stdout.head == f"{path}\ndraft\n", result.stderr.head


async def test_two_roots_are_seen_and_written(site: Site, tmp_path: Path) -> None:
    inner = MountedRoot(workspace_path=site.workspace / "inner", draft_path=tmp_path / "inner-draft")
    inner.draft_path.mkdir()
    outer = MountedRoot(workspace_path=site.workspace, draft_path=site.draft)
    result = await site.run("echo 1 > inner/a; echo 2 > b", roots=(inner, outer))
    assert result.exit_code == 0, result.stderr.head
    assert (inner.draft_path / "a").read_text() == "1\n"
    assert (site.draft / "b").read_text() == "2\n"


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


# --- process trees ---


def test_kill_tree_reaches_children_that_left_the_group() -> None:
    line = "setsid sh -c 'setsid sleep 4717; true' & sleep 4717"
    root = subprocess.Popen(["/bin/sh", "-c", line], start_new_session=True)
    deadline = time.monotonic() + 10
    while len([each for each in marked("sleep 4717") if each.name() == "sleep"]) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    kill_tree(root.pid)
    root.wait()
    assert [each for each in marked("sleep 4717") if each.status() != psutil.STATUS_ZOMBIE] == []
