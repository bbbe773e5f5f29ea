"""Stands for a process that a nursery forks: hands on its descriptors, signals and end. Imports next to nothing."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys

NURSERY_GONE = 70


def main(address: str, program: str, arguments: list[str]) -> None:
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(address)
    folder = os.getcwd()  # noqa: PTH109 (pathlib would have to be imported)
    request = {"program": program, "arguments": arguments, "environment": dict(os.environ), "folder": folder}
    socket.send_fds(connection, [json.dumps(request).encode() + b"\n"], [0, 1, 2])
    signal.signal(signal.SIGTERM, lambda *_: connection.sendall(b"term\n"))
    os.close(0)
    ended = connection.makefile("rb").readline().split()
    code = int(ended[1]) if len(ended) == 2 else NURSERY_GONE
    if code < 0:
        signal.signal(-code, signal.SIG_DFL) if code != -signal.SIGKILL else None
        os.kill(os.getpid(), -code)
    os._exit(code)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
