"""A sandbox that is given more than mounts before its command begins: a terminal, a way to granted hosts.

A shell waits in it meanwhile, as in `standby`. Nothing of the workspace runs before all of it is there.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex

from draftsmith.ports.sandbox import Command
from draftsmith.sandbox.confinement import Confinement
from draftsmith.sandbox.launch import Launch, script
from draftsmith.sandbox.network import SandboxNetwork
from draftsmith.sandbox.proxy import FilteringProxy, Way
from draftsmith.sandbox.terminal import Terminal

_READY_SECONDS = 10.0
_SHELL = ("/bin/sh", "-c", "echo && . /dev/fd/0", "sh")
"""Says by an empty line that the sandbox stands, then runs the script that comes on its standard input."""
_PROXY_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


def is_plain(command: Command) -> bool:
    """Whether the command needs nothing of this."""
    return command.terminal is None and not command.network_hosts


async def prepare(launch: Launch, command: Command, way: Way | None, *, input_open: bool) -> Confinement:
    """The sandbox, with the command begun in it. `input_open` gives it a pipe as standard input, which is the caller's
    to close. One that could not be set up comes back too: it ends at once, saying why. Raises OSError."""
    if not input_open:
        # The shell reads its script where the command will have nothing to read: no descriptor is left over.
        confinement = await Confinement.start(launch, _SHELL, stdin=True)
        text = await _script(confinement, command, way, "" if command.terminal is not None else " </dev/null")
        stdin = confinement.process.stdin
        assert stdin is not None  # noqa: S101  narrows a type: it was started with one
        stdin.write(text)
        stdin.close()
        return confinement
    source, sink = os.pipe()
    try:
        try:
            waiting = ("/bin/sh", "-c", f"echo; . /dev/fd/{source}", "sh")
            confinement = await Confinement.start(launch, waiting, stdin=True, passed=(source,))
        finally:
            os.close(source)
        await asyncio.to_thread(_write, sink, await _script(confinement, command, way, ""))
        return confinement
    finally:
        os.close(sink)


async def _script(confinement: Confinement, command: Command, way: Way | None, redirection: str) -> bytes:
    """What the waiting shell is to do; nothing when it does not stand. Ends the sandbox when that cannot be told."""
    try:
        if not await _stands(confinement):
            return b""
        await asyncio.to_thread(confinement.join_group, command.limits.processes)
        return script(command, await _given(confinement, command, way), redirection)
    except BaseException:
        await confinement.end()
        raise


def _write(sink: int, data: bytes) -> None:
    # The sandbox may be gone already, which its own end tells.
    with contextlib.suppress(BrokenPipeError):
        while data:
            data = data[os.write(sink, data) :]


async def _stands(confinement: Confinement) -> bool:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_READY_SECONDS):
            return await confinement.process.stdout.read(1) == b"\n" and await confinement.learn()
    return False


async def _given(confinement: Confinement, command: Command, way: Way | None) -> str:
    """Makes what the command is to find; the shell lines that take it up."""
    init = confinement.init
    if init is None:
        return ""
    set_already = {name for name, _ in command.env}
    variables: dict[str, str] = {}
    lines = ""
    if command.terminal is not None:
        confinement.terminal = Terminal.open_in(init, command.terminal)
        # The shell leads a session without a terminal, so that the one it opens becomes the session's.
        lines = f"exec <>{confinement.terminal.name} >&0 2>&0\n"
        variables["TERM"] = "xterm-256color"
    if command.network_hosts:
        address = await _proxied(confinement, init, command, way)
        variables |= dict.fromkeys((*_PROXY_VARIABLES, *map(str.lower, _PROXY_VARIABLES)), address)
        variables |= dict.fromkeys(("NO_PROXY", "no_proxy"), "localhost,127.0.0.1,::1")
    exported = [f"export {name}={shlex.quote(value)}\n" for name, value in variables.items() if name not in set_already]
    return "".join(exported) + lines


async def _proxied(confinement: Confinement, init: int, command: Command, way: Way | None) -> str:
    """The address, inside, of a proxy that lives as long as the sandbox."""
    network = SandboxNetwork(init)
    try:
        listening = await network.listener()
    finally:
        network.close()
    proxy = FilteringProxy(command.network_hosts, way)

    async def close() -> None:
        await proxy.close()
        confinement.remarks += [f"It asked for {host}, which is not granted." for host in proxy.refused]

    port: int = listening.getsockname()[1]
    await proxy.serve(listening)
    confinement.closing.push_async_callback(close)
    return proxy.address("127.0.0.1", port)
