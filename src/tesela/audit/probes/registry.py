"""Which probes there are. A check names one under `probe:`; the probe answers by the check's key."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tesela.audit.found import Found, Unknown
from tesela.audit.ground import Ground
from tesela.audit.probes.contacts import probe_contacts
from tesela.audit.probes.deliverability import probe_addresses, probe_channels, probe_sending
from tesela.audit.probes.engagement import probe_buyers, probe_reactivity
from tesela.audit.probes.growth import probe_arrivals, probe_growth, probe_sources
from tesela.audit.probes.law import probe_exclusion_lists, probe_permission, probe_written_to
from tesela.audit.probes.records import probe_records

Probe = Callable[[Ground], Mapping[str, Found | Unknown]]
"""Looks at the ground and answers checks by their keys."""

PROBES: Mapping[str, Probe] = {
    "addresses": probe_addresses,
    "arrivals": probe_arrivals,
    "buyers": probe_buyers,
    "channels": probe_channels,
    "contacts": probe_contacts,
    "exclusion_lists": probe_exclusion_lists,
    "growth": probe_growth,
    "permission": probe_permission,
    "reactivity": probe_reactivity,
    "records": probe_records,
    "sending": probe_sending,
    "sources": probe_sources,
    "written_to": probe_written_to,
}
"""By the name that checks call them by."""
