"""Methods about the settings of hub and runner, and about what commands run in."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from draftsmith.protocol.model import Message


class SettingsOf(Message):
    pass


class SettingInfo(Message):
    """`usual` and `usual_words` say what holds without a value. `problem`: why what is set does not count."""

    name: str
    variable: str = Field(description="The environment variable, which wins over the file.")
    group: Literal["sandbox", "work", "models", "limits", "web"]
    control: Literal["choice", "number", "switch", "text"]
    choices: tuple[str, ...] = ()
    smallest: int | None = None
    largest: int | None = None
    usual: str
    usual_words: str
    value: str = Field(description="What is in force.")
    origin: Literal["usual", "file", "environment"]
    in_file: str
    waits: bool = Field(description="The file says something that counts from the next start only.")
    counts: Literal["at_once", "next_runner", "next_hub"]
    problem: str = ""


class SettingsInfo(Message):
    path: str = Field(description="The user's file, whether it is there or not.")
    settings: tuple[SettingInfo, ...]
    trouble: tuple[str, ...] = Field(description="What in the file does not count, in words.")


class WriteSettingParams(Message):
    """An empty value takes the line out of the file."""

    name: str = Field(min_length=1, max_length=100)
    value: str = Field(max_length=2_000)


class SandboxParams(Message):
    pass


class SandboxResult(Message):
    """What commands run in now. `reason` says why that one, or why none can be."""

    usable: bool
    engine: str
    version: str
    reason: str
    remedy: str
    confines: bool
    limits: tuple[str, ...] = Field(description="What holds each limit here, in sentences.")
