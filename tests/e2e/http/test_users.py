"""Beyond this machine only named users get in, by TLS; each sees their own sessions and does what the role allows, on
every way in."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect

from draftsmith.protocol.registry import METHODS
from e2e.http.calling import WAIT_S, script
from e2e.http.elsewhere import PASSWORD, Elsewhere, listening_elsewhere
from e2e.hubs import calc
from isolation import short_folder


@pytest.fixture(scope="module")
def place() -> Iterator[Elsewhere]:
    with short_folder("ds-") as folder, listening_elsewhere(folder, "--no-runner") as made:
        made.add("ann", "owner")
        made.add("bob", "owner")
        made.add("vic", "viewer", "--sees", "ann")
        made.add("rev", "reviewer", "--sees", "ann")
        yield made


@pytest.fixture(scope="module")
def project() -> Iterator[Path]:
    with short_folder("ds-") as folder:
        yield calc(folder / "project")


def started(client: httpx.Client, project: Path) -> str:
    answer = client.post("/api/v1/sessions", json={"folders": [str(project)], "request": "Mend add", "model": "x/y"})
    assert answer.status_code == 200, answer.text
    return answer.json()["session_id"]


@pytest.fixture(scope="module")
def of_ann(place: Elsewhere, project: Path) -> str:
    with place.signed_in("ann") as client:
        return started(client, project)


def test_the_hub_s_token_and_codes_open_nothing_there(place: Elsewhere) -> None:
    with script(place.hub) as owner:
        code = owner.post("/api/v1/web/open").json()["url"].partition("#")[2]
    with place.visitor() as client:
        token = {"Authorization": f"Bearer {place.hub.endpoint.token}"}
        assert client.get("/api/v1/sessions", headers=token).json()["code"] == "not_signed_in"
        assert client.post("/api/v1/auth/sign-in", json={"code": code}).json()["code"] == "wrong_token"
        assert client.get("/api/v1/auth/ways").json() == {"code": False, "password": True, "identity": False}


def test_a_browser_that_the_machine_s_user_opened_is_nobody_there(place: Elsewhere) -> None:
    with script(place.hub) as owner, place.visitor() as client:
        code = owner.post("/api/v1/web/open").json()["url"].partition("#")[2]
        with httpx.Client(base_url=str(owner.base_url), trust_env=False) as browser:
            browser.post("/api/v1/auth/sign-in", json={"code": code})
            (cookie,) = browser.cookies.jar
        name = cookie.name.rpartition("_")[0]
        stolen = {"Cookie": f"{name}_8443={cookie.value}"}
        assert client.get("/api/v1/auth", headers=stolen).status_code == 401


@pytest.mark.parametrize(("name", "password"), [("ann", "wrong" * 4), ("nobody", PASSWORD), ("local", PASSWORD)])
def test_a_wrong_name_or_password_is_told_the_same(place: Elsewhere, name: str, password: str) -> None:
    with place.visitor() as client:
        answer = client.post("/api/v1/auth/sign-in", json={"name": name, "password": password})
    assert (answer.status_code, answer.json()["code"]) == (401, "wrong_password")
    assert "set-cookie" not in answer.headers


def test_the_cookie_of_a_named_user_crosses_by_tls_only(place: Elsewhere) -> None:
    with place.visitor() as client:
        answer = client.post("/api/v1/auth/sign-in", json={"name": "ann", "password": PASSWORD})
    cookie = answer.headers["set-cookie"].lower()
    assert all(word in cookie for word in ("httponly", "samesite=strict", "secure"))
    with pytest.raises(httpx.TransportError):
        httpx.get(f"http://{place.host}:8443/healthz", trust_env=False)


def test_a_page_under_another_name_is_refused(place: Elsewhere) -> None:
    with place.signed_in("ann") as client:
        for headers in ({"Host": "evil.example"}, {"Origin": "https://evil.example"}):
            assert client.get("/api/v1/sessions", headers=headers).status_code == 403


def test_everybody_sees_their_own_sessions_and_those_named(place: Elsewhere, of_ann: str) -> None:
    for name, there in (("ann", True), ("bob", False), ("vic", True), ("rev", True)):
        with place.signed_in(name) as client:
            listed = [one["session_id"] for one in client.get("/api/v1/sessions").json()["sessions"]]
            assert (of_ann in listed) is there, name
            asked = client.post("/api/v1/graphql", json={"query": f'{{ session(id: "{of_ann}") {{ id }} }}'}).json()
            assert (asked["data"]["session"] is not None) is there, name
            asked = client.post("/api/v1/graphql", json={"query": "{ sessions { nodes { id } } }"}).json()
            assert ({"id": of_ann} in asked["data"]["sessions"]["nodes"]) is there, name
    with script(place.hub) as owner:
        assert of_ann in [one["session_id"] for one in owner.get("/api/v1/sessions").json()["sessions"]]


async def test_a_session_of_somebody_else_is_not_there_for_any_method(place: Elsewhere, of_ann: str) -> None:
    asked = [one for one in METHODS if "session_id" in one.params.model_fields]
    assert len(asked) > 15
    with place.signed_in("bob") as client:
        async with _socket(place, client) as ws:
            await _hello(ws)
            for number, method in enumerate(asked, start=2):
                answer = await _call(ws, number, method.name, {**_example(method.name), "session_id": of_ann})
                assert answer["error"]["data"]["code"] == "unknown_session", method.name


def _example(name: str) -> dict[str, object]:
    """Parameters that fit, out of the golden messages."""
    file = Path(__file__).parents[3] / "protocol" / "golden" / f"method.{name.replace('/', '.')}.json"
    return json.loads(file.read_text("utf-8"))["examples"][0]["request"]["params"]


@pytest.mark.parametrize(
    ("name", "path", "status"),
    [
        ("vic", "cancel", 403),
        ("rev", "cancel", 200),
        ("rev", "fork", 403),
        ("vic", "fork", 403),
    ],
)
def test_the_role_says_what_may_be_done(place: Elsewhere, project: Path, name: str, path: str, status: int) -> None:
    with place.signed_in("ann") as client:
        session_id = started(client, project)
    with place.signed_in(name) as client:
        answer = client.post(f"/api/v1/sessions/{session_id}/{path}", json={})
        assert answer.status_code == status, answer.text
        assert client.get(f"/api/v1/sessions/{session_id}").status_code == 200


def test_who_may_start_nothing_asks_about_folders_of_sessions_in_sight_only(
    place: Elsewhere, project: Path, of_ann: str
) -> None:
    """What is said of another folder does not tell whether there is one."""
    with short_folder("ds-") as folder:
        other = calc(folder / "other")
        with place.signed_in("vic") as client:
            asked = {"session_id": of_ann}
            assert client.get("/api/v1/rules", params=asked).status_code == 200
            assert client.get("/api/v1/rules", params={"folders": str(project.resolve())}).status_code == 200
            answers = [client.get("/api/v1/rules", params={"folders": str(one)}) for one in (other, folder / "none")]
        with place.signed_in("bob") as client:
            assert client.get("/api/v1/rules", params={"folders": str(other)}).status_code == 200
    told = [(one.status_code, one.json()["code"], one.json()["detail"]) for one in answers]
    assert told[0] == told[1]
    assert told[0][1] == "unknown_folder"


@pytest.mark.parametrize("path", ["hub/stop", "web/open", "users/remove"])
def test_the_machine_s_own_is_for_its_user_only(place: Elsewhere, path: str) -> None:
    with place.signed_in("ann") as client:
        answer = client.post(f"/api/v1/{path}", json={"name": "bob"} if path.startswith("users") else {})
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
        told = client.get("/api/v1/hub/status").json()
        assert (told["state_dir"], told["notices"]) == ("", [])


async def test_the_websocket_and_events_know_whose_sessions_they_are(place: Elsewhere, of_ann: str) -> None:
    for name, code in (("ann", None), ("bob", "unknown_session")):
        with place.signed_in(name) as client:
            async with _socket(place, client) as ws:
                answer = await _ask(ws, "session/attach", {"session_id": of_ann})
                assert answer.get("error", {}).get("data", {}).get("code") == code
            with client.stream("GET", f"/api/v1/sessions/{of_ann}/events") as stream:
                assert stream.status_code == (200 if code is None else 404)


async def test_who_is_removed_is_out_at_once_also_on_open_sockets(place: Elsewhere) -> None:
    place.add("tom", "owner")
    with place.signed_in("tom") as client:
        async with _socket(place, client) as ws:
            assert "result" in await _ask(ws, "session/list", {})
            done = await asyncio.to_thread(place.command, "remove", "tom")
            assert done.returncode == 0, done.stderr
            async with asyncio.timeout(WAIT_S):
                await ws.wait_closed()
        assert client.get("/api/v1/auth").status_code == 401
        answer = client.post("/api/v1/auth/sign-in", json={"name": "tom", "password": PASSWORD})
        assert answer.status_code == 401


def test_another_role_counts_from_the_next_sign_in(place: Elsewhere) -> None:
    place.add("eve", "owner")
    with place.signed_in("eve") as client:
        assert "own" in client.get("/api/v1/auth").json()["permissions"]
        assert place.command("role", "eve", "--role", "viewer").returncode == 0
        assert client.get("/api/v1/auth").status_code == 401
    with place.signed_in("eve") as client:
        assert client.get("/api/v1/auth").json() | {"application_version": ""} == {
            "client": "web",
            "application_version": "",
            "user": "eve",
            "permissions": ["none", "view"],
        }


def test_passwords_are_kept_as_hashes_and_told_nowhere(place: Elsewhere) -> None:
    kept = (place.hub.state_dir / "hub" / "users.json").read_text()
    assert "$argon2id$" in kept
    assert (place.hub.state_dir / "hub" / "users.json").stat().st_mode & 0o077 == 0
    for text in (kept, place.hub.logged(), place.command("list", "--json").stdout):
        assert PASSWORD not in text


def test_a_user_needs_a_way_in_and_a_password_of_some_length(place: Elsewhere) -> None:
    for stdin in ("short\n", "\n", ""):
        done = place.command("add", "new", "--role", "viewer", stdin=stdin)
        assert done.returncode != 0
        assert "12" in done.stderr
    assert place.command("add", "local", "--role", "viewer", stdin=f"{PASSWORD}\n").returncode != 0
    assert place.command("remove", "new").returncode != 0


def _socket(place: Elsewhere, client: httpx.Client) -> connect:
    headers = {"Cookie": place.cookie(client), "Origin": place.address}
    return connect(f"wss://{place.host}:8443/api/v1/ws", ssl=place.trusted, proxy=None, additional_headers=headers)


async def _ask(ws: ClientConnection, method: str, params: object) -> Any:
    await _hello(ws)
    return await _call(ws, 2, method, params)


async def _hello(ws: ClientConnection) -> None:
    assert "result" in await _call(ws, 1, "hello", {"token": "", "client": "web", "versions": [1]})


async def _call(ws: ClientConnection, number: int, method: str, params: object) -> Any:
    await ws.send(json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}))
    async with asyncio.timeout(WAIT_S):
        while (answer := json.loads(await ws.recv())).get("id") != number:
            pass
    return answer


def test_who_guesses_is_held_up_and_others_are_not(place: Elsewhere) -> None:
    with place.visitor("127.91.0.1") as guessing:
        tries = [{"name": "bob", "password": f"guess number {number}"} for number in range(20)]
        answers = [guessing.post("/api/v1/auth/sign-in", json=one) for one in tries]
        assert [one.status_code for one in answers[:5]] == [401] * 5
        held = answers[-1]
        assert (held.status_code, held.json()["code"]) == (429, "too_many_calls")
        assert int(held.headers["retry-after"]) >= 1
        assert guessing.post("/api/v1/auth/sign-in", json={"name": "bob", "password": PASSWORD}).status_code == 429
    with place.signed_in("bob") as client:
        assert client.get("/api/v1/auth").json()["user"] == "bob"
