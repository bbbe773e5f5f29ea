"""A hub that listens beyond loopback too, with a certificate of its own, and people who sign in there by name."""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import os
import ssl
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from draftsmith.client.endpoint import read_endpoint
from e2e.http.calling import WAIT_S
from e2e.hubs import RunningHub, running

PORT = 8_443
_SOURCES = count(1)
PASSWORD = "correct horse battery"


def own_address() -> str:
    """One of this machine's own addresses that no other test process takes."""
    pid = os.getpid() & 0xFFFF
    return f"127.{100 + (os.getpid() >> 16) % 100}.{pid >> 8}.{pid & 0xFF or 1}"


@dataclass(frozen=True, kw_only=True)
class Elsewhere:
    hub: RunningHub
    host: str
    trusted: ssl.SSLContext

    @property
    def address(self) -> str:
        return f"https://{self.host}:{PORT}"

    @contextlib.contextmanager
    def visitor(self, source: str = "") -> Iterator[httpx.Client]:
        """A browser that nobody has signed in yet, on an address of its own: tries are counted by address."""
        here = source or f"127.90.{next(_SOURCES) >> 8}.{next(_SOURCES) & 0xFF or 1}"
        way = httpx.HTTPTransport(verify=self.trusted, local_address=here)
        with httpx.Client(base_url=self.address, transport=way, timeout=WAIT_S, trust_env=False) as client:
            yield client

    @contextlib.contextmanager
    def signed_in(self, name: str, password: str = PASSWORD) -> Iterator[httpx.Client]:
        with self.visitor() as client:
            answer = client.post("/api/v1/auth/sign-in", json={"name": name, "password": password})
            assert answer.status_code == 200, answer.text
            yield client

    def cookie(self, client: httpx.Client) -> str:
        (cookie,) = client.cookies.jar
        return f"{cookie.name}={cookie.value}"

    def command(self, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return users_command(self.hub.state_dir, *words, stdin=stdin)

    def add(self, name: str, role: str, *options: str) -> None:
        done = self.command("add", name, "--role", role, *options, stdin=f"{PASSWORD}\n")
        assert done.returncode == 0, done.stderr


def users_command(state_dir: Path, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """`draftsmith users …` as it is typed."""
    return subprocess.run(
        [str(Path(sys.executable).parent / "draftsmith"), "users", *words],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=2 * WAIT_S,
        env={**os.environ, "DRAFTSMITH_STATE_DIR": str(state_dir)},
        check=False,
    )


@contextlib.contextmanager
def listening_elsewhere(folder: Path, *options: str, **more: str) -> Iterator[Elsewhere]:
    host = own_address()
    certificate, key = self_signed(folder, host)
    environment = {
        **os.environ,
        "DRAFTSMITH_WEB_LISTEN": f"{host}:{PORT}",
        "DRAFTSMITH_WEB_CERTIFICATE": str(certificate),
        "DRAFTSMITH_WEB_KEY": str(key),
        **more,
    }
    with running(folder / "state", *options, environment=environment) as hub:
        assert read_endpoint(hub.state_dir) is not None
        yield Elsewhere(hub=hub, host=host, trusted=ssl.create_default_context(cafile=str(certificate)))


def self_signed(folder: Path, host: str) -> tuple[Path, Path]:
    """A certificate and its key, for one address and one day."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "draftsmith test")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = folder / "certificate.pem", folder / "key.pem"
    certificate_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate_file, key_file
