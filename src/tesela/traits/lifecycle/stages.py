"""The stages: everyone of the base is in exactly one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tesela.base import LANGUAGES, text, write_period
from tesela.traits.trait import Trait

if TYPE_CHECKING:
    from tesela.traits.lifecycle.rhythm import Rhythm

STAGES = ("prospect", "new", "active", "returned", "cooling", "dormant", "lapsed")
"""All stages, in the order of a life."""

TRAIT = "lifecycle.stage"
"""The trait's name in rules."""

_SECONDS_A_DAY = 86_400


def stage_trait(rhythm: Rhythm) -> Trait:
    """Return the stage as a computed trait: exact to the moment asked about, and explained like any other.

    A buyer who comes back after having lapsed is `returned` while active, until that is as long ago.
    """
    since = "time_since(last(order_completed))"
    active, cooling, dormant = (
        write_period(days, "day") for days in (rhythm.active_days, rhythm.cooling_days, rhythm.dormant_days)
    )
    steps = (
        ("never order_completed", "prospect"),
        (f"{since} > {dormant}", "lapsed"),
        (f"{since} > {cooling}", "dormant"),
        (f"{since} > {active}", "cooling"),
        # longer than dormant, as lapsed is
        (f"resumed(order_completed, {write_period(rhythm.dormant_days * _SECONDS_A_DAY + 1, 'second')})", "returned"),
        ("count(order_completed) = 1", "new"),
    )
    value = '"active"'
    for condition, stage in reversed(steps):
        value = f'if({condition}, "{stage}", {value})'
    return Trait(TRAIT, value, {language: text("traits.lifecycle.title", language) for language in LANGUAGES})
