"""Segments: rules, how many and who satisfies them, and since when."""

from tesela.segments.counting import SegmentSize, count_segments, find_members
from tesela.segments.definitions import (
    load_segments,
    load_starter,
    write_segments,
    write_starter,
)
from tesela.segments.explaining import Condition, ExplainedValue, Explanation, explain_membership, find_profile
from tesela.segments.membership import publish_memberships
from tesela.segments.planning import plan_rules
from tesela.segments.recorded import Publication, list_publications, newest_publication
from tesela.segments.segment import Segment
from tesela.segments.sets import MemberSets, SetFiles
from tesela.segments.tables import ALL_TABLES, MEMBERSHIPS, SEGMENT_VERSIONS

__all__ = [
    "ALL_TABLES",
    "MEMBERSHIPS",
    "SEGMENT_VERSIONS",
    "Condition",
    "ExplainedValue",
    "Explanation",
    "MemberSets",
    "Publication",
    "Segment",
    "SegmentSize",
    "SetFiles",
    "count_segments",
    "explain_membership",
    "find_members",
    "find_profile",
    "list_publications",
    "load_segments",
    "load_starter",
    "newest_publication",
    "plan_rules",
    "publish_memberships",
    "write_segments",
    "write_starter",
]
