"""The audit as one page to hand on."""

from tesela.audit.report.page import render_audit

__all__ = ["render_audit"]
