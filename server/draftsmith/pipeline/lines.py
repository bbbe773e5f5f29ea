"""What a conversation is made of, before it is put into a model's messages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from draftsmith.domain.ids import CallId
from draftsmith.domain.session.events import RequestedToolCall
from draftsmith.domain.text import EMPTY, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The model's reply, with its tool calls."""

    text: Text
    reasoning: Text
    tool_calls: tuple[RequestedToolCall, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The result of a tool call."""

    call_id: CallId
    name: str
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Something the pipeline or the user says to the model. `before` is our own text, `text` the quoted one, of which
    at most about `most` characters are shown; 0: all. `weight` says what becomes of it when room has to be made: what
    the user said stays; of problems those found at the newest `at` stay."""

    before: str
    text: Text = EMPTY
    most: int = 0
    weight: Literal["talk", "user", "problem"] = "talk"
    at: int = 0


Line = Said | Answered | Told


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How a conversation is shortened: tool outputs up to event `elided` are left out, all up to `folded` is told in
    short: up to `digested` by `digest`, which a model wrote, the rest line by line. Up to `asked` a model was asked for
    that. Zeros: not at all."""

    elided: int = 0
    folded: int = 0
    digest: Text = EMPTY
    digested: int = 0
    asked: int = 0
