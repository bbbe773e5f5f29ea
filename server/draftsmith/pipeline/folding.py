"""The older part of a conversation in short: what is told of it, and what is kept whole.

A projection of the log like all else, so that it reads the same at every call. Summarises talk and tool output only:
what the user said stays whole, and so does what the last gates and review found.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from draftsmith.domain.ids import CallId
from draftsmith.domain.text import Text, count
from draftsmith.pipeline.lines import Answered, Line, Said, Told

SAID_CHARACTERS = 400
"""Of what the model said in one reply; its beginning says what it was about."""

OUTPUT_CHARACTERS = 160
"""Of an output's first line that tells something."""

MOST_LINES = 200
"""Of talk and calls; the newest, and whatever the user said."""

MOST_FILES = 100

HEADING = (
    "# What happened before, in short\nTo make room, your earlier replies and the outputs of tools are shortened here."
    " The rules, the request, the task and what the user said are whole."
)

DIGEST_HEADING = "# What you did and learnt until then, as a summary"

Whole = Callable[[Text], Awaitable[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a tool call ended: `title` names what it did, `touched` the files that it changed."""

    title: str
    outcome: str
    touched: tuple[str, ...]


def elided(call_id: CallId, length: int) -> str:
    """What stands in place of a long output: how to have it all the same."""
    return f'[{length:,} characters were left out to make room; read_output(output="{call_id}") shows them again]'


async def folded_text(
    lines: Sequence[Line],
    outcomes: dict[CallId, Outcome],
    changes: str,
    whole: Whole,
    *,
    digest: str = "",
    covered: int = 0,
) -> str:
    """The lines in short. `changes` says what was changed in files until then, `digest` what was said and done in the
    first `covered` lines: of those only the user's words stand beside it."""
    problems = [line for line in lines if isinstance(line, Told) and line.weight == "problem"]
    newest = problems[-1].at if problems else 0
    parts = [HEADING]
    if digest:
        parts.append(f"{DIGEST_HEADING}\n{digest}")
    told: list[str] = []
    users: set[str] = set()
    for place, line in enumerate(lines):
        match line:
            case Said() | Answered() | Told(weight="talk") if place < covered:
                pass
            case Said(text=text):
                told += said_line(text)
            case Answered():
                told.append(answered_line(line, outcomes.get(line.call_id)))
            case Told(weight="user", before=before, text=text):
                told.append(f"- {before} {await whole(text)}".rstrip())
                users.add(told[-1])
            case Told(weight="problem", at=at, before=before) if at != newest:
                told.append(f"- {_first_line(before, SAID_CHARACTERS)} (mended since, or found again below)")
            case _:
                pass  # a nudge, or a problem that stands whole at the end
    left_out = len(told) - MOST_LINES
    if left_out > 0:
        kept = [one for one in told[:left_out] if one in users]
        told = [*kept, f"- [{count(left_out - len(kept), 'earlier line')} left out]", *told[left_out:]]
    if told:
        parts.append("\n".join(told))
    if files := _files(outcomes, lines):
        parts.append(files)
    if changes:
        parts.append(f"# What you had changed until then\n{changes}")
    parts += [await _problem(line, whole) for line in problems if line.at == newest]
    return "\n\n".join(parts)


def said_line(text: Text) -> list[str]:
    """The beginning of what the model said; none when it said nothing."""
    words = " ".join(text.preview.split())
    shown = words if len(words) <= SAID_CHARACTERS else f"{words[:SAID_CHARACTERS]}…"
    return [f"- You said: {shown}"] if shown else []


def answered_line(line: Answered, outcome: Outcome | None) -> str:
    """What a call did, and how its output begins."""
    title = outcome.title if outcome is not None else line.name
    ended = "" if outcome is None or outcome.outcome == "ok" else f" ({outcome.outcome})"
    first = _first_line(line.text.preview, OUTPUT_CHARACTERS)
    handle = f" [{line.call_id}]" if line.text.length > OUTPUT_CHARACTERS else ""
    return f"- {title}{ended}: {first}{handle}" if first else f"- {title}{ended}"


def _files(outcomes: dict[CallId, Outcome], lines: Sequence[Line]) -> str:
    touched = dict.fromkeys(
        path
        for line in lines
        if isinstance(line, Answered) and line.call_id in outcomes
        for path in outcomes[line.call_id].touched
    )
    note = 'Names in brackets are outputs: read_output(output="…") shows one whole.'
    if not touched:
        return note
    shown = list(touched)[-MOST_FILES:]
    return f"{note}\nFiles that you read or changed by then; read again what you need of them: {', '.join(shown)}."


async def _problem(line: Told, whole: Whole) -> str:
    text = await whole(line.text)
    return (
        f"# Found last, and not yet checked again\n{line.before}\n{text[-line.most :] if line.most else text}".rstrip()
    )


def _first_line(text: str, most: int) -> str:
    first = next((one.strip() for one in text.split("\n") if one.strip()), "")
    return first if len(first) <= most else f"{first[:most]}…"
