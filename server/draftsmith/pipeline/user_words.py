"""Everything that the user said after the request, in order: messages, answers with their questions, refusals.

Each role that begins later than a word was said is told it; it is kept here once for all of them.
"""

from __future__ import annotations

from dataclasses import dataclass

from draftsmith.domain.decisions import Decision
from draftsmith.domain.envelope import Envelope
from draftsmith.domain.ids import DecisionId
from draftsmith.domain.session.events import (
    DecisionRequested,
    DecisionTaken,
    MessageReceived,
    PlanRejected,
    SessionEvent,
)
from draftsmith.domain.text import EMPTY, Text

TITLE_CHARACTERS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """`about` is our own text in front, `question` what was asked, `answer` the chosen one of its options."""

    version: int
    text: Text
    about: str = ""
    question: Text = EMPTY
    answer: str = ""


class UserWords:
    """Follows the log. `rewind` takes back events that did not become durable."""

    def __init__(self) -> None:
        self._words: list[Word] = []
        self._asked: dict[DecisionId, tuple[int, Decision]] = {}

    def before(self, version: int) -> tuple[Word, ...]:
        """What was said before that event, oldest first."""
        return tuple(word for word in self._words if word.version < version)

    def newest_message(self) -> str:
        """The beginning of the last message, on one line; empty when there was none."""
        messages = [word for word in self._words if not word.question.length and not word.about]
        line = " ".join(messages[-1].text.preview.split()) if messages else ""
        return line if len(line) <= TITLE_CHARACTERS else f"{line[: TITLE_CHARACTERS - 1].rstrip()}…"

    def rewind(self, version: int) -> None:
        """Forgets every event after `version`."""
        self._words = [word for word in self._words if word.version <= version]
        self._asked = {name: asked for name, asked in self._asked.items() if asked[0] <= version}

    def apply(self, envelope: Envelope[SessionEvent]) -> None:
        """Takes one event in."""
        version = envelope.version
        match envelope.event:
            case MessageReceived(text=text):
                self._words.append(Word(version=version, text=text))
            case PlanRejected(feedback=feedback):
                self._words.append(Word(version=version, text=feedback, about="Of a plan that they rejected: "))
            case DecisionRequested(decision=decision):
                self._asked[decision.decision_id] = (version, decision)
            case DecisionTaken(decision_id=decision_id, answer=answer, text=text) if decision_id in self._asked:
                self._answered(version, self._asked[decision_id][1], answer, text)
            case _:
                pass

    def _answered(self, version: int, asked: Decision, answer: str, text: Text) -> None:
        """A plain yes or no to a plan or a command says nothing that later work needs."""
        if asked.subject == "question" or (asked.subject == "command" and text.length):
            self._words.append(Word(version=version, text=text, question=asked.prompt, answer=answer))
        elif asked.subject == "plan" and answer == "approve" and text.length:
            self._words.append(Word(version=version, text=text, about="Of the plan that they approved: "))
