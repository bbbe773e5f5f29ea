"""`draftsmith web`: the dashboard in a browser, signed in.

The address that signs in is never on a command line, which others on the machine can read: the browser gets it from
a page of the user's own.
"""

from __future__ import annotations

import asyncio
import html
import os
import sys
from typing import TYPE_CHECKING

import click

from draftsmith.cli.command import command
from draftsmith.cli.exit_codes import ExitCode
from draftsmith.cli.output import write, write_json
from draftsmith.client.messages import OpenResult
from draftsmith.platform.files import replace_file
from draftsmith.platform.paths import opening_page

if TYPE_CHECKING:
    from pathlib import Path

    from draftsmith.cli.invocation import Invocation

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0;url={address}">
<title>Draftsmith</title>
<p>Opening Draftsmith … If nothing happens, run <code>draftsmith web --print</code>.</p>
</html>
"""


@command
@click.option("--print", "show", is_flag=True, help="Print the address instead; it opens once, within a minute.")
async def web(call: Invocation, show: bool) -> ExitCode:
    """The dashboard in the browser, signed in. Treat the printed address like a password."""
    connection = await call.hub()
    found = await connection.call("web/open", {}, OpenResult)
    if call.json:
        write_json({**found})
        return ExitCode.DONE
    if show or not _has_screen():
        if not show:
            write("There is no screen here to open a browser on. Open this address within a minute; it works once:")
        write(found["url"])
        return ExitCode.DONE
    page = opening_page(call.state_dir)
    replace_file(page, _PAGE.format(address=html.escape(found["url"])).encode(), mode=0o600)
    if await asyncio.to_thread(_opened, page):
        write(f"Opened in the browser: {found['url'].partition('/open#')[0]}/")
    else:
        page.unlink(missing_ok=True)
        write("No browser could be started. Open this address within a minute; it works once:")
        write(found["url"])
    return ExitCode.DONE


def _has_screen() -> bool:
    if sys.platform in ("win32", "darwin"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER", "WSL_DISTRO_NAME"))


def _opened(page: Path) -> bool:
    # Imported here: it looks for browsers when it is.
    import webbrowser

    return webbrowser.open(page.as_uri())
