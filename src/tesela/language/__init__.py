"""What a rule means: text to nodes to one plan for all segments to a statement."""

from tesela.language.anatomy import Clockwork, Part, dissect, find_clockwork
from tesela.language.definitions import (
    by_language,
    check_keys,
    check_slug,
    load_definitions,
    read_definitions,
    write_definitions,
)
from tesela.language.nodes import Rule, fingerprint
from tesela.language.notations import from_json, read_schema, say, to_json, write_text
from tesela.language.parsing import parse
from tesela.language.plan import Plan
from tesela.language.planning import (
    Vocabulary,
    answer,
    parsed,
    plan_segments,
    prepare,
    read_evidence,
    read_vocabulary,
)
from tesela.language.reads import list_reads
from tesela.language.resolve import named_segments
from tesela.language.sweeping import Sweep, find_sweeps

__all__ = [
    "Clockwork",
    "Part",
    "Plan",
    "Rule",
    "Sweep",
    "Vocabulary",
    "answer",
    "by_language",
    "check_keys",
    "check_slug",
    "dissect",
    "find_clockwork",
    "find_sweeps",
    "fingerprint",
    "from_json",
    "list_reads",
    "load_definitions",
    "named_segments",
    "parse",
    "parsed",
    "plan_segments",
    "prepare",
    "read_definitions",
    "read_evidence",
    "read_schema",
    "read_vocabulary",
    "say",
    "to_json",
    "write_definitions",
    "write_text",
]
