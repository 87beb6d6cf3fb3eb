"""What a rule means: text to nodes to one plan for all segments to a statement."""

from tesela.language.nodes import Node, Rule, fingerprint
from tesela.language.parsing import parse
from tesela.language.plan import Plan
from tesela.language.planning import (
    Vocabulary,
    parsed,
    plan_segments,
    prepare,
    read_distinct,
    read_vocabulary,
    render,
)
from tesela.language.resolve import named_segments

__all__ = [
    "Node",
    "Plan",
    "Rule",
    "Vocabulary",
    "fingerprint",
    "named_segments",
    "parse",
    "parsed",
    "plan_segments",
    "prepare",
    "read_distinct",
    "read_vocabulary",
    "render",
]
