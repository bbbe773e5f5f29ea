"""`draftsmith run`."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from draftsmith.cli import amounts
from draftsmith.cli.command import command
from draftsmith.cli.exit_codes import ExitCode
from draftsmith.cli.folders import checked_folders, folders_option
from draftsmith.cli.limits import check_model_name, limit_options, limits_of
from draftsmith.cli.output import interactive, write, write_json
from draftsmith.cli.pictures import read_images
from draftsmith.cli.untrusted import one_line
from draftsmith.client.credentials import model_in
from draftsmith.client.messages import SessionRef, StartParams
from draftsmith.domain.errors import UserError

if TYPE_CHECKING:
    from draftsmith.cli.invocation import Invocation

_MAX_RECORDING = 7 * 1024 * 1024
"""Bytes: it travels in one frame of the protocol."""


@command
@click.argument("task")
@folders_option
@click.option("--auto", is_flag=True, help="Ask nothing, and apply a proposal whose gates all passed.")
@click.option("--ask", is_flag=True, help="Ask for approval of a plan. (default)")
@click.option("--suggest", is_flag=True, help="Ask before every command, too.")
@limit_options
@click.option("--model", metavar="NAME", default=None, help="`provider/model`. [$DRAFTSMITH_MODEL, else what is found]")
@click.option("--image", "images", metavar="FILE", multiple=True, help="A picture to go with TASK; may be repeated.")
@click.option("--recording", metavar="FILE", default=None, help="Play recorded replies instead of asking a model.")
@click.option("--yes-home", is_flag=True, help="The home folder itself is meant as the workspace.")
@click.option("--no-wait", is_flag=True, help="Start the session, print its id and return.")
async def run(
    call: Invocation,
    task: str,
    folders: tuple[str, ...],
    auto: bool,
    ask: bool,
    suggest: bool,
    budget: str | None,
    steps: int | None,
    minutes: float | None,
    model: str | None,
    images: tuple[str, ...],
    recording: str | None,
    yes_home: bool,
    no_wait: bool,
) -> ExitCode:
    """Start a session on TASK and watch it.

    Nothing in your files changes until you accept hunks of its proposal; only with --auto a proposal whose gates
    all passed is applied by itself. `draftsmith undo` takes either back.
    """
    if not task.strip():
        raise UserError("The task is empty.", code="empty_task", remedy="Say what is to be done.")
    chosen = await asyncio.to_thread(checked_folders, folders)
    named = model if model is not None else model_in(os.environ)
    check_model_name(named)
    allow_home = yes_home or _confirmed_home(call, chosen)
    params = StartParams(
        folders=chosen,
        request=task,
        autonomy=_autonomy(auto=auto, ask=ask, suggest=suggest),
        limits=limits_of(budget, steps, minutes),
        model=named,
        allow_home=allow_home,
    )
    if images:
        params["images"] = await asyncio.to_thread(read_images, images)
    if recording is not None:
        params["recording"] = await asyncio.to_thread(_read_recording, Path(recording))
    hub = await call.hub()
    session_id = (await hub.call("session/start", params, SessionRef))["session_id"]
    if no_wait:
        if call.json:
            write_json({"session_id": session_id})
        else:
            write(session_id)
        return ExitCode.DONE
    from draftsmith.cli.watching.follow import follow

    return await follow(call, session_id)


def _autonomy(*, auto: bool, ask: bool, suggest: bool) -> Literal["auto", "ask", "suggest"]:
    if auto + ask + suggest > 1:
        raise click.UsageError("Give one of --auto, --ask and --suggest.")
    return "auto" if auto else "suggest" if suggest else "ask"


def _confirmed_home(call: Invocation, folders: list[str]) -> bool:
    """Whether the user, asked now, means their home folder. The hub refuses it unasked."""
    home = os.path.realpath(Path.home())
    if home not in folders:
        return False
    if not interactive() or call.json:
        raise UserError(
            f"{home} is your home folder.",
            code="workspace_is_home",
            remedy="Go to a project's folder, or say --yes-home if you mean it.",
        )
    return click.confirm(f"{home} is your home folder. Work on all of it?", default=False, abort=True)


def _read_recording(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as failure:
        raise UserError(
            f"The recording {one_line(str(path))} cannot be read: {failure.strerror}.", code="unreadable_recording"
        ) from failure
    if len(content) > _MAX_RECORDING:
        raise UserError(
            f"The recording has {amounts.count(len(content), 'byte')}; at most {_MAX_RECORDING:,} are allowed.",
            code="recording_too_long",
        )
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as failure:
        raise UserError("The recording is not UTF-8 text.", code="unreadable_recording") from failure
