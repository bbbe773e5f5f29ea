"""The edge's text is the client's text after any edits, through frames and dispatch; and messages that make no sense.

The edge runs in this process, on real pipes, so that its documents can be looked at.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from draftsmith.bootstrap.edge import assemble
from draftsmith.edge.edge import Edge
from draftsmith.edge.positions import Encoding

WAIT_S = 30.0
URI = "file:///ws/a.py"


@dataclass
class Wire:
    """The client's end of the pipes."""

    edge: Edge
    into: int
    out: asyncio.StreamReader
    came: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    def raw(self, content: bytes) -> None:
        os.write(self.into, content)

    def send(self, message: Any) -> None:
        body = json.dumps(message).encode()
        self.raw(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    def notify(self, method: str, params: Any) -> None:
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    async def next(self) -> dict[str, Any]:
        async with asyncio.timeout(WAIT_S):
            header = await self.out.readuntil(b"\r\n\r\n")
            return json.loads(await self.out.readexactly(int(header.split(b":")[1])))

    async def answer(self, request_id: int | str | None) -> dict[str, Any]:
        """The answer with this id; what came before it is kept in `came`."""
        while True:
            message = await self.next()
            if "method" not in message and message["id"] == request_id:
                return message
            self.came.append(message)

    async def request(self, method: str, params: Any, request_id: int = 1) -> dict[str, Any]:
        self.send({"jsonrpc": "2.0", "id": request_id, "method": method, "params": params})
        return await self.answer(request_id)


@contextlib.asynccontextmanager
async def wired(encodings: list[Encoding] | None = None, *, ready: bool = True) -> AsyncIterator[Wire]:
    source, into = os.pipe()
    out, target = os.pipe()
    edge, peer, stdio = assemble(source, target)
    stdio.start()
    reader = asyncio.StreamReader(limit=1 << 26)
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(out, "rb")
    )
    wire = Wire(edge=edge, into=into, out=reader)
    try:
        if ready:
            general = {} if encodings is None else {"general": {"positionEncodings": encodings}}
            result = (await wire.request("initialize", {"capabilities": general}))["result"]
            told = result["capabilities"].get("positionEncoding")
            assert told == (None if encodings is None else encodings[0])
        yield wire
    finally:
        os.close(into)
        await peer.close()
        await edge.close()
        await asyncio.to_thread(stdio.close)
        transport.close()
        os.close(source)
        os.close(target)


def units(text: str, encoding: Encoding) -> int:
    width = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}[encoding]
    return len(text.encode(width[0])) // width[1]


def position(text: str, offset: int, encoding: Encoding) -> dict[str, int]:
    """As a client counts, line ends being LF here."""
    before = text[:offset]
    line_start = before.rfind("\n") + 1
    return {"line": before.count("\n"), "character": units(before[line_start:], encoding)}


TEXT = st.text(alphabet="ab\n\t€😀é", max_size=30)
EDITS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20), TEXT, st.booleans()), max_size=15)


@given(TEXT, EDITS, st.sampled_from(["utf-8", "utf-16", "utf-32", None]))
@settings(max_examples=40)
def test_the_edges_text_is_the_clients_after_any_edits(
    text: str, edits: list[tuple[int, int, str, bool]], encoding: Encoding | None
) -> None:
    async def run() -> None:
        client = text
        async with wired(None if encoding is None else [encoding]) as wire:
            document = {"uri": URI, "languageId": "x", "version": 0, "text": client}
            wire.notify("textDocument/didOpen", {"textDocument": document})
            for version, (start, length, fresh, whole) in enumerate(edits, 1):
                begin = min(start, len(client))
                end = min(begin + length, len(client))
                counted = encoding or "utf-16"
                span = {"start": position(client, begin, counted), "end": position(client, end, counted)}
                client = client[:begin] + fresh + client[end:]
                change = {"text": client} if whole else {"range": span, "text": fresh}
                identity = {"uri": URI, "version": version}
                wire.notify("textDocument/didChange", {"textDocument": identity, "contentChanges": [change]})
            await wire.request("textDocument/codeLens", {"textDocument": {"uri": URI}}, 2)
            held = wire.edge.documents.get(URI)
            assert held is not None
            assert held.text == client
            assert held.version == len(edits)

    asyncio.run(run())


async def test_several_changes_in_one_message_count_one_after_the_other() -> None:
    async with wired() as wire:
        wire.notify("textDocument/didOpen", {"textDocument": {"uri": URI, "version": 1, "text": "ab\ncd\n"}})
        first = {"range": {"start": {"line": 0, "character": 1}, "end": {"line": 1, "character": 1}}, "text": ""}
        second = {"range": {"start": {"line": 0, "character": 2}, "end": {"line": 0, "character": 2}}, "text": "!"}
        params = {"textDocument": {"uri": URI, "version": 2}, "contentChanges": [first, second]}
        wire.notify("textDocument/didChange", params)
        await wire.request("textDocument/codeLens", {"textDocument": {"uri": URI}}, 2)
        held = wire.edge.documents.get(URI)
        assert held is not None
        assert held.text == "ad!\n"


async def test_a_document_of_ten_megabytes_is_opened_and_edited() -> None:
    line = "x = '" + "é" * 90 + "'\n"
    text = line * (10_000_000 // len(line.encode()))
    async with wired() as wire:
        body = {"textDocument": {"uri": URI, "version": 1, "text": text}}
        await asyncio.to_thread(_write_all, wire, body)
        for number in range(50):
            at = {"line": 1_000 * number, "character": 5}
            change = {"range": {"start": at, "end": at}, "text": "€"}
            params = {"textDocument": {"uri": URI, "version": number + 2}, "contentChanges": [change]}
            wire.notify("textDocument/didChange", params)
        await wire.request("textDocument/codeLens", {"textDocument": {"uri": URI}}, 2)
        held = wire.edge.documents.get(URI)
        assert held is not None
        expected = text.split("\n")
        for number in range(50):
            if 1_000 * number < len(expected):
                old = expected[1_000 * number]
                expected[1_000 * number] = old[:5] + "€" + old[5:]
        assert held.text == "\n".join(expected)


def _write_all(wire: Wire, params: Any) -> None:
    body = json.dumps({"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": params}).encode()
    rest = b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
    while rest:
        rest = rest[os.write(wire.into, rest) :]


async def test_a_change_of_a_document_that_is_not_open_is_told_and_changes_nothing() -> None:
    async with wired() as wire:
        params = {"textDocument": {"uri": URI, "version": 1}, "contentChanges": [{"text": "x"}]}
        wire.notify("textDocument/didChange", params)
        wire.notify("textDocument/didClose", {"textDocument": {"uri": URI}})
        wire.notify("textDocument/didSave", {"textDocument": {"uri": URI}})
        await wire.request("textDocument/codeLens", {"textDocument": {"uri": URI}}, 2)
        assert wire.edge.documents.get(URI) is None
        assert "not open" in wire.came[0]["params"]["message"]


async def test_a_document_opened_twice_holds_the_later_text() -> None:
    async with wired() as wire:
        for version, text in ((1, "old"), (7, "new")):
            wire.notify("textDocument/didOpen", {"textDocument": {"uri": URI, "version": version, "text": text}})
        await wire.request("textDocument/codeLens", {"textDocument": {"uri": URI}}, 2)
        held = wire.edge.documents.get(URI)
        assert held is not None
        assert (held.text, held.version, len(wire.edge.documents)) == ("new", 7, 1)


async def test_half_a_change_changes_nothing() -> None:
    async with wired() as wire:
        wire.notify("textDocument/didOpen", {"textDocument": {"uri": URI, "version": 1, "text": "a"}})
        changes = [{"text": "b"}, {"range": {"start": {"line": -1, "character": 0}}, "text": "c"}]
        wire.notify("textDocument/didChange", {"textDocument": {"uri": URI, "version": 2}, "contentChanges": changes})
        await wire.request("textDocument/codeLens", {"textDocument": {"uri": URI}}, 2)
        held = wire.edge.documents.get(URI)
        assert held is not None
        assert held.text == "a"


async def test_notebooks_are_left_alone_and_that_is_said_once() -> None:
    async with wired() as wire:
        cell = "vscode-notebook-cell:/ws/a.ipynb#1"
        wire.notify("notebookDocument/didOpen", {"notebookDocument": {"uri": "file:///ws/a.ipynb"}})
        wire.notify("textDocument/didOpen", {"textDocument": {"uri": cell, "version": 1, "text": "x"}})
        change = {"textDocument": {"uri": cell, "version": 2}, "contentChanges": [{"text": "y"}]}
        wire.notify("textDocument/didChange", change)
        span = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 1}}
        params = {"textDocument": {"uri": cell}, "range": span, "context": {"diagnostics": []}}
        assert (await wire.request("textDocument/codeAction", params, 2))["result"] == []
        said = [one["params"]["message"] for one in wire.came if one["method"] == "window/showMessage"]
        assert len(said) == 1
        assert "notebooks" in said[0]
        assert len(wire.edge.documents) == 0


# --- messages that make no sense ---

_COMMAND = b'{"jsonrpc":"2.0","id":7,"method":"workspace/executeCommand","params":{"command":"%b"}}'


async def test_before_initialize_requests_are_refused_and_notifications_passed_over() -> None:
    async with wired(ready=False) as wire:
        wire.notify("textDocument/didOpen", {"textDocument": {"uri": URI, "version": 1, "text": "a"}})
        early = await wire.request("textDocument/hover", {})
        assert early["error"]["code"] == -32002
        assert len(wire.edge.documents) == 0
        assert "result" in await wire.request("initialize", {"capabilities": {}}, 2)
        assert (await wire.request("initialize", {"capabilities": {}}, 3))["error"]["code"] == -32600


async def test_after_shutdown_only_exit_counts() -> None:
    async with wired() as wire:
        assert (await wire.request("shutdown", {}, 2))["result"] is None
        assert (await wire.request("textDocument/hover", {}, 3))["error"]["code"] == -32600
        wire.notify("exit", {})
        async with asyncio.timeout(WAIT_S):
            await wire.edge.ending.wait()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"{", -32700),
        (b"[]", -32600),
        (b'{"jsonrpc":"2.0"}', -32600),
        (b'{"jsonrpc":"2.0","id":{},"method":"x"}', -32600),
        (b'{"jsonrpc":"2.0","id":7,"method":8}', -32600),
        (b'{"jsonrpc":"2.0","id":7,"method":"shutdown","params":[1]}', -32600),
        (b'{"jsonrpc":"2.0","id":7,"method":"no/such"}', -32601),
        (b'{"jsonrpc":"2.0","id":7,"method":"draftsmith/hello"}', -32601),
        (b'{"jsonrpc":"2.0","id":7,"method":"textDocument/hover","params":{}}', -32602),
        (_COMMAND % b"no.such", -32602),
        (
            b'{"jsonrpc":"2.0","id":7,"method":"workspace/executeCommand","params":{"command":"draftsmith.start"}}',
            -32602,
        ),
        (b'{"jsonrpc":"2.0","id":7,"method":"draftsmith/text","params":{"path":7}}', -32602),
        (b'{"jsonrpc":"2.0","id":7,"method":"codeAction/resolve","params":{"title":"x"}}', -32602),
    ],
)
async def test_what_makes_no_sense_is_an_error_and_the_next_request_works(content: bytes, code: int) -> None:
    async with wired() as wire:
        wire.raw(b"Content-Length: %d\r\n\r\n%b" % (len(content), content))
        refused = await wire.next()
        assert refused["error"]["code"] == code
        assert refused["id"] == (7 if code not in (-32700, -32600) or b'"id":7' in content else None)
        assert (await wire.request("textDocument/codeLens", {"textDocument": {"uri": URI}}, 9))["result"] == []


async def test_noise_between_messages_is_passed_over() -> None:
    async with wired() as wire:
        wire.raw(b"something else\r\n\r\n")
        assert (await wire.request("textDocument/codeLens", {"textDocument": {"uri": URI}}, 9))["result"] == []


async def test_an_answer_to_nothing_is_left_alone() -> None:
    async with wired() as wire:
        wire.send({"jsonrpc": "2.0", "id": "d99", "result": None})
        wire.send({"jsonrpc": "2.0", "id": 5, "error": {"code": 1, "message": "x"}})
        wire.notify("$/cancelRequest", {"id": 77})
        wire.notify("$/unknown", {})
        wire.notify("unknown/thing", {})
        assert (await wire.request("textDocument/codeLens", {"textDocument": {"uri": URI}}, 9))["result"] == []


async def test_a_request_cancelled_at_once_is_answered_once(state_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAFTSMITH_STATE_DIR", str(state_dir))
    async with wired() as wire:
        # Without `initialized` there is no hub: these wait for it.
        for number in range(10, 20):
            params = {"command": "draftsmith.why", "arguments": ["s_1", "h"]}
            wire.send({"jsonrpc": "2.0", "id": number, "method": "workspace/executeCommand", "params": params})
            wire.notify("$/cancelRequest", {"id": number})
        answers = [await wire.answer(number) for number in range(10, 20)]
        assert {one["error"]["code"] for one in answers} == {-32800}
        assert "result" in await wire.request("shutdown", {}, 30)


async def test_a_request_under_an_id_that_is_under_way_is_refused(
    state_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRAFTSMITH_STATE_DIR", str(state_dir))
    async with wired() as wire:
        params = {"command": "draftsmith.why", "arguments": ["s_1", "h"]}
        for _ in range(2):
            wire.send({"jsonrpc": "2.0", "id": 4, "method": "workspace/executeCommand", "params": params})
        assert (await wire.answer(4))["error"]["code"] == -32600
        wire.notify("$/cancelRequest", {"id": 4})
        assert (await wire.answer(4))["error"]["code"] == -32800


@given(st.lists(st.sampled_from(["open", "close", "change", "save", "lens", "action", "hover"]), max_size=20))
@settings(max_examples=25)
def test_messages_in_any_order_break_nothing(kinds: list[str]) -> None:
    async def run() -> None:
        async with wired() as wire:
            span = {"start": {"line": 0, "character": 0}, "end": {"line": 9, "character": 9}}
            identity = {"textDocument": {"uri": URI, "version": 1, "text": "a = 1\n", "languageId": "python"}}
            messages: dict[str, tuple[str, dict[str, Any]]] = {
                "open": ("didOpen", identity),
                "close": ("didClose", identity),
                "change": ("didChange", {**identity, "contentChanges": [{"range": span, "text": "b"}]}),
                "save": ("didSave", identity),
                "lens": ("codeLens", identity),
                "action": ("codeAction", {**identity, "range": span, "context": {"diagnostics": []}}),
                "hover": ("hover", {**identity, "position": span["start"]}),
            }
            for number, kind in enumerate(kinds, 100):
                name, params = messages[kind]
                if kind in ("lens", "action", "hover"):
                    assert "result" in await wire.request(f"textDocument/{name}", params, number)
                else:
                    wire.notify(f"textDocument/{name}", params)
            assert "result" in await wire.request("shutdown", {}, 2)

    asyncio.run(run())
