"""Commands that go on between calls: servers with their ports and logs, terminals, prompts, and their ends."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest
from tests.contract.sandboxes import Site, marked, until

from draftsmith.domain.errors import ModelMistake, ToolFailure
from draftsmith.ports.sandbox import RunningCommand, TerminalSize

PYTHON = "/usr/bin/python3"
SECONDS = 30.0


class StartingSite(Site):
    async def start(self, run: str | tuple[str, ...], *, keep_input_open: bool = False, **fields: object):
        return await self.sandbox.start(
            self.command(run, **{"time_limit_seconds": 90, **fields}), keep_input_open=keep_input_open
        )

    @property
    def roots(self):
        return self.command("true").roots

    def said(self, name: str = "c1.stdout") -> str:
        return (self.outputs / name).read_bytes().decode()


def sleeping(mark: str) -> list[psutil.Process]:
    """Living `sleep`s with the mark."""
    found: list[psutil.Process] = []
    for each in marked(mark):
        with contextlib.suppress(psutil.NoSuchProcess):
            if each.name() == "sleep" and each.status() != psutil.STATUS_ZOMBIE:
                found.append(each)
    return found


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[StartingSite]:
    made = StartingSite(tmp_path)
    yield made
    await made.sandbox.end()
    await made.sandbox.stand_down()
    assert not marked(str(made.draft))


SIZE = TerminalSize(rows=30, columns=90)


# --- servers ---


async def test_a_servers_port_is_waited_for_and_reached_by_later_commands(site: StartingSite) -> None:
    server = await site.start(f"sleep 0.3; exec {PYTHON} -m http.server 8731 --bind 127.0.0.1")
    assert await server.until(seconds=SECONDS, port=8731) == "port"
    code = "import urllib.request; print(urllib.request.urlopen('http://127.0.0.1:8731/where.txt').read())"
    first = await site.run((PYTHON, "-c", code))
    assert first.stdout.head == "b'draft\\n'\n", first.stderr.head
    assert await server.until(seconds=SECONDS, line='"GET /where.txt HTTP/1.1" 200') == "line"
    assert "GET /where.txt" in site.said("c1.stderr")
    assert server.result is None
    stopped = await server.stop()
    assert stopped.stopped_by == "cancelled"
    assert "ConnectionRefusedError" in (await site.run((PYTHON, "-c", code))).stderr.head


async def test_a_servers_port_is_not_this_machines(site: StartingSite) -> None:
    server = await site.start(f"exec {PYTHON} -m http.server 8732 --bind 0.0.0.0")
    assert await server.until(seconds=SECONDS, port=8732) == "port"
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", 8732), 2)


async def test_two_servers_reach_each_other_and_other_roots_reach_neither(site: StartingSite, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    elsewhere = Site(tmp_path / "elsewhere")
    elsewhere.sandbox = site.sandbox
    listen = "import socket, time; s = socket.create_server(('127.0.0.1', {})); print('up', flush=True); time.sleep(90)"
    first = await site.start((PYTHON, "-c", listen.format(8733)), output_id="a")
    second = await site.start((PYTHON, "-c", listen.format(8734)), output_id="b")
    assert await first.until(seconds=SECONDS, line="up") == "line"
    assert await second.until(seconds=SECONDS, port=8733) == "port"
    assert await second.until(seconds=SECONDS, port=8734) == "port"
    reach = "import socket; socket.create_connection(('127.0.0.1', 8733), 2); print('reached')"
    assert (await site.run((PYTHON, "-c", reach))).stdout.head == "reached\n"
    assert "refused" in (await elsewhere.run((PYTHON, "-c", reach))).stderr.head
    await first.stop()
    assert (await site.run((PYTHON, "-c", reach.replace("8733", "8734")))).stdout.head == "reached\n"


async def test_a_command_beside_a_server_is_as_confined_as_any(site: StartingSite) -> None:
    await site.start("sleep 90")
    result = await site.run("grep -h CapEff /proc/self/status; touch /usr/x; ls /proc | grep -c '^[0-9]'; cat /sys/x")
    assert result.stdout.head.startswith("CapEff:\t0000000000000000\n")
    assert int(result.stdout.head.splitlines()[1]) < 10
    assert "Read-only file system" in result.stderr.head


async def test_the_end_of_a_server_is_told_while_its_port_is_waited_for(site: StartingSite) -> None:
    server = await site.start("echo cannot bind >&2; exit 3")
    assert await server.until(seconds=SECONDS, port=8735) == "ended"
    assert server.result is not None
    assert (server.result.exit_code, server.result.stderr.head) == (3, "cannot bind\n")


async def test_a_port_that_never_listens_is_waited_for_so_long_only(site: StartingSite) -> None:
    server = await site.start("sleep 90")
    assert await server.until(seconds=0.5, port=8736) == "time"
    assert server.result is None


async def test_the_log_is_complete_while_it_runs(site: StartingSite) -> None:
    server = await site.start("seq 20000; echo last; sleep 90", kept_bytes=1_000)
    assert await server.until(seconds=SECONDS, line="last") == "line"
    assert site.said() == "".join(f"{n}\n" for n in range(1, 20_001)) + "last\n"


async def test_what_was_started_is_listed_and_forgotten_by_its_end(site: StartingSite) -> None:
    one = await site.start("sleep 4741 & sleep 4741", output_id="one")
    two = await site.start("exit 0", output_id="two")
    await two.until(seconds=SECONDS)
    assert [each.command.output_id for each in site.sandbox.running(site.roots)] == ["one", "two"]
    await until(lambda: len(sleeping("sleep 4741")) == 2)
    await site.sandbox.end(site.roots)
    assert site.sandbox.running(site.roots) == ()
    assert not marked("sleep 4741")
    assert one.result is not None


async def test_limits_hold_for_what_was_started(site: StartingSite) -> None:
    loud = await site.start("yes", output_limit_bytes=200_000)
    assert await loud.until(seconds=SECONDS) == "ended"
    assert loud.result is not None
    assert loud.result.stopped_by == "output"
    slow = await site.start("sleep 90", output_id="c2", time_limit_seconds=0.3)
    assert await slow.until(seconds=SECONDS) == "ended"
    assert slow.result is not None
    assert slow.result.stopped_by == "time"


async def test_a_killed_runner_takes_what_it_started_along(site: StartingSite) -> None:
    code = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from draftsmith.ports.sandbox import Command, MountedRoot\n"
        "from draftsmith.sandbox.bubblewrap import BubblewrapSandbox\n"
        "async def main():\n"
        "    ws, draft, out = map(Path, sys.argv[1:])\n"
        "    sandbox = BubblewrapSandbox()\n"
        "    for name in 'ab':\n"
        "        await sandbox.start(Command(run='sleep 4742', cwd=ws,\n"
        "            roots=(MountedRoot(workspace_path=ws, draft_path=draft),), output_dir=out, output_id=name))\n"
        "    await asyncio.sleep(90)\n"
        "asyncio.run(main())\n"
    )
    runner = subprocess.Popen([sys.executable, "-c", code, str(site.workspace), str(site.draft), str(site.outputs)])
    await until(lambda: len(sleeping("sleep 4742")) == 2, SECONDS)
    left = marked("sleep 4742")
    runner.kill()
    runner.wait()
    await until(lambda: all(not each.is_running() or each.status() == psutil.STATUS_ZOMBIE for each in left), SECONDS)


async def test_a_folder_that_is_none_is_refused_before_anything_starts(site: StartingSite) -> None:
    with pytest.raises(ModelMistake):
        await site.start("true", cwd=site.workspace / "none")
    assert site.sandbox.running(site.roots) == ()


# --- terminals and prompts ---


async def answered(started: RunningCommand, text: str) -> None:
    assert await started.until(seconds=SECONDS) == "input"
    await started.write(text.encode())


async def test_a_terminal_has_its_size_a_name_and_colours(site: StartingSite) -> None:
    line = 'stty size; tty; echo "$TERM"; test -t 0 && test -t 1 && test -t 2 && echo all; echo e >&2; echo > /dev/tty'
    result = await site.run(line, terminal=SIZE)
    assert result.stdout.head.split("\r\n")[:5] == ["30 90", "/dev/pts/0", "xterm-256color", "all", "e"]
    assert result.stderr.total_bytes == 0
    assert (await site.run("test -t 1 || echo plain")).stdout.head == "plain\n"


async def test_a_prompt_is_noticed_and_answered(site: StartingSite) -> None:
    started = await site.start('read -r -p "Name? " name; read -r -p "Sure? " sure; echo "$name $sure"', terminal=SIZE)
    await answered(started, "Ada\n")
    await answered(started, "yes\n")
    assert await started.until(seconds=SECONDS) == "ended"
    assert site.said().endswith("Ada yes\r\n")
    assert started.result is not None
    assert started.result.exit_code == 0


@pytest.mark.parametrize(
    "code",
    [
        "input('Go on? ')",
        "import sys; sys.stdout.write('Go on? '); sys.stdout.flush(); sys.stdin.readline()",
        "import getpass; getpass.getpass('Password: ')",
        "import select, sys; print('Go on?'); select.select([sys.stdin], [], []); sys.stdin.readline()",
        "import select; p = select.poll(); p.register(0, 1); print('Go on?'); p.poll(); input()",
        "import select; p = select.epoll(); p.register(0, 1); print('Go on?'); p.poll(); input()",
    ],
)
async def test_every_way_to_wait_for_input_is_noticed(site: StartingSite, code: str) -> None:
    started = await site.start((PYTHON, "-c", code), terminal=SIZE)
    await answered(started, "y\n")
    assert await started.until(seconds=SECONDS) == "ended"
    assert started.result is not None
    assert started.result.exit_code == 0


async def test_a_command_that_works_or_sleeps_is_not_taken_for_a_prompt(site: StartingSite) -> None:
    started = await site.start("printf 'working '; sleep 6; echo done", terminal=SIZE)
    busy = "import time\ne = time.time() + 4\nwhile time.time() < e: pass"
    working = await site.start((PYTHON, "-c", busy), output_id="c2", terminal=SIZE)
    assert await started.until(seconds=SECONDS) == "ended"
    assert await working.until(seconds=SECONDS) == "ended"


async def test_standard_input_can_be_kept_open(site: StartingSite) -> None:
    started = await site.start("cat; echo end", keep_input_open=True, stdin=b"first\n")
    assert await started.until(seconds=SECONDS, line="first") == "line"
    await answered(started, "second\n")
    assert await started.until(seconds=SECONDS, line="second") == "line"
    await started.close_input()
    assert await started.until(seconds=SECONDS) == "ended"
    assert site.said() == "first\nsecond\nend\n"


async def test_without_input_there_is_nothing_to_type_into(site: StartingSite) -> None:
    started = await site.start("sleep 90")
    with pytest.raises(ToolFailure) as refusal:
        await started.write(b"x")
    assert refusal.value.code == "not_typed"
    assert await started.until(seconds=2) == "time"
    await started.stop()
    with pytest.raises(ToolFailure):
        await started.write(b"x")


async def test_control_keys_work_and_job_control_too(site: StartingSite) -> None:
    started = await site.start(("bash", "--norc", "-i"), terminal=SIZE)
    await answered(started, "sleep 4743\n")
    await until(lambda: bool(sleeping("sleep 4743")), SECONDS)
    await started.write(b"\x03")
    await until(lambda: not sleeping("sleep 4743"), SECONDS)
    await started.write(b"echo still $((40+2))\nexit\n")
    assert await started.until(seconds=SECONDS) == "ended"
    assert "still 42" in site.said()


async def test_input_cannot_be_injected_into_anything_outside(site: StartingSite) -> None:
    code = (
        "import fcntl, termios\n"
        "try: fcntl.ioctl(0, termios.TIOCSTI, b'x')\n"
        "except OSError as refused: print(type(refused).__name__)\n"
    )
    result = await site.run((PYTHON, "-c", code), terminal=SIZE)
    assert result.stdout.head == "PermissionError\r\n"


async def test_nothing_stays_open_after_it(site: StartingSite) -> None:
    me = psutil.Process()
    await (await site.start("cat", terminal=SIZE)).stop()
    await site.sandbox.end()
    before = me.num_fds()
    for _ in range(3):
        started = await site.start("cat", terminal=SIZE)
        await site.start("sleep 90", output_id="c2")
        await started.until(seconds=0.5)
        await site.run("true")
        await site.sandbox.end()
    await until(lambda: me.num_fds() <= before)
