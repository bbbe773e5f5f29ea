"""The files of the dashboard, as they were built: read-only, inside one folder, by names made when the hub starts.

Without a built dashboard there is one page that says so. It knows nothing of what the files do.
"""

from __future__ import annotations

import hashlib
import mimetypes
import re
from dataclasses import dataclass
from pathlib import Path

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from draftsmith.hub.http.guard import PAGE_POLICY
from draftsmith.hub.http.refusals import Refusal

MAX_FILES = 5_000
INDEX = "index.html"
ICON = "icon.svg"
"""What a browser gets that asks for an icon by the old name, as it does of pages that name none."""
BASE = b'<base href="/">'
"""What an index page has when its addresses are relative; a proxy's prefix is put in its place."""

_HASHED = re.compile(r"[.-][A-Za-z0-9_-]{8,}\.[a-z0-9]+$")
"""`name-D4f8aB12.js`: a name that changes with the content."""
_PACKED = (("br", ".br"), ("gzip", ".gz"))
_COMPRESSED_ENDINGS = tuple(ending for _, ending in _PACKED)

NOT_BUILT = b"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Draftsmith</title>
</head>
<body>
<main>
<h1>Draftsmith</h1>
<p>The hub runs. This installation holds no dashboard: it was made from a source folder in which none was built.</p>
<p>Install a released package, or work in the terminal: <code>draftsmith run "what is to be done"</code>.</p>
</main>
</body>
</html>
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFile:
    """`packed`: the compressed forms that lie beside the file, best first, as (encoding, path)."""

    path: Path
    media_type: str
    immutable: bool
    packed: tuple[tuple[str, Path], ...]


class Pages:
    """`folder` may be absent. `root` is the path under which a proxy shows the hub, empty without one."""

    def __init__(self, folder: Path, root: str) -> None:
        self._root = root
        # Names are looked up here and never joined to the folder: no request can lead outside.
        self._files = _files_of(folder)

    def routes(self) -> list[Route]:
        return [Route("/{name:path}", self._answer, methods=["GET"])]

    async def _answer(self, request: Request) -> Response:
        name: str = request.path_params["name"]
        found = self._files.get(ICON if name == "favicon.ico" else name)
        if found is not None and name != INDEX:
            return await self._file(request, found)
        if name.startswith("api/") or ("." in name.rpartition("/")[2] and name != INDEX):
            raise Refusal(404, "unknown_path", f"There is nothing at /{name[:200]}.")
        # Any other path is a place in the dashboard, which finds its way by itself.
        return await self._index(request)

    async def _index(self, request: Request) -> Response:
        found = self._files.get(INDEX)
        if found is None:
            return Response(NOT_BUILT, media_type="text/html", headers={"cache-control": "no-store"})
        content = await anyio.to_thread.run_sync(found.path.read_bytes)
        content = content.replace(BASE, f'<base href="{self._root}/">'.encode(), 1)
        tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
        # Said with "not changed" too: its headers replace those of the page that the browser keeps.
        headers = {"cache-control": "no-cache", "etag": tag, "content-security-policy": PAGE_POLICY}
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(content, media_type="text/html", headers=headers)

    async def _file(self, request: Request, found: PageFile) -> Response:
        accepted = _accepted(request.headers.get("accept-encoding", ""))
        encoding, path = next((one for one in found.packed if one[0] in accepted), ("", found.path))
        content = await anyio.to_thread.run_sync(path.read_bytes)
        tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
        headers = {
            "cache-control": "public, max-age=31536000, immutable" if found.immutable else "no-cache",
            "etag": tag,
            "vary": "accept-encoding",
        }
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if encoding:
            headers["content-encoding"] = encoding
        return Response(content, media_type=found.media_type, headers=headers)


def _accepted(header: str) -> frozenset[str]:
    """The encodings that a client takes, without those that it weighs with nothing."""
    found: set[str] = set()
    for part in header.split(","):
        name, _, weight = part.strip().lower().partition(";")
        if weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000"):
            found.add(name.strip())
    return frozenset(found)


def _files_of(folder: Path) -> dict[str, PageFile]:
    if not folder.is_dir():
        return {}
    inside = folder.resolve()
    found: dict[str, PageFile] = {}
    for path in sorted(inside.rglob("*"))[:MAX_FILES]:
        if not path.is_file() or path.is_symlink() or path.name.endswith(_COMPRESSED_ENDINGS):
            continue
        packed = tuple(
            (encoding, beside)
            for encoding, ending in _PACKED
            if (beside := path.with_name(path.name + ending)).is_file() and not beside.is_symlink()
        )
        found[path.relative_to(inside).as_posix()] = PageFile(
            path=path,
            media_type=mimetypes.guess_type(path.name)[0] or "application/octet-stream",
            immutable=_HASHED.search(path.name) is not None,
            packed=packed,
        )
    return found
