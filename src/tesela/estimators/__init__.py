"""The mathematics: cut points, intervals, comparisons, needed sizes. Arrays in, frozen fits out."""

from tesela.estimators.comparing import adjust_holm, compare_means, compare_shares
from tesela.estimators.cuts import Cuts, fit_cuts
from tesela.estimators.intervals import (
    FEW,
    TOO_FEW,
    Interval,
    mean_interval,
    median_interval,
    share_interval,
)
from tesela.estimators.moments import Moments
from tesela.estimators.power import needed_for_mean, needed_for_share

__all__ = [
    "FEW",
    "TOO_FEW",
    "Cuts",
    "Interval",
    "Moments",
    "adjust_holm",
    "compare_means",
    "compare_shares",
    "fit_cuts",
    "mean_interval",
    "median_interval",
    "needed_for_mean",
    "needed_for_share",
    "share_interval",
]
