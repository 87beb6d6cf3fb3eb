"""Who is one person: components of the graph of identifiers, under rules."""

from tesela.profiles.resolution.blocking import ANY_KIND, DEFAULT_BLOCKS, Block, block_own
from tesela.profiles.resolution.evidence import DECISION, Step, explain_merge, find_merges
from tesela.profiles.resolution.resolution import Resolution
from tesela.profiles.resolution.rules import DEFAULT_LIMITS, Decisions, IdentityRules, Limit
from tesela.profiles.resolution.touched import resolve_touched
from tesela.profiles.resolution.whole import resolve

__all__ = [
    "ANY_KIND",
    "DECISION",
    "DEFAULT_BLOCKS",
    "DEFAULT_LIMITS",
    "Block",
    "Decisions",
    "IdentityRules",
    "Limit",
    "Resolution",
    "Step",
    "block_own",
    "explain_merge",
    "find_merges",
    "resolve",
    "resolve_touched",
]
