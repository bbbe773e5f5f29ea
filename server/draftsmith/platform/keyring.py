"""The system's keyring, used by a process of its own: a backend may block on a dialog, crash, or not be there.

`python -m draftsmith.platform.keyring` reads one request from standard input and writes one answer to standard
output, both JSON. A key passes through these pipes only, never a command line, an environment or a log.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from dataclasses import dataclass, field
from typing import Any, Literal

SERVICE = "draftsmith"
READ_SECONDS = 30.0
"""A locked keyring asks the user for its password first."""
WRITE_SECONDS = 120.0
_STOP_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyringAnswer:
    """`trouble` is empty when it was done; `values` are the keys that were found, by name."""

    trouble: str = ""
    values: dict[str, str] = field(default_factory=dict[str, str], repr=False)


async def read_keys(names: tuple[str, ...]) -> KeyringAnswer:
    """The keys that lie in the keyring under these names."""
    return await _ask({"do": "read", "names": list(names)}, READ_SECONDS)


async def write_key(name: str, value: str) -> KeyringAnswer:
    """Puts a key into the keyring, in place of one of that name."""
    return await _ask({"do": "write", "name": name, "value": value}, WRITE_SECONDS)


async def delete_key(name: str) -> KeyringAnswer:
    """Takes a key out; one that is not there is no trouble."""
    return await _ask({"do": "delete", "name": name}, WRITE_SECONDS)


async def _ask(request: dict[str, Any], within_s: float) -> KeyringAnswer:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",  # a folder with a `keyring.py` in it may be the working folder
        "-m",
        "draftsmith.platform.keyring",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(within_s):
            said, _ = await process.communicate(json.dumps(request).encode())
        found = json.loads(said)
        return KeyringAnswer(trouble=found["trouble"], values=found["values"])
    except TimeoutError:
        return KeyringAnswer(trouble=f"it did not answer within {within_s:g} seconds; perhaps it is locked")
    except (ValueError, KeyError):
        return KeyringAnswer(trouble="its library ended without an answer")
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_STOP_SECONDS):
                    await process.wait()


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    # Imported here: only this process needs it.
    import keyring
    from keyring.errors import KeyringError, PasswordDeleteError

    what: Literal["read", "write", "delete"] = request["do"]
    values: dict[str, str] = {}
    trouble = ""
    try:
        match what:
            case "read":
                for name in request["names"]:
                    value = keyring.get_password(SERVICE, name)
                    if value is not None:
                        values[name] = value
            case "write":
                keyring.set_password(SERVICE, request["name"], request["value"])
            case "delete":
                with contextlib.suppress(PasswordDeleteError):
                    keyring.delete_password(SERVICE, request["name"])
    except KeyringError as error:
        trouble = " ".join(str(error).split()).split(". ")[0] or type(error).__name__
    except Exception as error:
        trouble = type(error).__name__
    return {"trouble": trouble, "values": values}


def main() -> None:
    # What a backend prints must not come between the answer.
    answering = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    answering.write(json.dumps(_answer(json.loads(sys.stdin.read()))))
    answering.close()


if __name__ == "__main__":
    main()
