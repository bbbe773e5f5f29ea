"""Writes a golden file for every event kind that has none at its current version.

An existing file is never changed: what was stored once must be read for ever. When one no longer fits, the kind needs
a new `kind_version` and an upcaster.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import types
import typing
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from draftsmith.domain.codec import CodecError, decode_body, encode_body, event_types

GOLDEN = Path(__file__).resolve().parent.parent / "tests" / "unit" / "domain" / "golden"

TEXTS = {
    "path": "src/na\u00efve \udcff.py",
    "message": 'Line "7" \u2192 \U0001f600\n\tand \\ more',
    "arguments": '{"path": "a.py"}',
}
"""What a sample holds in fields of these names: names that are not UTF-8, characters beyond ASCII, escapes."""

NUMBERS = {"line": 7, "limit_nano_usd": 2**40, "version": 3}


def sample(annotation: Any, name: str) -> Any:
    """A value of the annotated type, the same in every run, with every optional field filled."""
    while isinstance(annotation, typing.NewType):
        annotation = annotation.__supertype__
    origin = get_origin(annotation)
    if dataclasses.is_dataclass(annotation):
        hints = typing.get_type_hints(annotation)
        return typing.cast("type[Any]", annotation)(
            **{field.name: sample(hints[field.name], field.name) for field in dataclasses.fields(annotation)}
        )
    if origin is tuple:
        return (sample(get_args(annotation)[0], name),)
    if origin in (Union, types.UnionType):
        return sample(next(member for member in get_args(annotation) if member is not type(None)), name)
    if origin is Literal:
        return get_args(annotation)[-1]
    return _scalar(annotation, name)


def _scalar(kind: Any, name: str) -> Any:
    if kind is bool:
        return True
    if kind is int:
        return NUMBERS.get(name, len(name))
    if kind is str:
        return TEXTS.get(name, name.replace("_", " "))
    raise TypeError(f"No sample for {kind} (field {name})")


def golden_text(kind: str) -> str:
    """What the golden file of the kind's current version holds."""
    cls = event_types()[kind]
    body = json.loads(encode_body(sample(cls, kind)))
    return json.dumps({"kind": kind, "kind_version": cls.kind_version, "body": body}, indent=2) + "\n"


def complaint(path: Path) -> str | None:
    """Why an existing golden file of a current version does not fit the code, or None."""
    golden = json.loads(path.read_bytes())
    body = json.dumps(golden["body"], separators=(",", ":")).encode("ascii")
    try:
        again = encode_body(decode_body(golden["kind"], golden["kind_version"], body))
    except CodecError as error:
        return str(error)
    return None if again == body else "What is written today differs from it."


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=GOLDEN, help="folder of the golden files")
    folder: Path = parser.parse_args(arguments).into
    folder.mkdir(parents=True, exist_ok=True)
    failed = False
    for kind, cls in sorted(event_types().items()):
        path = folder / f"{kind}.v{cls.kind_version}.json"
        if not path.exists():
            path.write_text(golden_text(kind), encoding="ascii")
            sys.stdout.write(f"wrote {path.name}\n")
        elif reason := complaint(path):
            failed = True
            sys.stderr.write(f"{path.name} is left alone: {reason} Raise kind_version and write an upcaster.\n")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
