"""Measures in code that answer checks which no rule can: each is asked once and may answer several checks."""

from tesela.audit.probes.registry import PROBES, Probe

__all__ = ["PROBES", "Probe"]
