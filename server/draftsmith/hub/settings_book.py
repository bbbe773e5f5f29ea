"""The layers of settings in the hub: what is usual, the user's file, the environment that the hub was started in.

The environment wins. What the file adds to it is put into this process's environment, where every reader looks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import structlog

from draftsmith.domain.errors import UserError
from draftsmith.domain.settings import SETTINGS, Setting, wrong_with
from draftsmith.platform.settings_file import SettingsFile, read_settings, settings_file, write_setting

log = structlog.get_logger()

Origin = Literal["usual", "file", "environment"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingNow:
    """`value` is in force, from `origin`; empty where what is usual holds and is no value. `in_file` is what the file
    says. `waits`: the file says something that does not count before the next start. `problem`: why what the
    environment or the file says does not count."""

    setting: Setting
    value: str
    origin: Origin
    in_file: str
    waits: bool
    problem: str


class SettingsBook:
    """`given` is the environment as the hub was started in it; `live` is what readers look at.

    `renew` is called when what a runner reads has changed.
    """

    def __init__(self, state: Path, live: MutableMapping[str, str], renew: Callable[[], None] = lambda: None) -> None:
        self.path = settings_file(state)
        self.renew = renew
        self._state = state
        self._live = live
        self._given = {one.variable: live[one.variable] for one in SETTINGS if one.variable in live}
        self._lock = asyncio.Lock()
        self._file = SettingsFile()

    def load(self) -> tuple[str, ...]:
        """Reads the file and puts it in force, once, before anything reads a setting. What is wrong, for the user."""
        self._file = read_settings(self._state)
        for setting in SETTINGS:
            self._put(setting)
        return self.trouble

    @property
    def trouble(self) -> tuple[str, ...]:
        """What of the file does not count, in words."""
        known = {one.name for one in SETTINGS}
        unknown = [name for name in self._file.values if name not in known]
        wrong = [
            f"{self.path}: {name}: {reason}"
            for name, value in self._file.values.items()
            if name in known and (reason := wrong_with(name, value))
        ]
        return (*self._file.trouble, *(f"{self.path}: there is no setting {name[:80]}." for name in unknown), *wrong)

    async def read(self) -> tuple[SettingNow, ...]:
        """All settings; the file is read again, so that a change by hand is seen."""
        async with self._lock:
            self._file = await asyncio.to_thread(read_settings, self._state)
            return tuple(map(self._now, SETTINGS))

    async def write(self, name: str, value: str, correlation_id: str = "") -> tuple[SettingNow, ...]:
        """Puts one value into the user's file, or takes it out when it is empty; what can count at once does.

        Raises UserError (`bad_setting`, `settings_unreadable`) or AdapterError.
        """
        value = value.strip()
        if reason := wrong_with(name, value):
            raise UserError(reason, code="bad_setting", remedy="Correct the value and set it again.")
        setting = next(one for one in SETTINGS if one.name == name)
        async with self._lock:
            # Carried through: what is in force must be what the file says.
            await asyncio.shield(asyncio.to_thread(write_setting, self._state, name, value))
            self._file = await asyncio.to_thread(read_settings, self._state)
            before = self._live.get(setting.variable)
            if setting.counts != "next_hub":
                self._put(setting)
            changed = self._live.get(setting.variable) != before
        log.info("setting_written", setting=name, in_force=changed, correlation_id=correlation_id)
        if changed and setting.counts == "next_runner":
            self.renew()
        return await self.read()

    def _put(self, setting: Setting) -> None:
        """What the file says of it into the environment, unless that says something itself."""
        if setting.variable in self._given:
            return
        value = self._file.values.get(setting.name, "")
        if value and not wrong_with(setting.name, value):
            self._live[setting.variable] = value
        else:
            self._live.pop(setting.variable, None)

    def _now(self, setting: Setting) -> SettingNow:
        in_file = self._file.values.get(setting.name, "")
        given = self._given.get(setting.variable)
        value = self._live.get(setting.variable, "")
        origin: Origin = "environment" if given is not None else "file" if value else "usual"
        wrong_file = wrong_with(setting.name, in_file)
        problem = wrong_with(setting.name, given) if given else wrong_file
        waits = given is None and not wrong_file and in_file != value
        return SettingNow(
            setting=setting,
            value=value or setting.usual,
            origin=origin,
            in_file=in_file,
            waits=waits,
            problem=problem,
        )
