"""Who allows what: an append-only ledger of what was said, what stands, and its projection."""

from tesela.profiles.consent_ledger.entry import ADDRESS_KINDS, ANY_CHANNEL, CHANNELS, MARKETING, Entry, address_field
from tesela.profiles.consent_ledger.imported import append_imported
from tesela.profiles.consent_ledger.ledger import (
    append_entries,
    count_ignored,
    last_sequence,
    list_entries,
    read_entries,
)
from tesela.profiles.consent_ledger.projection import (
    build_consents,
    copied_sequence,
    project_consents,
    read_new_entries,
)
from tesela.profiles.consent_ledger.standing import PersonConsents, Standing, gather, merge

__all__ = [
    "ADDRESS_KINDS",
    "ANY_CHANNEL",
    "CHANNELS",
    "MARKETING",
    "Entry",
    "PersonConsents",
    "Standing",
    "address_field",
    "append_entries",
    "append_imported",
    "build_consents",
    "copied_sequence",
    "count_ignored",
    "gather",
    "last_sequence",
    "list_entries",
    "merge",
    "project_consents",
    "read_entries",
    "read_new_entries",
]
