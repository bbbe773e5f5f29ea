"""Questions about code, handed on to the index process. The hub reads no code itself."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from draftsmith.domain.errors import AdapterError
from draftsmith.hub.workspaces import find_roots
from draftsmith.ports.code_index import CodeFolder, CodeIndex, Focus, SymbolPage, UsePage
from draftsmith.protocol.methods.code import (
    CodeFolders,
    MapParams,
    MapResult,
    SimilarParams,
    SkippedFiles,
    StructureParams,
    SymbolLine,
    SymbolsParams,
    SymbolsResult,
    UseLine,
    UsesParams,
    UsesResult,
)

if TYPE_CHECKING:
    from draftsmith.hub.dispatch import Call


async def map_(call: Call, params: MapParams) -> MapResult:
    index, folders = await _asked(call, params)
    focus = [Focus(path=one.path, weight=one.weight / 100) for one in params.focus]
    found = await index.map(folders, words=params.words, focus=focus, budget=params.tokens)
    return MapResult(
        text=found.text,
        tokens=found.tokens,
        files=found.files,
        indexed_files=found.indexed_files,
        skipped=tuple(SkippedFiles(reason=reason, files=count) for reason, count in found.skipped),
        truncated=found.truncated,
        notices=found.notices,
    )


async def symbols(call: Call, params: SymbolsParams) -> SymbolsResult:
    index, folders = await _asked(call, params)
    return _symbols(await index.symbols(folders, params.query, limit=params.limit, cursor=params.cursor))


async def uses(call: Call, params: UsesParams) -> UsesResult:
    index, folders = await _asked(call, params)
    return _uses(await index.uses(folders, params.kind, params.name, limit=params.limit, cursor=params.cursor))


async def similar(call: Call, params: SimilarParams) -> SymbolsResult:
    index, folders = await _asked(call, params)
    return _symbols(
        await index.similar(
            folders,
            path=params.path,
            line=params.line,
            text=params.text,
            limit=params.limit,
            cursor=params.cursor,
        )
    )


async def structure(call: Call, params: StructureParams) -> UsesResult:
    index, folders = await _asked(call, params)
    return _uses(
        await index.structure(
            folders,
            language=params.language,
            query=params.query,
            glob=params.glob,
            limit=params.limit,
            cursor=params.cursor,
        )
    )


async def _asked(call: Call, params: CodeFolders) -> tuple[CodeIndex, list[CodeFolder]]:
    """Raises UserError (`unknown_folder`, `workspace_is_home`) and AdapterError (`index_unavailable`)."""
    index = call.hub.index
    if index is None:
        raise AdapterError("This hub has no index of code.", code="index_unavailable")
    roots = await asyncio.to_thread(find_roots, params.folders, allow_home=False)
    return index, [CodeFolder(name=root.name, path=root.path) for root in roots]


def _symbols(page: SymbolPage) -> SymbolsResult:
    return SymbolsResult(
        symbols=tuple(
            SymbolLine(
                path=one.path,
                line=one.line,
                end_line=one.end_line,
                name=one.name,
                kind=one.kind,
                signature=one.signature,
                container=one.container,
                doc=one.doc,
                test=one.test,
            )
            for one in page.symbols
        ),
        total=page.total,
        cursor=page.cursor,
    )


def _uses(page: UsePage) -> UsesResult:
    return UsesResult(
        uses=tuple(UseLine(path=one.path, line=one.line, text=one.text, within=one.within) for one in page.uses),
        total=page.total,
        cursor=page.cursor,
        cut=page.cut,
    )
