"""Codes open once and soon; sessions of browsers end; rates hold who asks too often."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from draftsmith.hub.http.entrance import MAX_CALLERS, Rate
from draftsmith.hub.web_access import CODE_SECONDS, IDLE_MS, LONGEST_MS, MAX_CODES, MAX_SIGNED_IN, WebAccess


class Clock:
    now = 1_000_000

    def __call__(self) -> int:
        return self.now


def access() -> tuple[WebAccess, Clock]:
    clock = Clock()
    return WebAccess("http://127.0.0.1:1", clock=clock), clock


def code_of(url: str) -> str:
    address, _, code = url.partition("/open#")
    assert address == "http://127.0.0.1:1"
    return code


def test_a_code_is_good_once() -> None:
    web, _ = access()
    code = code_of(web.open())
    secret = web.exchange(code)
    assert secret is not None
    assert web.exchange(code) is None
    assert web.known(secret) is not None
    assert web.known(code) is None


def test_a_code_is_good_for_a_minute() -> None:
    web, clock = access()
    code = code_of(web.open())
    clock.now += CODE_SECONDS * 1_000
    assert web.exchange(code) is None


def test_a_session_ends_by_disuse_by_age_and_by_signing_out() -> None:
    web, clock = access()
    ended: list[str] = []
    for name in ("disuse", "age", "out"):
        secret = web.exchange(code_of(web.open()))
        assert secret is not None
        signed_in = web.known(secret)
        assert signed_in is not None
        signed_in.on_end.add(lambda name=name: ended.append(name))
        if name == "out":
            web.sign_out(secret)
        for _ in range(LONGEST_MS // IDLE_MS + 1 if name == "age" else 0):
            clock.now += IDLE_MS
            web.known(secret)
        if name == "disuse":
            clock.now += IDLE_MS + 1
        assert web.known(secret) is None
    assert ended == ["disuse", "age", "out"]


def test_there_are_never_too_many_codes_and_sessions() -> None:
    web, _ = access()
    codes = [code_of(web.open()) for _ in range(MAX_CODES + 1)]
    assert web.exchange(codes[0]) is None
    assert web.exchange(codes[-1]) is not None
    secrets = [web.exchange(code_of(web.open())) or "" for _ in range(MAX_SIGNED_IN + 1)]
    assert web.known(secrets[-1]) is not None
    assert sum(web.known(one) is not None for one in secrets) <= MAX_SIGNED_IN


@given(st.lists(st.floats(min_value=0, max_value=5), min_size=1, max_size=200))
def test_no_caller_gets_more_than_its_rate(pauses: list[float]) -> None:
    now = 0.0
    rate = Rate(2.0, 5, clock=lambda: now)
    let_through = 0
    for pause in pauses:
        now += pause
        wait = rate.seconds_to_wait("somebody")
        assert wait >= 0
        let_through += wait == 0
    assert let_through <= 5 + 2 * now + 1e-6
    assert rate.seconds_to_wait("somebody else") == 0


def test_a_flood_of_other_names_frees_nobody_who_has_to_wait() -> None:
    now = 0.0
    rate = Rate(0.2, 50, clock=lambda: now)
    while rate.seconds_to_wait("ann") == 0:
        pass
    for number in range(2 * MAX_CALLERS):
        now += 0.01
        rate.seconds_to_wait(f"other {number}")
    spent = [rate.seconds_to_wait("ann") == 0 for _ in range(50)]
    assert sum(spent) <= 0.2 * now + 1


def test_the_next_hub_knows_who_is_signed_in_and_not_by_what() -> None:
    clock, kept = Clock(), [b""]
    web = WebAccess("http://127.0.0.1:1", clock=clock, keep=lambda content: kept.append(content))
    stays, leaves = web.admit("ann"), web.admit("bob")
    web.sign_out(leaves)
    assert stays.encode() not in b"".join(kept)
    clock.now += LONGEST_MS // 2
    again = WebAccess("http://127.0.0.1:1", clock=clock, kept=kept[-1])
    found = again.known(stays)
    assert found is not None
    assert found.user == "ann"
    assert again.known(leaves) is None
    clock.now += LONGEST_MS // 2 + 1
    assert WebAccess("http://127.0.0.1:1", clock=clock, kept=kept[-1]).known(stays) is None


@given(st.binary(max_size=100))
def test_what_cannot_be_read_signs_nobody_in(kept: bytes) -> None:
    assert WebAccess("http://127.0.0.1:1", kept=kept).known("") is None


def test_a_user_who_is_removed_is_signed_out_everywhere() -> None:
    web, _ = access()
    ended: list[str] = []
    secrets = {name: web.admit(name[:3]) for name in ("ann-1", "ann-2", "bob-1")}
    for name, secret in secrets.items():
        signed_in = web.known(secret)
        assert signed_in is not None
        signed_in.on_end.add(lambda name=name: ended.append(name))
    web.end_user("ann")
    assert sorted(ended) == ["ann-1", "ann-2"]
    assert web.known(secrets["bob-1"]) is not None
