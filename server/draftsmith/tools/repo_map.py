"""The tool that draws a map of the code for some words, and what the other tools of the index share."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from pydantic import Field

from draftsmith.domain.errors import AdapterError, ModelMistake, ToolFailure, UserError
from draftsmith.ports.code_index import CodeFolder, CodeIndex, Focus
from draftsmith.tools.tool import Arguments, Tool, ToolContext, ToolResult

DEFAULT_TOKENS = 2_000
MAX_TOKENS = 8_000
SECONDS = 120.0

Answer = TypeVar("Answer")


class RepoMap(Arguments):
    words: str = Field(default="", description="what the map is for: names, a question, an error message")
    focus: tuple[str, ...] = Field(default=(), description="files around which to look")
    tokens: int = Field(default=DEFAULT_TOKENS, ge=200, le=MAX_TOKENS)


def code_folders(context: ToolContext, *, pristine: bool = False) -> list[CodeFolder]:
    """The draft's folders for the index. `pristine`: nothing in the draft was changed yet."""
    several = len(context.roots) > 1
    return [
        CodeFolder(
            name=root.name,
            path=str(root.draft_path),
            base=f"{context.base}/{root.name}" if several else context.base,
            pristine=pristine,
        )
        for root in context.roots
    ]


async def ask_index(context: ToolContext, question: Awaitable[Answer]) -> Answer:
    """The index's answer, its errors as a tool's own, within SECONDS."""
    try:
        async with asyncio.timeout(SECONDS):
            return await question
    except UserError as error:
        raise ModelMistake(error.message, code=error.code, remedy=error.remedy) from error
    except AdapterError as error:
        raise ToolFailure(error.message, code=error.code, remedy="Use search instead.") from error
    except TimeoutError as late:
        raise ToolFailure(
            f"The index did not answer within {SECONDS:.0f} s.", code="index_unavailable", remedy="Use search instead."
        ) from late


def index_of(context: ToolContext) -> CodeIndex:
    """Raises ToolFailure (`index_unavailable`)."""
    if context.index is None:
        raise ToolFailure("There is no index of code here.", code="index_unavailable", remedy="Use search instead.")
    return context.index


async def repo_map(context: ToolContext, arguments: RepoMap) -> ToolResult:
    """Draw a map of the draft as it is now."""
    focus = [Focus(path=path) for path in arguments.focus]
    index = index_of(context)
    folders = code_folders(context)
    found = await ask_index(context, index.map(folders, words=arguments.words, focus=focus, budget=arguments.tokens))
    skipped = ", ".join(f"{count} {reason.replace('_', ' ')}" for reason, count in found.skipped)
    head = f"{found.files} of {found.indexed_files} files of code" + (f"; left out: {skipped}" if skipped else "")
    return ToolResult(text=f"{head}\n\n{found.text or 'Nothing fits.'}", title=_title(arguments))


def _title(arguments: RepoMap) -> str:
    words = " ".join(arguments.words.split())
    return f"map of the code for “{words[:50]}”" if words else "map of the code"


REPO_MAP = Tool(
    name="repo_map",
    description=(
        "The definitions that matter most for some words, each as its own line, ranked by what uses what and drawn "
        "within a budget of tokens; ⋮ stands for definitions that are left out. It shows the draft as it is now. "
        f"{DEFAULT_TOKENS:,} tokens unless `tokens` says otherwise (at most {MAX_TOKENS:,}); at most {SECONDS:.0f} s. "
        "Data files (JSON, YAML, TOML), ignored, generated, minified and very large files are left out."
    ),
    arguments=RepoMap,
    effect="read",
    title=_title,
    execute=repo_map,
)
