"""What happened, and how records come in."""

from tesela.events.fields import ANONYMOUS_KIND, IDENTIFIER_KINDS, KINDS, Kind
from tesela.events.following import follow_record, mark_derived, underived_loads, undo_load
from tesela.events.incoming import Intake
from tesela.events.intake import seal_intake
from tesela.events.loading import has_strayed
from tesela.events.orders import derive_order_events
from tesela.events.record import Load, Record
from tesela.events.removal import Removal
from tesela.events.sources.mapping import Mapping, Rates, convert, propose_mapping
from tesela.events.sources.reading import Note, ReadingOptions, open_source
from tesela.events.sources.simulation import simulate
from tesela.events.subjects import assign_profiles
from tesela.events.tables import (
    ALL_TABLES,
    EVENTS,
    PRODUCTS,
    RECORDS,
    SUBJECT_LINKS,
    SUBJECTS,
)

__all__ = [
    "ALL_TABLES",
    "ANONYMOUS_KIND",
    "EVENTS",
    "IDENTIFIER_KINDS",
    "KINDS",
    "PRODUCTS",
    "RECORDS",
    "SUBJECTS",
    "SUBJECT_LINKS",
    "Intake",
    "Kind",
    "Load",
    "Mapping",
    "Note",
    "Rates",
    "ReadingOptions",
    "Record",
    "Removal",
    "assign_profiles",
    "convert",
    "derive_order_events",
    "follow_record",
    "has_strayed",
    "mark_derived",
    "open_source",
    "propose_mapping",
    "seal_intake",
    "simulate",
    "underived_loads",
    "undo_load",
]
