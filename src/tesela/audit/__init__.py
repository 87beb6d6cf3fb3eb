"""The audit: how healthy a base is, what that costs, what to do."""

from tesela.audit import fixes, telling
from tesela.audit.catalogue import find_check, load_checks, load_own_checks
from tesela.audit.check import SECTIONS, Check, Section, Severity, Unit, say_unit
from tesela.audit.examining import Asked, Audit, examine
from tesela.audit.finding import Finding
from tesela.audit.found import Found, Unknown, tell_figures
from tesela.audit.history import keep_audit, list_audits
from tesela.audit.money import Money
from tesela.audit.past import PastAudit
from tesela.audit.report import render_audit, render_pdf
from tesela.audit.score import WEIGHTS, Part, Score, give_mark, give_score
from tesela.audit.settings import AuditSettings

__all__ = [
    "SECTIONS",
    "WEIGHTS",
    "Asked",
    "Audit",
    "AuditSettings",
    "Check",
    "Finding",
    "Found",
    "Money",
    "Part",
    "PastAudit",
    "Score",
    "Section",
    "Severity",
    "Unit",
    "Unknown",
    "examine",
    "find_check",
    "fixes",
    "give_mark",
    "give_score",
    "keep_audit",
    "list_audits",
    "load_checks",
    "load_own_checks",
    "render_audit",
    "render_pdf",
    "say_unit",
    "tell_figures",
    "telling",
]
