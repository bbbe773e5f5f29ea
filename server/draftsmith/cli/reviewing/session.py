"""The interactive review: shows a hunk, reads a key, and gives back what was decided."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from draftsmith.cli import amounts
from draftsmith.cli.reading import session_of
from draftsmith.cli.reviewing.coloured import hunk_lines
from draftsmith.cli.reviewing.walk import Walk
from draftsmith.cli.reviewing.why import why
from draftsmith.cli.untrusted import one_line
from draftsmith.cli.watching.keyboard import EndOfInput, Keys
from draftsmith.cli.watching.live import print_line
from draftsmith.cli.watching.screen import RECORDED
from draftsmith.domain.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from draftsmith.client.held import HeldSession
    from draftsmith.client.messages import HunkText

_KEYS = "a accept · r reject · e edit · s skip · w why · b back · q finish · ? all keys"
_HELP = """  a  accept this hunk            A  accept it and the rest of this file
  r  reject this hunk            R  reject it and the rest of this file
  s  skip it: it stays pending   b  back to the one before
  e  edit what it would write, in $EDITOR; accept or reject it after that
  w  why: its task, gates and remarks of the review
  v  all of its lines, when some are left out
  q  finish: write what you accepted so far
  Ctrl-C leaves and writes nothing"""
_ROOM_AROUND = 8
_LEAST_LINES = 20


Edit = Callable[["HunkText"], Awaitable["Sequence[HunkText] | None"]]
"""Lets the user edit a hunk; gives the hunks that can be decided now, or None when nothing was changed."""


class Review:
    def __init__(
        self, held: HeldSession, hunks: Sequence[HunkText], edit: Edit, console: Console | None = None
    ) -> None:
        self._held = held
        self._edit = edit
        self._walk = Walk(hunks)
        self._console = console or Console(highlight=False, markup=False, emoji=False)

    async def to_the_end(self) -> Walk | None:
        """The finished walk; None when the user left it or did not confirm."""
        self._introduce()
        with Keys() as keys:
            try:
                await self._walk_through(keys)
                return self._walk if await self._confirmed(keys) else None
            except EndOfInput:
                return None

    async def _walk_through(self, keys: Keys) -> None:
        shown = -1
        while not self._walk.over:
            if shown != self._walk.at:
                self._show(whole=False)
                shown = self._walk.at
            key = await self._key(keys, "? ")
            if key == "q":
                return
            if key == "e":
                shown = -1 if await self._edited(keys) else shown
            else:
                self._act(key)

    def _introduce(self) -> None:
        session = session_of(self._held)
        parts = [one_line(session["title"]), amounts.count(len(self._walk.hunks), "pending hunk")]
        parts += [RECORDED] if session["recorded"] else []
        self._console.print(Text(" · ".join(parts), style="bold"))
        self._console.print(Text(_KEYS, style="bright_black"))

    def _act(self, key: str) -> None:
        walk = self._walk
        match key:
            case "a":
                walk.decide("accept")
            case "r":
                walk.decide("reject")
            case "A":
                walk.decide_file("accept")
            case "R":
                walk.decide_file("reject")
            case "s" | "n" | " ":
                walk.skip()
            case "b":
                walk.back()
            case "w":
                for line in why(walk.current, self._held):
                    print_line(self._console, line)
            case "v":
                self._show(whole=True)
            case _:
                self._console.print(Text(_HELP, style="bright_black"))

    async def _edited(self, keys: Keys) -> bool:
        """Whether the hunk on show was changed. The terminal is the editor's while it runs."""
        keys.release()
        try:
            fresh = await self._edit(self._walk.current)
        except UserError as refused:
            self._console.print(Text(str(refused), style="yellow"))
            return False
        finally:
            keys.__enter__()
        if fresh is None:
            self._console.print(Text("Nothing was changed.", style="bright_black"))
            return False
        if len(fresh) < len(self._walk.hunks):
            self._console.print(Text("It would change nothing now, so it is no hunk any more.", style="bright_black"))
        self._walk.replace(fresh)
        return True

    def _show(self, *, whole: bool) -> None:
        hunk = self._walk.current
        lines = hunk_lines(hunk, self._console)
        most = max(_LEAST_LINES, self._console.size.height - _ROOM_AROUND)
        left_out = 0 if whole else max(0, len(lines) - most)
        place = f"{one_line(hunk['path'])}:{max(1, hunk['base_start'])}"
        head = Text(f"\n{place}", style="bold")
        head.append(f"  {self._walk.at + 1}/{len(self._walk.hunks)}  {hunk['hunk_id'][:8]}", style="bright_black")
        if hunk["status"] != "pending":
            head.append(f"  {hunk['status']}: {one_line(hunk['note'])}", style="yellow")
        self._console.print(head)
        for line in lines[: len(lines) - left_out]:
            self._console.print(line, soft_wrap=True)
        if left_out:
            self._console.print(Text(f"  … {left_out} more lines; v shows them", style="yellow"))

    async def _key(self, keys: Keys, prompt: str) -> str:
        self._console.print(Text(prompt, style="bold cyan"), end="")
        key = await keys.next()
        self._console.print(Text(one_line(key) or "·"))
        return key

    async def _confirmed(self, keys: Keys) -> bool:
        accepted, rejected = len(self._walk.having("accept")), len(self._walk.having("reject"))
        if not accepted and not rejected:
            return True
        left = len(self._walk.hunks) - accepted - rejected
        self._console.print(Text(f"\n{accepted} accepted, {rejected} rejected, {left} left pending.", style="bold"))
        question = "Write it? [Y/n] " if accepted else "Reject them? [Y/n] "
        return await self._key(keys, question) in ("y", "Y", "\r", "\n")
