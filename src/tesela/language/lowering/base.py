"""What every family of words needs on its way into the plan."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, cast

from tesela.base import to_local
from tesela.language.lowering.values import Value, call
from tesela.language.nodes import Attribute, Bounds, Instant, Node, Number, Property, Truth
from tesela.language.places import refuse
from tesela.language.plan import Constant, Expr, Known, Lookup, Matched
from tesela.language.resolve import ATTRIBUTES

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from tesela.base import InputError
    from tesela.language.lowering.board import Board
    from tesela.language.nodes import Kind, Rule
    from tesela.language.plan import Column, LookupSource
    from tesela.language.text_checks import TextCheck
    from tesela.warehouse import Table


class Lowering(ABC):
    """One rule on its way into the plan.

    Args:
        rule: Resolved.
        board: Takes the columns.
        as_of: The moment of truth, naive UTC.
        zone: The workspace's zone.
        segment: Gives the column of a segment by its slug.
        find: Gives the resolved rule of a segment.
        memberships: Table of the recorded memberships; None when there is none.
        trait_values: Table of the stored traits; None when there is none.
    """

    def __init__(
        self,
        rule: Rule,
        board: Board,
        *,
        as_of: datetime,
        zone: ZoneInfo,
        segment: Callable[[str], Column],
        find: Callable[[str], Rule],
        memberships: Table | None = None,
        trait_values: Table | None = None,
    ) -> None:
        self._rule = rule
        self._board = board
        self._as_of = as_of
        self._zone = zone
        self._today = to_local(as_of, zone).date()
        self._segment = segment
        self._find = find
        self._memberships = memberships
        self._trait_values = trait_values
        self._base: Expr = Known() if not rule.everyone else Constant(True)
        self._event: str | None = None
        self._held_field: str | None = None

    @abstractmethod
    def _condition(self, node: Node) -> Expr:
        """Return a condition; its answer may be missing."""

    @abstractmethod
    def _value(self, node: Node) -> Value:
        """Return a value."""

    # --- values -------------------------------------------------------------------------------------------

    def _number(self, node: Node) -> Value:
        return self._needs(self._value(node), node, "number")

    def _needs(self, value: Value, node: Node, *kinds: Kind) -> Value:
        if value.kind not in kinds:
            raise self._refuse("needs_number", node)
        return value

    def _moment(self, node: Node) -> Expr:
        value = self._value(node)
        if value.kind != "moment":
            raise self._refuse("needs_moment", node)
        return value.expression

    def _present(self, value: Value) -> Value:
        """Return a text as missing where it is blank."""
        if value.kind != "text" or isinstance(value.expression, Constant):
            return value
        return Value("text", call("present", value.expression))

    def _clip(self, window: Node | None) -> Bounds:
        """Return a window as far as it lies before the moment of truth."""
        bounds = cast("Bounds | None", window)
        if bounds is None:
            return Bounds(None, self._as_of)
        return Bounds(bounds.start, min(bounds.end, self._as_of) if bounds.end else self._as_of)

    # --- texts that Python looks at -----------------------------------------------------------------------

    def _checked(self, node: Node, check: TextCheck) -> Expr:
        """Return whether the text of a field passes a check; false where it is missing."""
        value = self._value(node)
        if value.kind != "text":
            raise self._refuse("needs_text", node)
        lookup = Lookup(*self._lookup_source(node), check)
        self._board.lookups.setdefault(lookup)
        return Matched(value.expression, lookup)

    @abstractmethod
    def _lookup_source(self, node: Node) -> tuple[LookupSource, str | None, str]:
        """Return whose distinct values a check on a node is about."""

    def _is_own_text(self, node: Node) -> bool:
        """Tell a text that may hold a number, a time or a truth: a field of the shop's own."""
        return isinstance(node, Property) or (isinstance(node, Attribute) and node.field not in ATTRIBUTES)

    # --- errors -------------------------------------------------------------------------------------------

    def _refuse(self, code: str, node: Node, **facts: object) -> InputError:
        return refuse(code, self._rule.text, node.span, **facts)


def is_typed_literal(node: Node) -> bool:
    """Tell a written number, moment or truth."""
    return isinstance(node, Number | Instant | Truth)
