"""Messages about new projects: which templates there are, and one made in an empty folder."""

from __future__ import annotations

from pydantic import Field

from draftsmith.protocol.model import Message


class TemplatesParams(Message):
    pass


class TemplateLine(Message):
    """`request` is what a first session could be asked."""

    template: str
    title: str
    summary: str
    language: str
    request: str
    files: tuple[str, ...]


class TemplatesResult(Message):
    templates: tuple[TemplateLine, ...]


class CreateParams(Message):
    """`folder` is an absolute path (`~/` is the user's home); it must be empty or not exist, the one above must."""

    template: str = Field(min_length=1, max_length=100)
    folder: str = Field(min_length=1, max_length=4_096)
    name: str = Field(default="", max_length=100, description="Default: the folder's name.")


class CreateResult(Message):
    """`folder` with links resolved, for `session/start`."""

    folder: str
    files: tuple[str, ...]
