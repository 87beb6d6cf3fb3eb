"""What a rule means: text to nodes to one plan for all segments to a statement."""

from tesela.language.anatomy import Part, Target, dissect, follows_calendar, lengths
from tesela.language.combining import combine_sets
from tesela.language.definitions import (
    BadDefinitionError,
    by_language,
    check_keys,
    check_slug,
    load_definitions,
    read_definitions,
    write_definitions,
)
from tesela.language.nodes import Node, Rule, fingerprint
from tesela.language.parsing import parse
from tesela.language.plan import Plan
from tesela.language.planning import (
    Vocabulary,
    parsed,
    plan_segments,
    prepare,
    read_distinct,
    read_evidence,
    read_vocabulary,
    render,
)
from tesela.language.reads import Read, list_reads
from tesela.language.resolve import named_segments

__all__ = [
    "BadDefinitionError",
    "Node",
    "Part",
    "Plan",
    "Read",
    "Rule",
    "Target",
    "Vocabulary",
    "by_language",
    "check_keys",
    "check_slug",
    "combine_sets",
    "dissect",
    "fingerprint",
    "follows_calendar",
    "lengths",
    "list_reads",
    "load_definitions",
    "named_segments",
    "parse",
    "parsed",
    "plan_segments",
    "prepare",
    "read_definitions",
    "read_distinct",
    "read_evidence",
    "read_vocabulary",
    "render",
    "write_definitions",
]
