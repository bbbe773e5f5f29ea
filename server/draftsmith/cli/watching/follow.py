"""The watching itself: changes, questions and Ctrl-C in one loop, so that none can race another.

The session belongs to the hub: leaving the loop never ends it, unless the user cancels.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from typing import TYPE_CHECKING, Any

from draftsmith.cli.answering import send_answer
from draftsmith.cli.exit_codes import ExitCode
from draftsmith.cli.output import interactive, write_json
from draftsmith.cli.untrusted import one_line
from draftsmith.cli.watching.ending import OVER, ending_json, ending_lines, exit_code
from draftsmith.cli.watching.lines import Line, prose_lines
from draftsmith.cli.watching.signals import signals_to
from draftsmith.cli.watching.telling import Telling
from draftsmith.client.credentials import VENDOR_VARIABLES
from draftsmith.client.held import Change
from draftsmith.client.messages import DecisionEntity, SessionEntity, SessionRef
from draftsmith.client.session_view import Interrupted, SessionView
from draftsmith.domain.errors import AdapterError, UserError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from draftsmith.cli.invocation import Invocation
    from draftsmith.cli.watching.questions import Answer
    from draftsmith.cli.watching.screen import Screen
    from draftsmith.client.session_view import ViewEvent

_TICK = 0.125
_AGAIN_WITHIN = 2.0
_GRACE_UNASKED = 2.0
"""Seconds for another client to answer a question that nobody here can be asked."""
_CANCEL_TIMEOUT = 15.0


async def follow(call: Invocation, session_id: str) -> ExitCode:
    """Watch a session until it is over, the user leaves, or it waits for an answer nobody here can give."""
    return await Following(call, session_id, make_screen(call)).to_the_end()


def make_screen(call: Invocation) -> Screen:
    from draftsmith.cli.output import colours
    from draftsmith.cli.watching.plain import JsonScreen, PlainScreen

    if call.json:
        return JsonScreen()
    if interactive() and colours(sys.stdout):
        from draftsmith.cli.watching.live import LiveScreen

        return LiveScreen()
    return PlainScreen()


def ways_to_answer(decision: DecisionEntity, session_id: str) -> list[tuple[str, str]]:
    """What to type when the question cannot be asked here. A key is never an answer: answers are kept."""
    if decision["subject"] == "key":
        wanted = ", ".join(sorted({variable for variable, _, _ in VENDOR_VARIABLES}))
        return [(f"draftsmith attach {session_id}", f"after one of these is set here: {wanted}")]
    options = ", ".join(one_line(option) for option in decision["options"])
    ways = [(f'draftsmith answer {session_id} "…"', f"one of: {options}" if options else "in your own words")]
    if decision["subject"] == "plan":
        ways.append((f"draftsmith plan {session_id} --edit FILE", "your own plan; without --edit it is shown"))
    return ways


class Following:
    def __init__(self, call: Invocation, session_id: str, screen: Screen) -> None:
        self._call = call
        self._screen = screen
        self._view = SessionView(session_id, call.reconnect)
        self._telling = Telling(self._view.held)
        self._asking: asyncio.Task[Answer] | None = None
        self._asked: DecisionEntity | None = None
        self._answered: set[str] = set()
        self._unasked_since: float | None = None
        self._pressed: float | None = None
        self._signals: asyncio.Queue[signal.Signals] = asyncio.Queue(maxsize=8)

    @property
    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    async def to_the_end(self) -> ExitCode:
        changes = self._view.changes()
        self._screen.start()
        try:
            with signals_to(self._signals):
                ended = await self._loop(changes)
            self._screen.stop()
            return ended if ended is not None else self._tell_ending()
        finally:
            self._screen.stop()

    async def _loop(self, changes: AsyncIterator[ViewEvent]) -> ExitCode | None:
        """None when the session is over; else why the watching ended."""
        change = asyncio.ensure_future(anext(changes))
        pressed = asyncio.ensure_future(self._signals.get())
        try:
            while True:
                waits = {change, pressed, *([self._asking] if self._asking else [])}
                done, _ = await asyncio.wait(waits, timeout=_TICK, return_when=asyncio.FIRST_COMPLETED)
                if change in done:
                    self._take(change.result())
                    change = asyncio.ensure_future(anext(changes))
                if self._asking in done:
                    await self._send_answer()
                if pressed in done and (ended := await self._interrupted(pressed.result())) is not None:
                    return ended
                if pressed in done:
                    pressed = asyncio.ensure_future(self._signals.get())
                if self._is_over():
                    return None
                if (ended := self._left() or self._mind_questions()) is not None:
                    return ended
                self._screen.tick(self._view.held)
        finally:
            tasks: list[asyncio.Future[Any]] = [change, pressed, *([self._asking] if self._asking else [])]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await changes.aclose()  # pyright: ignore[reportAttributeAccessIssue] (it is an async generator)

    def _take(self, event: ViewEvent) -> None:
        match event:
            case Change():
                self._screen.show(event, self._view.held, self._telling.news(event))
            case Interrupted(reason=reason):
                self._say("…", f"{reason} Trying to reconnect.", "warn")
            case _:
                self._say("·", "Connected again.", "quiet")

    def _is_over(self) -> bool:
        sessions = self._view.held.of("session", SessionEntity)
        return any(session["status"] in OVER and not session["applying"] for session in sessions)

    # --- questions ---

    def _mind_questions(self) -> ExitCode | None:
        decisions = self._view.held.of("decision", DecisionEntity)
        if self._asked is not None:
            self._mind_asked(decisions)
        open_one = next((one for one in decisions if one["state"] == "open" and one["id"] not in self._answered), None)
        if open_one is None:
            self._unasked_since = None
            return None
        if self._asking is not None:
            return None
        if interactive() and not self._call.json and open_one["subject"] != "key":
            self._begin_asking(open_one)
            return None
        return self._nobody_to_ask(open_one)

    def _begin_asking(self, decision: DecisionEntity) -> None:
        # Imported here: most sessions ask nothing.
        from draftsmith.cli.watching.questions import ask

        self._screen.pause()
        self._asked = decision
        self._asking = asyncio.create_task(ask(decision, self._view.held), name="question")

    def _mind_asked(self, decisions: list[DecisionEntity]) -> None:
        """Take the question back when somebody else answered it, or it is void."""
        asked = self._asked
        now = next((one for one in decisions if asked is not None and one["id"] == asked["id"]), None)
        if now is not None and now["state"] == "open":
            return
        if self._asking is not None:
            self._asking.cancel()
            self._asking = None
            print(flush=True)
        self._asked = None
        self._screen.resume()
        if now is not None and now["state"] == "answered":
            who = one_line(now["answered_by"]) or "another client"
            # What was said about a plan is told by the plan itself: approved, or rejected with the words.
            said = "" if now["subject"] == "plan" else f": {one_line(now['answer'])}"
            self._say("·", f"Answered by {who}{said}. What you were typing was not sent.", "quiet")
        else:
            self._say("·", "The question no longer stands.", "quiet")

    async def _send_answer(self) -> None:
        from draftsmith.cli.watching.keyboard import EndOfInput

        asking, decision = self._asking, self._asked
        self._asking = self._asked = None
        if asking is None or decision is None:
            return
        self._screen.resume()
        try:
            given = asking.result()
        except EndOfInput:
            self._signals.put_nowait(signal.SIGTERM)  # no more input: leave, and let the session go on
            return
        try:
            await send_answer(self._view.connection, self._view.held.session_id, decision["id"], given)
            self._answered.add(decision["id"])
        except UserError as refused:
            self._answered.add(decision["id"])
            self._say("!", one_line(str(refused)), "warn")
        except AdapterError as failed:  # not sent: the question is asked again when the hub is back
            self._say("!", one_line(str(failed)), "warn")

    def _nobody_to_ask(self, decision: DecisionEntity) -> ExitCode | None:
        if self._unasked_since is None:
            self._unasked_since = self._now
        if self._now - self._unasked_since < _GRACE_UNASKED:
            return None
        self._screen.stop()
        if self._call.json:
            write_json({"kind": "waiting", "decision_id": decision["id"], "exit_code": int(ExitCode.WAITING)})
            return ExitCode.WAITING
        for line in prose_lines(decision["prompt"], "warn"):
            self._screen.say(line)
        for typed, about in ways_to_answer(decision, self._view.held.session_id):
            self._say("→", typed, "head", about)
        return ExitCode.WAITING

    # --- leaving ---

    async def _interrupted(self, which: signal.Signals) -> ExitCode | None:
        if which is not signal.SIGINT:
            return self._detach()
        if self._pressed is not None:
            return await self._cancel()
        self._pressed = self._now
        if self._asking is not None:
            print(flush=True)
        self._screen.resume()
        self._say("·", "Leaving; the session goes on. Ctrl-C again within 2 s cancels it.", "quiet")
        return None

    def _left(self) -> ExitCode | None:
        pressed = self._pressed
        return self._detach() if pressed is not None and self._now - pressed > _AGAIN_WITHIN else None

    def _detach(self) -> ExitCode:
        self._screen.stop()
        session_id = self._view.held.session_id
        self._say("→", f"draftsmith attach {session_id}", "head", "watch it again")
        self._say("→", f"draftsmith cancel {session_id}", "head", "stop it")
        return ExitCode.CANCELLED

    async def _cancel(self) -> ExitCode:
        self._screen.stop()
        session_id = self._view.held.session_id
        try:
            async with asyncio.timeout(_CANCEL_TIMEOUT):
                connection = self._view.connection
                await connection.acknowledge("session/cancel", SessionRef(session_id=session_id))
        except TimeoutError as late:
            raise AdapterError(
                f"The hub did not confirm that {session_id} is cancelled.",
                code="hub_timeout",
                remedy=f"Try `draftsmith cancel {session_id}`.",
            ) from late
        self._say("✗", "Cancelled; nothing is lost.", "bad", f"draftsmith resume {session_id}")
        return ExitCode.CANCELLED

    def _tell_ending(self) -> ExitCode:
        held = self._view.held
        if self._call.json:
            write_json(ending_json(held))
        else:
            for line in ending_lines(held):
                self._screen.say(line)
        return exit_code(held)

    def _say(self, mark: str, text: str, tone: str, detail: str = "") -> None:
        self._screen.say(Line(mark=mark, text=text, tone=tone, detail=detail))  # pyright: ignore[reportArgumentType] (literals at every call)
