"""Estimators: arrays in, frozen fits out; no SQL, no files, no clock."""

from tesela.estimators.cuts import Cuts, fit_cuts

__all__ = ["Cuts", "fit_cuts"]
