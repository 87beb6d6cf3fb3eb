"""The versions of a segment's rule: listed, compared, restored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tesela import segments
from tesela.base import ConflictError, NotFoundError, TeselaError
from tesela.language import parse, say

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from tesela.workspace.segmentation import Segmentation
    from tesela.workspace.stores import Stores


@dataclass(frozen=True, slots=True)
class PastRule:
    """A version of a segment's rule: when it was published, and what it says today.

    Attributes:
        published: The version, since when and until when it was published, and how large the segment was.
        spanish: The rule as a sentence; None when it can no longer be read.
        english: The same.
        is_current: Whether the segment's file says it now.
        problem: Why it cannot be used any more; None when it can.
    """

    published: segments.history.InForce
    spanish: str | None
    english: str | None
    is_current: bool
    problem: TeselaError | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is different between two rules of a segment.

    Attributes:
        before: The rule that is compared with; None when the segment is defined no more.
        after: The version.
        pieces: Their words, piece by piece.
        preview: Who would come and go from the first to the second, as of now; None when one cannot be used any more.
        problem: Why not.
    """

    before: str | None
    after: str
    pieces: Sequence[segments.versions.Piece]
    preview: segments.Preview | None
    problem: TeselaError | None


class SegmentVersions:
    """The versions of segments' rules that were published.

    Args:
        stores: The open stores.
        defined: The segments as they are defined now.
    """

    def __init__(self, stores: Stores, defined: Segmentation) -> None:
        self._stores = stores
        self._defined = defined

    def list(self, segment: str) -> list[PastRule]:
        """Return the versions of a segment, the newest first; one that was restored is told for each stretch of time.

        Raises:
            NotFoundError: when the segment was never published.
        """
        now = self._now().get(segment)
        problems: dict[str, TeselaError | None] = {}
        told = []
        for each in segments.history.list_versions(self._stores.engine, segment):
            if each.fingerprint not in problems:
                problems[each.fingerprint] = self._problem(segment, each.rule)
            spanish, english = _said(each.rule)
            is_current = now is not None and now.fingerprint == each.fingerprint
            told.append(PastRule(each, spanish, english, is_current, problems[each.fingerprint]))
        return told

    def compare(
        self, segment: str, version: str, against: str | None = None, as_of: str | datetime | None = None
    ) -> Comparison:
        """Return what is different in a version, and who would come and go with it.

        Args:
            segment: Slug.
            version: Fingerprint of the version, or its beginning.
            against: Version that it is compared with; by default the rule as it is now.
            as_of: The moment of truth: a date or time as a person writes it, or naive UTC; now by default.

        Raises:
            NotFoundError: when there is no such version, or the segment was never published.
        """
        after, defined = self._find(segment, version).rule, self._now()
        before = defined[segment].when if segment in defined else None
        if against is not None:
            before = self._find(segment, against).rule
        rules: dict[str, segments.Segment | str] = {**defined} if before is None else {**defined, segment: before}
        pieces = segments.versions.compare_rules(before or "", after)
        self._stores.refresh()
        try:
            found = segments.preview_change(
                self._stores.engine,
                rules,
                segment,
                after,
                as_of=self._defined.moment(as_of),
                zone=self._stores.settings.zone,
                traits=self._defined.traits(),
            )
        except TeselaError as problem:
            return Comparison(before, after, pieces, None, problem)
        return Comparison(before, after, pieces, found, None)

    def restore(self, segment: str, version: str) -> segments.catalogue.Added:
        """Write a version's rule into the workspace's files, as any other save: nothing of the history is lost.

        The segment keeps its name and its description. One that was removed is defined again, under its slug alone.

        Args:
            segment: Slug.
            version: Fingerprint of the version, or its beginning.

        Raises:
            NotFoundError: when there is no such version; or it names what there is no more.
            InputError: when the rule cannot be used any more.
            ConflictError: when it is the rule already.
        """
        rule, now = self._find(segment, version), self._now().get(segment)
        if now is not None and now.fingerprint == rule.fingerprint:
            raise ConflictError("workspace.version_is_current", segment=segment, version=rule.fingerprint)
        problem = self._problem(segment, rule.rule)
        if problem is not None:
            raise problem
        name, description = (now.name, now.description) if now else (None, None)
        return self._defined.define(segment, rule.rule, name=name, description=description, replace=True)

    def _now(self) -> dict[str, segments.Segment]:
        return {each.slug: each for each in self._defined.list()}

    def _find(self, segment: str, version: str) -> segments.history.InForce:
        listed = {each.fingerprint: each for each in segments.history.list_versions(self._stores.engine, segment)[::-1]}
        found = [each for fingerprint, each in listed.items() if version and fingerprint.startswith(version)]
        if len(found) != 1:
            known = ", ".join(fingerprint[:8] for fingerprint in reversed(listed))
            raise NotFoundError("workspace.no_such_version", segment=segment, version=version, known=known)
        return found[0]

    def _problem(self, segment: str, rule: str) -> TeselaError | None:
        """Return why a segment cannot have a rule: it names what there is not, or what waits for the segment."""
        rules: dict[str, segments.Segment | str] = {**self._now(), segment: rule}
        try:
            segments.describe_plan(
                self._stores.engine,
                rules,
                as_of=self._defined.moment(None),
                zone=self._stores.settings.zone,
                asked=[segment],
                traits=self._defined.traits(),
            )
        except TeselaError as problem:
            return problem
        return None


def _said(rule: str) -> tuple[str | None, str | None]:
    try:
        tree = parse(rule)
    except TeselaError:
        return None, None
    return say(tree, "es"), say(tree, "en")
