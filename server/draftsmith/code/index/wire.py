"""Questions and answers between the index process and its clients: one JSON object a line, over loopback.

The first line of a connection is the token. What comes is checked here; answers are the port's own values.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import Any

from draftsmith.domain.errors import AdapterError, DraftsmithError, UserError
from draftsmith.ports.code_index import CodeFolder, CodeMap, Focus, Outline, Symbol, SymbolPage, Use, UsePage

MAX_LINE = 32 * 1024 * 1024
METHODS = ("map", "symbols", "uses", "similar", "structure", "outline")


def request_line(number: int, method: str, params: dict[str, Any]) -> bytes:
    """`params` may hold the port's values."""
    return _line({"id": number, "method": method, "params": params})


def answer_line(number: int, result: object) -> bytes:
    return _line({"id": number, "result": result})


def error_line(number: int, error: DraftsmithError) -> bytes:
    user = isinstance(error, UserError)
    told = {"message": error.message, "code": error.code, "remedy": error.remedy, "user": user}
    return _line({"id": number, "error": told})


def _line(value: object) -> bytes:
    return json.dumps(value, default=_plain, separators=(",", ":")).encode() + b"\n"


def _plain(value: object) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {one.name: getattr(value, one.name) for one in dataclasses.fields(value)}
    raise TypeError(f"{type(value).__name__} cannot be sent")


def parse_line(line: bytes) -> dict[str, Any]:
    """Raises ValueError."""
    found = json.loads(line)
    if not isinstance(found, dict) or not isinstance(found.get("id"), int):
        raise ValueError("not a message")
    return found


def question(params: dict[str, Any]) -> dict[str, Any]:
    """The parameters with the port's values in place of their JSON."""
    found = dict(params)
    if "folders" in params:
        found["folders"] = [CodeFolder(**one) for one in params["folders"]]
    if "focus" in params:
        found["focus"] = [Focus(**one) for one in params["focus"]]
    return found


def raised(error: dict[str, Any]) -> DraftsmithError:
    """What the index process raised, to be raised here."""
    kind: Callable[..., DraftsmithError] = UserError if error.get("user") else AdapterError
    return kind(str(error["message"]), code=str(error["code"]), remedy=str(error.get("remedy", "")))


def map_of(found: dict[str, Any]) -> CodeMap:
    skipped = tuple((str(reason), int(count)) for reason, count in found["skipped"])
    return CodeMap(**{**found, "skipped": skipped, "notices": tuple(found["notices"])})


def symbols_of(found: dict[str, Any]) -> SymbolPage:
    return SymbolPage(**{**found, "symbols": tuple(Symbol(**one) for one in found["symbols"])})


def uses_of(found: dict[str, Any]) -> UsePage:
    return UsePage(**{**found, "uses": tuple(Use(**one) for one in found["uses"])})


def outline_of(found: dict[str, Any]) -> Outline:
    return Outline(**{**found, "symbols": tuple(Symbol(**one) for one in found["symbols"])})
