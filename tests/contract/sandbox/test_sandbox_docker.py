"""The Docker adapter of the sandbox port with a real engine: what is its alone, and how it refuses."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import docker
import pytest
from tests.contract.sandboxes import Site, marked, until
from tests.contract.sandboxes import docker as docker_adapter

from draftsmith.domain.errors import AdapterError, UserError
from draftsmith.ports.sandbox import Limits, TerminalSize
from draftsmith.sandbox.containers.docker import DockerSandbox
from draftsmith.sandbox.containers.owner import FOLDER_LABEL, PROCESS_LABEL
from draftsmith.sandbox.proxy import Way


@pytest.fixture(scope="module")
def client(docker_address: str) -> Iterator[docker.APIClient]:
    made = docker.APIClient(base_url=docker_address)
    yield made
    made.close()


@pytest.fixture
async def site(docker_address: str, tmp_path: Path) -> AsyncIterator[Site]:
    made = Site(tmp_path, docker_adapter(docker_address))
    made.sandbox = DockerSandbox(environ={**os.environ, "DOCKER_HOST": docker_address}, folder=tmp_path / "own")
    yield made
    assert isinstance(made.sandbox, DockerSandbox)
    await made.sandbox.close()
    assert list((tmp_path / "own").glob("container-*")) == []


def of_folder(client: docker.APIClient, site: Site) -> list[str]:
    """The containers that this test's sandbox has."""
    label = f"{FOLDER_LABEL}={site.outputs.parent / 'own'}"
    return [each["Id"] for each in client.containers(all=True, filters={"label": label})]


async def test_one_container_is_kept_for_all_commands_of_the_same_roots(site: Site, client: docker.APIClient) -> None:
    ids: set[str] = set()
    for number in range(3):
        await site.run(f"echo {number} > n")
        ids.update(of_folder(client, site))
    assert len(ids) == 1
    await site.sandbox.stand_down()
    assert of_folder(client, site) == []


async def test_two_commands_at_once_do_not_see_each_others_processes(site: Site) -> None:
    begun, end = asyncio.Event(), asyncio.Event()
    long = site.command("echo up; sleep 4801")
    first = asyncio.create_task(site.sandbox.run(long, on_output=lambda *_: begun.set(), cancel=end))
    await asyncio.wait_for(begun.wait(), 60)
    seen = await site.run("cat /proc/[0-9]*/cmdline | tr '\\0' ' '; kill -9 -1; echo", output_id="c2")
    assert "4801" not in seen.stdout.head
    assert marked("sleep 4801")
    end.set()
    assert (await first).stopped_by == "cancelled"


async def test_a_command_leaves_nothing_to_the_next(site: Site) -> None:
    places = "/tmp ~ /dev/shm /run /var/tmp"
    await site.run(f"for at in {places}; do echo x > $at/left; mkdir -m 0 $at/shut; done; mkdir -p /tmp/left.d/a/b")
    result = await site.run(f"find {places} -name 'left*' -o -name shut")
    assert (result.stdout.head, result.stderr.head) == ("", "")


async def test_a_command_that_kills_its_own_shell_leaves_no_process(site: Site) -> None:
    result = await site.run("(setsid sleep 4802 &); (setsid sleep 4802 &); kill -9 $PPID")
    assert result.exit_code == 137
    await until(lambda: not marked("sleep 4802"))
    assert (await site.run("echo fine")).stdout.head == "fine\n"


async def test_commands_are_the_drafts_owner_and_never_its_root(site: Site, client: docker.APIClient) -> None:
    os.chown(site.draft, 4321, 4321)
    result = await site.run("id -u; id -g; echo x > made; grep -h -e Cap -e NoNewPrivs -e Seccomp: /proc/self/status")
    lines = result.stdout.head.split()
    assert lines[:2] == ["4321", "4321"], result.stderr.head
    assert (site.draft / "made").stat().st_uid == 4321
    status = dict(line.split(":") for line in result.stdout.head.splitlines()[2:])
    assert {value.strip() for name, value in status.items() if name.startswith("Cap")} == {"0" * 16}
    assert (status["NoNewPrivs"].strip(), status["Seccomp"].strip()) == ("1", "2")
    [container] = of_folder(client, site)
    inspected = client.inspect_container(container)
    host = inspected["HostConfig"]
    assert inspected["Config"]["User"] == "4321:4321"
    assert (host["NetworkMode"], host["ReadonlyRootfs"], host["Privileged"]) == ("none", True, False)
    assert not [each for each in inspected["Mounts"] if "docker.sock" in each["Source"]]


async def test_an_image_that_is_named_is_what_commands_see(
    docker_address: str, client: docker.APIClient, tmp_path: Path
) -> None:
    """An image with nothing but one static program, in place of this machine's system."""
    from tests.harness.images import shell_image

    name = shell_image(client, tmp_path)
    site = Site(tmp_path, docker_adapter(docker_address))
    sandbox = DockerSandbox(environ={**os.environ, "DOCKER_HOST": docker_address}, image=name)
    site.sandbox = sandbox
    try:
        result = await site.run("cat /image-says; ls /usr; cat where.txt; echo $HOME > made")
        assert result.stdout.head == "I am the image\nbin\ndraft\n", result.stderr.head
        assert (site.draft / "made").read_text() == f"{Path.home()}\n"
    finally:
        await sandbox.close()


async def test_an_image_that_is_not_there_is_refused_with_how_to_get_it(site: Site, docker_address: str) -> None:
    sandbox = DockerSandbox(environ={**os.environ, "DOCKER_HOST": docker_address}, image="nobody/has-this:1")
    with pytest.raises(UserError, match="nobody/has-this:1") as refusal:
        await sandbox.run(site.command("true"))
    assert "docker pull" in refusal.value.remedy
    await sandbox.close()


async def test_a_container_of_a_killed_process_is_removed_at_the_next_start(
    site: Site, client: docker.APIClient
) -> None:
    """As the engine would keep it when it was away at that moment: nobody holds its standard input."""
    await site.run("true")
    image = client.inspect_container(of_folder(client, site)[0])["Config"]["Image"]
    usr = client.create_host_config(binds=["/usr:/usr:ro"], network_mode="none")
    labels = {FOLDER_LABEL: str(site.outputs.parent / "own"), PROCESS_LABEL: "another:1:1.0"}
    left = client.create_container(image, ["/bin/sleep", "4803"], labels=labels, host_config=usr)["Id"]
    elsewhere = {**labels, FOLDER_LABEL: "/some/other/folder"}
    foreign = client.create_container(image, ["/bin/sleep", "4804"], labels=elsewhere, host_config=usr)["Id"]
    try:
        client.start(left)
        await until(lambda: bool(marked("sleep 4803")))
        assert await site.sandbox.clear_leftovers() == 1
        assert marked("sleep 4803") == []
        assert len(of_folder(client, site)) == 1, "its own stays"
        assert client.inspect_container(foreign)["Id"] == foreign
    finally:
        client.remove_container(foreign, force=True)


async def test_a_container_that_somebody_else_ends_fails_its_command(site: Site, client: docker.APIClient) -> None:
    begun = asyncio.Event()
    running = asyncio.create_task(
        site.sandbox.run(site.command("echo up; sleep 4805"), on_output=lambda *_: begun.set())
    )
    await asyncio.wait_for(begun.wait(), 60)
    client.remove_container(of_folder(client, site)[0], force=True)
    with pytest.raises(AdapterError) as failure:
        await running
    assert failure.value.code == "sandbox_failed"
    assert (await site.run("echo again")).stdout.head == "again\n"


@pytest.mark.parametrize(
    ("make", "remedy"),
    [(lambda at: None, "Install Docker"), (lambda at: at.touch(), "Start it")],
    ids=["no-socket", "nothing-listens"],
)
async def test_without_an_engine_nothing_runs(site: Site, tmp_path: Path, make, remedy: str) -> None:
    place = tmp_path / "engine.sock"
    make(place)
    sandbox = DockerSandbox(environ={"PATH": "/usr/bin:/bin", "HOME": "/tmp", "DOCKER_HOST": f"unix://{place}"})
    with pytest.raises(UserError) as refusal:
        await sandbox.run(site.command("touch ran"))
    assert (refusal.value.code, remedy in refusal.value.remedy) == ("sandbox_missing", True)
    assert not (site.draft / "ran").exists()
    probe = await sandbox.probe()
    assert (probe.usable, probe.remedy) == (False, refusal.value.remedy)


async def test_an_engine_of_another_machine_is_refused(site: Site) -> None:
    sandbox = DockerSandbox(environ={"PATH": "/usr/bin", "HOME": "/tmp", "DOCKER_HOST": "tcp://192.0.2.1:2375"})
    with pytest.raises(UserError, match="not one of this machine"):
        await sandbox.run(site.command("true"))


async def test_an_engine_that_dies_fails_the_command_and_leaves_no_process(site: Site, tmp_path: Path) -> None:
    """A real engine of this test's own, killed while a command runs."""
    from tests.harness.docker_engine import own_engine

    with own_engine() as (address, kill):
        sandbox = DockerSandbox(environ={**os.environ, "DOCKER_HOST": address})
        begun = asyncio.Event()
        running = asyncio.create_task(
            sandbox.run(site.command("echo up; sleep 4806"), on_output=lambda *_: begun.set())
        )
        await asyncio.wait_for(begun.wait(), 60)
        kill()
        with pytest.raises(AdapterError) as failure:
            await running
        assert failure.value.code == "sandbox_failed"
        assert failure.value.remedy
        await until(lambda: marked("sleep 4806") == [])
        await sandbox.close()


async def test_memory_is_refused_by_the_kernel_and_told(site: Site) -> None:
    limits = Limits(memory_bytes=200 << 20)
    result = await site.run(("/usr/bin/python3", "-c", "x = bytearray(600 << 20)"), limits=limits)
    assert (result.stopped_by, result.exit_code) == ("memory", None)
    assert (await site.run("echo fine")).stdout.head == "fine\n"


def test_a_killed_runners_container_is_gone_with_it(
    docker_address: str, client: docker.APIClient, tmp_path: Path
) -> None:
    site = Site(tmp_path, docker_adapter(docker_address))
    code = (
        "import asyncio, sys\nfrom pathlib import Path\nfrom draftsmith.ports.sandbox import *\n"
        "from draftsmith.sandbox.containers.docker import DockerSandbox\n"
        "w, d, own = map(Path, sys.argv[1:])\n"
        "async def main():\n"
        "    sandbox = DockerSandbox(folder=own)\n"
        "    root = (MountedRoot(workspace_path=w, draft_path=d),)\n"
        "    await sandbox.run(Command(run='true', cwd=w, roots=root, output_dir=own, output_id='x'))\n"
        "    print('kept', flush=True)\n"
        "    await asyncio.sleep(600)\n"
        "asyncio.run(main())\n"
    )
    runner = subprocess.Popen(
        [sys.executable, "-c", code, str(site.workspace), str(site.draft), str(tmp_path / "own")],
        env={**os.environ, "DOCKER_HOST": docker_address},
        stdout=subprocess.PIPE,
    )
    try:
        assert runner.stdout is not None
        assert runner.stdout.readline() == b"kept\n"
        assert len(of_folder(client, site)) == 1
    finally:
        runner.send_signal(signal.SIGKILL)
        runner.wait()
        if runner.stdout is not None:
            runner.stdout.close()
    asyncio.run(until(lambda: of_folder(client, site) == []))


async def test_a_server_is_reached_by_later_commands_and_a_terminal_has_its_size(site: Site) -> None:
    server = await site.sandbox.start(
        site.command("exec /usr/bin/python3 -m http.server 8741 --bind 127.0.0.1", output_id="s")
    )
    assert await server.until(seconds=90, port=8741) == "port"
    code = "import urllib.request; print(urllib.request.urlopen('http://127.0.0.1:8741/where.txt').read())"
    assert (await site.run(("/usr/bin/python3", "-c", code))).stdout.head == "b'draft\\n'\n"
    shown = await site.run("stty size; tty", terminal=TerminalSize(rows=31, columns=71), output_id="t")
    assert shown.stdout.head == "31 71\r\n/dev/pts/0\r\n"
    await site.sandbox.end()
    assert server.result is not None
    assert server.result.stopped_by == "cancelled"


async def test_granted_hosts_are_reached_through_the_proxy_and_others_are_not(site: Site, docker_address: str) -> None:
    asked: list[str] = []

    async def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["93.184.215.14"]

    async def connect(address: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", port_of_server)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port_of_server = server.sockets[0].getsockname()[1]
    sandbox = DockerSandbox(
        environ={**os.environ, "DOCKER_HOST": docker_address}, way=Way(resolve=resolve, connect=connect)
    )
    code = (
        "import urllib.request, urllib.error\n"
        "print(urllib.request.urlopen('http://granted.example/').read())\n"
        "try: urllib.request.urlopen('http://other.example/')\n"
        "except urllib.error.HTTPError as refused: print(refused.code)\n"
    )
    command = site.command(("/usr/bin/python3", "-c", code), network_hosts=("granted.example",))
    try:
        if os.geteuid() != 0:
            with pytest.raises(UserError, match="cannot be granted"):
                await sandbox.run(command)
            return
        result = await sandbox.run(command)
    finally:
        await sandbox.close()
        server.close()
        await server.wait_closed()
    assert result.stdout.head == "b'hello'\n403\n", result.stderr.head
    assert asked == ["granted.example"]
    assert "other.example:80" in result.notes[-1]
