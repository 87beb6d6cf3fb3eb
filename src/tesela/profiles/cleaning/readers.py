"""The reader of each kind of value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tesela.profiles.cleaning.cleaned import Cleaned, settle
from tesela.profiles.cleaning.dates import DateReader
from tesela.profiles.cleaning.emails import EmailReader
from tesela.profiles.cleaning.names import NameReader
from tesela.profiles.cleaning.phones import PhoneReader
from tesela.profiles.cleaning.places import CountryReader, PostalCodeReader, PostalRegionReader, RegionReader
from tesela.profiles.cleaning.words import AgeReader, GenderReader, LanguageReader

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tesela.profiles.cleaning.rules import Kind
    from tesela.profiles.cleaning.settings import CleaningSettings

_READERS: Mapping[Kind, Callable[[CleaningSettings], Callable[[str], Cleaned]]] = {
    "email": EmailReader,
    "phone": PhoneReader,
    "name": NameReader,
    "date": lambda settings: DateReader(settings, "date"),
    "birth_date": lambda settings: DateReader(settings, "birth_date"),
    "country": CountryReader,
    "postal_code": PostalCodeReader,
    "region": RegionReader,
    "postal_region": PostalRegionReader,
    "language": LanguageReader,
    "gender": GenderReader,
    "age": AgeReader,
}


# what these make is in its normal form by construction, so there is nothing to settle
_AT_REST: frozenset[Kind] = frozenset({"phone", "date", "birth_date"})


def make_reader(kind: Kind, settings: CleaningSettings) -> Callable[[str], Cleaned]:
    """Return what cleans values of a kind; it remembers words and domains, so one reader serves a whole column."""
    read = _READERS[kind](settings)
    if kind in _AT_REST:
        return read
    return lambda written: settle(read, written)
