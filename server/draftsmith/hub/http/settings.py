"""Where the hub is reached by HTTP, as far as the user says so in the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass

from draftsmith.domain.errors import UserError

PORT_VARIABLE = "DRAFTSMITH_WEB_PORT"
URL_VARIABLE = "DRAFTSMITH_WEB_URL"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSettings:
    """`port` 0: any that is free. `url`: the address that a proxy shows, empty without one."""

    port: int = 0
    url: str = ""


def web_settings() -> WebSettings:
    """Raises UserError (`bad_web_port`)."""
    given = os.environ.get(PORT_VARIABLE, "").strip()
    if given and not (given.isdecimal() and int(given) < 65_536):
        raise UserError(
            f"{PORT_VARIABLE} is {given!r}, which is no port.", code="bad_web_port", remedy="Give 1 to 65535, or none."
        )
    return WebSettings(port=int(given or 0), url=os.environ.get(URL_VARIABLE, "").strip())
