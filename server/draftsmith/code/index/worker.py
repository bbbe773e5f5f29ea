"""A process that turns files into records: `python -m draftsmith.code.index.worker`, fed by pipes.

It keeps nothing and writes no file. A grammar that crashes takes this process with it and nothing else.
"""

from __future__ import annotations

import gc
import os
import struct
import sys
from typing import BinaryIO

from draftsmith.code.index.reading import blob_id, make_record, read_file

_LENGTH = struct.Struct("<I")
NICENESS = 3
"""What people wait for goes first."""


def main() -> None:
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    gc.disable()  # trees and nodes form no cycles; collecting takes a tenth of the time
    source, target = sys.stdin.buffer, sys.stdout.buffer
    while (request := _read(source)) is not None:
        for line in request.split(b"\0"):
            language, _, path = line.partition(b"\t")
            content = read_file(path)
            if content is None:
                target.write(bytes(20) + _LENGTH.pack(0))
                continue
            record = make_record(content, language.decode())
            target.write(blob_id(content) + _LENGTH.pack(len(record)))
            target.write(record)
        target.flush()


def _read(source: BinaryIO) -> bytes | None:
    head = source.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    size = _LENGTH.unpack(head)[0]
    body = source.read(size)
    return body if len(body) == size else None


if __name__ == "__main__":
    main()
