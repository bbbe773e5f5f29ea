"""Named users: listed, added, changed, removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from draftsmith.hub.users import User
from draftsmith.protocol.methods import users as messages

if TYPE_CHECKING:
    from draftsmith.hub.dispatch import Call


async def listed(call: Call, params: messages.UsersParams) -> messages.UsersResult:
    return _result(call)


async def add(call: Call, params: messages.AddUserParams) -> messages.UsersResult:
    user = User(name=params.name, role=params.role, identity=params.identity, sees=params.sees)
    await call.hub.users.add(user, None if params.password is None else params.password.get_secret_value())
    return _result(call)


async def change(call: Call, params: messages.UserRoleParams) -> messages.UsersResult:
    await call.hub.users.change(params.name, params.role, params.sees)
    return _result(call)


async def remove(call: Call, params: messages.UserParams) -> messages.UsersResult:
    await call.hub.users.remove(params.name)
    return _result(call)


def _result(call: Call) -> messages.UsersResult:
    return messages.UsersResult(
        users=tuple(
            messages.UserLine(
                name=one.name, role=one.role, sees=one.sees, password=bool(one.password), identity=one.identity
            )
            for one in call.hub.users
        )
    )
