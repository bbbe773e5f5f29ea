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
from draftsmith.cli.watching.ending import ending_lines, state_words
from draftsmith.cli.watching.lines import Line, gate_line, numbered, step_lines, suite_lines, task_line
from draftsmith.cli.watching.plain import heading
from draftsmith.cli.watching.spent import spent_words, worked_ms
from draftsmith.cli.wrapping import described, prose, room
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
    held = await read_session(hub, await choose_session(hub, session, told=not call.json))
    if call.json:
        write_json({"session_id": held.session_id, "more_steps": held.more_steps, "entities": list(held)})
        return ExitCode.DONE
    _about(held)
    _work(held)
    _states(held)
    _commit_message(held)
    for line in ending_lines(held):
        write(line.plain(room()))
    return ExitCode.DONE


def _about(held: HeldSession) -> None:
    session = session_of(held)
    write(heading(session))
    write(one_line(session["title"] or session["request"], 120))
    rows = [("request", one_line(session["request"], 2_000))]
    rows += [("image", one_line(name)) for name in session["images"]]
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
        rows.append(("cost", f"{spent_words(usage)}{of}"))
        work = f"{usage['steps']} of {usage['steps_limit']} steps"
        time_spent = f"{amounts.duration(worked_ms(held))} of {amounts.duration(usage['seconds_limit'] * 1_000)}"
        tokens = f"{usage['input_tokens']:,} tokens in ({usage['cached_tokens']:,} cached)"
        rows.append(("spent", f"{work}, {time_spent}, {tokens}, {usage['output_tokens']:,} out"))
    for text in described(rows, room()):
        write(text)


def _commit_message(held: HeldSession) -> None:
    session = session_of(held)
    if not session["commit_message"]:
        return
    by = one_line(session["described_by"]) or "the tasks' titles and reports"
    write(f"\nCommit message (by {by})")
    for text in clean(session["commit_message"]).strip().splitlines():
        write(f"  {text}".rstrip())


def _work(held: HeldSession) -> None:
    tasks = held.of("task", TaskEntity)
    if tasks:
        write("\nPlan")
        summary = session_of(held)["plan_summary"]
        if summary:
            write(prose("\n".join(f"  {text}" for text in clean(summary).strip().splitlines()), room()))
        for task in tasks:
            number, total = numbered(tasks)[task["id"]]
            line = task_line(task, number, total)
            waiting = Line(mark="·", text=f"{number}/{total} {one_line(task['title'])}")
            write(_indented(line or waiting, 2))
    steps = [line for step in held.of("step", StepEntity) for line in step_lines(step)[:1]]
    if steps:
        more = " (earlier ones: `draftsmith export`)" if held.more_steps or len(steps) > _STEPS_SHOWN else ""
        write(f"\nLast steps{more}")
        for line in steps[-_STEPS_SHOWN:]:
            write(_indented(line, 2))
    _gates(held, tasks)


def _gates(held: HeldSession, tasks: list[TaskEntity]) -> None:
    """Gates, under the task whose they are when there are several."""
    by_task: dict[str, list[Line]] = {}
    for gate in held.of("gate", GateEntity):
        line = gate_line(gate)
        if line is not None:
            by_task.setdefault(gate["task_id"], []).extend((line, *suite_lines(gate)))
    if not by_task:
        return
    write("\nGates")
    titles = {task["id"]: one_line(task["title"]) for task in tasks}
    for task_id, lines in by_task.items():
        if len(tasks) > 1:
            write(f"  {titles.get(task_id, task_id)}")
        for line in lines:
            write(_indented(line, 4 if len(tasks) > 1 else 2))


def _indented(line: Line, cells: int) -> str:
    most = room()
    inner = line.plain(None if most is None else most - cells)
    return "\n".join(" " * cells + text for text in inner.split("\n"))


def _states(held: HeldSession) -> None:
    points = held.of("checkpoint", CheckpointEntity)
    if points:
        write("\nCheckpoints")
        rows = [(str(number), point["id"], one_line(point["label"], 100)) for number, point in enumerate(points, 1)]
        for text in columns(rows):
            write(f"  {text}")
    hunks = held.of("hunk", HunkEntity)
    if hunks:
        write("\nHunks")
        rows = [
            (
                hunk["id"][:12],
                state_words(hunk["status"]),
                f"{one_line(hunk['path'])}:{hunk['base_start']}",
                f"+{hunk['new_length']} −{hunk['base_length']}  {one_line(hunk['note'])}".rstrip(),
            )
            for hunk in hunks
        ]
        for text in columns(rows):
            write(f"  {text}")
    for decision in held.of("decision", DecisionEntity):
        if decision["state"] == "open":
            write(f"\nWaits for an answer\n{prose(clean(decision['prompt']).strip(), room())}")
            for option in decision["options"]:
                write(f'  draftsmith answer {held.session_id} "{one_line(option)}"')
