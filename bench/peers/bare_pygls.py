"""A language server of pygls that does nothing: what an edge is held against. Run by the peers' own Python."""

from __future__ import annotations

from pygls.lsp.server import LanguageServer  # pyright: ignore[reportMissingImports]  the peers' own environment has it

server = LanguageServer("bare", "1")

if __name__ == "__main__":
    server.start_io()
