from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from draftsmith.client.endpoint import Endpoint, parse_endpoint, read_endpoint
from draftsmith.domain.errors import UserError

FIELDS = {
    "pid": 7,
    "application_version": "0.1.0",
    "protocol_versions": [1],
    "websocket_port": 4711,
    "grpc_port": 4712,
    "token": "secret-token",
    "epoch": "h_1",
}


def write(state: Path, content: bytes, mode: int = 0o600) -> None:
    (state / "hub").mkdir(parents=True)
    file = state / "hub" / "endpoint.json"
    file.write_bytes(content)
    file.chmod(mode)


def test_endpoint_of_a_hub_is_read(tmp_path: Path) -> None:
    write(tmp_path, json.dumps(FIELDS).encode())
    endpoint = read_endpoint(tmp_path)
    assert endpoint is not None
    assert endpoint.url == "ws://127.0.0.1:4711/api/v1/ws"


def test_no_file_is_no_endpoint(tmp_path: Path) -> None:
    assert read_endpoint(tmp_path) is None


@pytest.mark.parametrize("mode", [0o644, 0o660, 0o604])
def test_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    write(tmp_path, json.dumps(FIELDS).encode(), mode)
    with pytest.raises(UserError) as refused:
        read_endpoint(tmp_path)
    assert refused.value.code == "endpoint_not_private"
    assert "secret-token" not in str(refused.value)


def test_link_is_not_followed(tmp_path: Path) -> None:
    write(tmp_path, b"{}")
    other = tmp_path / "elsewhere.json"
    other.write_text(json.dumps(FIELDS))
    file = tmp_path / "hub" / "endpoint.json"
    file.unlink()
    file.symlink_to(other)
    assert read_endpoint(tmp_path) is None


def test_token_is_in_no_repr() -> None:
    assert "secret-token" not in repr(parse_endpoint(json.dumps(FIELDS).encode()))


@given(st.one_of(st.binary(max_size=300), st.integers(0, 200).map(lambda cut: json.dumps(FIELDS).encode()[:cut])))
def test_damaged_file_is_no_endpoint_and_no_crash(content: bytes) -> None:
    found = parse_endpoint(content)
    assert found is None or isinstance(found, Endpoint)


@given(
    st.dictionaries(
        st.sampled_from(sorted(FIELDS)), st.one_of(st.none(), st.text(), st.integers(), st.lists(st.text()))
    )
)
def test_fields_of_wrong_kinds_are_no_crash(changed: dict[str, object]) -> None:
    found = parse_endpoint(json.dumps({**FIELDS, **changed}).encode())
    assert found is None or 0 < found.websocket_port < 65_536
