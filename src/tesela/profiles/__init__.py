"""Who people are: identity, the current view and its history, consents."""

from tesela.profiles.attributes import build_profiles
from tesela.profiles.changes import forget_changes, note_before, note_changes, read_changed
from tesela.profiles.consents import build_consents
from tesela.profiles.identity import resolve_identity
from tesela.profiles.tables import ALL_TABLES, ATTRIBUTE_VALUES, CONSENTS, IDENTIFIERS, PROFILES

__all__ = [
    "ALL_TABLES",
    "ATTRIBUTE_VALUES",
    "CONSENTS",
    "IDENTIFIERS",
    "PROFILES",
    "build_consents",
    "build_profiles",
    "forget_changes",
    "note_before",
    "note_changes",
    "read_changed",
    "resolve_identity",
]
