"""The registry's part about named users. Only who sits at the hub's machine names them."""

from __future__ import annotations

from draftsmith.protocol.method import Method, method
from draftsmith.protocol.methods import users

USER_METHODS: tuple[Method, ...] = (
    method("users/list", users.UsersParams, users.UsersResult, "local", "Who may come in by name.", safe=True),
    method(
        "users/add",
        users.AddUserParams,
        users.UsersResult,
        "local",
        "Lets somebody in by name, with a password or by the identity provider.",
        idempotent=True,
        errors=("bad_user",),
    ),
    method(
        "users/role",
        users.UserRoleParams,
        users.UsersResult,
        "local",
        "Changes what a user may do and see; the user signs in anew.",
        idempotent=True,
        errors=("unknown_user",),
    ),
    method(
        "users/remove",
        users.UserParams,
        users.UsersResult,
        "local",
        "Lets a user in no longer, from this moment; sessions stay.",
        errors=("unknown_user",),
    ),
)
