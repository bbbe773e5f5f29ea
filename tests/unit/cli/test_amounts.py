from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from draftsmith.cli import amounts
from draftsmith.cli.widths import cut, pad, width


@pytest.mark.parametrize(
    ("text", "nano"),
    [("0.25", 250_000_000), ("$1", 1_000_000_000), ("0", 0), ("0.000000001", 1), (" 2.5 ", 2_500_000_000)],
)
def test_dollars_are_read_exactly(text: str, nano: int) -> None:
    assert amounts.nano_usd(text) == nano


@pytest.mark.parametrize("text", ["", "-1", "nan", "inf", "1e99", "ten", "0,5"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        amounts.nano_usd(text)


@pytest.mark.parametrize(
    ("nano", "text"),
    [(0, "$0"), (31_200_000, "$0.0312"), (250_000_000, "$0.25"), (100, "$0.00"), (1_234_567_000_000, "$1,234.57")],
)
def test_money_has_the_digits_that_matter(nano: int, text: str) -> None:
    assert amounts.dollars(nano) == text


@pytest.mark.parametrize(("ms", "text"), [(340, "340 ms"), (2_100, "2.1 s"), (185_000, "3:05"), (3_723_000, "1:02:03")])
def test_durations_read_like_a_clock(ms: int, text: str) -> None:
    assert amounts.duration(ms) == text


@pytest.mark.parametrize(
    ("ms", "text"), [(5, "just now"), (300_000, "5 min ago"), (86_400_000, "1 day ago"), (-9, "just now")]
)
def test_ages_are_rough(ms: int, text: str) -> None:
    assert amounts.age(ms) == text


@given(st.text(max_size=30), st.integers(1, 20))
def test_text_that_is_cut_fits(text: str, size: int) -> None:
    assert width(cut(text, size)) <= size
    assert width(pad(cut(text, size), size)) == size


def test_wide_characters_take_two_cells() -> None:
    assert width("日本") == 4
    assert cut("日本語", 5) == "日本…"


def test_call_of_unknown_price_is_never_shown_as_free() -> None:
    assert amounts.cost(0, 0) == "$0"
    assert amounts.cost(0, 2) == "price unknown"
    assert amounts.cost(31_200_000, 1) == "$0.0312 and 1 call of unknown price"
