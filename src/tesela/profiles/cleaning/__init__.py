"""Bring what is known of people to a normal form, say what is odd about it, and keep every original."""

from tesela.profiles.cleaning.acts import (
    Accepted,
    CleaningAct,
    accepted_by,
    keep_cleaning_act,
    list_cleaning_acts,
    take_back_cleaning,
)
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
from tesela.profiles.cleaning.settings import DAY_ORDERS, CleaningSettings

__all__ = [
    "DAY_ORDERS",
    "FLAGS",
    "KINDS",
    "LEFT_ALONE",
    "RULES",
    "Accepted",
    "Cleaned",
    "CleanedColumn",
    "CleaningAct",
    "CleaningSettings",
    "Kind",
    "Rule",
    "accepted_by",
    "clean_column",
    "clean_columns",
    "clean_value",
    "describe_flag",
    "describe_rule",
    "keep_cleaning_act",
    "list_cleaning_acts",
    "rules_of",
    "take_back_cleaning",
]
