"""Fixes of findings: planned exactly, applied through the acts there are, kept, and taken back."""

from tesela.audit.fixes.fix import KINDS, Change, Choice, FixPlan, Kind
from tesela.audit.fixes.kept import KeptFix, addresses_of, find_fix, keep_fix, list_fixes, mark_undone, tagged_addresses
from tesela.audit.fixes.preview import Preview, preview_fix

__all__ = [
    "KINDS",
    "Change",
    "Choice",
    "FixPlan",
    "KeptFix",
    "Kind",
    "Preview",
    "addresses_of",
    "find_fix",
    "keep_fix",
    "list_fixes",
    "mark_undone",
    "preview_fix",
    "tagged_addresses",
]
