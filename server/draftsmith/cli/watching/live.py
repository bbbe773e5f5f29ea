"""The live screen: finished things scroll up as lines; below them the plan, the text under way and what was spent.

It only draws. Everything that came from outside was cleaned before or is cleaned here.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from draftsmith.cli import amounts
from draftsmith.cli.untrusted import clean, one_line
from draftsmith.cli.watching.plain import heading
from draftsmith.cli.watching.screen import RECORDED
from draftsmith.cli.watching.spent import spent_words, worked_ms
from draftsmith.cli.widths import cut
from draftsmith.cli.wrapping import WIDEST, line_starts, wrapped
from draftsmith.client.messages import SessionEntity, StepEntity, TaskEntity, UsageEntity

if TYPE_CHECKING:
    from rich.console import RenderableType

    from draftsmith.cli.watching.lines import Line, Tone
    from draftsmith.client.held import Change, HeldSession

STYLES: dict[Tone, str] = {
    "ok": "green",
    "bad": "red",
    "warn": "yellow",
    "quiet": "bright_black",
    "plain": "default",
    "head": "bold",
}
_TASK_MARKS = {
    "done": ("✓", "green"),
    "failed": ("✗", "red"),
    "active": ("▸", "bold cyan"),
    "skipped": ("–", "bright_black"),
    "proposed": ("?", "yellow"),
    "pending": ("·", "bright_black"),
}
_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_STREAM_LINES = 6
_TAIL = 4_000
_MIN_HEIGHT = 8


class LiveScreen:
    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False, markup=False, emoji=False)
        self._live: Live | None = None
        self._waiting: list[Line] | None = None
        self._headed = False

    def start(self) -> None:
        if self._live is None:
            self._live = Live(
                console=self._console,
                auto_refresh=False,
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
                vertical_overflow="crop",
            )
            self._live.start()

    def show(self, change: Change, held: HeldSession, lines: list[Line]) -> None:
        if not self._headed:
            for session in held.of("session", SessionEntity):
                self._headed = True
                self._console.print(Text(heading(session), style="bright_black"))
        for line in lines:
            self.say(line)
        self.tick(held)

    def say(self, line: Line) -> None:
        if self._waiting is not None:
            self._waiting.append(line)
            return
        print_line(self._console, line)

    def tick(self, held: HeldSession) -> None:
        if self._live is not None:
            self._live.update(self._picture(held), refresh=True)

    def pause(self) -> None:
        self._waiting = []
        self._end_live()

    def resume(self) -> None:
        waiting, self._waiting = self._waiting or [], None
        for line in waiting:
            self.say(line)
        self.start()

    def stop(self) -> None:
        self._end_live()
        waiting, self._waiting = self._waiting or [], None
        for line in waiting:
            self.say(line)

    def _end_live(self) -> None:
        if self._live is not None:
            live, self._live = self._live, None
            live.update(Text(""), refresh=True)
            live.stop()

    def _picture(self, held: HeldSession) -> RenderableType:
        width, height = self._console.size
        room = max(_MIN_HEIGHT, height - 4)
        footer = self._footer(held, width)
        stream = _stream(held, width, min(_STREAM_LINES, room // 3))
        plan = _plan(held, width, room - len(stream) - 2)
        return Group(*plan, *stream, footer)

    def _footer(self, held: HeldSession, width: int) -> Text:
        usage = next(iter(held.of("usage", UsageEntity)), None)
        session = next(iter(held.of("session", SessionEntity)), None)
        parts = [session["status"] if session else "connecting"]
        if usage is not None:
            parts.append(f"step {usage['steps']}/{usage['steps_limit']}")
            limit = usage["limit_nano_usd"]
            cost = spent_words(usage)
            parts.append(f"{cost} of {amounts.dollars(limit)}" if limit is not None else cost)
        parts.append(_clock(worked_ms(held) / 1_000))
        spinner = _SPINNER[int(time.monotonic() * 8) % len(_SPINNER)]
        footer = Text(cut(f"{spinner} {' · '.join(parts)} · ctrl-c detaches", width - 1), style="bright_black")
        if session is not None and session["recorded"]:
            footer.append(f" · {RECORDED}", style="yellow")
            footer.truncate(width - 1)
        return footer


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02}"


def styled(line: Line) -> Text:
    """The line in colours; the detail is quiet."""
    style = STYLES[line.tone]
    text = Text()
    if line.mark:
        text.append(f"{line.mark} ", style=style)
    text.append(line.text, style="" if line.tone == "ok" else style)
    if line.detail:
        text.append(f"  {line.detail}", style=style if line.tone in ("bad", "warn") else "bright_black")
    return text


def print_line(console: Console, line: Line) -> None:
    """The line in colours, broken between words; later parts stand below its text."""
    whole, room = styled(line), min(console.size.width, WIDEST)
    hang = line.hang if line.hang <= room // 2 else 0
    starts = [] if line.code else line_starts(whole.plain, room, hang)[1:]
    for number, part in enumerate(whole.divide(starts) if starts else [whole]):
        if starts:
            part.rstrip()
        # As it is: a word that no line can hold is the terminal's to break, so that it can be copied whole.
        console.print(Text(" " * hang) + part if number else part, soft_wrap=True)


def plan_lines(tasks: list[TaskEntity], width: int) -> list[Text]:
    """The plan as a tree: tasks in order, each with its state and what it does now."""
    lines: list[Text] = []
    for number, task in enumerate(tasks, 1):
        mark, style = _TASK_MARKS[task["status"]]
        doing = f"  {task['phase']}" if task["status"] == "active" else ""
        if task["repairs"] and task["status"] == "active":
            doing += f", repair {task['repairs']}"
        needs = ""
        numbers = {one["id"]: index for index, one in enumerate(tasks, 1)}
        if task["status"] in ("pending", "proposed") and task["depends_on"]:
            after = [str(numbers[one]) for one in task["depends_on"] if one in numbers]
            needs = f"  after {', '.join(after)}" if after else ""
        body = cut(f"{number}. {one_line(task['title'])}", max(10, width - 8 - len(doing) - len(needs)))
        text = Text("  ")
        text.append(f"{mark} ", style=style)
        text.append(body, style=style if task["status"] in ("active", "failed") else "")
        text.append(doing + needs, style="bright_black")
        lines.append(text)
    return lines


def _plan(held: HeldSession, width: int, room: int) -> list[Text]:
    tasks = [task for task in held.of("task", TaskEntity) if task["status"] != "skipped"]
    if len(tasks) < 2:
        return []
    lines = plan_lines(tasks, width)
    if len(lines) <= room:
        return [Text(""), *lines]
    active = next((index for index, task in enumerate(tasks) if task["status"] == "active"), 0)
    first = min(max(0, active - room // 2), len(lines) - room)
    return [Text(""), *lines[first : first + room]]


def _stream(held: HeldSession, width: int, room: int) -> list[Text]:
    """The end of what is being said or run just now."""
    running = [step for step in held.of("step", StepEntity) if step["state"] == "running"]
    if not running:
        return [Text("")]
    step = running[-1]
    used = step["usage"].splitlines()
    doing = f"  {one_line(step['title'])} …" + (f"  {used[-1]}" if used else "")
    lines = [Text(cut(doing, width - 1), style="cyan")]
    said = step["text"] or step["reasoning"]
    style = "default" if step["text"] else "bright_black italic"
    lines += [Text("  " + cut(text, width - 4), style=style) for text in _tail(said, width - 4, room)]
    return [Text(""), *lines]


def _tail(said: str, width: int, room: int) -> list[str]:
    """The last lines of a text, wrapped; a long word may make one longer, so the caller cuts."""
    lines: list[str] = []
    for line in clean(said[-_TAIL:]).expandtabs(4).splitlines():
        lines += wrapped(line, max(10, width)).split("\n")
    return lines[-room:]
