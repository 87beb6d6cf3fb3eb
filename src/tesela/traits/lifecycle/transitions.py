"""What it is called when somebody moves from one stage to another."""

from __future__ import annotations

TRANSITIONS = (
    "arrived", "first_order", "second_order", "settled", "recovered", "reawakened", "won_back",
    "cooled", "fell_asleep", "lost", "corrected", "gone", "stayed",
)  # fmt: skip
"""Every name, from the best down; what people read stands in `texts.toml`."""

# How far from the last order, by stage.
_AWAY = {"new": 0, "active": 0, "returned": 0, "cooling": 1, "dormant": 2, "lapsed": 3}
_FURTHER = {1: "cooled", 2: "fell_asleep", 3: "lost"}
_NEARER = {1: "recovered", 2: "reawakened", 3: "won_back"}


def name_transition(before: str | None, after: str | None) -> str:
    """Return the name of a move; every pair of stages has exactly one.

    Args:
        before: The stage at the earlier moment; None is not in the base yet.
        after: The stage at the later one; None is no longer in the base.

    Example:
        >>> name_transition("lapsed", "returned"), name_transition("active", "cooling")
        ('won_back', 'cooled')
    """
    if before is None:
        return "arrived"
    if after is None:
        return "gone"
    if before == after:
        return "stayed"
    if before == "prospect":
        return "first_order"
    if after == "prospect":
        # all their orders were cancelled since
        return "corrected"
    if _AWAY[after] > _AWAY[before]:
        return _FURTHER[_AWAY[after]]
    if _AWAY[after] < _AWAY[before]:
        # they bought, even if they have cooled again since
        return _NEARER[_AWAY[before]]
    return _near_the_last_order(before, after)


def _near_the_last_order(before: str, after: str) -> str:
    if after == "returned":
        # between the two moments they lapsed and came back
        return "won_back"
    if after == "active":
        return "second_order" if before == "new" else "settled"
    return "corrected"
