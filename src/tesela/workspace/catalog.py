"""The catalogue of a workspace: what is possible with its data, which values its data give, adding to its files."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tesela import segments
from tesela.base import InputError
from tesela.language import named_segments
from tesela.segments import catalogue

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from tesela.workspace.stores import Stores


@dataclass(frozen=True, slots=True)
class Offer:
    """An entry of the catalogue, looked at with a shop's data.

    Attributes:
        entry: The entry.
        missing: Data that it needs and the shop has not.
        values: What stands in the places of its rule, and how it came about.
        segment: What would be added.
        size: How many are in it; None when data are missing, or nobody counted.
    """

    entry: catalogue.Entry
    missing: Sequence[catalogue.Need]
    values: Mapping[str, catalogue.Chosen] = field(default_factory=dict)
    segment: segments.Segment | None = None
    size: segments.SegmentSize | None = None

    @property
    def is_possible(self) -> bool:
        """Whether the shop has the data."""
        return not self.missing


class SegmentCatalog:
    """Segments ready to use, as one workspace can use them.

    Args:
        stores: The open stores.
        moment: Reads a moment as people write it; None is now.
    """

    def __init__(self, stores: Stores, moment: Callable[[str | datetime | None], datetime]) -> None:
        self._stores = stores
        self._moment = moment

    def list(self, *, possible: bool = False, as_of: str | datetime | None = None) -> list[Offer]:
        """Return all entries in the order of their families, with the data that each is wanting.

        Args:
            possible: Leave out what the shop has no data for.
            as_of: Only data from before count: a date or time as a person writes it, or naive UTC; now by default.
        """
        entries = list(catalogue.load_catalogue().entries.values())
        missing = self._missing(entries, self._moment(as_of))
        offers = [Offer(entry, missing[entry.slug]) for entry in entries]
        return [offer for offer in offers if offer.is_possible or not possible]

    def show(
        self, name: str, values: Mapping[str, object] | None = None, as_of: str | datetime | None = None
    ) -> Sequence[Offer]:
        """Return an entry, or all of a family, with the values that the shop's data give, and its size.

        Args:
            name: Short name of an entry, or of a family such as `activity`.
            values: Values for places of the rule, instead of those.
            as_of: The moment of truth, as in `list`.

        Raises:
            NotFoundError: when there is no such entry or family.
            InputError: when a value is wrong, or no entry has such a place.
        """
        entries, moment = catalogue.load_catalogue().find(name), self._moment(as_of)
        catalogue.check_names(entries, values or {})
        missing = self._missing(entries, moment)
        offers = [
            Offer(entry, missing[entry.slug], chosen, segment)
            for entry, chosen, segment in self._chosen(entries, values or {}, moment)
        ]
        sizes = self._sizes([each.segment for each in offers if each.is_possible and each.segment], moment)
        return [
            Offer(each.entry, each.missing, each.values, each.segment, sizes.get(each.entry.slug)) for each in offers
        ]

    def add(
        self,
        *names: str,
        values: Mapping[str, object] | None = None,
        slug: str = "",
        replace: bool = False,
        as_of: str | datetime | None = None,
    ) -> Sequence[catalogue.Added]:
        """Write entries into the workspace's `segments/` folder with the values chosen, and what their rules name.

        Args:
            names: Short names of entries or families.
            values: Values for places of the rules; by default what the shop's data give.
            slug: Short name to give the segment, when it is one.
            replace: Whether a segment that is defined otherwise is overwritten.
            as_of: The moment of the data, as in `list`.

        Raises:
            NotFoundError: when there is no such entry or family.
            InputError: when a value is wrong, or no entry has such a place.
            ConflictError: when a segment is defined otherwise and `replace` is not set.
        """
        found = catalogue.load_catalogue()
        entries = list({entry.slug: entry for name in names for entry in found.find(name)}.values())
        if slug and len(entries) != 1:
            raise InputError("segments.catalogue.one_name_for_many", name=slug, count=len(entries))
        catalogue.check_names(entries, values or {})
        made = [
            entry.segment({name: chosen.value for name, chosen in each.items()}, slug)
            for entry, each, _ in self._chosen(entries, values or {}, self._moment(as_of))
        ]
        folder = self._stores.layout.segments
        known = {each.slug for each in [*segments.load_segments(folder), *made]}
        named = sorted({name for each in made for name in named_segments(each.rule)} - known)
        return catalogue.add_segments(
            folder, [*(found.entries[each].segment() for each in named), *made], replace=replace
        )

    def _missing(self, entries: Sequence[catalogue.Entry], moment: datetime) -> Mapping[str, Sequence[catalogue.Need]]:
        self._stores.refresh()
        engine, zone = self._stores.engine, self._stores.settings.zone
        return catalogue.find_missing(engine, entries, catalogue.load_catalogue(), as_of=moment, zone=zone)

    def _chosen(
        self, entries: Sequence[catalogue.Entry], values: Mapping[str, object], moment: datetime
    ) -> Sequence[tuple[catalogue.Entry, dict[str, catalogue.Chosen], segments.Segment]]:
        self._stores.refresh()
        figures = catalogue.Figures(self._stores.engine, moment)
        found = []
        for entry in entries:
            chosen = catalogue.choose_values(entry, values, figures)
            found.append((entry, chosen, entry.segment({name: each.value for name, each in chosen.items()})))
        return found

    def _sizes(self, asked: Sequence[segments.Segment], moment: datetime) -> Mapping[str, segments.SegmentSize]:
        if not asked:
            return {}
        rules = {entry.slug: entry.segment() for entry in catalogue.load_catalogue().entries.values()}
        own = {each.slug: each for each in asked}
        return segments.count_segments(
            self._stores.engine, rules | own, as_of=moment, zone=self._stores.settings.zone, asked=list(own)
        )
