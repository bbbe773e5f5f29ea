"""Server-sent events come out whole, however the bytes were cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from draftsmith.models import sse
from draftsmith.models.sse import EventTooLong, SseDecoder

data_lines = st.text(st.characters(blacklist_characters="\r\n", blacklist_categories=["Cs"]), max_size=20)
line_ends = st.sampled_from(["\n", "\r\n", "\r"])


@st.composite
def streams(draw: st.DrawFn) -> tuple[bytes, list[str]]:
    """A stream of events with comments and other fields between, and the data of each event."""
    stream, expected = "", []
    for _ in range(draw(st.integers(0, 5))):
        lines = draw(st.lists(data_lines, min_size=1, max_size=3))
        end = draw(line_ends)
        stream += draw(st.sampled_from(["", f": ping{end}", f"event: x{end}", f"id: 1{end}"]))
        stream += "".join(f"data: {line}{end}" for line in lines) + end
        expected.append("\n".join(lines))
    return stream.encode(), expected


@given(streams(), st.lists(st.integers(0, 400), max_size=12))
def test_events_do_not_depend_on_how_the_bytes_are_cut(stream: tuple[bytes, list[str]], cuts: list[int]) -> None:
    raw, expected = stream
    decoder, events, start = SseDecoder(), [], 0
    for cut in [*sorted(min(cut, len(raw)) for cut in cuts), len(raw)]:
        events += decoder.feed(raw[start:cut])
        start = cut
    events += decoder.feed(b"\n")  # what an end with CR was waiting for
    assert events == expected


def test_data_may_follow_the_colon_at_once() -> None:
    assert SseDecoder().feed(b"data:{}\n\n") == ["{}"]


def test_an_unfinished_event_is_held_back() -> None:
    decoder = SseDecoder()
    assert decoder.feed(b"data: half") == []
    assert decoder.feed(b" and half\n\n") == ["half and half"]


@pytest.mark.parametrize("piece", [b"x" * 50, b"data: 0123456789\n"])
def test_an_endless_event_is_refused(monkeypatch: pytest.MonkeyPatch, piece: bytes) -> None:
    monkeypatch.setattr(sse, "MAX_EVENT_BYTES", 1000)
    with pytest.raises(EventTooLong):
        SseDecoder().feed(piece * 200)
