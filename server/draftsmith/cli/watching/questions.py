"""Questions of a session asked at the terminal: the plan, a command, a free question, a missing key.

It asks and returns an answer; it sends nothing.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from draftsmith.cli.output import write
from draftsmith.cli.untrusted import clean, one_line
from draftsmith.cli.watching.keyboard import read_key, read_line
from draftsmith.cli.watching.plan import plan_text
from draftsmith.cli.wrapping import prose, room
from draftsmith.domain.plan_text import PlanUnreadable, read_plan

if TYPE_CHECKING:
    from draftsmith.client.held import HeldSession
    from draftsmith.client.messages import DecisionEntity

APPROVE, REJECT, EDITED = "approve", "reject", "edited"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`plan` is the user's own plan in place of the one that was asked about."""

    answer: str
    text: str = ""
    plan: str = ""


async def ask(decision: DecisionEntity, held: HeldSession) -> Answer:
    """The user's answer. Raises EndOfInput when they give none."""
    if decision["subject"] == "plan":
        return await _ask_plan(decision, held)
    write()
    write(prose(clean(decision["prompt"]).strip(), room()))
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
    if not plan_text(held):  # else it was told when it came
        write(prose(clean(decision["prompt"]).strip(), room()))
    while True:
        said = (await read_key("approve, reject or edit? [a/r/e] ")).casefold()
        match said:
            case "a" | "y":
                return Answer(answer=APPROVE)
            case "r" | "n":
                question = "What should be different? "
                # An Enter out of habit, after the key, is no answer.
                why = (await read_line(question)).strip() or (await read_line(question)).strip()
                return Answer(answer=REJECT, text=why or "The user wants another plan.")
            case "e":
                edited = await _edited_plan(plan_text(held))
                if edited is not None:
                    return Answer(answer=EDITED, plan=edited)
                write("The plan is unchanged.")
            case _:
                write("a approves, r asks for another plan with your words, e opens it in $EDITOR.")


async def _edited_plan(text: str) -> str | None:
    """A plan as the user's editor leaves it; opened again at what cannot be read, until they leave it as it was."""
    begun = text
    while True:
        edited = await _edited(text)
        if edited is None or edited.strip() == begun.strip():
            return None
        try:
            read_plan(edited)
        except PlanUnreadable as unreadable:
            write(prose(clean(unreadable.message), room()))
            again = (await read_line("Edit it again? [Y/n] ")).strip().casefold()
            if again in ("n", "no"):
                return None
            text = edited
        else:
            return edited


async def _edited(text: str) -> str | None:
    """The text as the user's editor leaves it; None when it was not changed."""
    import click

    edited = await asyncio.to_thread(click.edit, text, extension=".md")
    return None if edited is None or edited.strip() in ("", text.strip()) else edited
