"""Methods that show how hub, runners and machine are, and what they wrote into their logs."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from draftsmith.protocol.model import Message

LogProcess = Literal["hub", "runner"]
LogLevel = Literal["info", "warning", "error"]


class MonitorParams(Message):
    minutes: int = Field(default=15, ge=1, le=60, description="How far back; what is older is forgotten.")


class MonitorSample(Message):
    """One interval. Shares of processors are in thousandths: of one processor, for the machine of all together.

    Times are of what ended in the interval: the middle one and the one that one in a hundred is above, None when
    nothing did.
    """

    at: int
    hub_cpu: int
    hub_memory_bytes: int
    runner_cpu: int = Field(description="Of all runners.")
    runner_memory_bytes: int
    commands: int = Field(description="That run in sandboxes, one second and longer.")
    command_cpu: int
    command_memory_bytes: int
    command_written_bytes: int = Field(description="In the interval.")
    machine_cpu: int
    machine_memory_bytes: int
    disk_free_bytes: int = Field(description="Where the state folder lies.")
    events: int = Field(description="Written to sessions' logs in the interval.")
    calls: int = Field(description="Of methods, by clients.")
    failed_calls: int = Field(description="That ended in an error which is not the caller's.")
    model_calls: int
    failed_model_calls: int
    tool_calls: int
    failed_tool_calls: int
    queue: int = Field(description="Sessions with work that wait for a runner.")
    working: int = Field(description="Sessions that a runner holds.")
    clients: int
    call_us: int | None
    call_99_us: int | None
    write_us: int | None = Field(description="Until events were durable.")
    write_99_us: int | None
    first_token_ms: int | None
    model_ms: int | None


class RunnerLoad(Message):
    """`known` is false for a runner of a version that does not tell."""

    runner_id: str
    pid: int
    known: bool
    cpu: int
    memory_bytes: int
    sessions: int
    capacity: int
    commands: int
    disk_bytes: int
    disk_free_bytes: int


class MonitorResult(Message):
    started_at: int
    interval_ms: int
    processors: int
    memory_bytes: int
    disk_bytes: int
    samples: tuple[MonitorSample, ...] = Field(description="The oldest first.")
    runners: tuple[RunnerLoad, ...]


class LogParams(Message):
    process: LogProcess = "hub"
    level: LogLevel = Field(default="info", description="This one and what is worse.")
    correlation_id: str = Field(default="", max_length=100, description="Or a session's id.")
    words: str = Field(default="", max_length=200, description="Text in the line, in any case.")
    cursor: str | None = Field(default=None, max_length=200)
    limit: int = Field(default=100, ge=1, le=500)


class LogLine(Message):
    at: str = Field(description="ISO 8601, UTC.")
    level: str
    event: str
    correlation_id: str
    session_id: str
    text: str = Field(description="The other fields, as `name=value`; long ones are cut. Known secrets are struck out.")
    trace: str = Field(default="", description="Where it happened, of a failure that nobody foresaw.")


class LogResult(Message):
    """The newest first. `cursor` is None at the beginning of what is kept; a page may be empty before it is."""

    lines: tuple[LogLine, ...]
    cursor: str | None
    folder: str = Field(description="Where the files lie on the hub's machine.")
