"""A model's JSON to typed arguments, with the repairs that cannot change its meaning.

What cannot be repaired is told to the model with the schema in short. No tool is known here.
"""

from __future__ import annotations

import difflib
import json
import re
from typing import Any, TypeVar

from pydantic import ValidationError

from draftsmith.domain.errors import ModelMistake
from draftsmith.tools.tool import Arguments

A = TypeVar("A", bound=Arguments)

_FENCE = re.compile(r"\A\s*```[A-Za-z]*\s*\n(.*?)\n?\s*```\s*\Z", re.DOTALL)
_SHOWN_ERRORS = 5


def parse_arguments(name: str, model: type[A], text: str) -> A:
    """Raises `ModelMistake` (`malformed_arguments`)."""
    value = _parse_json(name, model, text)
    if not isinstance(value, dict):
        raise _mistake(name, model, f"They must be a JSON object, not {_json_kind(value)}.")
    try:
        return model.model_validate(value)
    except ValidationError as failure:
        raise _mistake(name, model, _problems(failure, model)) from failure


def _parse_json(name: str, model: type[Arguments], text: str) -> Any:
    """Exact JSON first; then without a code fence, without trailing commas, or unwrapped from a JSON string."""
    text = text.strip() or "{}"
    fenced = _FENCE.match(text)
    bare = fenced[1].strip() if fenced else text
    error: json.JSONDecodeError | None = None
    for candidate in (bare, _without_trailing_commas(bare)):
        try:
            # strict=False: models put line breaks and tabs into strings as they are; their meaning is plain.
            value = json.loads(candidate, strict=False)
        except json.JSONDecodeError as failure:
            error = error or failure
            continue
        if isinstance(value, str) and value.lstrip().startswith("{"):
            return _parse_json(name, model, value)
        return value
    assert error is not None  # noqa: S101  both candidates failed
    around = error.doc[max(error.pos - 40, 0) : error.pos + 20].replace("\n", "⏎")
    problem = f"They are not JSON: {error.msg.removesuffix(' at')} (character {error.pos}, near `{around}`)."
    if error.msg.startswith("Unterminated") or error.pos >= len(error.doc.rstrip()) - 1:
        problem += " They seem to be cut off; if they were too long, make several smaller calls."
    raise _mistake(name, model, problem) from error


def _without_trailing_commas(text: str) -> str:
    """Commas before a closing bracket, outside of strings, left out."""
    result: list[str] = []
    in_string = escaped = False
    for position, character in enumerate(text):
        if in_string:
            in_string = escaped or character != '"'
            escaped = character == "\\" and not escaped
        elif character == '"':
            in_string = True
        elif character == "," and text[position + 1 :].lstrip()[:1] in ("}", "]"):
            continue
        result.append(character)
    return "".join(result)


def _problems(failure: ValidationError, model: type[Arguments]) -> str:
    problems: list[str] = []
    for error in failure.errors(include_url=False, include_context=False)[:_SHOWN_ERRORS]:
        place = ".".join(str(part) for part in error["loc"])
        match error["type"]:
            case "missing":
                problems.append(f"`{place}` is missing.")
            case "extra_forbidden":
                close = difflib.get_close_matches(place, list(model.model_fields), n=1)
                problems.append(f"`{place}` is not known." + (f" Did you mean `{close[0]}`?" if close else ""))
            case _:
                problems.append(f"`{place}`: {error['msg']}; it was {json.dumps(error['input'], default=str)[:80]}.")
    return " ".join(problems)


def _mistake(name: str, model: type[Arguments], problem: str) -> ModelMistake:
    return ModelMistake(
        f"The arguments of {name} cannot be used. {problem}",
        code="malformed_arguments",
        remedy=f"The call is {describe_arguments(name, model)}.",
    )


def _json_kind(value: object) -> str:
    kinds: dict[type, str] = {list: "a list", str: "a string", int: "a number", float: "a number", bool: "a boolean"}
    return kinds.get(type(value), "null")


def plain_schema(model: type[Arguments]) -> dict[str, Any]:
    """JSON Schema as vendors like it: references put in place, without titles."""
    schema = model.model_json_schema()
    definitions = schema.pop("$defs", {})

    def plain(node: Any, *, names: bool = False) -> Any:
        if isinstance(node, list):
            return [plain(each) for each in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            return plain(definitions[node["$ref"].rsplit("/", 1)[1]])
        # In `properties` the keys are names of arguments, one of which may be "title".
        return {key: plain(value, names=key == "properties") for key, value in node.items() if names or key != "title"}

    return plain(schema)


def describe_arguments(name: str, model: type[Arguments]) -> str:
    """The arguments in one line, for example `read(path: string, start: integer = 1)`."""
    schema = plain_schema(model)
    required = set(schema.get("required", ()))
    parts = [
        f"{field}: {_type_name(node)}" + ("" if field in required else f" = {json.dumps(node.get('default'))}")
        for field, node in schema.get("properties", {}).items()
    ]
    return f"{name}({', '.join(parts)})"


def _type_name(node: dict[str, Any]) -> str:
    if "enum" in node:
        return " | ".join(json.dumps(each) for each in node["enum"])
    if "anyOf" in node:
        return " | ".join(_type_name(each) for each in node["anyOf"])
    if node.get("type") == "array":
        return f"[{_type_name(node.get('items', {}))}]"
    if "properties" in node:
        return "{" + ", ".join(f"{field}: {_type_name(each)}" for field, each in node["properties"].items()) + "}"
    return str(node.get("type", "any"))
