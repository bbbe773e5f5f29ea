"""Example values for every message, made from the fields' types and a table of telling values by field name.

No clock and no randomness: the same source gives the same examples. Secrets here are not secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import NoneType, UnionType
from typing import Annotated, Literal, TypeVar, Union, get_args, get_origin

from annotated_types import Ge, MinLen
from pydantic import JsonValue, SecretStr

from draftsmith.protocol.entities import AnyEntity
from draftsmith.protocol.generate.catalogue import Way, entity_models
from draftsmith.protocol.model import Message

EntryT = TypeVar("EntryT")

Variant = Literal["plain", "sparse", "unusual"]
"""`plain`: every field, ordinary values. `sparse`: what may be left out is left out or None, what may be empty is.
`unusual`: free text that breaks careless readers."""

VARIANTS: tuple[Variant, ...] = ("plain", "sparse", "unusual")

UNUSUAL_TEXT = 'Grüße, 世界 \U0001f600\r\n\ttab \ufffd \ufeff \u2028 e\u0301 \u0000 "quoted" \\ </script>\n'
"""Several scripts, a character beyond the basic plane (two UTF-16 units), CRLF, a tab, the replacement character for
bytes that are not UTF-8, a byte order mark, a line separator, a combining accent, NUL, quotes, a backslash."""

_MOMENT = 1_767_225_600_000
_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
_DOCUMENT = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

IDENTIFIERS: dict[str, str] = {
    "session_id": "s_01",
    "workspace_id": "w_01",
    "task_id": "t_01",
    "hunk_id": "h_01",
    "hunk_ids": "h_01",
    "hunks": "h_01",
    "decision_id": "d_01",
    "checkpoint_id": "c_01",
    "apply_id": "a_01",
    "entity_id": "call_01",
    "runner_id": "r_01",
    "sessions": "s_01",
    "forked_from": "s_00",
    "undoes": "a_00",
    "depends_on": "t_00",
    "id": "call_01",
    "SessionEntity.id": "s_01",
    "TaskEntity.id": "t_01",
    "FileEntity.id": "f_01",
    "HunkEntity.id": "h_01",
    "GateEntity.id": "g_01",
    "FindingEntity.id": "n_01",
    "DecisionEntity.id": "d_01",
    "UsageEntity.id": "usage",
    "CheckpointEntity.id": "c_01",
    "ApplyEntity.id": "a_01",
    "epoch": "e_01",
    "cursor": "p_02",
    "correlation_id": "x_01",
    "base": _TREE,
    "draft": _TREE,
    "tree": _TREE,
    "document_id": _DOCUMENT,
    "document": _DOCUMENT,
    "arguments_document": _DOCUMENT,
    "prompt_document": _DOCUMENT,
    "evidence_document": _DOCUMENT,
    "application_version": "0.1.0",
    "client": "cli",
    "sha256": _DOCUMENT,
    "BufferChange.before": _DOCUMENT,
    "BufferChange.after": _DOCUMENT,
    "HeldParams.holder": "editor_01",
    "HunkTextsParams.after": "h_00",
    "HunkText.status": "pending",
    "HunkOutcome.status": "on_disk",
    "AddUserParams.name": "ada",
    "UserParams.name": "ada",
    "UserRoleParams.name": "ada",
    "UserLine.name": "ada",
    "AddUserParams.password": "an example password",
    "sees": "local",
}
"""Text that names something, by field or by message and field: the same in every variant, one by one or in lists."""

TEXTS: dict[str, str] = {
    "title": "Fix the failing test",
    "request": "Make the tests pass.",
    "path": "src/parser.py",
    "RootFolder.path": "/home/ada/project",
    "HeldDocument.path": "/home/ada/project/src/parser.py",
    "ObservedDocument.path": "/home/ada/project/src/parser.py",
    "ReadParams.path": "/home/ada/project/src/parser.py",
    "BufferChange.path": "/home/ada/project/src/parser.py",
    "BufferOutcome.path": "/home/ada/project/src/parser.py",
    "name": "project",
    "files": "src/parser.py",
    "touched": "src/parser.py",
    "folders": "/home/ada/project",
    "state_dir": "/home/ada/.local/state/draftsmith",
    "database": "/home/ada/.local/state/draftsmith/draftsmith.db",
    "model": "openai/gpt-5",
    "provider": "openai",
    "label": "before the change",
    "value": "an-example-key",
    "token": "an-example-token",
    "base_url": "http://127.0.0.1:11434/v1",
    "origin": "environment",
    "tool": "edit",
    "role": "coder",
    "gate": "tests",
    "command": "python -m pytest -q",
    "evidence": "1 passed",
    "identity": "ada@example.org",
    "prompt": "May I run the tests?",
    "options": "yes",
    "answer": "yes",
    "answered_by": "local",
    "arguments": '{"path": "src/parser.py"}',
    "text": "first line\nsecond line\n",
    "before": "return a - b\n",
    "after": "return a + b\n",
    "context_before": "def add(a, b):\n",
    "context_after": "\n",
    "events": '{"kind": "session_started"}',
    "recording": "",
    "status": "working",
    "message": "The result is not checked.",
    "remedy": "Check it.",
}
"""Text for people or of files: ordinary here, UNUSUAL_TEXT in that variant. Without an entry it is the field's name."""

NUMBERS: dict[str, int] = {
    "created_at": _MOMENT,
    "updated_at": _MOMENT + 1_500,
    "started_at": _MOMENT,
    "at": _MOMENT,
    "pid": 4_711,
    "cost_nano_usd": 12_345_678,
    "reserved_nano_usd": 2_000_000,
    "limit_nano_usd": 250_000_000,
    "nano_usd": 250_000_000,
    "root": 0,
    "offset": 0,
    "after": 7,
    "before": 40,
    "limit": 100,
    "version": 7,
    "versions": 1,
    "protocol_version": 1,
    "seconds_limit": 3_600,
    "steps_limit": 200,
}
"""Without an entry a number is 3."""


def sample(model: type[Message], way: Way, variant: Variant) -> dict[str, JsonValue]:
    """One example of the message as JSON; valid by the model, which is asked."""
    value: dict[str, JsonValue] = {}
    for name, field in model.model_fields.items():
        if variant == "sparse" and way is Way.SENT and not field.is_required():
            continue
        value[name] = _Field(model, name, way, variant).value(field.annotation)
    model.model_validate(value)
    return value


class _Field:
    """What one field's example depends on; `value` follows its type inwards."""

    def __init__(self, model: type[Message], name: str, way: Way, variant: Variant) -> None:
        metadata: list[object] = model.model_fields[name].metadata
        self._name = name
        self._names = (f"{model.__name__}.{name}", name)
        self._way = way
        self._variant: Variant = variant
        self._sparse = variant == "sparse"
        self._may_be_empty = not any(isinstance(one, MinLen) and one.min_length > 0 for one in metadata)
        bounds = [one.ge for one in metadata if isinstance(one, Ge)]
        self._least = max((bound for bound in bounds if isinstance(bound, int)), default=0)

    def value(self, annotation: object) -> JsonValue:
        origin, arguments = get_origin(annotation), get_args(annotation)
        if origin is Annotated:
            return self.value(arguments[0])
        if origin is Literal:
            return arguments[-1] if self._sparse else arguments[0]
        if origin in (Union, UnionType):
            return None if self._sparse and NoneType in arguments else self.value(arguments[0])
        if origin is tuple:
            return self._items(arguments[0])
        return self._plain(annotation)

    def _items(self, item: object) -> list[JsonValue]:
        if self._sparse and self._may_be_empty:
            return []
        # Where an entity of any kind may stand, one of every kind stands.
        kinds = entity_models() if item == AnyEntity else (item,)
        return [self.value(kind) for kind in kinds]

    def _plain(self, annotation: object) -> JsonValue:
        if annotation is str or annotation is SecretStr:
            return self._text()
        if annotation is bool:
            return not self._sparse
        if annotation is int:
            return self._least if self._sparse else max(self._least, self._entry(NUMBERS, 3))
        if isinstance(annotation, type) and issubclass(annotation, Message):
            return sample(annotation, self._way, self._variant)
        raise TypeError(f"No example for {self._name}: {annotation!r}. Teach {__name__} how to make one.")

    def _text(self) -> str:
        identifier = self._entry(IDENTIFIERS, None)
        if identifier is not None:
            return identifier
        if self._sparse and self._may_be_empty:
            return ""
        if self._variant == "unusual":
            return UNUSUAL_TEXT
        return self._entry(TEXTS, self._name.replace("_", " "))

    def _entry(self, table: Mapping[str, EntryT], otherwise: EntryT) -> EntryT:
        return next((table[name] for name in self._names if name in table), otherwise)
