"""A command in a container under its limits: as any other, with the limits that its control group held."""

from __future__ import annotations

from dataclasses import replace

from draftsmith.domain.errors import DraftsmithError
from draftsmith.ports.sandbox import CommandResult
from draftsmith.sandbox.confined import Confined
from draftsmith.sandbox.containers.confined import ContainerConfined
from draftsmith.sandbox.running import ConfinedRun


class ContainerRun(ConfinedRun):
    """See `ConfinedRun`."""

    async def execute(self, confinement: Confined, given: bytes | None, notes: tuple[str, ...]) -> CommandResult:
        """Raises AdapterError when the engine goes away meanwhile."""
        try:
            result = await super().execute(confinement, given, notes)
        except ExceptionGroup as group:
            known = [each for each in group.exceptions if isinstance(each, DraftsmithError)]
            raise known[0] if known else group.exceptions[0] from group
        if not isinstance(confinement, ContainerConfined):
            return result
        used = confinement.used
        if used.refused_processes:
            result = replace(result, notes=(*result.notes, "It came to the limit of processes: more were refused."))
        if used.memory_kills and result.stopped_by is None and result.exit_code != 0:
            result = replace(result, stopped_by="memory", exit_code=None)
        return result
