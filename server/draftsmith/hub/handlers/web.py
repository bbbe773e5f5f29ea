"""Opening the hub to a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from draftsmith.domain.errors import UserError
from draftsmith.hub.web_access import CODE_SECONDS
from draftsmith.protocol.methods.web import OpenParams, OpenResult

if TYPE_CHECKING:
    from draftsmith.hub.dispatch import Call


async def open_(call: Call, params: OpenParams) -> OpenResult:
    if call.hub.web is None:
        raise UserError("This hub serves no browser.", code="no_web", remedy="Start it by `draftsmith hub start`.")
    return OpenResult(url=call.hub.web.open(), seconds=CODE_SECONDS)
