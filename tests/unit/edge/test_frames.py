"""Frames of the base protocol: read whatever the cuts, and whatever stands between them."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from draftsmith.edge.rpc import frames
from draftsmith.edge.rpc.errors import INVALID_REQUEST, PARSE_ERROR, RpcError
from draftsmith.edge.rpc.frames import Body, Garbage, read_frames
from draftsmith.edge.rpc.stdio import parse


def stream(content: bytes, cuts: list[int] | None = None) -> Callable[[int], bytes]:
    """A source that gives the content in pieces of these sizes, then of the size asked for."""
    sizes, place = iter(cuts or []), 0

    def read(count: int) -> bytes:
        nonlocal place
        piece = content[place : place + max(1, min(next(sizes, count), count))]
        place += len(piece)
        return piece

    return read


def frame(body: bytes, header: bytes = b"Content-Length: %d\r\n\r\n") -> bytes:
    return header % len(body) + body


@given(st.lists(st.binary(max_size=60), max_size=6), st.lists(st.integers(1, 7), max_size=80))
def test_bodies_arrive_whole_however_the_stream_is_cut(bodies: list[bytes], cuts: list[int]) -> None:
    content = b"".join(frame(body) for body in bodies)
    assert list(read_frames(stream(content, cuts))) == [Body(content=body) for body in bodies]


@pytest.mark.parametrize(
    "header",
    [
        b"content-length:%d\n\n",
        b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: %d\r\n\r\n",
        b"Content-Length: %d\r\nX-Other: 1\r\n\r\n",
    ],
)
def test_headers_are_taken_in_every_allowed_form(header: bytes) -> None:
    assert list(read_frames(stream(frame(b"{}", header)))) == [Body(content=b"{}")]


@given(st.binary(max_size=200).filter(lambda noise: b"ength" not in noise))
def test_noise_before_a_message_is_told_and_the_message_still_comes(noise: bytes) -> None:
    content = frame(b"{}") + b"noise " + noise + b"\n" + frame(b"[]")
    found = list(read_frames(stream(content)))
    assert found[0] == Body(content=b"{}")
    assert isinstance(found[1], Garbage)
    assert found[-1] == Body(content=b"[]")


def test_a_body_that_is_too_long_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "MAX_BODY", 10)
    found = list(read_frames(stream(frame(b"x" * 11) + frame(b"{}"))))
    assert isinstance(found[0], Garbage)
    assert found[1:] == [Body(content=b"{}")]


@given(st.integers(0, 30))
def test_an_unfinished_message_is_left_out(length: int) -> None:
    content = frame(json.dumps({"method": "x"}).encode())
    assert list(read_frames(stream(content[: min(length, len(content) - 1)]))) == []


def test_a_line_without_an_end_takes_no_memory() -> None:
    left = [1_000]

    def endless(count: int) -> bytes:
        left[0] -= 1
        return b"x" * count if left[0] else b""

    found = list(read_frames(endless))
    assert found == [Garbage(reason="Something came that is no header of a message; it was passed over.")]


@pytest.mark.parametrize(
    ("body", "number"),
    [
        (b"{", PARSE_ERROR),
        (b"\xff\xfe", PARSE_ERROR),
        (b"[" * 100_000, PARSE_ERROR),
        (b"[]", INVALID_REQUEST),
        (b"7", INVALID_REQUEST),
    ],
)
def test_a_body_that_is_no_message_is_an_error(body: bytes, number: int) -> None:
    found = parse(Body(content=body))
    assert isinstance(found, RpcError)
    assert found.number == number
