"""A scenario as a readable YAML file, read and checked: an unknown field is an error and never ignored.

about: one sentence that says what this shows
files: the workspace before; with `roots` the first part of each path is a root
git: false for folders that are no repository (default true); setup: commands run there before
request, autonomy, limits, model, overlays, plan, code, critique: the session (see `replies` for the last three),
    or `sessions` with several by name
story: what the user does, step by step (see `story`); without it the end of the session is waited for
expect: what must hold in the end (see `expectations`)

`!repeat [1000, "some words "]` stands for long text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import yaml

from harness.replies import ROLES, Role
from harness.workspace import Raw


class _Loader(yaml.SafeLoader):
    """YAML with the notation for long text."""


def _repeat(loader: _Loader, node: yaml.SequenceNode) -> str:
    times, text = loader.construct_sequence(node)
    return int(times) * str(text)


_Loader.add_constructor("!repeat", _repeat)

MAIN = "main"
_SESSION_FIELDS = frozenset(("request", "autonomy", "limits", "model", "overlays", *ROLES))
_CASE_FIELDS = frozenset(("about", "files", "roots", "git", "setup", "key", "sessions", "story", "expect", "unused"))


@dataclass(frozen=True, kw_only=True)
class SessionCase:
    """`model` empty: one of the session's own name at the OpenAI-compatible endpoint."""

    name: str
    request: str
    autonomy: str = "ask"
    limits: Mapping[str, int] = field(default_factory=dict[str, int])
    model: str = ""
    overlays: Mapping[str, str] = field(default_factory=dict[str, str])
    replies: Mapping[Role, Sequence[Mapping[str, Any]]] = field(default_factory=dict[Role, Sequence[Mapping[str, Any]]])

    @property
    def model_name(self) -> str:
        return self.model or f"openai_compatible/scripted-{self.name}"


@dataclass(frozen=True, kw_only=True)
class Case:
    """`key`: the vendor takes this key only. `unused`: how many scripted replies may be left over."""

    name: str
    about: str
    files: Mapping[str, Raw]
    sessions: Sequence[SessionCase]
    roots: Sequence[str] = ()
    git: bool = True
    setup: Sequence[str] = ()
    key: str | None = None
    story: Sequence[Mapping[str, Any]] = ({"until": "over"},)
    expect: Mapping[str, Any] = field(default_factory=dict[str, Any])
    unused: int = 0


def read_case(path: Path) -> Case:
    """Raises ValueError for fields that mean nothing."""
    raw = cast("dict[str, Any]", yaml.load(path.read_text(encoding="utf-8"), _Loader))  # noqa: S506 (a safe loader)
    _refuse_unknown(path, raw, _CASE_FIELDS | _SESSION_FIELDS)
    own = {name: value for name, value in raw.items() if name in _SESSION_FIELDS}
    named: dict[str, dict[str, Any]] = raw.get("sessions") or {MAIN: own}
    sessions = [_session(path, name, value) for name, value in named.items()]
    fields = {name: value for name, value in raw.items() if name in _CASE_FIELDS - {"sessions"}}
    return Case(name=path.stem, sessions=sessions, **{"files": {}, **fields})


def _session(path: Path, name: str, raw: Mapping[str, Any]) -> SessionCase:
    _refuse_unknown(path, raw, _SESSION_FIELDS)
    replies: dict[Role, Sequence[Mapping[str, Any]]] = {role: raw[role] for role in ROLES if role in raw}
    rest = {key: value for key, value in raw.items() if key not in ROLES}
    return SessionCase(name=name, replies=replies, **rest)


def _refuse_unknown(path: Path, raw: Mapping[str, Any], known: frozenset[str]) -> None:
    if unknown := set(raw) - known:
        raise ValueError(f"{path.name}: unknown fields {sorted(unknown)}")
