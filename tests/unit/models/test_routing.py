"""A runner pays for LiteLLM only when a model needs it."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest

from draftsmith.domain.conversation import UserMessage
from draftsmith.models.routing import RoutingGateway
from draftsmith.ports.models import Credential, ModelRequest
from vendor.server import VendorServer

SESSION = """
import asyncio, sys
sys.path.insert(0, {tests!r})
from vendor.server import VendorServer
from draftsmith.domain.conversation import UserMessage
from draftsmith.models.routing import RoutingGateway
from draftsmith.ports.models import Credential, ModelGateway, ModelRequest

async def main():
    gateway: ModelGateway = RoutingGateway([{model!r}])
    await gateway.warm_up()
    async with VendorServer([{{"text": "Hello."}}]) as server:
        credential = Credential(provider="x", label="x", value="k", base_url=server.openai_url, origin="test")
        request = ModelRequest(model={model!r}, messages=(UserMessage(text="x"),), max_output_tokens=9, role="code")
        reply = await gateway.complete(request, credentials=credential, on_delta=lambda _: None)
    await gateway.aclose()
    print(reply.message.text, "litellm" in sys.modules)

asyncio.run(main())
"""


@pytest.mark.parametrize(
    ("model", "heavy"),
    [("openai_compatible/scripted", False), ("ollama/scripted", False), ("openai/gpt-4.1", True)],
)
def test_the_heavy_library_is_loaded_for_vendors_only(model: str, heavy: bool, request: pytest.FixtureRequest) -> None:
    code = SESSION.format(tests=str(request.config.rootpath / "tests"), model=model)
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=100)
    assert ran.stdout.strip() == f"Hello. {heavy}"
    assert not ran.stderr


async def test_what_cannot_be_prepared_beside_other_work_stops_nothing() -> None:
    gateway = RoutingGateway()
    done = False
    async with gateway.warming("no such/model"):
        await asyncio.sleep(0)
        done = True
    assert done
    await gateway.aclose()


async def test_requests_are_prepared_beside_other_work() -> None:
    gateway = RoutingGateway()
    async with VendorServer([{"text": "Hello."}]) as server, gateway.warming(""):
        credential = Credential(provider="x", label="x", value="k", base_url=server.openai_url, origin="test")
        request = ModelRequest(
            model="openai_compatible/m", messages=(UserMessage(text="x"),), max_output_tokens=9, role="code"
        )
        reply = await gateway.complete(request, credentials=credential, on_delta=lambda _: None)
    await gateway.aclose()
    assert reply.message.text == "Hello."
