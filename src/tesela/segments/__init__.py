"""Segments: rules, and who satisfies them."""

from tesela.segments.tables import MEMBERSHIPS

__all__ = ["MEMBERSHIPS"]
