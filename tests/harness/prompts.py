"""How much of each prompt a vendor's cache can hold: the share of its bytes that begin the prompt before."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise

from vendor.server import ReceivedRequest


def prompt_bytes(request: ReceivedRequest) -> bytes:
    """Tools and messages in the order in which vendors read them."""
    body = request.body
    return json.dumps([body.get("tools"), body["messages"]], ensure_ascii=False).encode()


def share_of_same_beginning(requests: Sequence[ReceivedRequest]) -> tuple[float, int]:
    """Bytes that are an unchanged beginning of the call before, as a share of the bytes of that call, over all calls
    but those that were shortened; and how many were shortened.

    A prompt that is shorter than the one before was shortened: prompts only grow otherwise.
    """
    same = whole = shortened = 0
    for before, after in pairwise(map(prompt_bytes, requests)):
        if len(after) < len(before):
            shortened += 1
            continue
        # The closing brackets of the JSON are not part of the prompt.
        same += _common(before[:-2], after)
        whole += len(before) - 2
    return (same / whole if whole else 0.0), shortened


def _common(one: bytes, other: bytes) -> int:
    if other.startswith(one):
        return len(one)
    return next(place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
