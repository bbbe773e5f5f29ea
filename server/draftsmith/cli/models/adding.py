"""An endpoint of the user's own, looked at before it is added."""

from __future__ import annotations

from typing import TYPE_CHECKING

from draftsmith.client.messages import CheckEndpointParams, CheckEndpointResult
from draftsmith.domain.errors import UserError

if TYPE_CHECKING:
    from draftsmith.client.connection import HubConnection

_WAIT_SECONDS = 90.0


async def checked_models(hub: HubConnection, name: str, address: str, names: list[str], key: str) -> list[str]:
    """The models to use at the endpoint: those named, or the only one that it serves.

    Raises UserError (`endpoint_unusable`, `endpoint_model_not_named`): what is wrong, or which models there are.
    """
    params = CheckEndpointParams(name=name, base_url=address, models=names)
    if key:
        params["key"] = key
    found = await hub.call("models/check", params, CheckEndpointResult, within=_WAIT_SECONDS)
    if found["trouble"]:
        raise UserError(found.get("problem", ""), code="endpoint_unusable", remedy=found.get("remedy", ""))
    served = found.get("models", [])
    if names or len(served) == 1:
        return names or served
    raise UserError(
        f"{address} serves: {', '.join(served) or 'no model'}.",
        code="endpoint_model_not_named",
        remedy="Say which are to be used, with --model NAME for each. Nothing was added.",
    )
