"""Where the hub is reached by HTTP, as far as the user says so in the environment."""

from __future__ import annotations

import ipaddress
import os
import ssl
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from draftsmith.domain.errors import UserError
from draftsmith.hub.http.guard import PublicPlace, public_place

PORT_VARIABLE = "DRAFTSMITH_WEB_PORT"
URL_VARIABLE = "DRAFTSMITH_WEB_URL"
LISTEN_VARIABLE = "DRAFTSMITH_WEB_LISTEN"
CERTIFICATE_VARIABLE = "DRAFTSMITH_WEB_CERTIFICATE"
KEY_VARIABLE = "DRAFTSMITH_WEB_KEY"
PLAIN_VARIABLE = "DRAFTSMITH_WEB_PLAIN"
ISSUER_VARIABLE = "DRAFTSMITH_WEB_IDENTITY"
CLIENT_VARIABLE = "DRAFTSMITH_WEB_IDENTITY_CLIENT"
SECRET_VARIABLE = "DRAFTSMITH_WEB_IDENTITY_SECRET_FILE"  # noqa: S105 (the name of a setting)

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """An address beside loopback, for named users only. Without a certificate what crosses can be read on the way."""

    host: str
    port: int
    certificate: Path | None
    key: Path | None
    place: PublicPlace

    def context(self) -> ssl.SSLContext | None:
        """None without TLS. Raises UserError (`bad_web_certificate`)."""
        if self.certificate is None or self.key is None:
            return None
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.minimum_version = ssl.TLSVersion.TLSv1_2
        made.set_alpn_protocols(["http/1.1"])
        try:
            made.load_cert_chain(self.certificate, self.key)
        except (OSError, ssl.SSLError) as error:
            raise UserError(
                f"The certificate {self.certificate} with the key {self.key} cannot be used: {error}.",
                code="bad_web_certificate",
                remedy=f"{CERTIFICATE_VARIABLE} and {KEY_VARIABLE} name files in PEM form that belong together.",
            ) from error
        return made


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentitySettings:
    """An identity provider by its issuer, and what this hub is called there. Without a secret it is a public client."""

    issuer: str
    client: str
    secret_file: Path | None

    def secret(self) -> str:
        """Raises OSError."""
        return "" if self.secret_file is None else self.secret_file.read_text("utf-8").strip()

    def trusted(self) -> ssl.SSLContext:
        """The authorities of the system, or those that `SSL_CERT_FILE` names."""
        return ssl.create_default_context()


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSettings:
    """`port` 0: any that is free. `url`: the address that a proxy shows, empty without one."""

    port: int = 0
    url: str = ""
    elsewhere: Elsewhere | None = None
    identity: IdentitySettings | None = None


def web_settings() -> WebSettings:
    """Raises UserError (`bad_web_port`, `bad_web_listen`, `web_needs_tls`, `bad_web_url`, `bad_web_identity`)."""
    given = _given(PORT_VARIABLE)
    if given and not (given.isdecimal() and int(given) < 65_536):
        raise UserError(
            f"{PORT_VARIABLE} is {given!r}, which is no port.", code="bad_web_port", remedy="Give 1 to 65535, or none."
        )
    url, elsewhere = _given(URL_VARIABLE), None
    if listen := _given(LISTEN_VARIABLE):
        elsewhere = _elsewhere(listen, url)
        url = ""  # it is the name of that place, not of the one on loopback
    return WebSettings(port=int(given or 0), url=url, elsewhere=elsewhere, identity=_identity())


def _identity() -> IdentitySettings | None:
    issuer, client, secret = _given(ISSUER_VARIABLE), _given(CLIENT_VARIABLE), _given(SECRET_VARIABLE)
    if not issuer:
        return None
    parts = urlsplit(issuer)
    local = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1")
    if not client or not parts.hostname or not (parts.scheme == "https" or local):
        raise UserError(
            f"{ISSUER_VARIABLE} is {issuer!r} and {CLIENT_VARIABLE} is {client!r}: nobody could sign in with that.",
            code="bad_web_identity",
            remedy="Give the issuer's https address, and the id that the provider has for this hub.",
        )
    return IdentitySettings(issuer=issuer, client=client, secret_file=Path(secret) if secret else None)


def _elsewhere(listen: str, url: str) -> Elsewhere:
    try:
        parts = urlsplit(f"//{listen}")
        host, port = parts.hostname or "", parts.port or 0
        everywhere = ipaddress.ip_address(host).is_unspecified
        plain = not parts.path and parts.username is None
    except ValueError:
        host, port, everywhere, plain = "", 0, False, False
    if not port or not plain:
        raise UserError(
            f"{LISTEN_VARIABLE} is {listen!r}, which is no IP address with a port.",
            code="bad_web_listen",
            remedy="Give one like 0.0.0.0:8443 or [2001:db8::7]:8443.",
        )
    certificate, key = _given(CERTIFICATE_VARIABLE), _given(KEY_VARIABLE)
    if not (certificate and key) and _given(PLAIN_VARIABLE) != "1":
        raise UserError(
            "Beyond this machine the hub is reached by TLS only, and there is no certificate.",
            code="web_needs_tls",
            remedy=f"Set {CERTIFICATE_VARIABLE} and {KEY_VARIABLE}. {PLAIN_VARIABLE}=1 goes without: only where"
            " something in front of it does the TLS.",
        )
    if everywhere and not url:
        raise UserError(
            f"{LISTEN_VARIABLE} is {listen!r}, and nothing says by which name browsers reach it.",
            code="bad_web_listen",
            remedy=f"Set {URL_VARIABLE} to that address, such as https://draftsmith.example.org:{port}.",
        )
    scheme = "https" if certificate else "http"
    literal = f"[{host}]" if ":" in host else host
    name = literal if port == _PORTS[scheme] else f"{literal}:{port}"
    return Elsewhere(
        host=host,
        port=port,
        certificate=Path(certificate) if certificate else None,
        key=Path(key) if key else None,
        place=public_place(url or f"{scheme}://{name}", port),
    )


def _given(variable: str) -> str:
    return os.environ.get(variable, "").strip()
