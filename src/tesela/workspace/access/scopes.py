"""What somebody may do: scopes, and the roles that are made of them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeVar, get_args

from tesela.base import InputError, RefusedError

Scope = Literal["read", "personal", "write", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
"""`read`: counts and figures. `personal`: who people are. `write`: change definitions, import, run. `admin`: all of
settings, users, keys, erasure and raw exports."""

Number = TypeVar("Number", int, float, Decimal, float | None, Decimal | None)

Role = Literal["viewer", "editor", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)

_OF_ROLES: dict[Role, frozenset[Scope]] = {
    "viewer": frozenset({"read"}),
    "editor": frozenset({"read", "personal", "write"}),
    "admin": frozenset(SCOPES),
}

SMALL = 10
"""Whoever may not see who people are sees counts rounded to multiples of this, and none below it: a small enough group
is a person, and exact counts of two groups tell of whoever is in one of them alone (decision 20)."""

_DIGITS = 2


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
        """Return a count of people as they may see it: None where it is so small, nobody included, that it tells.

        Example:
            >>> viewer = Holder("luis", frozenset({"read"}))
            >>> [viewer.shown(count) for count in (0, 9, 14, 15, 1234)]
            [None, None, 10, 20, 1230]
        """
        if self.sees_people:
            return count
        return None if count < SMALL else (count + SMALL // 2) // SMALL * SMALL

    def may_know_of(self, count: int) -> bool:
        """Tell whether they may know that there is such a group at all, where a list has only those that are."""
        return self.sees_people or count >= SMALL

    def share(self, part: int, whole: int) -> float | None:
        """Return the share of one count in another as they may see it: of what they may see of both."""
        shown, of = self.shown(part), self.shown(whole)
        if shown is None or not of:
            return None
        return self.figure(min(1.0, shown / of))

    def figure(self, value: Number) -> Number:
        """Return a figure that is no count of people as they may see it: to two digits, so that no one moves it.

        Example:
            >>> Holder("luis", frozenset({"read"})).figure(12345.67)
            12000.0
        """
        if self.sees_people or value is None or isinstance(value, bool):
            return value
        rounded = f"{value:.{_DIGITS}g}"
        return type(value)(float(rounded)) if isinstance(value, int) else type(value)(rounded)


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
