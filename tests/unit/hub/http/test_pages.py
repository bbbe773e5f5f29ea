"""The dashboard's files: cached for ever when their name says so, compressed, under a proxy's path, nothing else."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from tests.unit.hub.http.serving import served
from tests.unit.hub.worlds import world

from draftsmith.domain.errors import UserError
from draftsmith.hub.http.guard import public_place

SCRIPT = b"console.log('hello');\n" * 50


def built(folder: Path) -> Path:
    assets = folder / "assets"
    assets.mkdir(parents=True)
    (folder / "index.html").write_text('<!doctype html><base href="/"><script src="assets/index-D4f8aB12.js"></script>')
    (folder / "manifest.webmanifest").write_text("{}")
    (assets / "index-D4f8aB12.js").write_bytes(SCRIPT)
    (assets / "index-D4f8aB12.js.gz").write_bytes(gzip.compress(SCRIPT))
    (folder / "leak.txt").symlink_to("/etc/passwd")
    return folder


async def test_files_are_compressed_and_cached_for_ever_when_their_name_changes_with_them(tmp_path: Path) -> None:
    pages = built(tmp_path / "static")
    async with world(tmp_path) as made, served(made, pages=pages) as client:
        plain = await client.get("/assets/index-D4f8aB12.js", headers={"Accept-Encoding": "identity"})
        packed = await client.get("/assets/index-D4f8aB12.js", headers={"Accept-Encoding": "gzip, br"})
        assert plain.content == packed.content == SCRIPT
        assert "content-encoding" not in plain.headers
        assert packed.headers["content-encoding"] == "gzip"
        assert "immutable" in packed.headers["cache-control"]
        assert packed.headers["content-type"].startswith("text/javascript")
        assert (await client.get("/manifest.webmanifest")).headers["cache-control"] == "no-cache"
        held = {"If-None-Match": plain.headers["etag"], "Accept-Encoding": "identity"}
        assert (await client.get("/assets/index-D4f8aB12.js", headers=held)).status_code == 304
        assert (await client.get("/assets/other.js")).status_code == 404
        assert (await client.get("/leak.txt")).status_code == 404


async def test_every_place_in_the_dashboard_is_its_first_page(tmp_path: Path) -> None:
    async with world(tmp_path) as made, served(made, pages=built(tmp_path / "static")) as client:
        for path in ("/", "/sessions/s_1/review", "/index.html"):
            answer = await client.get(path)
            assert "assets/index-D4f8aB12.js" in answer.text
            assert answer.headers["cache-control"] == "no-cache"
        assert (await client.get("/api/nothing")).json()["code"] == "unknown_path"


async def test_without_a_dashboard_there_is_one_page_that_says_so(tmp_path: Path) -> None:
    async with world(tmp_path) as made, served(made, pages=tmp_path / "none") as client:
        assert "holds no dashboard" in (await client.get("/")).text


@pytest.mark.parametrize("prefix", ["", "/draft"])
async def test_behind_a_proxy_everything_is_under_its_path(tmp_path: Path, prefix: str) -> None:
    public = {"Host": "box.example"}
    url = "https://box.example/draft"
    async with world(tmp_path) as made, served(made, pages=built(tmp_path / "static"), url=url) as client:
        page = await client.get(f"{prefix}/", headers=public)
        assert '<base href="/draft/">' in page.text
        opened = (await client.post(f"{prefix}/api/v1/web/open", headers=public)).json()["url"]
        assert opened.startswith("https://box.example/draft/open#")
        answer = await client.post(
            f"{prefix}/api/v1/auth/sign-in",
            json={"code": opened.partition("#")[2]},
            headers={**public, "Origin": "https://box.example"},
        )
        cookie = answer.headers["set-cookie"]
        assert "Path=/draft;" in cookie
        assert "Secure" in cookie
        foreign = {**public, "Origin": "http://box.example"}
        assert (await client.get(f"{prefix}/api/v1/auth", headers=foreign)).status_code == 403


@pytest.mark.parametrize(
    "url", ["box.example", "ftp://box.example", "https://", "https://u:p@x", "https://x/?a", "h://[x"]
)
def test_an_address_that_no_browser_could_use_is_refused(url: str) -> None:
    with pytest.raises(UserError) as refused:
        public_place(url, 1)
    assert refused.value.code == "bad_web_url"
