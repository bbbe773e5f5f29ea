"""The network of one sandbox, as another sandbox or this process comes to it.

Every sandbox has a network of its own with nothing but a loopback device. It is joined by `nsenter`, which gives up
this process's own first; nothing here gives a sandbox a way out.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import sys
from pathlib import Path

from draftsmith.domain.errors import UserError
from draftsmith.platform.terminals import owning_user_namespace
from draftsmith.sandbox.launch import JoinedNetwork

_LISTENING = b"0A"
"""`TCP_LISTEN` in /proc/net/tcp."""
_SECONDS = 10.0
_LISTEN = (
    "import socket, sys; made = socket.socket(); made.bind(('127.0.0.1', 0)); made.listen(64);"
    " socket.send_fds(socket.socket(fileno=int(sys.argv[1])), [b'.'], [made.fileno()])"
)


class SandboxNetwork:
    """Keeps the network in being until `close`, also when all that was in it has ended."""

    def __init__(self, init: int) -> None:
        """Of the sandbox whose first process is `init`. Raises OSError, and UserError without `nsenter`."""
        enter = shutil.which("nsenter", path="/usr/bin:/bin:/usr/sbin:/sbin")
        if enter is None:
            raise UserError(
                "`nsenter` is not installed, which servers and granted network need.",
                code="sandbox_missing",
                remedy="Install util-linux.",
            )
        self._net = os.open(f"/proc/{init}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        try:
            self._owner = owning_user_namespace(self._net)
        except BaseException:
            os.close(self._net)
            raise
        entering = [enter, "--preserve-credentials"]
        own = Path("/proc/self/ns/user").stat()
        if os.fstat(self._owner).st_ino != own.st_ino:  # nobody can enter what they are in
            entering.append(f"--user=/proc/self/fd/{self._owner}")
        entering += [f"--net=/proc/self/fd/{self._net}", "--"]
        self.joined = JoinedNetwork(entering=tuple(entering), descriptors=(self._net, self._owner))

    def close(self) -> None:
        for descriptor in (self._net, self._owner):
            os.close(descriptor)

    async def listener(self) -> socket.socket:
        """A listening socket on the sandbox's loopback that this process accepts from. Raises OSError."""
        ours, theirs = socket.socketpair()
        with ours, theirs:
            process = await asyncio.create_subprocess_exec(
                *self.joined.entering,
                sys.executable,
                "-I",
                "-S",
                "-c",
                _LISTEN,
                str(theirs.fileno()),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
                env={},
                pass_fds=(*self.joined.descriptors, theirs.fileno()),
                start_new_session=True,
            )
            try:
                async with asyncio.timeout(_SECONDS):
                    _, said = await process.communicate()
            except BaseException:
                if process.returncode is None:
                    process.kill()
                await process.wait()
                raise
            if process.returncode != 0:
                raise OSError(f"The sandbox's network could not be entered: {said.decode('utf-8', 'replace')[:300]}")
            _, descriptors, _, _ = socket.recv_fds(ours, 1, 1)
        return socket.socket(fileno=descriptors[0])


def listens(init: int, port: int) -> bool:
    """Whether anything listens on the TCP port in the network of the process `init`."""
    wanted = b":%04X" % port
    for table in ("tcp", "tcp6"):
        try:
            lines = Path(f"/proc/{init}/net/{table}").read_bytes().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            words = line.split()
            if len(words) > 3 and words[3] == _LISTENING and words[1].endswith(wanted):
                return True
    return False
