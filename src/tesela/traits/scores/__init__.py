"""Scores of a shop's own: points for what people are and do, with decay and caps, as an ordinary value."""

from tesela.traits.scores.award import Award
from tesela.traits.scores.explaining import AwardExplained, ScoreExplained, ScoreSpread, explain_score, spread_score
from tesela.traits.scores.score import Score

__all__ = [
    "Award",
    "AwardExplained",
    "Score",
    "ScoreExplained",
    "ScoreSpread",
    "explain_score",
    "spread_score",
]
