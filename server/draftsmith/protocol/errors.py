"""What can go wrong with a call, in words: the numbers of JSON-RPC and the codes that come with them.

The documents are made from it, and a code that a method names but that is not here is refused by the generator.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from draftsmith.protocol import jsonrpc


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorNumber:
    """`codes`: what `data.code` can be with it; empty for `application_error`, where the method's own stand."""

    name: str
    number: int
    meaning: str
    codes: tuple[str, ...] = ()


ERROR_NUMBERS: tuple[ErrorNumber, ...] = (
    ErrorNumber(
        name="parse_error", number=jsonrpc.PARSE_ERROR, meaning="The frame is not JSON text.", codes=("bad_frame",)
    ),
    ErrorNumber(
        name="invalid_request",
        number=jsonrpc.INVALID_REQUEST,
        meaning="The frame is JSON, but not a request.",
        codes=("bad_frame",),
    ),
    ErrorNumber(
        name="method_not_found",
        number=jsonrpc.METHOD_NOT_FOUND,
        meaning="There is no such method.",
        codes=("unknown_method",),
    ),
    ErrorNumber(
        name="invalid_params",
        number=jsonrpc.INVALID_PARAMS,
        meaning="The parameters do not fit the method.",
        codes=("invalid_params",),
    ),
    ErrorNumber(
        name="internal_error", number=jsonrpc.INTERNAL_ERROR, meaning="Draftsmith made a mistake.", codes=("internal",)
    ),
    ErrorNumber(
        name="application_error",
        number=jsonrpc.APPLICATION_ERROR,
        meaning="The method says no; `data.code` says why and `data.remedy` what to do.",
    ),
    ErrorNumber(
        name="not_signed_in",
        number=jsonrpc.NOT_SIGNED_IN,
        meaning="The connection has not signed in.",
        codes=("not_signed_in", "wrong_token"),
    ),
    ErrorNumber(
        name="forbidden",
        number=jsonrpc.FORBIDDEN,
        meaning="The connection's permissions do not cover the method.",
        codes=("forbidden",),
    ),
)

CODES: Mapping[str, str] = MappingProxyType(
    {
        "bad_frame": "What came is not one JSON-RPC 2.0 request as text.",
        "forbidden": "The connection may not call the method; the message names the permission.",
        "bad_image": "A picture is too large, is none, or there are too many; the message names it.",
        "bad_model_setting": "A setting of models makes no sense; the message is the reason.",
        "bad_setting": "A value is not one that the setting can have; the message says what it can be.",
        "settings_unreadable": "The settings file is not TOML and would be lost; mend it first.",
        "bad_rule": "A rule on commands cannot be meant, or there is no such rule; the message is the reason.",
        "illegal_command": "The state of the session does not allow it; the message is the reason.",
        "internal": "A mistake of Draftsmith; `data.correlation_id` finds it in the log.",
        "invalid_params": "The message names the field and what is wrong with it.",
        "no_plan": "The session has no plan.",
        "plan_unreadable": "The edited plan does not follow its form; the message names the line.",
        "no_proposal": "The session has no proposal yet.",
        "unknown_hunk": "The proposal has no such hunk; read the hunks again.",
        "hunk_not_text": "The hunk is binary, a mode change or not UTF-8; accept or reject it as it is.",
        "not_signed_in": "The first message must be `hello`.",
        "undo_not_exact": "What an earlier round wrote can no longer be taken back as it was; nothing was changed.",
        "nothing_to_undo": "No apply is left that could be undone.",
        "protocol_mismatch": "Hub and client speak no version in common; update the older of the two.",
        "unknown_checkpoint": "The session has no checkpoint of this id.",
        "unknown_document": "There is no document of this hash.",
        "unknown_entity": "The session has no entity of this kind and id.",
        "unknown_file": "The file is not there on that side, or lies outside the workspace.",
        "unknown_template": "There is no template of this name.",
        "unknown_commit": "The repository has no such commit.",
        "no_repository": "The folder belongs to no git repository.",
        "folder_not_empty": "A new project needs an empty folder; nothing was written.",
        "folder_too_large": "The folder holds more names than are listed.",
        "bad_project_name": "A project cannot be called so; the message says what a name is.",
        "unknown_folder": "A folder does not exist, is not a folder, or cannot be read.",
        "unknown_method": "The hub has no method of this name; it may be older than the client.",
        "unknown_session": "There is no session of this id, or it is not for this user to see.",
        "unknown_user": "There is no user of this name.",
        "bad_user": "Nobody could sign in like that; the message is the reason.",
        "workspace_is_git": "The folder is, or lies in, one where git keeps a repository.",
        "workspace_is_home": "The folder is a home folder; ask the user and say so with `allow_home`.",
        "bad_cursor": "The cursor is not one that this list gave; begin without one.",
        "bad_pattern": "The pattern is not a valid regular expression or glob; the message says where.",
        "bad_preference": "A name or a value cannot be kept; the message is the reason.",
        "ripgrep_missing": "ripgrep (`rg`) is not installed where the hub runs.",
        "listing_failed": "The folder took too long to list.",
        "bad_query": "What was asked for cannot be searched; the message says why.",
        "index_unavailable": "The index of code cannot be started or does not answer; all else goes on without it.",
        "index_failed": "A mistake of Draftsmith in the index process; its log has the details.",
        "workspace_is_state": "The folder is, lies in, or holds Draftsmith's own state folder.",
        "no_web": "The hub serves no browser.",
        "no_runner": "No runner is connected, and only a runner knows it; `draftsmith hub status` says why.",
        "runner_silent": "The runner did not answer in time; try again.",
        "unknown_key_name": "A key is for a vendor or for an endpoint of the user's; there is none of that name.",
        "wrong_token": "The token is not this hub's; read the endpoint file again.",
    }
)
"""Codes that the protocol names. What a port or the system adds (a full disk, a lock) comes with its own code."""


def application_codes() -> tuple[str, ...]:
    """The codes that come with `application_error`."""
    numbered = {code for error in ERROR_NUMBERS for code in error.codes}
    return tuple(code for code in CODES if code not in numbered)
