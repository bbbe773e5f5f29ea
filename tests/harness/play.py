"""One case being played: its hub, its scripted vendor, its workspace on disk, its clients and sessions."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from draftsmith.client.connection import HubConnection
from draftsmith.client.messages import KeptKey, OfferCredentialsResult, SessionRef
from harness.case import Case, SessionCase
from harness.hub import HubProcess
from harness.replies import script_of
from harness.watcher import Watcher
from harness.workspace import FileState, commit, lay_out, read_all, read_git, run_setup
from vendor.server import VendorServer

SECRET = "scenario-secret-key"
"""The vendor's key in every case; it must turn up nowhere but at the vendor."""

FIRST_CLIENT = "cli"


@dataclass(kw_only=True)
class Play:
    """`left_alone` is what the user's files hold as far as only the user changed them."""

    case: Case
    hub: HubProcess
    vendor: VendorServer
    folder: Path
    roots: list[Path]
    left_alone: dict[str, FileState]
    git_before: dict[str, tuple[bytes, int]]
    stack: contextlib.AsyncExitStack
    clients: dict[str, HubConnection] = field(default_factory=dict[str, HubConnection])
    sessions: dict[str, Watcher] = field(default_factory=dict[str, Watcher])
    key_labels: set[str] = field(default_factory=set[str])

    @property
    def files_folder(self) -> Path:
        """What paths of the case are relative to: the root, or the folder of the roots when there are several."""
        return self.folder if self.case.roots else self.roots[0]

    async def client(self, name: str = FIRST_CLIENT) -> HubConnection:
        """A connection as this client; the same one each time."""
        if name not in self.clients:
            connection = await self.hub.connect(name)
            self.stack.push_async_callback(connection.close)
            self.clients[name] = connection
        return self.clients[name]

    def session(self, name: str | None = None) -> Watcher:
        """The named session, or the case's first."""
        return self.sessions[name or self.case.sessions[0].name]

    async def watch(self, name: str, session_id: str) -> None:
        self.sessions[name] = await self.stack.enter_async_context(Watcher(self.hub, session_id))

    def describe(self) -> str:
        """Everything that helps to understand a failure; what says most is last, where a cut report still shows it."""
        parts = [f"request {one.number}: {one.outcome}" for one in self.vendor.requests]
        parts += (watcher.describe() for watcher in self.sessions.values())
        return "\n".join([self.hub.log_tails(), *parts])


@contextlib.asynccontextmanager
async def playing(case: Case, hub: HubProcess, folder: Path) -> AsyncIterator[Play]:
    """The case with its workspace laid out, its vendor listening and its sessions started."""
    async with contextlib.AsyncExitStack() as stack:
        replies = [reply for session in case.sessions for reply in script_of(_bare(session), session.replies)]
        script = {"replies": replies, "key": case.key or SECRET}
        vendor = await stack.enter_async_context(VendorServer(script))
        roots = _lay_out(case, folder)
        play = Play(
            case=case,
            hub=hub,
            vendor=vendor,
            folder=folder,
            roots=roots,
            left_alone={},
            git_before={},
            stack=stack,
        )
        play.left_alone = read_all(play.files_folder)
        play.git_before = read_git(folder)
        await offer_key(play, await play.client(), SECRET)
        for session in case.sessions:
            await _start(play, session)
        yield play


def _bare(session: SessionCase) -> str:
    return session.model_name.partition("/")[2]


def _lay_out(case: Case, folder: Path) -> list[Path]:
    roots = [folder / name for name in case.roots or ("project",)]
    for root in roots:
        root.mkdir(parents=True)
    lay_out(folder if case.roots else roots[0], case.files)
    for root in roots:
        if case.git:
            commit(root)
        run_setup(root, list(case.setup))
    return roots


async def offer_key(play: Play, connection: HubConnection, value: str, *, label: str = "scenario") -> None:
    """What an editor or a terminal does with the keys of its environment."""
    offered = [
        {"provider": provider, "label": label, "value": value, "base_url": play.vendor.openai_url, "origin": "test"}
        for provider in ("openai_compatible", "openai")
    ]
    await connection.call("credentials/offer", {"credentials": offered}, OfferCredentialsResult)
    if label not in play.key_labels:
        play.key_labels.add(label)
        play.stack.push_async_callback(_forget_key, connection, label)


async def _forget_key(connection: HubConnection, label: str) -> None:
    """The hub outlives the case, and would try the case's key and address in the next one."""
    await connection.call("credentials/drop", {"name": label}, KeptKey)


async def _start(play: Play, session: SessionCase) -> None:
    params: Mapping[str, Any] = {
        "folders": [str(root) for root in play.roots],
        "request": session.request,
        "autonomy": session.autonomy,
        "limits": dict(session.limits),
        "model": session.model_name,
        "overlays": [{"path": str(play.files_folder / path), "text": text} for path, text in session.overlays.items()],
    }
    connection = await play.client()
    started = await connection.call("session/start", params, SessionRef)
    await play.watch(session.name, started["session_id"])
