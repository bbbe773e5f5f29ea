"""Signing in at an identity provider: only who is known here, only the browser that began it, only what is signed."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from e2e.http.calling import WAIT_S
from e2e.http.elsewhere import Elsewhere, listening_elsewhere
from e2e.http.identity_provider import CLIENT, SECRET, Provider, identity_provider
from isolation import short_folder


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with identity_provider() as made:
        yield made


@pytest.fixture(scope="module")
def place(provider: Provider) -> Iterator[Elsewhere]:
    with short_folder("ds-") as folder:
        secret = folder / "secret"
        secret.write_text(f"{SECRET}\n")
        settings = {
            "DRAFTSMITH_WEB_IDENTITY": provider.issuer,
            "DRAFTSMITH_WEB_IDENTITY_CLIENT": CLIENT,
            "DRAFTSMITH_WEB_IDENTITY_SECRET_FILE": str(secret),
        }
        with listening_elsewhere(folder, "--no-runner", **settings) as made:
            for name, identity in (("ann", "u-1"), ("bob", "bob@example.org")):
                done = made.command("add", name, "--role", "owner", "--identity", identity)
                assert done.returncode == 0, done.stderr
            yield made


@pytest.fixture(autouse=True)
def honest(provider: Provider) -> Iterator[None]:
    yield
    provider.claims, provider.signs_with = {}, None


def back(client: httpx.Client) -> str:
    """The address with which the provider sends the browser back."""
    away = client.get("/identity/sign-in")
    assert away.status_code == 302, away.text
    assert "code_challenge_method=S256" in away.headers["location"]
    return httpx.get(away.headers["location"], timeout=WAIT_S, trust_env=False).headers["location"]


def came_by(place: Elsewhere) -> httpx.Response:
    with place.visitor() as client:
        return client.get(back(client))


def test_who_is_known_here_is_signed_in(place: Elsewhere) -> None:
    with place.visitor() as client:
        assert client.get("/api/v1/auth/ways").json() == {"code": False, "password": False, "identity": True}
        answer = client.get(back(client), headers={"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"})
        assert answer.status_code == 200, answer.text
        assert client.get("/api/v1/auth").json()["user"] == "ann"
        cookies = answer.headers.get_list("set-cookie")
    assert any("samesite=strict" in one.lower() and "httponly" in one.lower() for one in cookies)


def test_an_address_that_the_provider_made_sure_of_counts_too(place: Elsewhere, provider: Provider) -> None:
    provider.claims = {"sub": "u-2", "email": "bob@example.org", "email_verified": True}
    assert came_by(place).status_code == 200
    provider.claims = {"sub": "u-2", "email": "bob@example.org"}
    refused = came_by(place)
    assert (refused.status_code, refused.json()["code"]) == (403, "no_identity")


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "somebody"},
        {"aud": "another-client"},
        {"iss": "https://evil.example"},
        {"exp": int(time.time()) - 3_600},
        {"nonce": "of-another-browser"},
        {"sub": None},
    ],
)
def test_what_is_not_right_opens_nothing(place: Elsewhere, provider: Provider, claims: dict[str, object]) -> None:
    provider.claims = claims
    answer = came_by(place)
    assert (answer.status_code, answer.json()["code"]) == (403, "no_identity")
    assert not any("_way" not in one for one in answer.headers.get_list("set-cookie"))


def test_a_foreign_signature_opens_nothing(place: Elsewhere, provider: Provider) -> None:
    provider.signs_with = rsa.generate_private_key(65_537, 2_048)
    assert came_by(place).json()["code"] == "no_identity"


def test_only_the_browser_that_began_it_comes_in_and_once(place: Elsewhere) -> None:
    with place.visitor() as client, place.visitor() as other:
        address = back(client)
        assert other.get(address).json()["code"] == "no_identity"
        assert client.get(address).json()["code"] == "no_identity"
        address = back(client)
        assert client.get(address).status_code == 200
        assert client.get(address).json()["code"] == "no_identity"


def test_no_code_and_no_secret_is_in_the_log(place: Elsewhere) -> None:
    assert came_by(place).status_code == 200
    assert "code-" not in place.hub.logged()
    assert SECRET not in place.hub.logged()
