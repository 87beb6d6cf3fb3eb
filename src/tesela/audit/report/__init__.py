"""The audit as one page to hand on."""

from tesela.audit.report.page import render_audit
from tesela.audit.report.pdf import render_pdf

__all__ = ["render_audit", "render_pdf"]
