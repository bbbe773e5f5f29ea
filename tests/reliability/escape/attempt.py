"""The attempts as data: what is run, what would show its success, and which layer stops it where.

They stand in `attempts/*.toml`; the table in the documentation is made from the same files.
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "attempts"
GROUPS = ("reading", "writing", "network", "processes", "resources")
ENGINES = ["bubblewrap", "docker"]
EFFECTS = (
    *("secret", "token", "database", "reached", "changed", "contact", "alive", "victim", "system"),
    *("typed", "ran", "lasting"),
)
_LANGUAGES = {"python": ("python3", "-c"), "perl": ("perl", "-e")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """`effect` is what its success would show; `sign` what its output says when it was refused, by engine.

    `unconfined` is "" when the same program succeeds unconfined for everybody, "root" when for root, else the reason
    why that is not tried. `terminal`: it is run below somebody's terminal. `stopped_by`: the limit that ends it.
    `hosts`: what it is granted to reach.
    """

    group: str
    name: str
    program: str | tuple[str, ...]
    effect: str
    sign: dict[str, str]
    layer: dict[str, str]
    unconfined: str
    seconds: float
    terminal: bool
    stopped_by: tuple[str, ...]
    limits: dict[str, float]
    hosts: tuple[str, ...]

    @property
    def tried_unconfined(self) -> bool:
        return not self.unconfined or (self.unconfined == "root" and os.geteuid() == 0)


def attempts(*groups: str) -> list[Attempt]:
    """All attempts of the groups, in the order of the files."""
    return [
        _attempt(group, raw)
        for group in groups
        for raw in tomllib.loads((FOLDER / f"{group}.toml").read_text("utf-8"))["attempt"]
    ]


def _attempt(group: str, raw: dict[str, Any]) -> Attempt:
    made = Attempt(
        group=group,
        name=raw.pop("name"),
        program=_program(raw),
        effect=raw.pop("effect"),
        sign=_by_engine(raw.pop("sign", "")),
        layer=_by_engine(raw.pop("layer")),
        unconfined=raw.pop("unconfined", ""),
        seconds=raw.pop("seconds", 30.0),
        terminal=raw.pop("terminal", False),
        stopped_by=tuple(raw.pop("stopped_by", ())),
        limits=raw.pop("limits", {}),
        hosts=tuple(raw.pop("hosts", ())),
    )
    assert not raw, f"{made.name}: what is {sorted(raw)}?"
    assert made.effect in EFFECTS, f"{made.name}: there is no effect {made.effect}"
    return made


def _program(raw: dict[str, Any]) -> str | tuple[str, ...]:
    if "run" in raw:
        return str(raw.pop("run"))
    if "c" in raw:
        return ("./probe", raw.pop("c"))
    [language] = _LANGUAGES.keys() & raw.keys()
    return (*_LANGUAGES[language], raw.pop(language))


def _by_engine(raw: str | dict[str, str]) -> dict[str, str]:
    return dict.fromkeys(ENGINES, raw) if isinstance(raw, str) else raw
