"""Sandboxes that stand before their command is known: what a command meets there is what it meets in a new one."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest
from tests.contract.test_sandbox import Site, git, marked, until

from draftsmith.domain.errors import ModelMistake
from draftsmith.ports.sandbox import CommandResult
from draftsmith.sandbox.bubblewrap import BubblewrapSandbox

WAITING = "echo; . /dev/fd/0"
HOW = "tr '\\0' ' ' < /proc/1/cmdline; echo"


class StandingSite(Site):
    """Every command meets a sandbox that was made before."""

    @property
    def roots(self):
        return self.command("true").roots

    async def run(self, run: str | tuple[str, ...], **fields: object) -> CommandResult:
        self.sandbox.stand_by(self.roots)
        return await self.sandbox.run(self.command(run, **fields))

    async def stands(self) -> list[psutil.Process]:
        """Waits until a sandbox stands; its processes: bubblewrap and the waiting shell."""
        self.sandbox.stand_by(self.roots)
        await until(lambda: any(each.name() == "sh" for each in self.waiting()))
        return self.waiting()

    def waiting(self) -> list[psutil.Process]:
        found: list[psutil.Process] = []
        for each in marked(str(self.draft)):
            with contextlib.suppress(psutil.NoSuchProcess):  # it may end at any moment
                found += [each] if WAITING in " ".join(each.cmdline()) else []
                found += each.children(recursive=True)
        return found


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[StandingSite]:
    made = StandingSite(tmp_path)
    yield made
    await made.sandbox.stand_down()


async def test_the_command_runs_in_the_sandbox_that_stood(site: StandingSite) -> None:
    assert WAITING in (await site.run(HOW)).stdout.head
    cold = await BubblewrapSandbox().run(site.command(HOW))
    assert WAITING not in cold.stdout.head


@pytest.mark.parametrize(
    ("run", "code"),
    [
        ("exit 3", 3),
        ("kill -9 $$", 137),
        ("not-a-program-at-all", 127),
        (("/bin/sh", "-c", "exit 7"), 7),
        ("cat; echo \"it's\"; echo 'two\nlines' $((1+1))", 0),
        (("printf", "%s|", "a b", "c'd", "$HOME", "", "e\nf", "*"), 0),
        ("echo out; echo err >&2; false", 1),
        ("pwd; ls -A /tmp /run /var/tmp ~ | wc -l; touch /tmp/x; id -u; cat /etc/passwd | wc -l", 0),
        ("env | sort; ulimit -a; umask; ls -l /proc/self/fd | wc -l; grep Cap /proc/self/status", 0),
        ("cat /proc/net/dev | wc -l; ls -1 /etc; cat /proc/self/mountinfo | wc -l; ps ax | wc -l", 0),
    ],
)
async def test_a_command_ends_and_sees_as_in_a_new_sandbox(
    site: StandingSite, run: str | tuple[str, ...], code: int
) -> None:
    warm = await site.run(run)
    assert isinstance(site.sandbox, BubblewrapSandbox)
    cold = await BubblewrapSandbox(environ=site.sandbox._environ).run(site.command(run))
    assert warm.exit_code == code
    assert (warm.exit_code, warm.signal, warm.stdout, warm.stderr) == (
        cold.exit_code,
        cold.signal,
        cold.stdout,
        cold.stderr,
    )


async def test_it_begins_in_the_folder_that_is_asked_for(site: StandingSite) -> None:
    (site.draft / "sub 'x").mkdir()
    result = await site.run(f'pwd; echo "$PWD"; echo "${{OLDPWD-unset}}"; {HOW}', cwd=site.workspace / "sub 'x")
    assert result.stdout.head.splitlines()[:3] == [f"{site.workspace}/sub 'x"] * 2 + ["unset"]
    assert WAITING in result.stdout.head
    with pytest.raises(ModelMistake):
        await site.run("true", cwd=site.workspace / "none")
    assert WAITING in (await site.run(HOW)).stdout.head


async def test_each_command_has_one_of_its_own(site: StandingSite) -> None:
    first = await site.run("echo x > /tmp/kept; sleep 60 & echo started")
    second = await site.run(f"test -e /tmp/kept || echo empty; {HOW}")
    assert first.stdout.head == "started\n"
    assert second.stdout.head.startswith("empty\n/bin/sh")
    assert WAITING in second.stdout.head


async def test_what_needs_more_than_a_standing_sandbox_gets_a_new_one(site: StandingSite) -> None:
    assert (await site.run("cat", stdin=b"given")).stdout.head == "given"
    assert (await site.run('echo "$A"', env=(("A", "b"),))).stdout.head == "b\n"
    long = await site.run(f"echo {'x' * 70_000} | wc -c")
    assert long.stdout.head == "70001\n"


async def test_nothing_of_the_workspace_runs_in_a_waiting_sandbox(site: StandingSite) -> None:
    assert {each.name() for each in await site.stands()} == {"bwrap", "sh"}
    assert sorted(each.name for each in site.draft.iterdir()) == ["where.txt"]


async def test_one_that_no_longer_shows_what_is_there_is_not_used(site: StandingSite) -> None:
    git(site.workspace, "init", "-q", "-b", "main")
    git(site.workspace, "commit", "-q", "--allow-empty", "-m", "first")
    assert (await site.run("git log --format=%s")).stdout.head == "first\n"
    await site.stands()
    git(site.workspace, "commit", "-q", "--allow-empty", "-m", "second")
    git(site.workspace, "checkout", "-q", "-b", "other")
    told = await site.run("git log --format=%s; git branch --show-current")
    assert told.stdout.head == "second\nfirst\nother\n"
    await site.stands()
    shutil.rmtree(site.draft / ".git")
    (site.draft / ".git").mkdir()
    assert (await site.run("git log --format=%s | wc -l")).stdout.head == "2\n"


async def test_a_draft_that_was_made_anew_is_seen(site: StandingSite) -> None:
    await site.stands()
    site.draft.rename(site.draft.with_name("old"))
    site.draft.mkdir()
    (site.draft / "where.txt").write_text("anew\n")
    assert (await site.run("cat where.txt")).stdout.head == "anew\n"


async def test_files_written_meanwhile_are_seen(site: StandingSite) -> None:
    await site.stands()
    (site.draft / "where.txt").unlink()
    (site.draft / "where.txt").write_text("later\n")
    assert (await site.run(f"cat where.txt; {HOW}")).stdout.head.startswith("later\n/bin/sh -c echo")


async def test_a_waiting_sandbox_that_died_costs_nothing_but_time(site: StandingSite) -> None:
    for each in await site.stands():
        if each.name() == "sh":
            each.kill()
    await until(lambda: not site.waiting())
    assert (await site.run("echo alive")).stdout.head == "alive\n"


async def test_limits_and_cancellation_hold(site: StandingSite) -> None:
    await site.stands()
    stopped = await site.run("sleep 4720 & sleep 4720", time_limit_seconds=0.3)
    assert stopped.stopped_by == "time"
    await site.stands()
    task = asyncio.create_task(site.run("sleep 4720"))
    await until(lambda: bool(marked("sleep 4720")))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until(lambda: not marked("sleep 4720"))


async def test_standing_down_leaves_no_process_and_no_descriptor(site: StandingSite) -> None:
    await site.run("true")
    await site.sandbox.stand_down()
    me = psutil.Process()
    before, children = me.num_fds(), set(me.children())
    for _ in range(3):
        site.sandbox.stand_by(site.roots)
        await asyncio.sleep(0)
        await site.sandbox.stand_down(site.roots)
        await site.run("true")
        await site.stands()
        await site.sandbox.stand_down()
    await until(lambda: me.num_fds() <= before)  # others' garbage may go meanwhile
    assert set(me.children()) <= children
    assert not site.waiting()


async def test_a_killed_runner_takes_its_waiting_sandboxes_along(site: StandingSite) -> None:
    code = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from draftsmith.ports.sandbox import MountedRoot\n"
        "from draftsmith.sandbox.bubblewrap import BubblewrapSandbox\n"
        "async def main():\n"
        "    root = MountedRoot(workspace_path=Path(sys.argv[1]), draft_path=Path(sys.argv[2]))\n"
        "    BubblewrapSandbox().stand_by((root,))\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    runner = subprocess.Popen([sys.executable, "-c", code, str(site.workspace), str(site.draft)])
    await until(lambda: any(each.name() == "sh" for each in site.waiting()))
    left = [each for each in site.waiting() if each.name() in ("bwrap", "sh")]
    runner.kill()
    runner.wait()
    await until(lambda: all(not each.is_running() or each.status() == psutil.STATUS_ZOMBIE for each in left))


async def test_where_no_sandbox_can_be_made_standing_by_does_nothing(site: StandingSite, tmp_path: Path) -> None:
    BubblewrapSandbox(environ={"PATH": str(tmp_path / "nothing")}).stand_by(site.roots)
    site.dependencies = (Path("/elsewhere"),)
    site.sandbox.stand_by(site.roots)
    site.dependencies = ()
    assert (await site.run("echo fine")).stdout.head == "fine\n"
