"""Which probes there are. A check names one under `probe:`; the probe answers by the check's key."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tesela.audit.found import Found, Unknown
from tesela.audit.ground import Ground
from tesela.audit.probes.engagement import probe_reactivity

Probe = Callable[[Ground], Mapping[str, Found | Unknown]]
"""Looks at the ground and answers checks by their keys."""

PROBES: Mapping[str, Probe] = {
    "reactivity": probe_reactivity,
}
