"""Every operation of the document under fire: whatever comes in, what goes out is as documented and never a crash."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from e2e.http.calling import WAIT_S, address, bearer, script, until
from e2e.hubs import RunningHub, running
from isolation import short_folder

DOCUMENT = json.loads((Path(__file__).parents[3] / "protocol" / "openapi.json").read_text("utf-8"))
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT).exclude(operation_id="hub_stop")
"""All but what would end the hub that the others are tried on."""
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
EXAMPLES = settings(
    max_examples=6,
    derandomize=True,
    database=None,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)


@pytest.fixture(scope="module")
def hub() -> Iterator[RunningHub]:
    with short_folder("ds-") as folder, running(folder) as made:
        with script(made) as client:
            until(lambda: _connected(client), "a runner's coming")
        yield made
        assert made.process.poll() is None


def _connected(client: httpx.Client) -> bool:
    return any(one["state"] == "connected" for one in client.get("/api/v1/hub/status").json()["runners"])


@SCHEMA.parametrize()
@EXAMPLES
def test_an_owner_gets_what_is_documented(case: schemathesis.Case, hub: RunningHub) -> None:
    answer = case.call(base_url=address(hub), headers=bearer(hub), timeout=WAIT_S)
    case.validate_response(answer, checks=CHECKS)


@SCHEMA.exclude(operation_id="ways").parametrize()
@settings(EXAMPLES, max_examples=2)
def test_a_stranger_gets_what_is_documented_and_nothing_else(case: schemathesis.Case, hub: RunningHub) -> None:
    headers = {"Authorization": "", "Cookie": "", "X-Nobody": "1"}
    answer = case.call(base_url=address(hub), headers=headers, timeout=WAIT_S)
    case.validate_response(answer, checks=CHECKS)
    assert answer.status_code >= 400


def test_the_list_of_models_is_the_same_as_over_the_websocket(hub: RunningHub) -> None:
    with script(hub) as client:
        answer = client.get("/api/v1/models?local=false")
        assert answer.status_code == 200, answer.text
        assert set(answer.json()) >= {"models", "choices"}


def test_the_hub_ends_when_an_owner_says_so() -> None:
    with short_folder("ds-") as folder, running(folder, "--no-runner") as made:
        with script(made) as client:
            assert client.post("/api/v1/hub/stop").json() == {"stopping": True}
        assert made.process.wait(WAIT_S) == 0
