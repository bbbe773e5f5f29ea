"""Models are found by keys, by name and by asking local servers, which must be what they claim to be."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from draftsmith.domain.errors import UserError
from draftsmith.models.discovery import FoundModel, discover
from vendor.server import VendorServer
from vendor.wire import HttpResponse, read_request

NOWHERE = "http://127.0.0.1:9/v1"
NO_SERVERS = dict.fromkeys(("ollama", "llamacpp", "lmstudio", "vllm"), NOWHERE)


@asynccontextmanager
async def listing(path: str, body: object, *, stall: bool = False) -> AsyncIterator[str]:
    """A server that answers one path; its base address."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await read_request(reader)
        if request is not None:
            if stall:
                await reader.read(1)
            found = request.path == path
            await HttpResponse(reader, writer).whole(200 if found else 404, json.dumps(body).encode())
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"


async def found(environment: dict[str, str], **addresses: str) -> list[FoundModel]:
    return list(await discover(environment, addresses={**NO_SERVERS, **addresses}))


async def test_nothing_is_found_where_nothing_is() -> None:
    assert await found({}) == []


async def test_each_key_brings_its_vendors_default_model() -> None:
    keys = {"OPENAI_API_KEY": "k1", "ANTHROPIC_API_KEY": "k2", "GOOGLE_API_KEY": " k3 ", "OTHER_API_KEY": "k4"}
    models = await found(keys)
    assert [(m.credential.provider, m.credential.value) for m in models] == [
        ("anthropic", "k2"),
        ("openai", "k1"),
        ("gemini", "k3"),
    ]
    assert all(model.price is not None and model.price.input_nano_usd > 0 for model in models)
    assert "k2" not in repr(models[0])
    assert models[2].credential.origin == "environment GOOGLE_API_KEY"


async def test_an_empty_key_is_no_key() -> None:
    assert await found({"OPENAI_API_KEY": "  "}) == []


async def test_a_named_model_comes_first_and_uses_its_vendors_key() -> None:
    models = await found({"OPENAI_API_KEY": "k1", "ANTHROPIC_API_KEY": "k2", "DRAFTSMITH_MODEL": "openai/gpt-4.1"})
    assert models[0].model == "openai/gpt-4.1"
    assert models[0].credential.value == "k1"


async def test_a_named_default_is_not_listed_twice() -> None:
    first = (await found({"ANTHROPIC_API_KEY": "k2"}))[0].model
    models = await found({"ANTHROPIC_API_KEY": "k2", "DRAFTSMITH_MODEL": first})
    assert [model.model for model in models] == [first]


@pytest.mark.parametrize("name", ["qwen/qwen3-coder", "openai_compatible/qwen/qwen3-coder"])
async def test_any_endpoint_can_be_named(name: str) -> None:
    models = await found(
        {"DRAFTSMITH_MODEL": name, "DRAFTSMITH_BASE_URL": "https://models.example/v1", "DRAFTSMITH_API_KEY": "k"}
    )
    assert models[0].model == "openai_compatible/qwen/qwen3-coder"
    assert models[0].credential.base_url == "https://models.example/v1"
    assert models[0].price is None


async def test_a_vendors_own_address_variable_is_honoured() -> None:
    models = await found({"OPENAI_API_KEY": "k", "OPENAI_BASE_URL": "https://proxy.example/v1"})
    assert models[0].credential.base_url == "https://proxy.example/v1"


@pytest.mark.parametrize(
    ("environment", "code"),
    [
        ({"DRAFTSMITH_MODEL": "gpt-4.1"}, "unknown_model_provider"),
        ({"DRAFTSMITH_MODEL": "nobody/gpt"}, "unknown_model_provider"),
        ({"DRAFTSMITH_MODEL": "openai/gpt-4.1"}, "model_key_missing"),
        ({"DRAFTSMITH_BASE_URL": "http://127.0.0.1:9/v1"}, "model_not_named"),
    ],
)
async def test_a_name_that_cannot_work_is_refused_with_a_way_out(environment: dict[str, str], code: str) -> None:
    with pytest.raises(UserError) as caught:
        await found(environment)
    assert caught.value.code == code
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("name", "path", "body", "model"),
    [
        ("ollama", "/api/tags", {"models": [{"name": "nomic-embed"}, {"name": "qwen3:8b"}]}, "ollama/qwen3:8b"),
        ("llamacpp", "/v1/models", {"data": [{"id": "a.gguf", "owned_by": "llamacpp"}]}, "llamacpp/a.gguf"),
        ("lmstudio", "/v1/models", {"data": [{"id": "b", "owned_by": "organization_owner"}]}, "lmstudio/b"),
        ("vllm", "/v1/models", {"data": [{"id": "org/c", "owned_by": "vllm"}]}, "vllm/org/c"),
    ],
)
async def test_a_local_server_is_found(name: str, path: str, body: object, model: str) -> None:
    async with listing(path, body) as address:
        models = await found({}, **{name: address})
    assert [found.model for found in models] == [model]
    assert models[0].local
    assert models[0].credential.base_url == address
    assert models[0].price is not None
    assert models[0].price.output_nano_usd == 0


@pytest.mark.parametrize(
    "body",
    [
        {"data": [{"id": "a", "owned_by": "someone else"}]},
        {"data": [{"name": "no id", "owned_by": "llamacpp"}]},
        {"data": []},
        {"data": "x"},
        ["llamacpp"],
        {"data": [{"id": "only-embeddings-embed", "owned_by": "llamacpp"}]},
    ],
)
async def test_another_program_on_the_port_is_not_taken_for_a_model_server(body: object) -> None:
    async with listing("/v1/models", body) as address:
        assert await found({}, llamacpp=address, vllm=address) == []


async def test_a_server_that_does_not_answer_does_not_hold_up_the_others() -> None:
    good = {"models": [{"name": "qwen3:8b"}]}
    async with listing("/v1/models", {}, stall=True) as stalled, listing("/api/tags", good) as ollama:
        async with asyncio.timeout(10):
            models = await found({}, llamacpp=stalled, ollama=ollama)
    assert [model.model for model in models] == ["ollama/qwen3:8b"]


async def test_the_scripted_vendor_is_no_local_server() -> None:
    async with VendorServer([]) as server:
        assert await found({}, llamacpp=server.openai_url) == []


def test_discovery_and_the_light_gateway_import_nothing_heavy() -> None:
    code = (
        "import sys, draftsmith.models.discovery, draftsmith.models.http_gateway, draftsmith.models.replay;"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    ).stdout.split()
    assert "draftsmith" in loaded
    assert not {"litellm", "openai", "pydantic", "rich", "pygments", "click", "structlog", "stamina"} & set(loaded)
