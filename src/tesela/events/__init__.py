"""What happened, and how records come in."""

from tesela.events import following
from tesela.events.fields import ANONYMOUS_KIND, IDENTIFIER_KINDS, KINDS, Kind
from tesela.events.following import follow_record, undo_load
from tesela.events.incoming import Intake
from tesela.events.intake import seal_intake
from tesela.events.loading import has_strayed
from tesela.events.orders import derive_order_events
from tesela.events.record import Load, Record
from tesela.events.rejections import RejectedRow
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
    "RejectedRow",
    "Removal",
    "assign_profiles",
    "convert",
    "derive_order_events",
    "follow_record",
    "following",
    "has_strayed",
    "open_source",
    "propose_mapping",
    "seal_intake",
    "simulate",
    "undo_load",
]
