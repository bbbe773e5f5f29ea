"""`draftsmith web`: the browser is opened signed in, and the address that does so is on no command line."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from e2e.http.calling import WAIT_S, stranger
from e2e.hubs import RunningHub


def web(hub: RunningHub, *options: str, **environ: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "draftsmith.cli.main", "web", *options],
        env={**os.environ, "DRAFTSMITH_STATE_DIR": str(hub.state_dir), **environ},
        capture_output=True,
        text=True,
        timeout=WAIT_S * 2,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def signed_in(client: httpx.Client, url: str) -> bool:
    answer = client.post("/api/v1/auth/sign-in", json={"code": url.strip().partition("#")[2]})
    return answer.status_code == 200 and client.get("/api/v1/sessions").status_code == 200


@pytest.mark.parametrize("options", [("--print",), ("--json",), ()])
def test_without_a_screen_the_address_is_printed_and_opens_once(hub: RunningHub, options: tuple[str, ...]) -> None:
    said = web(hub, *options, DISPLAY="", WAYLAND_DISPLAY="", BROWSER="")
    url = json.loads(said)["url"] if options == ("--json",) else said.splitlines()[-1]
    with stranger(hub) as client:
        assert signed_in(client, url)
    with stranger(hub) as client:
        assert not signed_in(client, url)


def test_the_browser_gets_the_address_from_a_page_of_the_user_s_own(hub: RunningHub, tmp_path: Path) -> None:
    noted = tmp_path / "noted"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > "{noted}"\n')
    browser.chmod(0o755)
    said = web(hub, BROWSER=f"{browser} %s")
    page = hub.state_dir / "hub" / "open.html"
    assert noted.read_text().strip() == page.as_uri()
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    found = re.search(r'url=(http://[^"]+)"', page.read_text())
    assert found is not None
    code = found[1].partition("#")[2]
    assert code
    assert code not in said + noted.read_text()
    with stranger(hub) as client:
        assert client.get("/open").status_code == 200
        assert signed_in(client, found[1])
    assert not page.exists(), "the page is of no use any more, and stays"
