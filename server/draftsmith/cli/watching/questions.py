"""Questions of a session asked at the terminal: the plan, a command, a free question, a missing key.

It asks and returns an answer; it sends nothing.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from draftsmith.cli.output import write
from draftsmith.cli.untrusted import clean, one_line
from draftsmith.cli.watching.keyboard import read_line
from draftsmith.client.messages import SessionEntity, TaskEntity

if TYPE_CHECKING:
    from draftsmith.client.held import HeldSession
    from draftsmith.client.messages import DecisionEntity

APPROVE, REJECT = "approve", "reject"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    answer: str
    text: str = ""


async def ask(decision: DecisionEntity, held: HeldSession) -> Answer:
    """The user's answer. Raises EndOfInput when they give none."""
    if decision["subject"] == "plan":
        return await _ask_plan(decision, held)
    write()
    write(clean(decision["prompt"]).strip())
    if decision["options"]:
        return await _ask_option(decision)
    while True:
        said = (await read_line("> ")).strip()
        if said:
            return Answer(answer=said)


async def _ask_option(decision: DecisionEntity) -> Answer:
    options = decision["options"]
    for number, option in enumerate(options, 1):
        write(f"  {number}  {one_line(option)}")
    hint = "number, or your own words" if decision["free_text"] else "number"
    while True:
        said = (await read_line(f"{hint}> ")).strip()
        chosen = chosen_option(said, options)
        if chosen is not None:
            return Answer(answer=chosen)
        if said and decision["free_text"]:
            return Answer(answer=said)
        write(f"Type a number from 1 to {len(options)}.")


def chosen_option(said: str, options: list[str]) -> str | None:
    """The option meant by a number, its name or the unique beginning of it."""
    if said.isdecimal() and 1 <= int(said) <= len(options):
        return options[int(said) - 1]
    if not said:
        return None
    lowered = said.casefold()
    exact = [option for option in options if option.casefold() == lowered]
    begun = [option for option in options if option.casefold().startswith(lowered)]
    found = exact or begun
    return found[0] if len(found) == 1 else None


async def _ask_plan(decision: DecisionEntity, held: HeldSession) -> Answer:
    write()
    write(plan_text(held) or clean(decision["prompt"]).strip())
    while True:
        said = (await read_line("approve, reject or edit? [a/r/e] ")).strip().casefold()
        match said:
            case "a" | "approve" | "y" | "yes":
                return Answer(answer=APPROVE)
            case "r" | "reject" | "n" | "no":
                why = (await read_line("What should be different? ")).strip()
                return Answer(answer=REJECT, text=why or "The user wants another plan.")
            case "e" | "edit":
                edited = await _edited(plan_text(held))
                if edited is not None:
                    return Answer(answer=REJECT, text=f"Use this plan instead, as I edited it:\n\n{edited}")
                write("The plan is unchanged.")
            case _:
                write("a approves, r asks for another plan with your words, e opens it in $EDITOR.")


async def _edited(text: str) -> str | None:
    """The text as the user's editor leaves it; None when it was not changed."""
    import click

    edited = await asyncio.to_thread(click.edit, text, extension=".md")
    return None if edited is None or edited.strip() in ("", text.strip()) else edited


def plan_text(held: HeldSession) -> str:
    """The plan that waits for approval, as Markdown."""
    tasks = [task for task in held.of("task", TaskEntity) if task["status"] == "proposed"]
    session = next(iter(held.of("session", SessionEntity)), None)
    if not tasks:
        return ""
    parts = [f"Plan: {one_line(session['title'])}" if session else "Plan"]
    if session and session["plan_summary"]:
        parts.append(clean(session["plan_summary"]).strip())
    numbers = {task["id"]: number for number, task in enumerate(tasks, 1)}
    for number, task in enumerate(tasks, 1):
        after = [str(numbers[one]) for one in task["depends_on"] if one in numbers]
        parts.append(f"{number}. {one_line(task['title'])}" + (f" (after {', '.join(after)})" if after else ""))
        if task["description"]:
            parts.append("\n".join(f"   {text}" for text in clean(task["description"]).strip().splitlines()))
        if task["files"]:
            parts.append(f"   files: {', '.join(one_line(name) for name in task['files'])}")
        parts += [f"   check: {one_line(check)}" for check in task["checks"]]
    if session and session["plan_risks"]:
        parts.append("Risks: " + "; ".join(one_line(risk) for risk in session["plan_risks"]))
    return "\n".join(parts) + "\n"
