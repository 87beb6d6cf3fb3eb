"""Segments: rules, how many and who satisfies them, and since when."""

from tesela.segments.counting import SegmentSize, count_segments, find_members
from tesela.segments.definitions import (
    load_segments,
    load_starter,
    write_segments,
    write_starter,
)
from tesela.segments.membership import newest_publication, publish_memberships, refresh_memberships
from tesela.segments.planning import plan_rules
from tesela.segments.segment import Segment
from tesela.segments.tables import ALL_TABLES, MEMBERSHIPS, SEGMENT_VERSIONS

__all__ = [
    "ALL_TABLES",
    "MEMBERSHIPS",
    "SEGMENT_VERSIONS",
    "Segment",
    "SegmentSize",
    "count_segments",
    "find_members",
    "load_segments",
    "load_starter",
    "newest_publication",
    "plan_rules",
    "publish_memberships",
    "refresh_memberships",
    "write_segments",
    "write_starter",
]
