"""How deep and how costly a question is, found from its text before anything is read.

A field costs one; what stands below a list costs as often as the list may have members.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
)

from draftsmith.hub.http.refusals import Refusal

MAX_TOKENS = 2_000
MAX_DEPTH = 15
"""As much as the usual introspection needs."""
MAX_COST = 20_000
MAX_FIELDS = 1_000
MAX_PAGE = 500
DEFAULT_PAGE = 50

_PAGE_ARGUMENTS = ("first", "last")
_LISTS = frozenset({"tasks", "findings", "gates", "decisions", "models", "work"})
"""Fields that are lists also when they say no page."""


@dataclass(slots=True)
class _Measure:
    variables: Mapping[str, object]
    fragments: dict[str, FragmentDefinitionNode]
    fields: int = 0

    def cost(self, selections: SelectionSetNode | None, depth: int, inside: tuple[str, ...]) -> int:
        if selections is None:
            return 0
        if depth > MAX_DEPTH:
            raise _too_large(f"It is more than {MAX_DEPTH} fields deep.")
        found = 0
        for node in selections.selections:
            match node:
                case FieldNode():
                    found += self._field(node, depth, inside)
                case InlineFragmentNode():
                    found += self.cost(node.selection_set, depth, inside)
                case FragmentSpreadNode():
                    found += self._spread(node.name.value, depth, inside)
                case _:
                    pass
            if found > MAX_COST:
                raise _too_large(f"It may have more than {MAX_COST:,} values.")
        return found

    def _count(self) -> None:
        self.fields += 1
        if self.fields > MAX_FIELDS:
            raise _too_large(f"It names more than {MAX_FIELDS:,} fields.")

    def _field(self, node: FieldNode, depth: int, inside: tuple[str, ...]) -> int:
        self._count()
        return 1 + self._members(node) * self.cost(node.selection_set, depth + 1, inside)

    def _spread(self, name: str, depth: int, inside: tuple[str, ...]) -> int:
        self._count()  # fragments that name each other twice double with each step, without a single field
        fragment = self.fragments.get(name)
        if fragment is None or name in inside:
            return 0  # refused by the validation that comes after
        return self.cost(fragment.selection_set, depth, (*inside, name))

    def _members(self, node: FieldNode) -> int:
        for argument in node.arguments or ():
            if argument.name.value in _PAGE_ARGUMENTS:
                return max(1, self._number(argument.value))
        return DEFAULT_PAGE if node.name.value in _LISTS | {"sessions"} else 1

    def _number(self, value: object) -> int:
        if isinstance(value, IntValueNode):
            return min(int(value.value[:9]), MAX_PAGE)
        if isinstance(value, VariableNode):
            given = self.variables.get(value.name.value)
            # Not given: its default, which may be anything up to the most that is allowed.
            return min(given, MAX_PAGE) if isinstance(given, int) else MAX_PAGE
        return DEFAULT_PAGE


def check(document: DocumentNode, variables: Mapping[str, object]) -> None:
    """Raises Refusal (`query_too_large`)."""
    fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
    measure = _Measure(variables, fragments)
    for one in document.definitions:
        if isinstance(one, OperationDefinitionNode):
            measure.cost(one.selection_set, 1, ())


def _too_large(reason: str) -> Refusal:
    return Refusal(400, "query_too_large", f"The question is too large. {reason}", remedy="Ask for less at once.")
