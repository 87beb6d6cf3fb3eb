"""The lifecycle: one stage for everyone of the base, by the shop's own rhythm, and the moves between stages."""

from tesela.traits.lifecycle.moves import LifecycleMoves, Move, count_moves
from tesela.traits.lifecycle.rhythm import Rhythm, find_rhythm, keep_rhythm
from tesela.traits.lifecycle.settings import LifecycleSettings
from tesela.traits.lifecycle.stages import STAGES, TRAIT, stage_trait
from tesela.traits.lifecycle.transitions import TRANSITIONS, name_transition

__all__ = [
    "STAGES",
    "TRAIT",
    "TRANSITIONS",
    "LifecycleMoves",
    "LifecycleSettings",
    "Move",
    "Rhythm",
    "count_moves",
    "find_rhythm",
    "keep_rhythm",
    "name_transition",
    "stage_trait",
]
