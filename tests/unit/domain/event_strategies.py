"""Hypothesis strategies for every event, built from the type hints of the domain's dataclasses.

A new kind or field is covered without a change here.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin

from hypothesis import strategies as st

from draftsmith.domain.codec import Event, event_types
from draftsmith.domain.envelope import Actor, Envelope
from draftsmith.domain.ids import EventId, StreamId

TEXT = st.text(
    st.characters(exclude_categories=["Cs"]) | st.characters(min_codepoint=0xDC80, max_codepoint=0xDCFF), max_size=12
)
"""Any text that decoding bytes with surrogate escapes can give; high surrogates cannot come from there."""

NUMBERS = st.integers(min_value=-(2**63), max_value=2**63 - 1)


@cache
def values(annotation: Any) -> st.SearchStrategy[Any]:
    """Any value of the annotated type."""
    while isinstance(annotation, typing.NewType):
        annotation = annotation.__supertype__
    origin = get_origin(annotation)
    if dataclasses.is_dataclass(annotation):
        hints = typing.get_type_hints(annotation)
        cls = typing.cast("type[Any]", annotation)
        return st.builds(cls, **{field.name: values(hints[field.name]) for field in dataclasses.fields(cls)})
    if origin is tuple:
        return st.lists(values(get_args(annotation)[0]), max_size=2).map(tuple)
    if origin in (Union, types.UnionType):
        return st.one_of(*(values(member) for member in get_args(annotation)))
    if origin is Literal:
        return st.sampled_from(get_args(annotation))
    return {bool: st.booleans(), int: NUMBERS, str: TEXT, type(None): st.none()}[annotation]


def events() -> st.SearchStrategy[Event]:
    """An event of any kind."""
    return st.sampled_from(sorted(event_types())).flatmap(lambda kind: values(event_types()[kind]))


def envelopes() -> st.SearchStrategy[Envelope[Event]]:
    return st.builds(
        Envelope,
        event_id=TEXT.map(EventId),
        stream_id=TEXT.map(StreamId),
        version=NUMBERS,
        at=NUMBERS,
        actor=st.builds(Actor, user=TEXT, client=TEXT),
        causation_id=TEXT,
        correlation_id=TEXT,
        event=events(),
    )
