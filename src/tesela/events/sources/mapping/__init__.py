"""Say which column is which field, and turn cells into typed values."""

from tesela.events.sources.mapping.converting import Converted, convert
from tesela.events.sources.mapping.mapping import Column, ColumnSample, Mapping
from tesela.events.sources.mapping.people import read_email, read_phone
from tesela.events.sources.mapping.proposing import propose_mapping
from tesela.events.sources.mapping.rates import Rates

__all__ = [
    "Column",
    "ColumnSample",
    "Converted",
    "Mapping",
    "Rates",
    "convert",
    "propose_mapping",
    "read_email",
    "read_phone",
]
