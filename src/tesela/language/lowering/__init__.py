"""Turn resolved rules into one plan: every decision of meaning is made here, once, for all engines.

Two values: a comparison may come out missing, and a missing answer counts as false wherever a condition is
used; only `not` needs it made false first. Aggregates that mean the same become one column.

Each module lowers one family of words; each builds on the one before, from comparisons up to the whole rule.
"""

from tesela.language.lowering.rule import lower

__all__ = ["lower"]
