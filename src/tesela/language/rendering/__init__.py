"""Write a plan as one statement of an engine: SQL nodes, values bound, no text joined."""

from tesela.language.rendering.distinct import render_distinct
from tesela.language.rendering.evidence import render_evidence
from tesela.language.rendering.rows import OCCURRED, FieldRows, PassRows, RowsOf, SequenceRows, compared_text, conjuncts
from tesela.language.rendering.sequences import Together
from tesela.language.rendering.statement import Brought, render_plan

__all__ = [
    "OCCURRED",
    "Brought",
    "FieldRows",
    "PassRows",
    "RowsOf",
    "SequenceRows",
    "Together",
    "compared_text",
    "conjuncts",
    "render_distinct",
    "render_evidence",
    "render_plan",
]
