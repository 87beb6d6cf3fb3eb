"""Open what scores pairs of people; its library is brought only then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tesela.base import UnavailableError

if TYPE_CHECKING:
    from pathlib import Path

    from tesela.profiles.matching.pairs import PairScorer


def open_scorer(people: Path, scratch: Path, *, memory_limit: str) -> PairScorer:
    """Return what scores the people in a file.

    Args:
        people: What `write_people` wrote.
        scratch: Folder for files in the making.
        memory_limit: How much memory it may use before it spills to disk, such as `1500MB`.

    Raises:
        UnavailableError: when the extra `match` is not installed.
    """
    try:
        from tesela.profiles.matching.linkers.splink import SplinkScorer
    except ModuleNotFoundError as cause:
        raise UnavailableError("profiles.matching.extra_missing", extra="match") from cause
    return SplinkScorer(people, scratch, memory_limit=memory_limit)
