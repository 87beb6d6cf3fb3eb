"""Who people are: identity, the current view and its history, consents."""

from tesela.profiles import cleaning, erasure, written
from tesela.profiles.addresses import Addresses
from tesela.profiles.attributes import build_profiles
from tesela.profiles.changes import forget_changes, note_before, note_changes, read_changed
from tesela.profiles.contact_cleaning import ContactCleaning
from tesela.profiles.finding import find_person
from tesela.profiles.graph import IdentityGraph
from tesela.profiles.matching import Duplicates, MatchProposal
from tesela.profiles.merging import Act, decisions_of, keep_acts, take_back
from tesela.profiles.page import Facts, Identifiers, read_facts
from tesela.profiles.permissions import Permissions
from tesela.profiles.settings import IdentitySettings
from tesela.profiles.suppression import Receiving
from tesela.profiles.tables import (
    ALL_TABLES,
    ATTRIBUTE_VALUES,
    CONSENTS,
    IDENTIFIERS,
    PROFILES,
    SUPPRESSIONS,
)

__all__ = [
    "ALL_TABLES",
    "ATTRIBUTE_VALUES",
    "CONSENTS",
    "IDENTIFIERS",
    "PROFILES",
    "SUPPRESSIONS",
    "Act",
    "Addresses",
    "ContactCleaning",
    "Duplicates",
    "Facts",
    "Identifiers",
    "IdentityGraph",
    "IdentitySettings",
    "MatchProposal",
    "Permissions",
    "Receiving",
    "build_profiles",
    "cleaning",
    "decisions_of",
    "erasure",
    "find_person",
    "forget_changes",
    "keep_acts",
    "note_before",
    "note_changes",
    "read_changed",
    "read_facts",
    "take_back",
    "written",
]
