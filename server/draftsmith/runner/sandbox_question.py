"""What the hub asks a runner about its sandbox: which one commands run in, and why."""

from __future__ import annotations

from draftsmith.ports.sandbox import Sandbox
from draftsmith.protocol.methods.settings import SandboxResult


async def sandbox_answer(sandbox: Sandbox) -> str:
    """The result of the client protocol's method, as JSON."""
    probe = await sandbox.probe()
    return SandboxResult(
        usable=probe.usable,
        engine=probe.engine,
        version=probe.version,
        reason=probe.reason,
        remedy=probe.remedy,
        confines=probe.confines,
        limits=probe.limits,
    ).model_dump_json()
