"""The edge's log: JSON lines, bounded, and no secret in them."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from draftsmith.edge import log_file
from draftsmith.edge.log_file import JsonLine, correlation, keep_out, log_to, redacted, remove_old


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    """The root logger, as it was before afterwards."""
    found = logging.getLogger()
    before, level = list(found.handlers), found.level
    yield found
    for handler in set(found.handlers) - set(before):
        found.removeHandler(handler)
        handler.close()
    found.setLevel(level)


@given(st.text(alphabet='abcXYZ-+/="\\\\é', min_size=8, max_size=40), st.text(alphabet="0123 ", max_size=40))
def test_a_value_that_was_kept_out_is_in_no_line(secret: str, around: str) -> None:
    keep_out(secret)
    try:
        record = logging.makeLogRecord({"msg": around + secret + around, "levelname": "INFO", "reason": secret})
        line = json.loads(JsonLine().format(record))
        assert secret not in line["event"]
        assert secret not in line["reason"]
    finally:
        log_file._secrets.clear()


@pytest.mark.parametrize("start", ["Bearer ", "key sk-", "api_key=", "ghp_", "token: "])
def test_what_looks_like_a_key_is_not_written(start: str) -> None:
    assert "abcdefgh" not in redacted(f"{start}abcdefgh12345")


def test_lines_carry_their_case_and_the_files_are_bounded(tmp_path: Path, root: logging.Logger) -> None:
    path = log_to(tmp_path / "logs")
    assert path is not None
    assert path.stat().st_mode & 0o777 == 0o600
    told = correlation.set("e_1")
    try:
        logging.getLogger("some").info("it %s", "happened", extra={"method": "a/b"})
        line = json.loads(path.read_text().splitlines()[-1])
        assert {name: line[name] for name in ("event", "level", "process", "correlation_id", "method")} == {
            "event": "it happened",
            "level": "info",
            "process": "edge",
            "correlation_id": "e_1",
            "method": "a/b",
        }
        for _ in range(3 * log_file.LOG_BYTES // 4_000):
            root.info("x" * 4_000)
    finally:
        correlation.reset(told)
    sizes = [one.stat().st_size for one in (tmp_path / "logs").iterdir()]
    assert len(sizes) == log_file.LOG_FILES
    assert max(sizes) <= log_file.LOG_BYTES


def test_only_the_newest_logs_are_kept(tmp_path: Path) -> None:
    most = log_file.KEPT_EDGES * log_file.LOG_FILES
    for number in range(most + 5):
        path = tmp_path / f"edge-{number}.log"
        path.write_text("")
        os.utime(path, (number, number))
    (tmp_path / "other.txt").write_text("")
    remove_old(tmp_path)
    assert {one.name for one in tmp_path.iterdir()} == {"other.txt"} | {f"edge-{at}.log" for at in range(5, most + 5)}


def test_a_folder_that_cannot_be_is_no_reason_not_to_start(tmp_path: Path, root: logging.Logger) -> None:
    (tmp_path / "file").write_text("")
    before = list(root.handlers)
    assert log_to(tmp_path / "file" / "logs") is None
    assert root.handlers == before
