"""Segments seen together: what they cover, where they overlap, who moved from one to another."""

from tesela.segments.together.coverage import Coverage, Fit, SizeWarning, find_coverage, judge_size
from tesela.segments.together.movement import NOWHERE, Flow, Movement, Turnover, find_movement
from tesela.segments.together.overlap import Combination, Overlap, find_overlap

__all__ = [
    "NOWHERE",
    "Combination",
    "Coverage",
    "Fit",
    "Flow",
    "Movement",
    "Overlap",
    "SizeWarning",
    "Turnover",
    "find_coverage",
    "find_movement",
    "find_overlap",
    "judge_size",
]
