"""Bring what is known of people to a normal form, say what is odd about it, and keep every original."""

from tesela.profiles.cleaning.cache import CleaningCache
from tesela.profiles.cleaning.cleaned import Cleaned
from tesela.profiles.cleaning.column import CleanedColumn
from tesela.profiles.cleaning.columns import clean_column, clean_columns, clean_value
from tesela.profiles.cleaning.rules import (
    FLAGS,
    KINDS,
    LEFT_ALONE,
    RULES,
    Kind,
    Rule,
    describe_flag,
    describe_rule,
    rules_of,
)
from tesela.profiles.cleaning.settings import CleaningSettings

__all__ = [
    "FLAGS",
    "KINDS",
    "LEFT_ALONE",
    "RULES",
    "Cleaned",
    "CleanedColumn",
    "CleaningCache",
    "CleaningSettings",
    "Kind",
    "Rule",
    "clean_column",
    "clean_columns",
    "clean_value",
    "describe_flag",
    "describe_rule",
    "rules_of",
]
