"""Segments of a workspace: count, list members, and the definitions kept in its folder."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tesela import segments
from tesela.base import ConflictError, Language, NotFoundError, parse_moment
from tesela.language import from_json, named_segments, parse, read_vocabulary, say, to_json, write_text
from tesela.traits import STORED_TRAITS, Trait, lifecycle, load_traits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    import pyarrow as pa

    from tesela.base import Clock
    from tesela.workspace.stores import Stores


@dataclass(frozen=True, slots=True)
class RuleInWords:
    """A rule in every notation.

    Attributes:
        text: As people write it.
        spanish: As a sentence.
        english: As a sentence.
        json: As programs read it.
    """

    text: str
    spanish: str
    english: str
    json: dict[str, Any]


# No segment can be called so.
_ASKED = "?"


class Segmentation:
    """Answers questions about segments; behind Python, the command line and the page alike.

    Args:
        stores: The open stores.
        clock: Tells the present, when no `as_of` is given.
    """

    def __init__(self, stores: Stores, clock: Clock) -> None:
        self._stores = stores
        self._clock = clock

    def list(self) -> list[segments.Segment]:
        """Return the segments defined in the workspace's `segments/` folder, in order.

        Raises:
            InputError: when a definition makes no sense, naming the file and the place.
        """
        return segments.load_segments(self._stores.layout.segments)

    def traits(self) -> dict[str, Trait]:
        """Return the computed traits by slug: those defined in the workspace's `traits/` folder, and the lifecycle.

        Raises:
            InputError: when a definition makes no sense, naming the file and the place.
        """
        stage = lifecycle.stage_trait(self._stores.rhythm())
        return {**load_traits(self._stores.layout.traits), stage.slug: stage}

    def count(self, rule: str, as_of: str | datetime | None = None) -> segments.SegmentSize:
        """Return how many profiles of the base satisfy a rule.

        Args:
            rule: An expression of the segment language, or the slug of a defined segment.
            as_of: The moment of truth: a date or time as a person writes it, or naive UTC; now by default.

        Returns:
            A whole number that also knows `base`, `anonymous` and `as_of`.

        Raises:
            InputError: when the rule makes no sense, with the position.
        """
        self._stores.refresh()
        moment = self.moment(as_of)
        return segments.count_segments(
            self._stores.engine,
            self._rules(rule),
            as_of=moment,
            zone=self._stores.settings.zone,
            asked=[_ASKED],
            traits=self.traits(),
        )[_ASKED]

    def stop_asking(self, thread: int) -> None:
        """Stop what a thread asks, whoever asks; it gets a ConflictError. What it changes is done to its end."""
        self._stores.engine.interrupt(thread, spares_writes=True)

    def stop(self, thread: int) -> None:
        """Stop whatever a thread does, changes included; it gets a ConflictError, and nothing is changed by halves."""
        self._stores.engine.interrupt(thread)

    def reach(
        self, rule: str, channel: str, purpose: str = "marketing", as_of: str | datetime | None = None
    ) -> segments.Waterfall:
        """Return how many who satisfy a rule may be written to, and why the others may not.

        Args:
            rule: An expression of the segment language, or the slug of a defined segment.
            channel: email, sms, web_push, whatsapp, post, phone or onsite.
            purpose: What for.
            as_of: The moment of truth, as in `count`.

        Raises:
            NotFoundError: when there is no such channel.
            InputError: when the rule makes no sense, with the position.
        """
        self._stores.refresh()
        return segments.find_reach(
            self._stores.engine,
            self._rules(rule),
            _ASKED,
            channel,
            purpose,
            as_of=self.moment(as_of),
            zone=self._stores.settings.zone,
            traits=self.traits(),
        )

    def members(
        self,
        rule: str,
        as_of: str | datetime | None = None,
        *,
        reachable: str | None = None,
        purpose: str = "marketing",
    ) -> pa.Table:
        """Return who of the base satisfies a rule, with their identifiers: personal data.

        Args:
            rule: An expression of the segment language, or the slug of a defined segment.
            as_of: The moment of truth, as in `count`.
            reachable: A channel: only who may be written to by it; by default everybody, whatever they allow.
            purpose: What they would be written to for.

        Returns:
            Rows of profile_id, customer_id, email, ordered by profile_id.
        """
        self._stores.refresh()
        return segments.find_members(
            self._stores.engine,
            self._rules(rule),
            _ASKED,
            as_of=self.moment(as_of),
            zone=self._stores.settings.zone,
            traits=self.traits(),
            reachable=None if reachable is None else (reachable, purpose),
        )

    def discover(
        self,
        group: str,
        as_of: str | datetime | None = None,
        *,
        more: Sequence[str] = (),
        own: bool = False,
        most: int = segments.discovery.MOST_CONDITIONS,
        least: int | None = None,
        limit: int = 10,
    ) -> segments.discovery.Discovery:
        """Return the rules that describe a group: found in one half of the base, verified in the other.

        Args:
            group: Slug of a defined segment, or an expression of the segment language; such as
                `none of (in segment a, in segment b)` for who is in none.
            as_of: The moment of truth, as in `count`.
            more: Conditions of one's own to choose from beside those that the shop's data give.
            own: Whether conditions about what the group's own rule asks count too.
            most: How many conditions a rule may have.
            least: How many of the base must satisfy a rule; by default one in a hundred, and 20 at least.
            limit: How many rules to return at most.

        Raises:
            InputError: when the group is too small or too large, or a rule makes no sense.
        """
        self._stores.refresh()
        return segments.discovery.discover_rules(
            self._stores.engine,
            self._rules(group),
            _ASKED,
            as_of=self.moment(as_of),
            zone=self._stores.settings.zone,
            traits=self.traits(),
            more=more,
            own=own,
            most=most,
            least=least,
            limit=limit,
        )

    def find(self, slug: str) -> segments.Segment:
        """Return a defined segment.

        Raises:
            NotFoundError: when there is none of that name, with the known ones.
        """
        defined = {each.slug: each for each in self.list()}
        if slug not in defined:
            raise NotFoundError("segments.not_defined", segment=slug, known=", ".join(defined))
        return defined[slug]

    def remove(self, slug: str) -> None:
        """Take a segment's definition out of the workspace's files; what was published of it stays.

        Raises:
            NotFoundError: when there is none of that name.
            ConflictError: when others name it.
        """
        self.find(slug)
        others = [each.slug for each in self.list() if slug in named_segments(each.rule) and each.slug != slug]
        if others:
            raise ConflictError("workspace.segment_is_named", segment=slug, others=", ".join(others))
        if segments.catalogue.remove_segment(self._stores.layout.segments, slug) is None:
            raise NotFoundError("workspace.segment_not_in_files", segment=slug)

    def define(
        self,
        slug: str,
        rule: str,
        *,
        name: Mapping[Language, str] | None = None,
        description: Mapping[Language, str] | None = None,
        replace: bool = False,
    ) -> segments.catalogue.Added:
        """Write a segment into the workspace's `segments/` folder, into a file of its own when it is new.

        Args:
            slug: Short name.
            rule: An expression of the segment language.
            name: What it is called, by language.
            description: Who is in it, by language.
            replace: Whether a segment that is defined otherwise is overwritten.

        Raises:
            InputError: when the name or the rule makes no sense, or the segment would wait for itself.
            ConflictError: when it is defined otherwise and `replace` is not set.
        """
        self.say(rule)
        made = segments.Segment(slug, rule, dict(name or {}), dict(description or {}))
        stores = self._stores
        # among the others it must mean something, too: they may name it
        segments.describe_plan(
            stores.engine,
            {**{each.slug: each for each in self.list()}, slug: made},
            as_of=self.moment(None),
            zone=stores.settings.zone,
            asked=[slug],
            traits=self.traits(),
        )
        return segments.catalogue.add_segments(self._stores.layout.segments, [made], replace=replace)[0]

    def say(self, segment: str) -> RuleInWords:
        """Return a rule in every notation.

        Args:
            segment: Slug of a defined segment, or an expression of the segment language.

        Raises:
            InputError: when the rule makes no sense, with the position.
            NotFoundError: when it names what does not exist.
        """
        rules, stores = self._rules(segment), self._stores
        # what is said must mean something: the names are looked up as for counting
        segments.describe_plan(
            stores.engine,
            rules,
            as_of=self.moment(None),
            zone=stores.settings.zone,
            asked=[_ASKED],
            traits=self.traits(),
        )
        rule = parse(rules[_ASKED])
        return RuleInWords(write_text(rule), say(rule, "es"), say(rule, "en"), to_json(rule))

    def write(self, tree: dict[str, Any]) -> str:
        """Return the text of a rule that is told as JSON.

        Raises:
            InputError: when it is no rule.
        """
        return write_text(from_json(tree))

    def names(self) -> dict[str, Sequence[str]]:
        """Return what rules may name: `events`, `fields`, `segments`, `traits`, and `words` of the language."""
        self._stores.refresh()
        own = read_vocabulary(self._stores.engine, [], {}, STORED_TRAITS, everything=True)
        listed = replace(own, segments=[each.slug for each in self.list()], traits=dict.fromkeys(self.traits(), ""))
        return dict(listed.names())

    def explain(self, profile: str | int, segment: str, as_of: str | datetime | None = None) -> segments.Explanation:
        """Return why someone is in a segment or not, with the very events, and when that will turn by itself.

        Args:
            profile: E-mail, phone, customer id, loyalty card, or the profile's number (as text with a # before it).
            segment: Slug of a defined segment, or an expression of the segment language.
            as_of: The moment of truth, as in `count`.

        Raises:
            NotFoundError: when nobody is known so, or had not been seen yet.
            InputError: when the rule makes no sense, with the position.
        """
        self._stores.refresh()
        engine, moment = self._stores.engine, self.moment(as_of)
        number = profile if isinstance(profile, int) else segments.find_profile(engine, profile)
        rules: dict[str, str] = self._rules(segment)
        found = segments.explain_membership(
            engine, rules, _ASKED, number, as_of=moment, zone=self._stores.settings.zone, traits=self.traits()
        )
        return replace(found, segment=segment)

    def moment(self, as_of: str | datetime | None) -> datetime:
        """Return the UTC moment meant; text is read in the workspace's zone."""
        if as_of is None:
            return self._clock.now()
        return parse_moment(as_of, self._stores.settings.zone) if isinstance(as_of, str) else as_of

    def _rules(self, rule: str) -> dict[str, str]:
        defined = {segment.slug: segment.when for segment in self.list()}
        return {**defined, _ASKED: defined.get(rule.strip(), rule)}
