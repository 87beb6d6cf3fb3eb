"""Read any source into columns, without deciding what they mean."""

from tesela.events.sources.reading.opening import open_source
from tesela.events.sources.reading.staged import Note, ReadingOptions, StagedTable

__all__ = ["Note", "ReadingOptions", "StagedTable", "open_source"]
