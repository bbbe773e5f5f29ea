"""`draftsmith show`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from draftsmith.cli import amounts
from draftsmith.cli.choose import choose_session
from draftsmith.cli.command import command, session_argument
from draftsmith.cli.exit_codes import ExitCode
from draftsmith.cli.output import columns, write, write_json
from draftsmith.cli.reading import read_session, session_of
from draftsmith.cli.untrusted import clean, one_line
from draftsmith.cli.watching.ending import ending_lines
from draftsmith.cli.watching.lines import gate_line, step_lines, task_line
from draftsmith.cli.watching.plain import heading
from draftsmith.client.messages import (
    CheckpointEntity,
    DecisionEntity,
    GateEntity,
    HunkEntity,
    StepEntity,
    TaskEntity,
    UsageEntity,
)

if TYPE_CHECKING:
    from draftsmith.cli.invocation import Invocation
    from draftsmith.client.held import HeldSession

_STEPS_SHOWN = 15


@command
@session_argument
async def show(call: Invocation, session: str | None) -> ExitCode:
    """Everything about one session: its request, plan, last steps, gates, checkpoints, hunks and cost."""
    hub = await call.hub()
    held = await read_session(hub, await choose_session(hub, session))
    if call.json:
        write_json({"session_id": held.session_id, "more_steps": held.more_steps, "entities": list(held)})
        return ExitCode.DONE
    _about(held)
    _work(held)
    _states(held)
    for line in ending_lines(held):
        write(line.plain())
    return ExitCode.DONE


def _about(held: HeldSession) -> None:
    session = session_of(held)
    write(heading(session))
    write(one_line(session["title"] or session["request"], 120))
    rows = [("request", one_line(session["request"], 400))]
    rows += [("folder", one_line(root["path"])) for root in session["roots"]]
    rows.append(("status", f"{session['status']}, {amounts.age(int(time.time() * 1_000) - session['updated_at'])}"))
    if session["forked_from"]:
        rows.append(("forked from", session["forked_from"]))
    if session["skipped_count"]:
        rows.append(("left out", f"{amounts.count(session['skipped_count'], 'file')} of the snapshot"))
        rows += [("", one_line(name)) for name in session["skipped"][:5]]
    for usage in held.of("usage", UsageEntity):
        limit = usage["limit_nano_usd"]
        of = f" of {amounts.dollars(limit)}" if limit is not None else ""
        rows.append(("cost", f"{amounts.cost(usage['cost_nano_usd'], usage['unpriced_calls'])}{of}"))
        work = f"{usage['steps']} of {usage['steps_limit']} steps"
        time_spent = f"{amounts.duration(usage['milliseconds'])} of {amounts.duration(usage['seconds_limit'] * 1_000)}"
        tokens = f"{usage['input_tokens']:,} tokens in ({usage['cached_tokens']:,} cached)"
        rows.append(("spent", f"{work}, {time_spent}, {tokens}, {usage['output_tokens']:,} out"))
    for text in columns(rows):
        write(f"  {text}")


def _work(held: HeldSession) -> None:
    tasks = held.of("task", TaskEntity)
    if tasks:
        write("\nPlan")
        for number, task in enumerate(tasks, 1):
            line = task_line(task, number, len(tasks))
            write("  " + (line.plain() if line else f"· {number}/{len(tasks)} {one_line(task['title'])}"))
    steps = held.of("step", StepEntity)
    if steps:
        earlier = len(steps) - _STEPS_SHOWN
        more = " (earlier ones: `draftsmith export`)" if held.more_steps or earlier > 0 else ""
        write(f"\nLast steps{more}")
        for step in steps[-_STEPS_SHOWN:]:
            for line in step_lines(step)[:1]:
                write(f"  {one_line(line.plain(), 160)}")
    gates = [line for gate in held.of("gate", GateEntity) if (line := gate_line(gate)) is not None]
    if gates:
        write("\nGates")
        for line in gates:
            write(f"  {line.plain()}")


def _states(held: HeldSession) -> None:
    points = held.of("checkpoint", CheckpointEntity)
    if points:
        write("\nCheckpoints")
        rows = [
            (str(number), point["id"], "green" if point["green"] else "", one_line(point["label"], 80))
            for number, point in enumerate(points, 1)
        ]
        for text in columns(rows):
            write(f"  {text}")
    hunks = held.of("hunk", HunkEntity)
    if hunks:
        write("\nHunks")
        rows = [
            (
                hunk["id"][:12],
                hunk["status"].replace("_", " "),
                f"{one_line(hunk['path'])}:{hunk['base_start']}",
                f"+{hunk['new_length']} −{hunk['base_length']}  {one_line(hunk['note'])}".rstrip(),
            )
            for hunk in hunks
        ]
        for text in columns(rows):
            write(f"  {text}")
    for decision in held.of("decision", DecisionEntity):
        if decision["state"] == "open":
            write(f"\nWaits for an answer\n{clean(decision['prompt']).strip()}")
            for option in decision["options"]:
                write(f'  draftsmith answer {held.session_id} "{one_line(option)}"')
