"""What happened, and how records come in."""

from tesela.events.fields import ANONYMOUS_KIND, FIELDS, IDENTIFIER_KINDS, KINDS, Field, Kind
from tesela.events.following import follow_record, is_derivation_due, mark_derived, undo_load
from tesela.events.intake import Intake, seal_intake
from tesela.events.loading import has_strayed, pending_loads
from tesela.events.orders import derive_order_events
from tesela.events.record import Load, Manifest, Record
from tesela.events.sources.mapping import Mapping, Rates, convert, propose_mapping
from tesela.events.sources.reading import Note, ReadingOptions, open_source
from tesela.events.tables import (
    ALL_TABLES,
    CONTACTS_REJECTED,
    EVENTS,
    EVENTS_REJECTED,
    PRODUCTS,
    RECORDS,
    SUBJECT_LINKS,
    SUBJECTS,
)

__all__ = [
    "ALL_TABLES",
    "ANONYMOUS_KIND",
    "CONTACTS_REJECTED",
    "EVENTS",
    "EVENTS_REJECTED",
    "FIELDS",
    "IDENTIFIER_KINDS",
    "KINDS",
    "PRODUCTS",
    "RECORDS",
    "SUBJECTS",
    "SUBJECT_LINKS",
    "Field",
    "Intake",
    "Kind",
    "Load",
    "Manifest",
    "Mapping",
    "Note",
    "Rates",
    "ReadingOptions",
    "Record",
    "convert",
    "derive_order_events",
    "follow_record",
    "has_strayed",
    "is_derivation_due",
    "mark_derived",
    "open_source",
    "pending_loads",
    "propose_mapping",
    "seal_intake",
    "undo_load",
]
