"""The Docker engine as far as the sandbox needs it: the only place that knows the SDK.

It decides nothing: what a container may see and do is in the plan it is given.
"""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from draftsmith.domain.errors import AdapterError, UserError
from draftsmith.sandbox.containers.plan import ContainerPlan
from draftsmith.sandbox.seccomp_profile import container_profile

if TYPE_CHECKING:
    from docker import APIClient

_ANSWER_SECONDS = 60
_STREAM_BYTES = 1 << 17
_START = "Start it (`sudo systemctl start docker`) or name its socket in DOCKER_HOST."
_INSTALL = "Install Docker (`apt-get install docker.io`) and start it, or name the engine's socket in DOCKER_HOST."
_ALLOW = "Add yourself to the group that may use it (`sudo usermod -aG docker $USER`) and log in again."
_LOCAL = "Unset DOCKER_HOST or name a local socket (`unix:///run/docker.sock`): drafts are folders of this machine."

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineFacts:
    """What the engine says of itself. `rootless`: its root is the user who runs it. `remapped`: it moves user ids."""

    version: str
    rootless: bool
    remapped: bool
    swap_limit: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A container by the labels that it was made with."""

    container_id: str
    labels: Mapping[str, str]


class Stream:
    """A two-way connection to a container or to a command in it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def close(self) -> None:
        self.writer.close()


def engine_addresses(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Where an engine may listen, the likeliest first."""
    if named := environ.get("DOCKER_HOST"):
        return (named,)
    folders = [environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}"]
    home = Path(environ.get("HOME") or "/")
    return (
        "unix:///var/run/docker.sock",
        *(f"unix://{folder}/docker.sock" for folder in folders),
        f"unix://{home}/.docker/run/docker.sock",
    )


class Engine:
    """Made by `connect`; `close` when it is not needed any more. Every call ends within a minute."""

    def __init__(self, api: Any, address: str, facts: EngineFacts) -> None:
        self._api = api
        self.address = address
        self.facts = facts

    @classmethod
    async def connect(cls, environ: Mapping[str, str]) -> Engine:
        """Raises UserError (`sandbox_missing`) when there is no engine of this machine that we may use."""
        address = _listening(engine_addresses(environ))
        api, facts = await asyncio.to_thread(_open, address)
        return cls(api, address, facts)

    async def close(self) -> None:
        await asyncio.to_thread(self._api.close)

    async def has_image(self, name: str) -> bool:
        import docker.errors

        def look() -> bool:
            try:
                self._api.inspect_image(name)
            except docker.errors.ImageNotFound:
                return False
            return True

        return await self._call(f"looking for the image {name}", look)

    async def import_image(self, content: bytes, repository: str, tag: str) -> None:
        """Makes an image of a tar file."""
        await self._call(
            "making an image", lambda: self._api.import_image_from_data(content, repository=repository, tag=tag)
        )

    async def create(self, plan: ContainerPlan) -> str:
        """The id of a container that does not run yet."""
        return await self._call("making a container", lambda: _create(self._api, plan))

    async def attach(self, container_id: str) -> Stream:
        """To the standard streams of its first process."""
        wanted = {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
        _, stream = await self._connected(
            "connecting to a container", lambda: ("", _own(self._api.attach_socket(container_id, params=wanted)))
        )
        return stream

    async def start(self, container_id: str) -> int:
        """Its first process as this machine's process id, 0 when it has none here (an engine in a virtual machine)."""

        def begin() -> int:
            self._api.start(container_id)
            return int(self._api.inspect_container(container_id)["State"]["Pid"])

        return await self._call("starting a container", begin)

    async def execute(
        self, container_id: str, program: tuple[str, ...], environment: Mapping[str, str], *, terminal: bool
    ) -> tuple[str, Stream]:
        """Starts a program in a running container."""

        def begin() -> tuple[str, _Opened]:
            made = self._api.exec_create(
                container_id, list(program), stdin=True, tty=terminal, environment=dict(environment)
            )["Id"]
            return made, _own(self._api.exec_start(made, socket=True, tty=terminal))

        return await self._connected("starting a command in a container", begin)

    async def exit_code(self, exec_id: str) -> int | None:
        """None while it runs."""
        code = (await self._call("asking how a command ended", lambda: self._api.exec_inspect(exec_id)))["ExitCode"]
        return None if code is None else int(code)

    async def resize(self, exec_id: str, rows: int, columns: int) -> None:
        await self._call("sizing a terminal", lambda: self._api.exec_resize(exec_id, height=rows, width=columns))

    async def limit(self, container_id: str, *, memory_bytes: int, processes: int) -> None:
        """Sets what it may use anew, while it runs. 0: no limit."""
        swap = memory_bytes if self.facts.swap_limit else 0
        body: dict[str, Any] = {"Memory": memory_bytes, "MemorySwap": swap or -1, "PidsLimit": processes or -1}
        url = self._api._url("/containers/{0}/update", container_id)  # the SDK's own call has no limit of processes
        await self._call(
            "setting limits",
            lambda: self._api._raise_for_status(self._api._post_json(url, data=body)),
        )

    async def remove(self, container_id: str) -> None:
        """Kills all that runs in it and removes it; nothing happens when it is not there."""
        import docker.errors

        def gone() -> None:
            try:
                self._api.remove_container(container_id, force=True, v=True)
            except docker.errors.NotFound:
                return
            except docker.errors.APIError as refusal:
                # It removes itself when its first process ends: both may happen at once.
                if refusal.status_code != 409:
                    raise

        await self._call("removing a container", gone)

    async def there(self, container_id: str) -> bool:
        import docker.errors

        def look() -> bool:
            try:
                return bool(self._api.inspect_container(container_id)["Id"])
            except docker.errors.NotFound:
                return False

        return await self._call("looking for a container", look)

    async def labelled(self, label: str) -> list[Found]:
        """All containers with the label, running or not."""
        rows = await self._call("listing containers", lambda: self._api.containers(all=True, filters={"label": label}))
        return [Found(container_id=row["Id"], labels=row.get("Labels") or {}) for row in rows]

    def statistics(self, container_id: str) -> Mapping[str, Any]:
        """Blocks for up to half a second."""
        return _told("measuring a container", lambda: self._api.stats(container_id, stream=False, one_shot=True))

    async def _connected(self, doing: str, function: Callable[[], tuple[str, _Opened]]) -> tuple[str, Stream]:
        """A thread cannot be cancelled: what it opens after its caller has gone is closed."""
        opening = asyncio.ensure_future(self._call(doing, function))
        try:
            name, opened = await asyncio.shield(opening)
        except asyncio.CancelledError:
            opening.add_done_callback(_close_unclaimed)
            raise
        return name, await _stream(opened)

    async def _call(self, doing: str, function: Callable[[], T]) -> T:
        return await asyncio.to_thread(_told, doing, function)


def _told(doing: str, function: Callable[[], T]) -> T:
    """The engine's failures in our words."""
    import docker.errors
    import requests.exceptions

    try:
        return function()
    except docker.errors.APIError as refusal:
        said = str(refusal.explanation or refusal)[:500]
        raise AdapterError(
            f"The Docker engine refused {doing}: {said}",
            code="sandbox_failed",
            remedy="`draftsmith doctor` shows more.",
        ) from refusal
    except (requests.exceptions.RequestException, docker.errors.DockerException, OSError) as failure:
        raise AdapterError(
            f"The Docker engine does not answer {doing}.", code="sandbox_failed", remedy=_START, retryable=True
        ) from failure


def _listening(addresses: tuple[str, ...]) -> str:
    """The first where something listens that we may talk to."""
    refused: dict[str, OSError] = {}
    for address in addresses:
        if not address.startswith("unix://"):
            raise UserError(
                f"The Docker engine at {address} is not one of this machine.", code="sandbox_missing", remedy=_LOCAL
            )
        with socket.socket(socket.AF_UNIX) as trial:
            trial.settimeout(5)
            try:
                trial.connect(address.removeprefix("unix://"))
            except OSError as failure:
                refused[address] = failure
                continue
        return address
    for address, failure in refused.items():
        if failure.errno in (errno.EACCES, errno.EPERM):
            raise UserError(f"You may not use the Docker engine at {address}.", code="sandbox_missing", remedy=_ALLOW)
    for address, failure in refused.items():
        if failure.errno not in (errno.ENOENT, errno.ENOTDIR):
            raise UserError(f"No Docker engine answers at {address}.", code="sandbox_missing", remedy=_START)
    raise UserError("There is no Docker engine here.", code="sandbox_missing", remedy=_INSTALL)


def _open(address: str) -> tuple[APIClient, EngineFacts]:
    # Late: a third of a second that only this adapter has to wait for.
    import docker

    def connect() -> tuple[APIClient, EngineFacts]:
        api = docker.APIClient(base_url=address, version="auto", timeout=_ANSWER_SECONDS)
        told = api.info()
        options = [str(one) for one in told.get("SecurityOptions") or ()]
        return api, EngineFacts(
            version=str(told.get("ServerVersion", "")),
            rootless=any("name=rootless" in one for one in options),
            remapped=any("name=userns" in one for one in options),
            swap_limit=bool(told.get("SwapLimit")),
        )

    return _told("being asked about itself", connect)


def _security() -> list[str]:
    """The engine's own AppArmor profile holds; its seccomp filter may be older than ours."""
    profile = container_profile()
    return ["no-new-privileges:true", *([f"seccomp={profile}"] if profile else [])]


def _create(api: APIClient, plan: ContainerPlan) -> str:
    from docker.types import LogConfig, Mount, Ulimit

    host = api.create_host_config(
        mounts=[
            Mount(target=one.target, source=one.source, type="bind", read_only=one.read_only, propagation="rprivate")
            for one in plan.binds
        ],
        tmpfs=dict(plan.scratch),
        network_mode=plan.network,
        ipc_mode="private",
        read_only=True,
        cap_drop=["ALL"],
        security_opt=_security(),
        auto_remove=True,
        userns_mode=plan.user_namespace or None,
        pids_limit=plan.processes or None,
        mem_limit=plan.memory_bytes or None,
        memswap_limit=plan.memory_bytes or None,
        ulimits=[
            Ulimit(name="core", soft=0, hard=0),
            *(Ulimit(name=name, soft=most, hard=most) for name, most in plan.ulimits),
        ],
        log_config=LogConfig(type=LogConfig.types.NONE),
        oom_kill_disable=False,
    )
    # Its standard input ends with the connection of the one who made it, and it ends with that.
    made = api.create_container(
        image=plan.image,
        entrypoint=list(plan.program),
        # One that joins another's network has that one's name.
        hostname="draftsmith" if plan.network == "none" else None,
        user=plan.user,
        environment=dict(plan.environment),
        labels=dict(plan.labels),
        stdin_open=True,
        working_dir="/",
        healthcheck={"test": ["NONE"]},
        stop_signal="SIGKILL",
        host_config=host,
        use_config_proxy=False,
    )
    return str(made["Id"])


_Opened = tuple[socket.socket, bytes]


def _close_unclaimed(opening: asyncio.Future[tuple[str, _Opened]]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result()[1][0].close()


def _own(attached: Any) -> _Opened:
    """A socket of ours for the connection, which the SDK's objects would close when they are collected, and what they
    have read of it already: what follows an answer at once lies in the buffer of the answer's reader."""
    raw = socket.socket(fileno=os.dup(attached.fileno()))
    raw.setblocking(False)
    # Else looking into the buffer would wait for something to come.
    attached._sock.settimeout(0)
    response = attached._response  # the SDK gives no other way to the reader
    early = bytes(response.raw._fp.fp.peek(_STREAM_BYTES) or b"")
    response.close()
    return raw, early


async def _stream(opened: _Opened) -> Stream:
    raw, early = opened
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=_STREAM_BYTES, loop=loop)
    reader.feed_data(early)
    protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
    try:
        transport, _ = await loop.create_unix_connection(lambda: protocol, sock=raw)
    except BaseException:
        raw.close()
        raise
    return Stream(reader, asyncio.StreamWriter(transport, protocol, reader, loop))
