"""What is wrong with the value of a setting, in words for the field that it stands in.

Whoever reads a setting has the last word; a test holds these to what the readers refuse.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

Check = Callable[[str], str]

_LIMITS = ("cpu", "memory", "processes", "files", "disk")
_FORMATS = ("search", "symbol", "lines", "patch")
_SERVERS = ("ollama", "llamacpp", "lmstudio", "vllm")


def one_of(choices: tuple[str, ...]) -> Check:
    def check(value: str) -> str:
        known = ", ".join(one or "nothing" for one in choices)
        return "" if value in choices else f"Choose one of {known}."

    return check


def whole(smallest: int, largest: int) -> Check:
    def check(value: str) -> str:
        good = value.isascii() and value.isdecimal() and len(value) <= 12 and smallest <= int(value) <= largest
        return "" if good else f"Give a whole number from {smallest:,} to {largest:,}."

    return check


def command_limits(value: str) -> str:
    for part in value.replace(",", " ").split():
        name, _, amount = part.partition("=")
        number = amount.isascii() and amount.isdigit() and int(amount[:18]) > 0 and len(amount) <= 15
        if name not in _LIMITS or not (number or amount == "none"):
            return f"{part[:60]!r} is no limit. Write for example memory=4000 processes=1000; {_known(_LIMITS)}."
    return ""


def dollars(value: str) -> str:
    if value.strip() == "off":
        return ""
    try:
        amount = float(value)
    except ValueError:
        amount = -1.0
    return "" if 0 <= amount <= 1_000_000 else "Give an amount of dollars up to 1,000,000, for example 2.50, or off."


def edit_formats(value: str) -> str:
    for rule in filter(str.strip, value.split(";")):
        model, equals, named = rule.rpartition("=")
        formats = [one.strip() for one in named.split(",") if one.strip()]
        if equals and not model.strip():
            return f"{rule.strip()[:60]!r} names no model before the equals sign."
        if not formats:
            return f"{rule.strip()[:60]!r} names no way to edit; {_known(_FORMATS)}."
        for one in formats:
            if one not in _FORMATS:
                return f"{one[:60]!r} is no way to edit; {_known(_FORMATS)}."
    return ""


def local_servers(value: str) -> str:
    if value.strip() == "off":
        return ""
    for part in filter(str.strip, value.split(";")):
        name, _, address = part.partition("=")
        if name.strip() not in _SERVERS or not address.strip().startswith(("http://", "https://")):
            return f"{part.strip()[:60]!r} is not name=address; {_known(_SERVERS)}. Or write off."
    return ""


def folder(value: str) -> str:
    return "" if value.startswith("/") else "Give the whole path of a folder, from / on."


def image(value: str) -> str:
    good = len(value) <= 300 and not value.startswith("-") and not any(one.isspace() for one in value)
    return "" if good else "Give the name of an image, such as python:3.12."


def address(value: str) -> str:
    try:
        parts = urlsplit(value)
        named = bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        named, parts = False, urlsplit("")
    if not named or parts.scheme not in ("http", "https") or any(one.isspace() for one in value):
        return "Give an address with http:// or https://, such as https://example.org/draftsmith."
    return "Give it without ?, # and user name." if any(one in value for one in "?#@") else ""


def _known(names: tuple[str, ...]) -> str:
    return f"known are {', '.join(names)}"
