"""Turn staged columns into typed rows; set apart with its reason what cannot be used."""

from tesela.events.sources.mapping.converting.conversion import Converted
from tesela.events.sources.mapping.converting.convert import convert

__all__ = ["Converted", "convert"]
