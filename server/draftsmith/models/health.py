"""How each endpoint is doing: allowance left, failures in a row, speed; and from that whether to call it now.

Pure bookkeeping with the clock as an argument. It makes no call and knows no vendor.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from draftsmith.models.ratelimits import Window
from draftsmith.ports.models import Credential, FailureCategory

MAX_ENDPOINTS = 500
OPEN_AFTER = 4
"""Failures in a row after which an endpoint is left alone where there is another: one call's own attempts."""
FIRST_OPEN_S = 15.0
LONGEST_OPEN_S = 300.0
PROBE_S = 120.0
"""A probe that has told nothing for so long is given up, so that another may be tried."""
_SMOOTHING = 0.3

BreakerState = Literal["closed", "open", "half_open", "refused"]
_COUNTS: frozenset[FailureCategory] = frozenset(
    {"overloaded", "network", "certificate", "timeout", "cut_stream", "malformed_reply", "empty"}
)
"""Failures that say something of the endpoint. The others are about the request, the key or the allowance."""
_LASTING: frozenset[FailureCategory] = frozenset({"auth", "quota", "not_found"})
"""Waiting does not mend these: the endpoint is tried again only with another key, or when the user asks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointKey:
    """What has limits and failures of its own: a model, at an address, with a key.

    `fingerprint` tells keys under one label apart in this process; it is a salted hash and never shown.
    """

    model: str
    address: str
    label: str
    fingerprint: int = field(default=0, repr=False)

    @classmethod
    def of(cls, model: str, credential: Credential | None) -> EndpointKey:
        if credential is None:
            return cls(model=model, address="", label="")
        return cls(
            model=model,
            address=credential.base_url or "",
            label=credential.label,
            fingerprint=hash(credential.value),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """Whether an endpoint can be called. `wait_s` 0: now; None: not by waiting. `reason` is for people."""

    wait_s: float | None
    reason: str = ""

    @property
    def at_once(self) -> bool:
        return self.wait_s == 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointReport:
    """One endpoint as it is shown to people."""

    key: EndpointKey
    state: BreakerState
    windows: tuple[Window, ...]
    failures_in_a_row: int
    last_failure: FailureCategory | None
    first_token_ms: float | None
    calls: int
    failed: int


@dataclass(slots=True)
class _Endpoint:
    windows: dict[str, Window] = field(default_factory=dict[str, Window])
    in_a_row: int = 0
    opened_until: float = 0.0
    openings: int = 0
    probe_since: float | None = None
    lasting: FailureCategory | None = None
    paused_until: float = 0.0
    last_failure: FailureCategory | None = None
    first_token_ms: float | None = None
    calls: int = 0
    failed: int = 0

    def state(self, now: float) -> BreakerState:
        if self.lasting is not None:
            return "refused"
        if self.in_a_row < OPEN_AFTER:
            return "closed"
        return "open" if now < self.opened_until else "half_open"


class Health:
    """All endpoints that were called lately, the longest unused dropped beyond a bound."""

    def __init__(self) -> None:
        self._endpoints: OrderedDict[EndpointKey, _Endpoint] = OrderedDict()

    def soundness(self, key: EndpointKey, now: float) -> Admission:
        """Whether its failures speak against calling it; for choosing among several. Changes nothing."""
        endpoint = self._endpoints.get(key)
        if endpoint is None:
            return Admission(wait_s=0.0)
        match endpoint.state(now):
            case "refused":
                return Admission(wait_s=None, reason=f"its last call was refused ({endpoint.lasting})")
            case "open":
                failed = f"it failed {endpoint.in_a_row} times in a row"
                return Admission(wait_s=endpoint.opened_until - now, reason=failed)
            case "half_open" if endpoint.probe_since is not None and now - endpoint.probe_since < PROBE_S:
                return Admission(wait_s=endpoint.probe_since + PROBE_S - now, reason="it is being tried again")
            case _:
                return Admission(wait_s=0.0)

    def allowance(self, key: EndpointKey, tokens: int, now: float) -> Admission:
        """Whether what the vendor allows is enough for a call that is counted at `tokens`. Changes nothing."""
        endpoint = self._endpoints.get(key)
        return Admission(wait_s=0.0) if endpoint is None else _allowance(endpoint, tokens, now)

    def begin(self, key: EndpointKey, tokens: int, now: float) -> None:
        """A call begins: its share of the allowance counts as used until the vendor says what is left."""
        endpoint = self._of(key)
        endpoint.calls += 1
        if endpoint.state(now) == "half_open":
            endpoint.probe_since = now
        for unit, window in list(endpoint.windows.items()):
            taken = tokens if window.unit == "tokens" else 1
            endpoint.windows[unit] = Window(
                unit=window.unit, limit=window.limit, left=max(0, window.left - taken), resets_at=window.resets_at
            )

    def observe(self, key: EndpointKey, windows: Sequence[Window]) -> None:
        """What the vendor says is left; of several windows for one unit the scarcest holds."""
        if not windows:
            return
        scarcest: dict[str, Window] = {}
        for window in windows:
            held = scarcest.get(window.unit)
            if held is None or window.left < held.left:
                scarcest[window.unit] = window
        self._of(key).windows.update(scarcest)

    def succeeded(self, key: EndpointKey, first_token_ms: float) -> None:
        """A reply came to its end: the endpoint is sound."""
        endpoint = self._of(key)
        endpoint.in_a_row = endpoint.openings = 0
        endpoint.probe_since = endpoint.lasting = None
        old = endpoint.first_token_ms
        endpoint.first_token_ms = first_token_ms if old is None else old + _SMOOTHING * (first_token_ms - old)

    def failed(self, key: EndpointKey, category: FailureCategory, now: float, retry_after_s: float | None) -> None:
        """A call failed. Rate limits pause the endpoint, failures of its own open the breaker."""
        endpoint = self._of(key)
        endpoint.failed += 1
        endpoint.last_failure = category
        endpoint.probe_since = None
        if retry_after_s is not None:
            endpoint.paused_until = max(endpoint.paused_until, now + retry_after_s)
        if category in _LASTING:
            endpoint.lasting = category
        elif category in _COUNTS:
            endpoint.in_a_row += 1
            if endpoint.in_a_row >= OPEN_AFTER:
                endpoint.opened_until = now + min(LONGEST_OPEN_S, FIRST_OPEN_S * 2**endpoint.openings)
                endpoint.openings = min(endpoint.openings + 1, 10)

    def abandoned(self, key: EndpointKey) -> None:
        """A call was cancelled from here: it says nothing of the endpoint."""
        endpoint = self._endpoints.get(key)
        if endpoint is not None:
            endpoint.probe_since = None

    def forgive(self) -> None:
        """The user asks to try again: lasting refusals are dropped."""
        for endpoint in self._endpoints.values():
            endpoint.lasting = None

    def headroom(self, key: EndpointKey, now: float) -> float:
        """Share of the scarcest allowance that is left, 0 to 1; 1 when the vendor states none."""
        endpoint = self._endpoints.get(key)
        if endpoint is None:
            return 1.0
        shares = [
            window.left / window.limit
            for window in endpoint.windows.values()
            if window.limit and now < window.resets_at
        ]
        return min(shares, default=1.0)

    def first_token_ms(self, key: EndpointKey) -> float | None:
        """Smoothed time to the first token; None when no reply came yet."""
        endpoint = self._endpoints.get(key)
        return None if endpoint is None else endpoint.first_token_ms

    def reports(self, now: float) -> tuple[EndpointReport, ...]:
        """Every endpoint that was called lately."""
        return tuple(
            EndpointReport(
                key=key,
                state=endpoint.state(now),
                windows=tuple(window for window in endpoint.windows.values() if now < window.resets_at),
                failures_in_a_row=endpoint.in_a_row,
                last_failure=endpoint.last_failure,
                first_token_ms=endpoint.first_token_ms,
                calls=endpoint.calls,
                failed=endpoint.failed,
            )
            for key, endpoint in self._endpoints.items()
        )

    def _of(self, key: EndpointKey) -> _Endpoint:
        endpoint = self._endpoints.setdefault(key, _Endpoint())
        self._endpoints.move_to_end(key)
        while len(self._endpoints) > MAX_ENDPOINTS:
            self._endpoints.popitem(last=False)
        return endpoint


def _allowance(endpoint: _Endpoint, tokens: int, now: float) -> Admission:
    wait, reason = max(0.0, endpoint.paused_until - now), "it asked to wait"
    for window in endpoint.windows.values():
        needed = tokens if window.unit == "tokens" else 1
        if window.limit is not None:
            # A call that is larger than the whole allowance can only be tried when all of it is there.
            needed = min(needed, window.limit)
        if window.left < needed and window.resets_at - now > wait:
            wait, reason = window.resets_at - now, f"its {window.unit} of this minute are used up"
    return Admission(wait_s=wait, reason=reason if wait > 0 else "")
