"""How all of it runs: load, logs, settings, and the sandbox that a runner found."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from draftsmith.hub.log_lines import Wanted, read_page
from draftsmith.hub.monitoring import INTERVAL_SECONDS
from draftsmith.hub.settings_book import SettingNow, SettingsBook
from draftsmith.platform.paths import hub_dir
from draftsmith.protocol.methods import monitor as loads
from draftsmith.protocol.methods import settings as messages

if TYPE_CHECKING:
    from draftsmith.hub.dispatch import Call


async def monitor(call: Call, params: loads.MonitorParams) -> loads.MonitorResult:
    kept = call.hub.monitor
    return loads.MonitorResult(
        started_at=call.hub.started_at,
        interval_ms=round(INTERVAL_SECONDS * 1000),
        processors=kept.machine.processors if kept.machine else 0,
        memory_bytes=kept.machine.memory_bytes if kept.machine else 0,
        disk_bytes=kept.disk.total_bytes if kept.disk else 0,
        samples=kept.since(params.minutes),
        runners=kept.runners(),
    )


async def logs(call: Call, params: loads.LogParams) -> loads.LogResult:
    state = call.hub.state_dir
    folder = (state / "runner" if params.process == "runner" else hub_dir(state)) / "logs"
    secrets = [one.value.get_secret_value() for one in call.hub.credentials.all()]
    wanted = Wanted(level=params.level, about=params.correlation_id, words=params.words)
    path = folder / f"{params.process}.log"
    page = await asyncio.to_thread(read_page, path, wanted, params.cursor, params.limit, secrets)
    return loads.LogResult(lines=page.lines, cursor=page.cursor, folder=str(folder))


async def read_settings(call: Call, params: messages.SettingsOf) -> messages.SettingsInfo:
    book = call.hub.settings
    return _shown(book, await book.read())


async def write_setting(call: Call, params: messages.WriteSettingParams) -> messages.SettingsInfo:
    book = call.hub.settings
    return _shown(book, await book.write(params.name, params.value, call.correlation_id))


async def sandbox(call: Call, params: messages.SandboxParams) -> messages.SandboxResult:
    answer = await call.hub.asking.ask("sandbox/read", params.model_dump_json())
    return messages.SandboxResult.model_validate_json(answer)


def _shown(book: SettingsBook, settings: tuple[SettingNow, ...]) -> messages.SettingsInfo:
    return messages.SettingsInfo(path=str(book.path), settings=tuple(map(_one, settings)), trouble=book.trouble)


def _one(now: SettingNow) -> messages.SettingInfo:
    setting = now.setting
    return messages.SettingInfo(
        name=setting.name,
        variable=setting.variable,
        group=setting.group,
        control=setting.control,
        choices=setting.choices,
        smallest=setting.smallest,
        largest=setting.largest,
        usual=setting.usual,
        usual_words=setting.usual_words,
        value=now.value,
        origin=now.origin,
        in_file=now.in_file,
        waits=now.waits,
        counts=setting.counts,
        problem=now.problem,
    )
