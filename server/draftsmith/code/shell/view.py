"""A shell line as the programs that it runs: substitutions, `sh -c`, `env`, `sudo`, `xargs`, `find -exec` looked into.

What cannot be told without running it is said to be opaque, never guessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from tree_sitter import Node, Parser

from draftsmith.code.languages import grammar
from draftsmith.code.shell.programs import Programs, Wrapper, programs
from draftsmith.code.shell.words import is_pattern, literal, name_at_end, text_of
from draftsmith.domain.policy import SOMEWHERE, CommandView, ProgramUse

MAX_CHARACTERS = 60_000
MAX_NESTED = 8
MAX_USES = 500
_SHOWN = 60
_REDIRECTED = ("file_redirect", "herestring_redirect", "heredoc_redirect")
_WRITING = (">", ">>", ">|", "&>", "&>>", "<>", ">&")
_FIND_RUNS = ("-exec", "-execdir", "-ok", "-okdir")
_FIND_WRITES = ("-delete", "-fprint", "-fprintf", "-fls")


def view(line: str) -> CommandView:
    """All that the line runs. Takes about a millisecond; never raises."""
    found = _View()
    found.line(line, 0)
    return CommandView(
        uses=tuple(replace(use, unknown_paths=use.unknown_paths or found.unknown_writes) for use in found.uses),
        opaque=tuple(dict.fromkeys(found.opaque)),
        writes=tuple(dict.fromkeys(found.writes)),
    )


class _View:
    def __init__(self) -> None:
        self.uses: list[ProgramUse] = []
        self.opaque: list[str] = []
        self.writes: list[str] = []
        self.unknown_writes = False
        self._known: Programs = programs()

    def line(self, text: str, depth: int) -> None:
        if len(text) > MAX_CHARACTERS or depth > MAX_NESTED:
            self.opaque.append("it is too long to be looked through")
            return
        root = Parser(grammar("bash")).parse(text.encode("utf-8", "replace")).root_node
        if root.has_error:
            self.opaque.append("it is not shell that can be read")
        self._walk(root, depth)

    def _walk(self, root: Node, depth: int) -> None:
        waiting = [root]
        while waiting:
            node = waiting.pop()
            if len(self.uses) >= MAX_USES:
                self.opaque.append("it is too long to be looked through")
                return
            match node.type:
                case "command":
                    self._command(node, depth)
                case "variable_assignment":
                    self._assignment(node)
                case "file_redirect":
                    self._redirect(node)
                case "declaration_command" | "unset_command" | "test_command":
                    pass  # of the shell itself: what is in them is looked into
                case _:
                    pass
            waiting += reversed(node.named_children)

    def _assignment(self, node: Node) -> None:
        name = node.child_by_field_name("name")
        if name is not None and text_of(name) in self._known.telling_variables:
            self.opaque.append(f"it sets {text_of(name)}, which may change what names mean")

    def _redirect(self, node: Node) -> None:
        operator = next((text_of(one) for one in node.children if not one.is_named), "")
        target = node.child_by_field_name("destination")
        if operator not in _WRITING or target is None or text_of(target).isdecimal():
            return
        path = literal(target)
        if path is None:
            self.unknown_writes = True
        elif path != "/dev/null":
            self.writes.append(path)

    def _command(self, node: Node, depth: int) -> None:
        name = node.child_by_field_name("name")
        if name is None:
            return
        arguments = list(node.children_by_field_name("argument"))
        program = literal(name)
        if program is None and (found := name_at_end(name)) is not None:
            program = f"{SOMEWHERE}{found}"
        if program is None or is_pattern(name.named_children[0] if name.named_child_count else name):
            self.opaque.append(f"the program's name is computed: {_short(name)}")
            self.uses.append(self._use("", [literal(one) for one in arguments]))
            return
        fed = any(one.type in _REDIRECTED for one in node.children) or _is_fed(node)
        self._run(program, [literal(one) for one in arguments], depth, fed=fed)

    def _run(self, program: str, arguments: list[str | None], depth: int, *, fed: bool = False) -> None:
        use = self._use(program, arguments)
        self.uses.append(use)
        if depth > MAX_NESTED or len(self.uses) >= MAX_USES:
            self.opaque.append("it is too long to be looked through")
            return
        name = use.program
        if name in self._known.shells:
            self._shell(arguments, depth, fed=fed)
        elif name == "eval":
            self._text(arguments, depth, "eval")
        elif name in ("trap",) and arguments:
            self._text(arguments[:1], depth, "trap")
        elif name == "find":
            self._find(arguments, depth)
        elif name in self._known.wrappers:
            self._wrapped(name, self._known.wrappers[name], arguments, depth)
        elif name == "alias" and arguments:
            self.opaque.append("it defines an alias")

    def _text(self, parts: Sequence[str | None], depth: int, what: str) -> None:
        if not parts:
            return
        if None in parts:
            self.opaque.append(f"{what} runs text that is computed")
        else:
            self.line(" ".join(part for part in parts if part is not None), depth + 1)

    def _shell(self, arguments: list[str | None], depth: int, *, fed: bool) -> None:
        """`sh -c TEXT`, a script, or what it reads from its standard input."""
        skip = False
        for at, one in enumerate(arguments):
            if one is None:
                self.opaque.append("a shell is told what to run by something computed")
                return
            if skip:
                skip = False
                continue
            skip = one[:1] in ("-", "+") and not one.startswith("--") and one.endswith("o")
            if one.startswith("-") and not one.startswith("--") and "c" in one[1:]:
                rest = [later for later in arguments[at + 1 :] if later is None or not later.startswith("-")]
                self._text(rest[:1], depth, "a shell")
                return
            if not one.startswith(("-", "+")):
                return
        if fed or not any(one in ("--version", "--help", "--norc") for one in arguments):
            self.opaque.append("a shell reads what it runs from its input")

    def _find(self, arguments: list[str | None], depth: int) -> None:
        at = 0
        while at < len(arguments):
            one = arguments[at]
            at += 1
            if one in _FIND_RUNS:
                end = next((to for to in range(at, len(arguments)) if arguments[to] in (";", "+")), len(arguments))
                inner = [None if part is not None and "{}" in part else part for part in arguments[at:end]]
                self._inner(inner, depth, "find")
                at = end

    def _inner(self, parts: list[str | None], depth: int, what: str) -> None:
        if not parts:
            return
        if parts[0] is None:
            self.opaque.append(f"{what} runs a program whose name is computed")
        else:
            self._run(parts[0], parts[1:], depth + 1)

    def _wrapped(self, name: str, wrapper: Wrapper, arguments: list[str | None], depth: int) -> None:
        if name == "command" and any(one in ("-v", "-V") for one in arguments[:1]):
            return
        for at, one in enumerate(arguments):
            if one is not None and wrapper.hands_text(one):
                self._text(arguments[at + 1 : at + 2], depth, name)
                return
        start, variables = wrapper.inner(arguments)
        for variable in variables & self._known.telling_variables:
            self.opaque.append(f"it sets {variable}, which may change what names mean")
        if start is None:
            self.opaque.append(f"{name} is told what to run by something computed")
        elif wrapper.text:
            self._text(arguments[start:], depth, name)
        elif start < len(arguments):
            inner = arguments[start:]
            self._inner([*inner, None] if wrapper.more else inner, depth, name)

    def _use(self, program: str, arguments: Sequence[str | None]) -> ProgramUse:
        known = self._known
        name = PurePosixPath(program).name if program else ""
        located = program if "/" in program and str(PurePosixPath(program).parent) not in known.system_folders else ""
        words, unsure = _words(name, arguments, known)
        depth = known.subcommands.get(name, 0)
        if depth and words and words[0] in known.deeper.get(name, ()):
            depth += 1
        paths, unknown = _paths(arguments)
        return ProgramUse(
            program=name,
            located=located,
            arguments=tuple(arguments),
            words=words,
            unsure_words=unsure,
            paths=paths,
            unknown_paths=unknown,
            kind=_kind(name, located, arguments, words, known),
            subcommands=min(depth, len(words)) if depth else 0,
        )


def _kind(name: str, located: str, arguments: Sequence[str | None], words: Sequence[str | None], known: Programs):
    if name == "find" and any(one in _FIND_RUNS or one in _FIND_WRITES for one in arguments):
        return "works"
    return known.kind(name, located, arguments, words)


def _words(name: str, arguments: Sequence[str | None], known: Programs) -> tuple[tuple[str | None, ...], int]:
    """Those that are no options, and how many of the first may be the value of an option that is not known."""
    values = known.value_options.get(name, frozenset())
    found: list[str | None] = []
    unsure = 0
    skip = after_option = only_words = False
    for one in arguments:
        if skip:
            skip = False
        elif only_words or one is None or not one.startswith("-") or one == "-":
            if after_option and len(found) == unsure and not only_words:
                unsure += 1
            found.append(one)
            after_option = False
        elif one == "--":
            only_words = True
        else:
            skip = one in values
            after_option = not skip and "=" not in one and one not in known.plain_options
    return tuple(found), unsure


def _paths(arguments: Sequence[str | None]) -> tuple[tuple[str, ...], bool]:
    """Whatever may name a file: every word, and the value of an option."""
    found: list[str] = []
    for one in arguments:
        if one is None:
            continue
        if not one.startswith("-"):
            found.append(_plain(one))
        elif "=" in one:
            found.append(_plain(one.partition("=")[2]))
    return tuple(found), None in arguments


def _plain(path: str) -> str:
    return path.removeprefix("./") or "."


def _is_fed(node: Node) -> bool:
    """Whether something is piped or redirected into the command."""
    parent = node.parent
    if parent is not None and parent.type == "redirected_statement":
        return True
    return parent is not None and parent.type == "pipeline" and parent.named_children[0] != node


def _short(node: Node) -> str:
    text = " ".join(text_of(node).split())
    return f"`{text[:_SHOWN]}`"


def programs_of(line: str) -> Iterator[str]:
    """Names of the programs of a line, for people."""
    yield from dict.fromkeys(one.program for one in view(line).uses if one.program)
