"""Money, time and counts as people read and write them."""

from __future__ import annotations

NANO_USD = 1_000_000_000


def dollars(nano_usd: int) -> str:
    """`$1.25`, `$0.25`, `$0.0123`: cents, and two more digits below a dollar where they say something."""
    amount = nano_usd / NANO_USD
    if nano_usd == 0:
        return "$0"
    if amount >= 1:
        return f"${amount:,.2f}"
    cents, finer = f"{amount:.4f}"[:4], f"{amount:.4f}"[4:].rstrip("0")
    return f"${cents}{finer}"


def cost(nano: int, unpriced_calls: int) -> str:
    """What was spent; calls whose price nobody knows are never shown as free."""
    if not unpriced_calls:
        return dollars(nano)
    return f"{dollars(nano)} and {count(unpriced_calls, 'call')} of unknown price" if nano else "price unknown"


def nano_usd(text: str) -> int:
    """Whole nano-dollars from `0.25` or `$0.25`. Raises ValueError."""
    # Imported here: only the few commands that take money need it, and it is slow to import.
    from decimal import Decimal, InvalidOperation

    try:
        amount = Decimal(text.strip().removeprefix("$"))
    except InvalidOperation as error:
        raise ValueError(f"{text!r} is not an amount of dollars") from error
    if not amount.is_finite() or amount < 0 or amount > 1_000_000:
        raise ValueError(f"{text!r} is not between 0 and 1,000,000 dollars")
    return int(amount * NANO_USD)


def duration(milliseconds: int) -> str:
    """`340 ms`, `2.1 s`, `3:05`, `1:02:03`."""
    if milliseconds < 1_000:
        return f"{milliseconds} ms"
    if milliseconds < 60_000:
        return f"{milliseconds / 1_000:.1f} s"
    minutes, seconds = divmod(milliseconds // 1_000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def age(milliseconds: int) -> str:
    """`just now`, `5 min ago`, `3 h ago`, `2 days ago`."""
    seconds = max(0, milliseconds // 1_000)
    for size, unit in ((86_400, "day"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            number = seconds // size
            return f"{number} {unit}{'s' if unit == 'day' and number != 1 else ''} ago"
    return "just now"


def count(number: int, noun: str) -> str:
    """`1 hunk`, `3 hunks`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
