"""Aider's `RepoMap` on a tree, as its own `Coder` calls it: run with Aider's Python, answers as JSON lines.

Usage: `aider_map.py TREE`, then one request a line on standard input: `{"words": …, "budgets": […]}`, with `change` a
file's `path` and `text` to write before. Each answer has the maps, the seconds of the first one from the making of the
`RepoMap`, and the peak memory in bytes so far.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import resource
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

# The peer has an environment of its own and is not there where types are checked.
from aider.io import InputOutput  # pyright: ignore[reportMissingImports] (only in the environment of the peer)
from aider.repomap import RepoMap  # pyright: ignore[reportMissingImports] (only in the environment of the peer)

BYTES_PER_TOKEN = 3.6
"""The same count of tokens as on our side."""


class Model:
    """What a `RepoMap` wants of a model."""

    def token_count(self, text: str) -> int:
        return int(len(text.encode("utf-8", "replace")) / BYTES_PER_TOKEN) + 1


class RememberingMap(RepoMap):
    """Ranks once for several budgets of one request: the ranking does not depend on the budget."""

    ranked: tuple[Any, Any] | None = None

    def get_ranked_tags(self, chat_fnames, other_fnames, mentioned_fnames, mentioned_idents, progress=None):
        key = (frozenset(mentioned_fnames), frozenset(mentioned_idents))
        if self.ranked is None or self.ranked[0] != key:
            tags = super().get_ranked_tags(chat_fnames, other_fnames, mentioned_fnames, mentioned_idents, progress)
            self.ranked = (key, tags)
        return list(self.ranked[1])


def mentions(words: str, names: list[str]) -> tuple[set[str], set[str]]:
    """Identifiers and files that a message mentions, as `Coder.get_ident_mentions` and its neighbours find them."""
    idents = set(re.split(r"\W+", words))
    by_stem: defaultdict[str, set[str]] = defaultdict(set)
    for name in names:
        stem = Path(name).stem.lower()
        if len(stem) >= 5:
            by_stem[stem].add(name)
    files = {name for ident in idents if len(ident) >= 5 for name in by_stem[ident.lower()]}
    said = {word.rstrip(",.!;:?").strip("\"'`") for word in words.split()}
    return idents, files | {name for name in names if name in said}


def main() -> int:
    root = sys.argv[1]
    said = subprocess.run(["git", "ls-files", "-z"], cwd=root, check=True, capture_output=True).stdout
    names = [name for name in said.decode().split("\0") if name]
    files = [str(Path(root) / name) for name in names]
    talk = InputOutput(pretty=False, yes=True, fancy_input=False)
    repo_map: RememberingMap | None = None
    for line in sys.stdin:
        request = json.loads(line)
        idents, named = mentions(request["words"], names)
        if change := request.get("change"):
            Path(change["path"]).write_text(change["text"], encoding="utf-8")
        begun = time.perf_counter()
        maps: list[str] = []
        seconds = 0.0
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            if repo_map is None:
                repo_map = RememberingMap(map_tokens=1024, root=root, main_model=Model(), io=talk)
            repo_map.ranked = None
            for budget in request["budgets"]:
                repo_map.max_map_tokens = budget
                maps.append(repo_map.get_repo_map(set(), files, named, idents, force_refresh=True) or "")
                seconds = seconds or time.perf_counter() - begun
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        sys.stdout.write(json.dumps({"maps": maps, "seconds": seconds, "peak": peak}) + "\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
