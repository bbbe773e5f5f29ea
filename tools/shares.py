"""Divides the minutes of a test run among the shares that `tests/shares.toml` names.

A test's own seconds say how large its part of the run is; the minutes given are of the wall clock, so that they
add up to what the person waited.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Share:
    name: str
    minutes: float
    paths: tuple[str, ...]


def read_shares(text: str) -> list[Share]:
    import tomllib  # not at the top: an older Python must get as far as saying that it is too old

    return [
        Share(name=entry["name"], minutes=float(entry["minutes"]), paths=tuple(entry["paths"]))
        for entry in tomllib.loads(text)["share"]
    ]


def share_of(shares: list[Share], test: str) -> Share:
    """The share with the longest path that holds the test's file, else the first."""
    file = test.partition("::")[0]
    fitting = [
        (len(path), share)
        for share in shares
        for path in share.paths
        if file == path or file.startswith(path.rstrip("/") + "/")
    ]
    return max(fitting, key=lambda pair: pair[0])[1] if fitting else shares[0]


def report(shares: list[Share], tests: Mapping[str, float], *, suite_s: float, around_s: float) -> list[str]:
    """One line for each share: minutes taken, minutes allowed, tests. `around_s` is setup and checks."""
    seconds = {share.name: 0.0 for share in shares}
    counts = {share.name: 0 for share in shares}
    for test, spent in tests.items():
        name = share_of(shares, test).name
        seconds[name] += spent
        counts[name] += 1
    total = sum(seconds.values())
    lines: list[str] = []
    for share in shares:
        taken = suite_s * seconds[share.name] / total if total else 0.0
        if share is shares[0]:
            taken += around_s
        over = "  OVER ITS SHARE" if taken > share.minutes * 60 else ""
        lines.append(f"{share.name:<10} {taken / 60:5.1f} of {share.minutes:g} min, {counts[share.name]} tests{over}")
    return [*lines, f"{'together':<10} {(suite_s + around_s) / 60:5.1f} of {sum(s.minutes for s in shares):g} min"]
