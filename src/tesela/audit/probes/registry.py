"""Which probes there are. A check names one under `probe:`; the probe answers by the check's key."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tesela.audit.found import Found, Unknown
from tesela.audit.ground import Ground
from tesela.audit.probes.contacts import probe_contacts
from tesela.audit.probes.engagement import probe_reactivity
from tesela.audit.probes.records import probe_records

Probe = Callable[[Ground], Mapping[str, Found | Unknown]]
"""Looks at the ground and answers checks by their keys."""

PROBES: Mapping[str, Probe] = {
    "contacts": probe_contacts,
    "reactivity": probe_reactivity,
    "records": probe_records,
}
