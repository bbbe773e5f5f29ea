"""What a question may cost is found in a time that its text bounds."""

from __future__ import annotations

import pytest
from graphql import parse

from draftsmith.hub.http.graph.limits import MAX_FIELDS, check
from draftsmith.hub.http.refusals import Refusal

DOUBLINGS = 18
"""Many more spreads than fields may be, and few enough that a count without a bound ends, too."""


def doubling(last: str) -> str:
    """Fragments that each name the next one twice."""
    made = [f"fragment f{number} on Query {{ ...f{number + 1} ...f{number + 1} }}" for number in range(DOUBLINGS)]
    return " ".join(["{ ...f0 }", *made, f"fragment f{DOUBLINGS} on Query {{ {last} }}"])


@pytest.mark.parametrize("last", ["...none", "...f0", "a"])
def test_fragments_that_double_are_refused_also_when_they_end_in_no_field(last: str) -> None:
    assert 2**DOUBLINGS > 100 * MAX_FIELDS
    with pytest.raises(Refusal, match="too large"):
        check(parse(doubling(last)), {})


def test_a_fragment_that_is_used_a_few_times_is_fine() -> None:
    uses = " ".join(f"a{number}: sessions(first: 2) {{ nodes {{ ...b }} }}" for number in range(20))
    check(parse(f"{{ {uses} }} fragment b on Session {{ id title }}"), {})
