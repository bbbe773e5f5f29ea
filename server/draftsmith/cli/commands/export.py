"""`draftsmith export`."""

from __future__ import annotations

import json
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from draftsmith.cli.choose import choose_session
from draftsmith.cli.command import command, session_argument
from draftsmith.cli.exit_codes import ExitCode
from draftsmith.cli.reading import whole_document
from draftsmith.client.messages import ExportParams, ExportResult

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from draftsmith.cli.invocation import Invocation
    from draftsmith.client.connection import HubConnection

_PAGE = 500


@command
@session_argument
@click.option(
    "--format", "form", type=click.Choice(["md", "jsonl", "recording"]), default="md", show_default=True,
    help="Markdown for people, every event as JSON Lines, or the model's replies for `run --recording`.",
)  # fmt: skip
@click.option("--by", metavar="WHO", default="a live model", help="Who gave the replies; stands in the recording.")
async def export(call: Invocation, session: str | None, form: str, by: str) -> ExitCode:
    """Write the whole session to standard output. No secret is in it."""
    hub = await call.hub()
    session_id = await choose_session(hub, session, told=not call.json)
    if form == "recording":
        # Imported here: the other formats need none of it.
        from draftsmith.bootstrap.recordings import recording_of

        events = [line async for line in exported(hub, session_id)]
        print("\n".join(await recording_of(events, partial(whole_document, hub), by=by)))
        return ExitCode.DONE
    if form == "jsonl" or call.json:
        async for line in exported(hub, session_id):
            print(line)
        return ExitCode.DONE
    # Imported here: the other format needs none of it.
    from draftsmith.cli.markdown import Story

    story = Story(hub)
    async for line in exported(hub, session_id):
        envelope: dict[str, Any] = json.loads(line)
        sys.stdout.write(await story.tell(envelope))
    return ExitCode.DONE


async def exported(hub: HubConnection, session_id: str) -> AsyncIterator[str]:
    """Every event of the session as JSON text, oldest first."""
    after = 0
    while True:
        page = await hub.call(
            "session/export", ExportParams(session_id=session_id, after=after, limit=_PAGE), ExportResult
        )
        for line in page["events"]:
            yield line
        if not page["more"] or not page["events"]:
            return
        after = json.loads(page["events"][-1])["version"]
