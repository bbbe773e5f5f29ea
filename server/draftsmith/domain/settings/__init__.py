"""The settings that a user can make for hub and runners: what each may be, and when a change counts.

A value is text, as in an environment variable. Where values come from is not known here, nor who reads them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from draftsmith.domain.settings import checks

Control = Literal["choice", "number", "switch", "text"]
Counts = Literal["at_once", "next_runner", "next_hub"]
"""From when a change counts: for what begins from now on; once the runner was started anew, which the hub does at the
next step's border; when the hub is started the next time."""
Group = Literal["sandbox", "work", "models", "limits", "web"]

PREFIX = "DRAFTSMITH_"
MAX_VALUE = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """`usual` is what holds when nobody says anything, as a value where there is one. `check` says what is wrong with
    a value, or nothing. `usual_words` says it where it is no value."""

    name: str
    group: Group
    control: Control
    counts: Counts
    check: Callable[[str], str]
    usual: str = ""
    usual_words: str = ""
    choices: tuple[str, ...] = ()
    smallest: int | None = None
    largest: int | None = None

    @property
    def variable(self) -> str:
        return f"{PREFIX}{self.name.upper()}"


def _choice(name: str, group: Group, counts: Counts, choices: tuple[str, ...]) -> Setting:
    return Setting(
        name=name,
        group=group,
        control="choice",
        counts=counts,
        choices=choices,
        usual=choices[0],
        check=checks.one_of(choices),
    )


def _number(name: str, group: Group, counts: Counts, usual: int, smallest: int, largest: int) -> Setting:
    return Setting(
        name=name,
        group=group,
        control="number",
        counts=counts,
        usual=str(usual),
        smallest=smallest,
        largest=largest,
        check=checks.whole(smallest, largest),
    )


def _switch(name: str, group: Group, counts: Counts) -> Setting:
    return Setting(name=name, group=group, control="switch", counts=counts, check=checks.one_of(("", "1")))


def _text(
    name: str, group: Group, counts: Counts, check: Callable[[str], str], usual_words: str, *, usual: str = ""
) -> Setting:
    return Setting(
        name=name, group=group, control="text", counts=counts, check=check, usual=usual, usual_words=usual_words
    )


SETTINGS: tuple[Setting, ...] = (
    _choice("sandbox", "sandbox", "next_runner", ("auto", "bubblewrap", "docker", "unconfined")),
    _text("sandbox_image", "sandbox", "next_runner", checks.image, "this machine's own programs"),
    _text(
        "runner_limits",
        "sandbox",
        "next_runner",
        checks.command_limits,
        "7,200 s of processor time, three quarters of the memory, 2,048 processes, 16,384 open files, 20 GB written",
    ),
    _switch("runner_sandbox_namespaces", "sandbox", "next_runner"),
    _text("runner_ask_above", "work", "next_runner", checks.dollars, "5 dollars", usual="5"),
    _number("runner_map_tokens", "work", "next_runner", 2_000, 0, 32_000),
    _text(
        "runner_edit_formats",
        "work",
        "next_runner",
        checks.edit_formats,
        "search and symbol, and patch for models that were trained on it",
    ),
    _text("runner_advisories", "work", "next_runner", checks.folder, "changed versions are not verified"),
    _switch("runner_fast_replay", "work", "next_runner"),
    _choice("runner_quick", "models", "next_runner", ("on", "off")),
    _text("runner_local_servers", "models", "next_runner", checks.local_servers, "their usual ports on this machine"),
    _number("max_files", "limits", "next_runner", 250_000, 1, 1_000_000_000),
    _number("max_megabytes", "limits", "next_runner", 4_096, 1, 1_000_000_000),
    _number("sessions_in_memory", "limits", "next_hub", 100, 1, 1_000_000),
    Setting(
        name="web_port",
        group="web",
        control="number",
        counts="next_hub",
        smallest=1,
        largest=65_535,
        usual_words="any port that is free",
        check=checks.whole(1, 65_535),
    ),
    _text("web_url", "web", "next_hub", checks.address, "reached on this machine only"),
)

BY_NAME: Mapping[str, Setting] = MappingProxyType({one.name: one for one in SETTINGS})


def wrong_with(name: str, value: str) -> str:
    """Why the setting cannot have this value, or nothing. Empty text is no value: what is usual holds."""
    setting = BY_NAME.get(name)
    if setting is None:
        return f"There is no setting {name!r}."
    if len(value) > MAX_VALUE or any(not one.isprintable() for one in value):
        return f"A value is one line of at most {MAX_VALUE:,} characters."
    return setting.check(value) if value else ""
