"""Plain lines, for pipes, logs and terminals that cannot move the cursor; and JSON lines for scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from draftsmith.cli.output import write_json
from draftsmith.cli.untrusted import one_line
from draftsmith.cli.watching.screen import RECORDED
from draftsmith.cli.wrapping import room

if TYPE_CHECKING:
    from draftsmith.cli.watching.lines import Line
    from draftsmith.client.held import Change, HeldSession
    from draftsmith.client.messages import SessionEntity


class PlainScreen:
    """Every line as it comes, flushed, nothing repeated."""

    def __init__(self) -> None:
        self._waiting: list[Line] | None = None
        self._headed = False

    def start(self) -> None: ...

    def show(self, change: Change, held: HeldSession, lines: list[Line]) -> None:
        if not self._headed:
            self._head(change)
        for line in lines:
            self.say(line)

    def say(self, line: Line) -> None:
        if self._waiting is not None:
            self._waiting.append(line)
        else:
            print(line.plain(room()), flush=True)

    def tick(self, held: HeldSession) -> None: ...

    def pause(self) -> None:
        self._waiting = []

    def resume(self) -> None:
        waiting, self._waiting = self._waiting or [], None
        for line in waiting:
            self.say(line)

    def stop(self) -> None:
        self.resume()

    def _head(self, change: Change) -> None:
        for entity in change.entities:
            if entity["kind"] == "session":
                self._headed = True
                print(heading(entity), flush=True)


class JsonScreen:
    """Every changed entity as one JSON object on one line; streamed text comes with the whole step."""

    def start(self) -> None: ...

    def show(self, change: Change, held: HeldSession, lines: list[Line]) -> None:
        for entity in change.entities:
            write_json({**entity})
        for kind, entity_id in change.removed:
            write_json({"kind": kind, "id": entity_id, "removed": True})

    def say(self, line: Line) -> None:
        write_json({"kind": "notice", "text": line.plain()})

    def tick(self, held: HeldSession) -> None: ...

    def pause(self) -> None: ...

    def resume(self) -> None: ...

    def stop(self) -> None: ...


def heading(session: SessionEntity) -> str:
    """The first line about a session: its id, where the replies come from, how much it may do by itself."""
    replies = RECORDED if session["recorded"] else one_line(session["model"], 60)
    parts = [f"session {session['id']}", session["autonomy"], *([replies] if replies else [])]
    return " · ".join(parts)
