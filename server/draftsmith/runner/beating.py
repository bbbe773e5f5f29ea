"""What a runner tells of itself with every heartbeat: its own use, that of its commands, the disk of its folder."""

from __future__ import annotations

import asyncio
from pathlib import Path

from draftsmith.platform.usage import DiskUse, disk_use, own_use
from draftsmith.ports.sandbox import Sandbox
from draftsmith.protocol.generated import runner_pb2 as wire
from draftsmith.runner.metered import CommandsUse, MeteredSandbox

_NOTHING = CommandsUse(commands=0, memory_bytes=0, cpu_ms=0, written_bytes=0)


async def heartbeat(sandbox: Sandbox, folder: Path) -> wire.Heartbeat:
    """Now. A sandbox that nobody counts tells nothing."""
    own = own_use()
    used = sandbox.use() if isinstance(sandbox, MeteredSandbox) else _NOTHING
    try:
        disk = await asyncio.to_thread(disk_use, folder)
    except OSError:
        disk = DiskUse(total_bytes=0, free_bytes=0)
    return wire.Heartbeat(
        cpu_ms=own.cpu_ms,
        memory_bytes=own.memory_bytes,
        commands=used.commands,
        command_cpu_ms=used.cpu_ms,
        command_memory_bytes=used.memory_bytes,
        command_written_bytes=used.written_bytes,
        disk_bytes=disk.total_bytes,
        disk_free_bytes=disk.free_bytes,
    )
