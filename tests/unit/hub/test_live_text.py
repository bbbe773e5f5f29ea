"""Streamed text: offsets as clients count them, and the same text whenever it is put together."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from draftsmith.domain.text import utf16_length
from draftsmith.hub.live_text import LIVE_LIMIT, LiveText
from draftsmith.protocol.entities import StepEntity

PIECES = st.lists(st.tuples(st.sampled_from(["text", "reasoning"]), st.text(max_size=8), st.booleans()), max_size=30)


def step(**texts: str) -> StepEntity:
    return StepEntity.model_validate(
        {
            "id": "m1",
            "version": 1,
            "ordinal": 1,
            "at": 1,
            "task_id": None,
            "step": "model",
            "title": "t",
            "state": "running",
            **texts,
        }
    )


@given(begun=st.text(max_size=5), pieces=PIECES)
def test_offsets_and_text_are_those_of_appending(begun: str, pieces: list[tuple[str, str, bool]]) -> None:
    live, shown = LiveText(), step(text=begun)
    expected = {"text": begun, "reasoning": ""}
    for name, text, settled in pieces:
        assert live.add(shown, name, text) == utf16_length(expected[name])
        expected[name] += text
        if settled:
            shown = put_together(live, shown)
    shown = put_together(live, shown)
    assert (shown.text, shown.reasoning) == (expected["text"], expected["reasoning"])
    assert not list(live.take())


def put_together(live: LiveText, shown: StepEntity) -> StepEntity:
    for step_id, more in live.take():
        assert step_id == shown.id
        shown = shown.model_copy(update={name: getattr(shown, name) + text for name, text in more.items()})
    return shown


def test_other_fields_and_too_much_are_left_out() -> None:
    live, shown = LiveText(), step()
    assert live.add(shown, "title", "x") is None
    assert live.add(shown, "text", "x" * LIVE_LIMIT) == 0
    assert live.add(shown, "text", "y") is None
    assert live.add(shown, "reasoning", "y") == 0


def test_after_forgetting_lengths_are_the_entity_s() -> None:
    live, shown = LiveText(), step(text="ab")
    live.add(shown, "text", "cd")
    live.forget()
    assert live.add(step(text="é"), "text", "x") == 1
