"""Segments: rules, how many and who satisfies them, and since when."""

from tesela.segments import catalogue, discovery, history, listing, together, versions
from tesela.segments.counting import SegmentSize, count_segments, find_members
from tesela.segments.definitions import load_segments
from tesela.segments.describing import PlanSummary, describe_plan
from tesela.segments.explaining import Condition, Explanation, explain_membership, find_profile
from tesela.segments.history import find_recorded_members
from tesela.segments.membership import publish_memberships
from tesela.segments.preview import Preview, preview_change
from tesela.segments.reach import Waterfall, find_reach
from tesela.segments.recorded import list_publications
from tesela.segments.segment import Segment
from tesela.segments.sets import MemberSets, SetFiles
from tesela.segments.standing import Standing, find_standing
from tesela.segments.tables import ALL_TABLES, MEMBERSHIPS

__all__ = [
    "ALL_TABLES",
    "MEMBERSHIPS",
    "Condition",
    "Explanation",
    "MemberSets",
    "PlanSummary",
    "Preview",
    "Segment",
    "SegmentSize",
    "SetFiles",
    "Standing",
    "Waterfall",
    "catalogue",
    "count_segments",
    "describe_plan",
    "discovery",
    "explain_membership",
    "find_members",
    "find_profile",
    "find_reach",
    "find_recorded_members",
    "find_standing",
    "history",
    "list_publications",
    "listing",
    "load_segments",
    "preview_change",
    "publish_memberships",
    "together",
    "versions",
]
