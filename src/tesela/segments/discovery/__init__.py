"""Discovery: which conditions describe a group, each result an ordinary rule."""

from tesela.segments.discovery.conditions import Candidate, propose_conditions
from tesela.segments.discovery.discover import MOST_CONDITIONS, Discovery, Finding, describe_group, discover_rules

__all__ = [
    "MOST_CONDITIONS",
    "Candidate",
    "Discovery",
    "Finding",
    "describe_group",
    "discover_rules",
    "propose_conditions",
]
