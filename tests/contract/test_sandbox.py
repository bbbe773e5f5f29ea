"""The sandbox port with every adapter: what a command sees, what it may change, and how it ends."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.contract.sandboxes import Site, git, marked, until

from draftsmith.domain.errors import ModelMistake, UserError
from draftsmith.ports.sandbox import MountedRoot, StreamName

__all__ = ["Site", "marked", "until"]


# --- what it sees ---


async def test_the_draft_stands_at_the_workspaces_own_path(walled: Site) -> None:
    result = await walled.run("pwd; cat where.txt; echo new > made.txt")
    assert result.stdout.head == f"{walled.workspace}\ndraft\n"
    assert (walled.draft / "made.txt").read_text() == "new\n"
    assert not (walled.workspace / "made.txt").exists()


async def test_only_the_draft_and_private_places_can_be_written(walled: Site) -> None:
    result = await walled.run("touch /usr/x /etc/x /x /bin/x 2>&1; touch /tmp/ok ~/ok && ls /tmp/ok ~/ok")
    assert result.exit_code == 0
    assert result.stdout.head.count("Read-only file system") == 4
    assert not Path("/tmp/ok").exists()
    assert not (Path.home() / "ok").exists()


async def test_nothing_of_the_home_folder_or_the_drafts_surroundings_is_seen(walled: Site, tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / ".ssh").mkdir(parents=True)
    (home / ".ssh" / "id_ed25519").write_text("SECRET")
    (home / ".npmrc").write_text("SECRET")
    tools = home / ".tool" / "bin"
    tools.mkdir(parents=True)
    (home / ".tool" / "lib").mkdir()
    (tools / "greet").write_text("#!/bin/sh\necho hello\n")
    (tools / "greet").chmod(0o755)
    walled.with_environment({"HOME": str(home), "PATH": f"{tools}:{home / '.ssh'}:/usr/bin:/bin"})
    result = await walled.run(
        "greet; echo $HOME; ls -A ~; cat ~/.ssh/id_ed25519 ~/.npmrc; ls " + str(walled.outputs.parent)
    )
    assert result.stdout.head == f"hello\n{home}\n.tool\nhome\nws\n"
    assert "SECRET" not in result.stdout.head + result.stderr.head


async def test_no_secret_file_of_the_system_is_seen(walled: Site) -> None:
    result = await walled.run(
        "cat /etc/shadow /etc/gshadow /etc/sudoers; ls /etc/ssh /etc/ssl/private /root/.ssh /var/lib; cat /etc/passwd"
    )
    assert result.stderr.head.count("No such file or directory") == 7
    assert len(result.stdout.head.splitlines()) <= 3


async def test_the_environment_is_an_allow_list(site: Site) -> None:
    environ = {**os.environ, "OPENAI_API_KEY": "sk-secret", "LD_PRELOAD": "/x.so", "GIT_DIR": "/x", "LC_TIME": "C"}
    site.with_environment(environ)
    result = await site.run("env", env=(("CI", "1"),))
    names = {line.split("=")[0] for line in result.stdout.head.splitlines()}
    assert {"CI", "PATH", "HOME", "LC_TIME", "TMPDIR"} <= names
    assert not {"OPENAI_API_KEY", "LD_PRELOAD", "GIT_DIR"} & names


async def test_draftsmiths_own_environment_is_not_the_projects(walled: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{sys.prefix}/bin:/usr/bin:/bin")
    assert sys.prefix != sys.base_prefix, "these tests run in an environment of their own"
    walled.sandbox = walled.adapter.make()
    result = await walled.run("command -v python3; echo $PATH")
    assert result.stdout.head.startswith("/usr/bin/python3\n")
    assert sys.prefix not in result.stdout.head


async def test_there_is_no_network(walled: Site) -> None:
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    code = f"import socket; socket.create_connection(('127.0.0.1', {port}), 2)"
    result = await walled.run(("/usr/bin/python3", "-c", code))
    server.close()
    assert result.exit_code == 1
    assert "ConnectionRefusedError" in result.stderr.head


async def test_no_capability_and_no_terminal_is_left(walled: Site) -> None:
    result = await walled.run("grep -h Cap /proc/self/status; ls /proc | grep -c '^[0-9]'; cat < /dev/tty")
    assert {line.split()[1] for line in result.stdout.head.splitlines()[:5]} == {"0" * 16}
    assert int(result.stdout.head.splitlines()[5]) < 10
    assert "/dev/tty" in result.stderr.head


async def test_other_processes_cannot_be_signalled(walled: Site) -> None:
    result = await walled.run(f"kill -9 {os.getpid()}")
    assert result.exit_code == 1
    assert "No such process" in result.stderr.head


# --- dependency folders ---


async def test_dependency_folders_are_seen_at_their_path_and_not_written(walled: Site) -> None:
    venv = walled.workspace / ".venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "pyvenv.cfg").write_text("home = /usr/bin\n")
    (venv / "bin" / "tool").write_text(f"#!/bin/sh\ncat {walled.workspace}/where.txt\n")
    (venv / "bin" / "tool").chmod(0o755)
    walled.dependencies = (venv,)
    result = await walled.run("tool; touch .venv/x")
    assert result.stdout.head == "draft\n"
    assert "Read-only file system" in result.stderr.head
    assert result.notes == (f"{venv} is read-only.",)


async def test_an_editable_install_imports_the_drafts_code(walled: Site) -> None:
    """The venv names the workspace's path; in the sandbox that path holds the draft."""
    packages = walled.workspace / ".venv" / "lib" / "site"
    packages.mkdir(parents=True)
    (packages / "editable.pth").write_text(f"{walled.workspace}/src\n")
    for folder, value in ((walled.workspace, "workspace"), (walled.draft, "draft")):
        (folder / "src").mkdir()
        (folder / "src" / "editable_mod.py").write_text(f"WHERE = {value!r}\n")
    walled.dependencies = (walled.workspace / ".venv",)
    code = f"import site; site.addsitedir({str(packages)!r}); import editable_mod; print(editable_mod.WHERE)"
    assert (await walled.run(("/usr/bin/python3", "-c", code))).stdout.head == "draft\n"


async def test_the_interpreter_that_a_venv_names_is_shown_but_not_any_folder_it_names(
    walled: Site, tmp_path: Path
) -> None:
    python = tmp_path / "pythons" / "3.x"
    (python / "bin").mkdir(parents=True)
    (python / "bin" / "python3").touch()
    (python / "lib" / "python3.x").mkdir(parents=True)
    (python / "lib" / "python3.x" / "os.py").touch()
    secret = tmp_path / "secret" / "bin"
    secret.mkdir(parents=True)
    for name, home in (("good", python / "bin"), ("bad", secret)):
        (walled.workspace / name).mkdir()
        (walled.workspace / name / "pyvenv.cfg").write_text(f"home = {home}\n")
    walled.dependencies = (walled.workspace / "good", walled.workspace / "bad")
    result = await walled.run(f"ls {python}/lib/python3.x; ls {secret}")
    assert result.stdout.head == "os.py\n"
    assert "No such file" in result.stderr.head


async def test_a_dependency_link_out_of_the_workspace_is_not_shown(walled: Site, tmp_path: Path) -> None:
    (tmp_path / "private").mkdir()
    (tmp_path / "private" / "key").write_text("SECRET")
    (walled.workspace / "node_modules").symlink_to(tmp_path / "private")
    walled.dependencies = (walled.workspace / "node_modules",)
    result = await walled.run("ls node_modules; cat node_modules/key")
    assert "SECRET" not in result.stdout.head
    assert "outside the workspace" in result.notes[0]


async def test_a_link_in_the_draft_cannot_lead_a_mount_out(walled: Site, tmp_path: Path) -> None:
    (walled.workspace / "pkg" / "node_modules").mkdir(parents=True)
    outside = tmp_path / "outside"
    outside.mkdir()
    (walled.draft / "pkg").symlink_to(outside)
    walled.dependencies = (walled.workspace / "pkg" / "node_modules",)
    result = await walled.run("true")
    assert result.exit_code == 0
    assert "not shown" in result.notes[0]
    assert list(outside.iterdir()) == []


# --- git ---


async def test_git_history_can_be_read_and_holds_no_credentials_or_programs(walled: Site) -> None:
    git(walled.workspace, "init", "-q")
    git(walled.workspace, "add", ".")
    git(walled.workspace, "commit", "-qm", "first")
    git(walled.workspace, "remote", "add", "origin", "https://user:SECRET@example.org/repo.git")
    git(walled.workspace, "config", "core.fsmonitor", "/bin/evil")
    (walled.workspace / ".git" / "hooks" / "pre-commit").write_text("SECRET")
    (walled.workspace / ".git" / "my-credentials").write_text("SECRET")
    before = (walled.workspace / ".git" / "index").read_bytes()
    result = await walled.run(
        "git log --format=%s; git status --short; git blame -s where.txt; git remote -v; cat .git/config;"
        " grep -r SECRET .git; git commit -qam no; touch .git/x"
    )
    lines = result.stdout.head.splitlines()
    assert lines[:2] == ["first", " M where.txt"]
    assert "origin\thttps://example.org/repo.git (fetch)" in lines
    assert "SECRET" not in result.stdout.head
    assert "fsmonitor" not in result.stdout.head
    assert "Read-only file system" in result.stderr.head
    assert (walled.workspace / ".git" / "index").read_bytes() == before


async def test_git_works_in_a_worktree_and_a_forged_pointer_shows_nothing(walled: Site, tmp_path: Path) -> None:
    main = tmp_path / "main"
    main.mkdir()
    (main / "where.txt").write_text("x\n")
    git(main, "init", "-q")
    git(main, "add", ".")
    git(main, "commit", "-qm", "in main")
    (walled.workspace / "where.txt").unlink()
    walled.workspace.rmdir()
    git(main, "worktree", "add", "-q", str(walled.workspace))
    assert (await walled.run("git log --format=%s")).stdout.head == "in main\n"
    git(main, "worktree", "add", "-q", str(tmp_path / "other"))
    (walled.workspace / ".git").write_text(f"gitdir: {main}/.git/worktrees/other\n")
    assert (await walled.run("git log --format=%s")).stdout.head == ""
    (walled.workspace / ".git").write_text(f"gitdir: {main}/.git\n")
    forged = await walled.run("git log --format=%s; ls " + str(main))
    assert forged.stdout.head == ""
    assert "does not point back" in forged.notes[0]


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


async def test_a_killed_runner_takes_its_commands_along(walled: Site) -> None:
    code = (
        "import asyncio, sys\nfrom pathlib import Path\nfrom draftsmith.ports.sandbox import *\n"
        f"{walled.adapter.program}\n"
        "w, d, o = map(Path, sys.argv[1:])\n"
        "r = MountedRoot(workspace_path=w, draft_path=d)\n"
        "c = Command(run='sleep 4715', cwd=w, roots=(r,), output_dir=o, output_id='x')\n"
        "asyncio.run(Made().run(c))\n"
    )
    folders = [str(each) for each in (walled.workspace, walled.draft, walled.outputs)]
    environ = {**os.environ, **walled.adapter.environ}
    runner = subprocess.Popen([sys.executable, "-c", code, *folders], env=environ)
    try:
        await until(lambda: any("sleep" in each.name() for each in marked("sleep 4715")))
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


# --- refusals ---


@pytest.mark.parametrize("cwd", ["missing", "../elsewhere", "where.txt"])
async def test_a_working_folder_that_is_none_is_the_models_mistake(site: Site, cwd: str) -> None:
    with pytest.raises(ModelMistake) as refusal:
        await site.run("true", cwd=site.workspace / cwd)
    assert refusal.value.code == "bad_working_folder"


@pytest.mark.parametrize("path", ["/", "/usr", "/proc/x", "/etc", "/dev/shm"])
async def test_a_workspace_where_the_sandbox_needs_its_own_files_is_refused(walled: Site, path: str) -> None:
    root = MountedRoot(workspace_path=Path(path), draft_path=walled.draft)
    with pytest.raises(UserError) as refusal:
        await walled.run("true", cwd=Path(path), roots=(root,))
    assert refusal.value.code == "workspace_unsupported"


@pytest.mark.parametrize("parent", ["/tmp", "/root", "/var/tmp", "/opt", "/usr/src", "/srv/some/where"])
async def test_a_workspace_may_lie_below_any_usual_folder(walled: Site, parent: str) -> None:
    """The path need not exist outside when nothing of the workspace itself is shown."""
    path = Path(parent) / "project-4716"
    if parent == "/usr/src":
        path = Path("/usr/share")  # below a read-only system folder a mount point has to exist
    root = MountedRoot(workspace_path=path, draft_path=walled.draft)
    result = await walled.run("pwd; cat where.txt", cwd=path, roots=(root,))
    assert result.stdout.head == f"{path}\ndraft\n", result.stderr.head


async def test_two_roots_are_seen_and_written(walled: Site, tmp_path: Path) -> None:
    inner = MountedRoot(workspace_path=walled.workspace / "inner", draft_path=tmp_path / "inner-draft")
    inner.draft_path.mkdir()
    outer = MountedRoot(workspace_path=walled.workspace, draft_path=walled.draft)
    result = await walled.run("echo 1 > inner/a; echo 2 > b", roots=(inner, outer))
    assert result.exit_code == 0, result.stderr.head
    assert (inner.draft_path / "a").read_text() == "1\n"
    assert (walled.draft / "b").read_text() == "2\n"
