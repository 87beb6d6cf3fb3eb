"""Questions about sets of members, answered from bitmaps: any combination, overlaps, who came and went.

A publication's members are kept as one roaring bitmap a segment. The bitmaps follow from `memberships`: a file
of them is only a quicker copy, with a checksum, and one that is missing, damaged or of another publication is
made again from the table.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from tesela.base import NotFoundError
from tesela.segments.bitmaps import stays_table
from tesela.segments.combining import combine_sets
from tesela.segments.planning import Planner, Written
from tesela.segments.recorded import Publication, find_publication, read_recorded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path
    from zoneinfo import ZoneInfo

    import pyarrow as pa
    from pyroaring import BitMap64

    from tesela.traits import Trait
    from tesela.warehouse import Engine

_MAGIC = b"tesela sets 1\n"
_BASE = ""
_KEPT = 60


@dataclass(frozen=True, slots=True)
class MemberSets:
    """Who was in each segment when memberships were published, or would have been.

    Attributes:
        publication: Which publication; number 0 where it was computed for a moment, and not published.
        base: Known profiles of the base at its moment.
        members: Profiles by segment.
    """

    publication: Publication
    base: BitMap64
    members: Mapping[str, BitMap64] = field(default_factory=dict)

    @classmethod
    def at(
        cls,
        engine: Engine,
        rules: Mapping[str, Written],
        *,
        as_of: datetime,
        zone: ZoneInfo,
        traits: Mapping[str, Trait] | None = None,
        asked: Sequence[str] | None = None,
    ) -> MemberSets:
        """Compute who is in each segment at a moment, by the rules as they are, publishing nothing.

        Args:
            engine: Where the events and profiles are.
            rules: Rules by slug.
            as_of: The moment of truth, naive UTC.
            zone: The workspace's zone.
            traits: Computed traits that the rules may use.
            asked: Slugs to compute; by default all. The other rules are there to be named by `in segment`.

        Raises:
            InputError, NotFoundError: where a rule cannot be used.
        """
        computed = Planner(engine, rules, zone, traits).compute(as_of, asked)
        return cls(Publication(0, as_of, computed.rows), computed.base, computed.members)

    def stays(self) -> pa.Table:
        """Return rows as of `memberships`, all stays open: segment, profile_id, left_at."""
        import pyarrow as pa

        rows = stays_table(self.members, self.members)
        return rows.append_column("left_at", pa.nulls(rows.num_rows, pa.timestamp("us")))

    def of(self, slug: str) -> BitMap64:
        """Return the members of a segment.

        Raises:
            NotFoundError: when the publication has no such segment.
        """
        if slug not in self.members:
            raise NotFoundError("segments.not_published", segment=slug, known=", ".join(sorted(self.members)))
        return self.members[slug]

    def combine(self, expression: str) -> BitMap64:
        """Return who satisfies a combination of segments; `not` is the rest of the base.

        Args:
            expression: Slugs with `and`, `or`, `xor`, `not`, `at least 2 of (…)` and parentheses.

        Raises:
            InputError: when it cannot be read, or is more than a combination.
            NotFoundError: when the publication has no such segment.
        """
        return combine_sets(expression, self.of, self.base)

    def overlap(self, slugs: Sequence[str]) -> list[list[int]]:
        """Return how many profiles each segment shares with each, in the given order, as rows of a matrix."""
        sets = [self.of(slug) for slug in slugs]
        return [[row.intersection_cardinality(column) for column in sets] for row in sets]


class SetFiles:
    """The bitmaps of the newest publications, one file each.

    Args:
        folder: Where; made at the first saving.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, engine: Engine, at: datetime | None = None) -> MemberSets:
        """Return the sets as they were published last, or last before or at a moment.

        Raises:
            NotFoundError: when nothing was published by then.
        """
        publication = find_publication(engine, at)
        found = self._read(publication)
        if found is None:
            found = MemberSets(publication, *read_recorded(engine, publication))
            self.save(found)
        return found

    def save(self, sets: MemberSets) -> None:
        """Write the sets of a publication, and drop those of the oldest."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._path(sets.publication)
        draft = path.with_suffix(".draft")
        draft.write_bytes(_packed(sets))
        draft.replace(path)
        for old in sorted(self._folder.glob("*.sets"))[:-_KEPT]:
            old.unlink(missing_ok=True)

    def forget(self) -> None:
        """Drop all files, as after a rebuild of the warehouse."""
        for path in self._folder.glob("*.sets"):
            path.unlink(missing_ok=True)

    def _read(self, publication: Publication) -> MemberSets | None:
        path = self._path(publication)
        try:
            stat = path.stat()
            return _read_file(path, (stat.st_ino, stat.st_mtime_ns, stat.st_size), publication)
        except OSError:
            return None

    def _path(self, publication: Publication) -> Path:
        return self._folder / f"{publication.number:09d}.sets"


@lru_cache(maxsize=2)
def _read_file(path: Path, seen: tuple[int, int, int], publication: Publication) -> MemberSets | None:
    """Return the sets of a file as it was seen; they are nobody's to change."""
    del seen
    return _unpacked(path.read_bytes(), publication)


def _packed(sets: MemberSets) -> bytes:
    blobs = {_BASE: sets.base.serialize(), **{slug: each.serialize() for slug, each in sets.members.items()}}
    header = {
        "publication": sets.publication.number,
        "as_of": sets.publication.as_of.isoformat(),
        "moved": [sets.publication.entered, sets.publication.left],
        "lengths": [[slug, len(blob)] for slug, blob in blobs.items()],
    }
    parts = [json.dumps(header).encode() + b"\n", *blobs.values()]
    checksum = hashlib.sha256()
    for part in parts:
        checksum.update(part)
    return b"".join([_MAGIC, checksum.hexdigest().encode(), b"\n", *parts])


def _unpacked(packed: bytes, publication: Publication) -> MemberSets | None:
    """Return the sets of a file; None when it is damaged or of another publication."""
    from pyroaring import BitMap64

    # tens of megabytes: never copied as a whole
    start = len(_MAGIC) + hashlib.sha256().digest_size * 2 + 1
    checksum = hashlib.sha256(memoryview(packed)[start:]).hexdigest().encode()
    if packed[:start] != _MAGIC + checksum + b"\n":
        return None
    end = packed.index(b"\n", start)
    header = json.loads(packed[start:end])
    told = header["publication"], header["as_of"], header["moved"]
    if told != (publication.number, publication.as_of.isoformat(), [publication.entered, publication.left]):
        return None
    found: dict[str, BitMap64] = {}
    start = end + 1
    for slug, length in header["lengths"]:
        found[slug] = BitMap64.deserialize(packed[start : start + length])
        start += length
    return MemberSets(publication, found.pop(_BASE), found)
