"""What somebody may do: scopes, and the roles that are made of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from tesela.base import InputError, RefusedError

Scope = Literal["read", "personal", "write", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
"""`read`: counts and figures. `personal`: who people are. `write`: change definitions, import, run. `admin`: all of
settings, users, keys, erasure and raw exports."""

Role = Literal["viewer", "editor", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)

_OF_ROLES: dict[Role, frozenset[Scope]] = {
    "viewer": frozenset({"read"}),
    "editor": frozenset({"read", "personal", "write"}),
    "admin": frozenset(SCOPES),
}

SMALL = 10
"""Counts below this are hidden from whoever may not see who people are: a small enough group is a person."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who asks: a person who signed in, or a program with a key.

    Attributes:
        name: Of the person, or of the key.
        scopes: What they may do.
        user_id: Of a person; None of a key.
    """

    name: str
    scopes: frozenset[Scope]
    user_id: int | None = None

    def require(self, scope: Scope) -> None:
        """Let pass whoever has a scope.

        Raises:
            RefusedError: when they do not have it.
        """
        if scope not in self.scopes:
            raise RefusedError("workspace.access.not_allowed", name=self.name, scope=scope)

    @property
    def sees_people(self) -> bool:
        """Whether they may see who people are."""
        return "personal" in self.scopes

    def shown(self, count: int) -> int | None:
        """Return a count as they may see it: None where it is so small that it tells of persons."""
        return count if self.sees_people or count == 0 or count >= SMALL else None


def scopes_of(role: Role, *, sees_personal: bool) -> frozenset[Scope]:
    """Return what a role may do; a viewer sees who people are only when allowed.

    Raises:
        InputError: when there is no such role.
    """
    if role not in ROLES:
        raise InputError("workspace.access.no_such_role", value=role, allowed=", ".join(ROLES))
    return _OF_ROLES[role] | (frozenset({"personal"}) if sees_personal else frozenset())


def check_scopes(told: list[str]) -> list[Scope]:
    """Return scopes as they were told, in their own order.

    Raises:
        InputError: when one is unknown, or there is none.
    """
    for scope in told or [""]:
        if scope not in SCOPES:
            raise InputError("workspace.access.no_such_scope", value=scope, allowed=", ".join(SCOPES))
    return [scope for scope in SCOPES if scope in told]
