"""Write a plan as one statement of an engine: SQL nodes, values bound, no text joined."""

from tesela.language.rendering.distinct import render_distinct
from tesela.language.rendering.evidence import render_evidence
from tesela.language.rendering.statement import render_plan

__all__ = ["render_distinct", "render_evidence", "render_plan"]
