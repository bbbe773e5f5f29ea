"""Where the hub may be reached: beyond loopback by TLS or by an explicit word, under a name, and nothing half said."""

from __future__ import annotations

import pytest

from draftsmith.domain.errors import UserError
from draftsmith.hub.http.settings import web_settings

TLS = {"DRAFTSMITH_WEB_CERTIFICATE": "/c.pem", "DRAFTSMITH_WEB_KEY": "/k.pem"}
NAMES = ("PORT", "URL", "LISTEN", "CERTIFICATE", "KEY", "PLAIN", "IDENTITY", "IDENTITY_CLIENT", "IDENTITY_SECRET_FILE")


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(f"DRAFTSMITH_WEB_{name}", raising=False)


def put(monkeypatch: pytest.MonkeyPatch, values: dict[str, str]) -> None:
    for name, value in values.items():
        monkeypatch.setenv(name, value)


def test_nothing_needs_to_be_set() -> None:
    found = web_settings()
    assert (found.port, found.url, found.elsewhere, found.identity) == (0, "", None, None)


@pytest.mark.parametrize(
    ("values", "host", "secure"),
    [
        ({"DRAFTSMITH_WEB_LISTEN": "10.0.0.7:8443", **TLS}, "10.0.0.7:8443", True),
        ({"DRAFTSMITH_WEB_LISTEN": "10.0.0.7:443", **TLS}, "10.0.0.7", True),
        ({"DRAFTSMITH_WEB_LISTEN": "[2001:db8::7]:8443", **TLS}, "[2001:db8::7]:8443", True),
        ({"DRAFTSMITH_WEB_LISTEN": "10.0.0.7:8080", "DRAFTSMITH_WEB_PLAIN": "1"}, "10.0.0.7:8080", False),
        (
            {"DRAFTSMITH_WEB_LISTEN": "0.0.0.0:8443", "DRAFTSMITH_WEB_URL": "https://ds.example.org:8443", **TLS},
            "ds.example.org:8443",
            True,
        ),
    ],
)
def test_it_is_known_by_one_name(
    monkeypatch: pytest.MonkeyPatch, values: dict[str, str], host: str, secure: bool
) -> None:
    put(monkeypatch, values)
    found = web_settings()
    assert found.elsewhere is not None
    assert (found.elsewhere.place.host, found.elsewhere.place.secure) == (host, secure)
    assert found.url == ""


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"DRAFTSMITH_WEB_LISTEN": "10.0.0.7:8443"}, "web_needs_tls"),
        ({"DRAFTSMITH_WEB_LISTEN": "10.0.0.7:8443", "DRAFTSMITH_WEB_CERTIFICATE": "/c.pem"}, "web_needs_tls"),
        ({"DRAFTSMITH_WEB_LISTEN": "10.0.0.7:8443", "DRAFTSMITH_WEB_PLAIN": "yes"}, "web_needs_tls"),
        ({"DRAFTSMITH_WEB_LISTEN": "0.0.0.0:8443", **TLS}, "bad_web_listen"),
        ({"DRAFTSMITH_WEB_LISTEN": "[::]:8443", **TLS}, "bad_web_listen"),
        ({"DRAFTSMITH_WEB_LISTEN": "example.org:8443", **TLS}, "bad_web_listen"),
        ({"DRAFTSMITH_WEB_LISTEN": "10.0.0.7", **TLS}, "bad_web_listen"),
        ({"DRAFTSMITH_WEB_LISTEN": "a@10.0.0.7:1", **TLS}, "bad_web_listen"),
        ({"DRAFTSMITH_WEB_LISTEN": "10.0.0.7:1/x", **TLS}, "bad_web_listen"),
        ({"DRAFTSMITH_WEB_LISTEN": "10.0.0.7:99999", **TLS}, "bad_web_listen"),
        ({"DRAFTSMITH_WEB_IDENTITY": "https://id.example.org"}, "bad_web_identity"),
        (
            {"DRAFTSMITH_WEB_IDENTITY": "http://id.example.org", "DRAFTSMITH_WEB_IDENTITY_CLIENT": "c"},
            "bad_web_identity",
        ),
    ],
)
def test_what_is_half_said_is_refused(monkeypatch: pytest.MonkeyPatch, values: dict[str, str], code: str) -> None:
    put(monkeypatch, values)
    with pytest.raises(UserError) as refused:
        web_settings()
    assert refused.value.code == code


def test_a_certificate_that_cannot_be_used_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch, {"DRAFTSMITH_WEB_LISTEN": "10.0.0.7:8443", **TLS})
    elsewhere = web_settings().elsewhere
    assert elsewhere is not None
    with pytest.raises(UserError, match=r"/c\.pem") as refused:
        elsewhere.context()
    assert refused.value.code == "bad_web_certificate"
