"""Say a rule back in plain Spanish or English, as a sentence that a marketer can check.

The words stand in `sentences.toml`; here is only which of them a node takes. A negative comparison says that the
value must be there, because that is what it means; the prefix `not` says that it need not be.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from tesela.language import nodes
from tesela.language.nesting import allow_nesting
from tesela.language.notations.wording import Wording
from tesela.language.walking import walk

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from decimal import Decimal

    from tesela.base import Language
    from tesela.language.nodes import Node, Rule

_SIGNS = {"+": "+", "-": "−", "*": "×", "/": "÷"}
_TESTS = {"contains": "contains", "starts with": "starts", "ends with": "ends", "matches": "matches"}
# Values that everyone has: zero over nothing.
_NEVER_MISSING = ("count", "sum", "distinct")
_COMPOUND = (nodes.And, nodes.Or, nodes.Xor, nodes.OfThese, nodes.Sequence, nodes.Held)


def say(rule: Rule, language: Language) -> str:
    """Return a rule as one sentence.

    Example:
        >>> from tesela.language import parse
        >>> say(parse("count(order_completed in last 30 days) >= 2"), "en")
        'Each person: has at least 2 orders in the last 30 days.'
    """
    wording = Wording(language)
    everyone = wording.word("conditions", "everyone") if rule.everyone else ""
    return f"{wording.word('conditions', 'person')}{say_condition(rule, language)}{everyone}."


def say_condition(rule: Rule, language: Language) -> str:
    """Return what a rule asks of a person, as a part of a sentence.

    Example:
        >>> from tesela.language import parse
        >>> say_condition(parse("not did order_completed in last 30 days"), "es")
        'no hizo ningún pedido en los últimos 30 días'
    """
    allow_nesting()
    told = _Sayer(language).condition(rule.body)
    return told.replace(" de el ", " del ").replace(" a el ", " al ") if language == "es" else told


def say_so_many(rule: Rule, number: Decimal, language: Language) -> str:
    """Return so many of the events that a rule is about first.

    Example:
        >>> from decimal import Decimal
        >>> from tesela.language import parse
        >>> say_so_many(parse("count(order_completed) >= 2"), Decimal(1), "en")
        '1 order'
    """
    wording = Wording(language)
    name = next((node.name for node in walk(rule) if isinstance(node, nodes.Events)), None)
    return f"{wording.number(number)} {wording.event(name)['one' if number == 1 else 'many']}"


class _Sayer(Wording):
    # --- conditions ---------------------------------------------------------------------------------------

    def condition(self, node: Node) -> str:
        told = self._conditions.get(type(node))
        if told is not None:
            return told(self, node)
        if isinstance(node, nodes.Truth):
            return self._said("always" if node.value else "nobody")
        return self._said("value", a=self.value(node))

    def _said(self, key: str, **parts: object) -> str:
        return self.word("conditions", key, **parts)

    def _joined(self, node: nodes.And | nodes.Or) -> str:
        missing = _or_missing(node)
        if missing is not None:
            return (self._opposite(_turned(missing)) or self.condition(missing)) + self._said("or_missing")
        word = self._said("and" if isinstance(node, nodes.And) else "or")
        return word.join(self._grouped(item) for item in node.items)

    def _grouped(self, node: Node) -> str:
        """Put what is itself made of several conditions in parentheses: a sentence has no other brackets."""
        told = self.condition(node)
        inner = node.item if isinstance(node, nodes.Not) else node
        is_compound = isinstance(inner, _COMPOUND) and not (isinstance(inner, nodes.Or) and _or_missing(inner))
        return f"({told})" if is_compound else told

    def _items(self, items: Sequence[Node]) -> str:
        return "; ".join(self._grouped(item) for item in items)

    def _of_these(self, node: nodes.OfThese) -> str:
        items = self._items(node.items)
        if node.minimum == node.maximum:
            return self._said("exactly", n=node.minimum, items=items)
        key, n = ("at_most", node.maximum) if node.minimum is None else ("at_least", node.minimum)
        return self._said(key, n=n, items=items)

    # --- not ----------------------------------------------------------------------------------------------

    def _not(self, node: nodes.Not) -> str:
        inner = node.item
        if isinstance(inner, nodes.Not):
            return self.condition(inner.item)
        if isinstance(inner, nodes.And | nodes.Or) and _or_missing(inner) is None:
            return self._said(
                "not_all" if isinstance(inner, nodes.And) else "none_hold", items=self._items(inner.items)
            )
        told = self._opposite(inner)
        if told is None:
            return self._said("not", a=self._grouped(inner))
        return told + (self._said("or_missing") if _may_be_missing(inner) else "")

    def _opposite(self, node: Node) -> str | None:
        """Return what does not hold where a condition does, said plainly; None when there is no plain way."""
        if isinstance(node, nodes.Did):
            return self._did(replace(node, never=not node.never))
        if isinstance(node, nodes.Presence):
            return self._presence(replace(node, is_set=not node.is_set))
        if isinstance(node, nodes.Comparison) and not isinstance(node.left, nodes.TimeSince):
            return self._compared(node, "_not")
        if isinstance(node, nodes.Between | nodes.OneOf | nodes.TextTest) and not _is_of_time_since(node):
            turned = replace(node, negated=False) if node.negated else None
            return self.condition(turned) if turned else self._plainly_not(node)
        if isinstance(node, nodes.Stay):
            return self._stay(node, "_not")
        if isinstance(node, nodes.Top):
            return self._top(node, "_not")
        if isinstance(node, nodes.Within):
            return self._within(node, "_not")
        told = self._nots.get(type(node))
        return told(self, node, "_not") if told else None

    def _plainly_not(self, node: nodes.Between | nodes.OneOf | nodes.TextTest) -> str:
        value = self.value(node.value)
        if isinstance(node, nodes.Between):
            return self._said("outside", a=value, low=self.value(node.low), high=self.value(node.high))
        if isinstance(node, nodes.OneOf):
            return self._said("no_one_of", a=value, items=self.listed(self._one_of_items(node), "nor"))
        return self._said(f"no_{_TESTS[node.kind]}", a=value, b=self.quoted(node.needle)) + self._letters(node)

    # --- tests --------------------------------------------------------------------------------------------

    def _did(self, node: nodes.Did) -> str:
        return self.event(node.events.name)["never" if node.never else "did"] + self._modifiers(node.events)

    def _comparison(self, node: nodes.Comparison) -> str:
        if isinstance(node.left, nodes.TimeSince):
            told = self.length(cast("nodes.Duration", node.right))
            return self.word("since", node.operator, a=self.value(node.left.value), d=told)
        return self._compared(node)

    def _compared(self, node: nodes.Comparison, suffix: str = "") -> str:
        left, right = node.left, node.right
        if isinstance(left, nodes.Aggregate) and left.function == "count" and isinstance(right, nodes.Number):
            many = self._many(left.events, "one" if right.value == 1 else "many")
            return self.word(f"count{suffix}", node.operator, n=self.number(right.value), many=many)
        if isinstance(right, nodes.Truth) and node.operator in ("=", "!="):
            holds = right.value == ((node.operator == "=") == (suffix == ""))
            name = left.parts[-1] if isinstance(left, nodes.Name) else ""
            return self.fact(name, self.value(left), holds)
        table = "compare_time" if isinstance(right, nodes.Moment) or _is_event_time(left) else "compare"
        return self.word(f"{table}{suffix}", node.operator, a=self.value(left), b=self._beside(right, left))

    def _beside(self, node: Node, other: Node) -> str:
        """Return a value beside the one that it is compared with."""
        if isinstance(node, nodes.Text):
            return self._text(node.value, other)
        is_share = isinstance(other, nodes.Aggregate) and other.function == "share"
        if isinstance(node, nodes.Number) and is_share:
            return self.percent(node.value)
        return self.value(node)

    def _text(self, text: str, field: Node) -> str:
        is_day = isinstance(field, nodes.Name) and field.parts[-1] == "weekday"
        return self.weekday(text) if is_day else self.quoted(text)

    def _between(self, node: nodes.Between) -> str:
        if isinstance(node.value, nodes.TimeSince):
            low, high = cast("nodes.Duration", node.low), cast("nodes.Duration", node.high)
            near = self.number(low.count) if low.unit == high.unit else self.length(low)
            window = self.word("windows", "ago", near=near, far=self.length(high))
            told = self._said("event_within", a=self.value(node.value.value), window=window)
            return self._said("not", a=told) if node.negated else told
        key = "not_between" if node.negated else "between"
        ends = {"low": self._beside(node.low, node.value), "high": self._beside(node.high, node.value)}
        return self._said(key, a=self.value(node.value), **ends)

    def _one_of(self, node: nodes.OneOf) -> str:
        items = self._one_of_items(node)
        if node.negated:
            return self._said("none_of", a=self.value(node.value), items=self.listed(items, "nor"))
        return self._said("one_of", a=self.value(node.value), items=self.listed(items, "or"))

    def _one_of_items(self, node: nodes.OneOf) -> list[str]:
        written: list[Node] = [*node.items, *map(nodes.Text, node.texts), *map(nodes.Number, node.numbers)]
        return [self._beside(each, node.value) for each in written]

    def _presence(self, node: nodes.Presence) -> str:
        return self._said("set" if node.is_set else "missing", a=self.value(node.value))

    def _text_test(self, node: nodes.TextTest) -> str:
        key = ("not_" if node.negated else "") + _TESTS[node.kind]
        return self._said(key, a=self.value(node.value), b=self.quoted(node.needle)) + self._letters(node)

    def _letters(self, node: nodes.TextTest | nodes.ListTest) -> str:
        return self._said("exactly_so") if node.exactly else ""

    def _list_test(self, node: nodes.ListTest) -> str:
        value = self.value(node.value)
        if node.kind is None:
            word = {"any": "or", "all": "and", "none": "nor"}[node.quantifier]
            items = self.listed([self.quoted(item) for item in node.items], word)
            return self._said(f"has_{node.quantifier}", a=value, items=items)
        item = self._said(f"{node.quantifier}_item", a=value)
        return self._said(_TESTS[node.kind], a=item, b=self.quoted(node.needle)) + self._letters(node)

    def _geo_test(self, node: nodes.GeoTest) -> str:
        points = [f"({self.number(latitude)}; {self.number(longitude)})" for latitude, longitude in node.points]
        if node.kind == "near":
            return self._said("near", a=self.value(node.value), km=self.number(node.kilometres), point=points[0])
        return self._said("inside", a=self.value(node.value), points=", ".join(points))

    def _within(self, node: nodes.Within, suffix: str = "") -> str:
        key = "event_within" if _is_event_time(node.value) else "within"
        return self._said(f"{key}{suffix}", a=self.value(node.value), window=self.window(node.window).strip())

    def _coming(self, days: int) -> str:
        return self.window(nodes.Rolling(days, "day", forward=True)).strip()

    def _birthday(self, node: nodes.Birthday, suffix: str = "") -> str:
        return self._said(f"birthday{suffix}", window=self._coming(node.days))

    def _related(self, node: nodes.Related) -> str:
        events = node.events
        if events.where is None:
            return self._said("none_at_all" if node.quantifier == "none" else "any_at_all", many=self._many(events))
        many = self._many(replace(events, where=None))
        words = {**self.event(events.name), "many": many, "where": self.condition(events.where)}
        return self._said(node.quantifier, **words)

    # --- sequences and rhythm -----------------------------------------------------------------------------

    def _sequence(self, node: nodes.Sequence) -> str:
        told = self._happened(node.steps[0])
        then = "then_apart" if any(step.negated for step in node.steps) else "then"
        for number, step in enumerate(node.steps[1:], 2):
            told += self._step(step, then, is_last=number == len(node.steps))
        window = self.window(node.window)
        is_one = len(node.steps) == 1
        return told + (window if is_one or not window else self._said("steps_when", window=window.strip()))

    def _happened(self, node: nodes.Step) -> str:
        words = self.event(node.events.name)
        told = words["never" if node.negated else "did"] + self._modifiers(node.events)
        fields = [self.same(self.value(each)) for each in node.same]
        return told + (self._said("step_same", fields=self.listed(fields, "and")) if fields else "")

    def _step(self, node: nodes.Step, then: str, *, is_last: bool) -> str:
        told, within = self._happened(node), node.within
        if not node.negated:
            return self._said(then, did=told) + (self._following("step_within", within) if within else "")
        if within:
            return self._following("then_not", within, never=told)
        return self._said("ever_since_not" if is_last else "meanwhile_not", never=told)

    def _following(self, key: str, within: nodes.Duration, **parts: object) -> str:
        key += "_one" if within.count == 1 else ""
        return self.time("conditions", key, within.unit, length=self.length(within), **parts)

    def _regularly(self, node: nodes.Regularly) -> str:
        periods = self.window(node.periods).strip()
        for word in ("in ", "en "):
            periods = periods.removeprefix(word)
        return self._said("regularly", many=self._many(node.events), n=node.at_least, periods=periods)

    def _paused(self, key: str) -> Callable[[Any], str]:
        def told(node: nodes.Stopped | nodes.Resumed) -> str:
            window = self.window(nodes.Rolling(node.duration.count, node.duration.unit)).strip()
            words = {**self.event(node.events.name), "many": self._many(node.events), "window": window}
            return self._said(key, **words)

        return told

    # --- the profile --------------------------------------------------------------------------------------

    def _top(self, node: nodes.Top, suffix: str = "") -> str:
        share, among = self.percent(node.share), self._peers(node)
        return self._said(f"top{suffix}", share=share, a=self.value(node.value), among=among)

    def _stay(self, node: nodes.Stay, suffix: str = "") -> str:
        return self._said(node.word.replace(" ", "_") + suffix, slug=node.slug, window=self.window(node.window))

    def _in_segment(self, node: nodes.InSegment, suffix: str = "") -> str:
        return self._said(f"in_segment{suffix}", slug=node.slug)

    def _can_receive(self, node: nodes.CanReceive, suffix: str = "") -> str:
        return self._said(f"can_receive{suffix}", channel=self.channel(node.channel), purpose=node.purpose)

    def _sample(self, node: nodes.Sample, suffix: str = "") -> str:
        return self._said(f"sample{suffix}", share=self.percent(node.share), salt=node.salt)

    def _changed(self, node: nodes.Changed, suffix: str = "") -> str:
        return self._said(f"changed{suffix}", field=self.value(node.field), window=self.window(node.window))

    # --- values -------------------------------------------------------------------------------------------

    def value(self, node: Node) -> str:
        told = self._values.get(type(node))
        return told(self, node) if told is not None else f"({self.condition(node)})"

    def _aggregate(self, node: nodes.Aggregate, **whose: str) -> str:
        events, key = node.events, str(node.function)
        if key == "share":
            return self._share(events)
        field = node.by or events.value
        told = self.value(field) if field is not None else ""
        if key in ("sum", "avg") and isinstance(field, nodes.Name) and field.parts == ("amount",):
            key += "_amount"
        words = {**self.event(events.name), "many": self._many(events), "one": self._many(events, "one")}
        return self.word("values", key, **{**words, **whose}, field=told, same=self.same(told))

    def _share(self, events: nodes.Events) -> str:
        key = "share" if events.value is None else "share_of"
        field = self.value(events.value) if events.value is not None else ""
        where = self.condition(events.where) if events.where else ""
        words = {**self.event(events.name), "many": self._many(replace(events, where=None))}
        return self.word("values", key, **words, field=field, where=where)

    def _value_at(self, node: nodes.ValueAt) -> str:
        words = {**self.event(node.events.name), "one": self._many(node.events, "one")}
        return self.word("values", f"{node.which}_at", field=self.value(node.value), **words)

    def _name(self, node: nodes.Name) -> str:
        first, *rest = node.parts
        if first in ("product", "local") and rest:
            return self.word("values", first, field=self.field(rest[0]))
        if first == "properties" and rest:
            return self.field(".".join(rest))
        return self.field(".".join(node.parts))

    def _consent(self, node: nodes.Consent) -> str:
        key = "consent" if node.part == "status" else f"consent_{node.part}"
        return self.word("values", key, channel=self.channel(node.channel), purpose=node.purpose)

    def _population(self, node: nodes.PopulationValue) -> str:
        function = self.word("folds", node.function, value=self.value(node.value))
        where = self._said("of_whom", where=self.condition(node.where)) if node.where else ""
        per = self._said("per_fold", same=self.same(self.value(node.per))) if node.per else ""
        return self.word("values", "population", function=function, where=where, per=per)

    def _store(self, node: nodes.StoreValue) -> str:
        of_all = nodes.Aggregate(cast("nodes.AggregateFunction", node.function), node.events)
        return self.word("values", "store", value=self._aggregate(of_all, sus=self._los(node.events), their="the"))

    def _los(self, events: nodes.Events) -> str:
        return self.event(events.name)["los"]

    def _standing(self, key: str) -> Callable[[Any], str]:
        return lambda node: self.word("values", key, value=self.value(node.value), among=self._peers(node))

    def _peers(self, node: Any) -> str:
        peers = [self._said("peers_per", same=self.same(self.value(node.per)))] if node.per else []
        peers += [self._said("peers_among", where=self.condition(node.among))] if node.among else []
        return self._said("peers", peers=self._said("and").join(peers)) if peers else ""

    # --- events -------------------------------------------------------------------------------------------

    def _many(self, events: nodes.Events, key: str = "many") -> str:
        return self.event(events.name)[key] + self._modifiers(events)

    def _modifiers(self, events: nodes.Events) -> str:
        told = self._said("where", where=self.condition(events.where)) if events.where else ""
        told += self.window(events.window)
        if events.since is None:
            return told
        return f"{told} {self.word('windows', 'since', since=self.value(events.since))}"

    _conditions: dict[type[Node], Callable[[_Sayer, Any], str]] = {  # noqa: RUF012
        nodes.And: _joined,
        nodes.Or: _joined,
        nodes.Xor: lambda self, node: self._said("xor", a=self._grouped(node.left), b=self._grouped(node.right)),
        nodes.Not: _not,
        nodes.OfThese: _of_these,
        nodes.Did: _did,
        nodes.Comparison: _comparison,
        nodes.Between: _between,
        nodes.OneOf: _one_of,
        nodes.Presence: _presence,
        nodes.TextTest: _text_test,
        nodes.ListTest: _list_test,
        nodes.GeoTest: _geo_test,
        nodes.Related: _related,
        nodes.Sequence: _sequence,
        nodes.Regularly: _regularly,
        nodes.Top: _top,
        nodes.Stay: _stay,
        nodes.Stopped: lambda self, node: self._paused("stopped")(node),
        nodes.Resumed: lambda self, node: self._paused("resumed")(node),
        nodes.Within: _within,
        nodes.Birthday: _birthday,
        nodes.Anniversary: lambda self, node: self._said(
            "anniversary", a=self.value(node.value), window=self._coming(node.days)
        ),
        nodes.InSegment: _in_segment,
        nodes.InFor: lambda self, node: self._said("in_for", slug=node.slug, length=self.length(node.duration)),
        nodes.CanReceive: _can_receive,
        nodes.Sample: _sample,
        nodes.Changed: _changed,
        nodes.Held: lambda self, node: self._said(
            "held", a=self._grouped(node.condition), length=self.length(node.duration)
        ),
    }
    _nots: dict[type[Node], Callable[[_Sayer, Any, str], str]] = {  # noqa: RUF012
        nodes.Birthday: _birthday,
        nodes.InSegment: _in_segment,
        nodes.CanReceive: _can_receive,
        nodes.Sample: _sample,
        nodes.Changed: _changed,
    }
    _values: dict[type[Node], Callable[[_Sayer, Any], str]] = {  # noqa: RUF012
        nodes.Number: lambda self, node: self.number(node.value),
        nodes.Text: lambda self, node: self.quoted(node.value),
        nodes.Truth: lambda self, node: self.truth(node.value),
        nodes.Moment: Wording.the_moment,
        nodes.Duration: Wording.length,
        nodes.Name: _name,
        nodes.Aggregate: _aggregate,
        nodes.ValueAt: _value_at,
        nodes.Revenue: lambda self, node: self.word("values", "revenue", window=self.window(node.window)),
        nodes.TimeSince: lambda self, node: self.value(node.value),
        nodes.PreviousValue: lambda self, node: self.word("values", "previous", field=self.value(node.field)),
        nodes.Consent: _consent,
        nodes.Length: lambda self, node: self.word("values", "length", value=self.value(node.value)),
        nodes.Arithmetic: lambda self, node: (
            f"{self.value(node.left)} {_SIGNS[node.operator]} {self.value(node.right)}"
        ),
        nodes.If: lambda self, node: self.word(
            "values",
            "if",
            where=self.condition(node.condition),
            then=self.value(node.then),
            otherwise=self.value(node.otherwise),
        ),
        nodes.Extreme: lambda self, node: self.word(
            "values", node.function, items=self.listed([self.value(each) for each in node.values], "and")
        ),
        nodes.StoreValue: _store,
        nodes.PopulationValue: _population,
        nodes.Percentile: lambda self, node: self._standing("percentile")(node),
        nodes.Decile: lambda self, node: self._standing("decile")(node),
        nodes.Rank: lambda self, node: self._standing("rank")(node),
    }


def _or_missing(node: nodes.And | nodes.Or) -> Node | None:
    """Return the comparison of `x != 1 or missing`, which is told as one thing."""
    if not isinstance(node, nodes.Or) or len(node.items) != 2:
        return None
    test, missing = node.items
    if not isinstance(missing, nodes.Presence) or missing.is_set:
        return None
    side = getattr(test, "left", None) or getattr(test, "value", None)
    return test if side == missing.value else None


_COMPLEMENTS: dict[nodes.ComparisonOperator, nodes.ComparisonOperator] = {"!=": "="}


def _turned(node: Node) -> Node:
    """Return the positive test that a negative one denies; for any other test something that has no opposite."""
    if isinstance(node, nodes.Comparison) and node.operator in _COMPLEMENTS:
        return replace(node, operator=_COMPLEMENTS[node.operator])
    if isinstance(node, nodes.Between | nodes.OneOf | nodes.TextTest) and node.negated:
        return replace(node, negated=False)
    return nodes.Truth(True)


def _may_be_missing(node: Node) -> bool:
    """Tell a test whose value may be missing: denied with `not`, it holds there too."""
    if isinstance(node, nodes.Presence):
        return False
    value = getattr(node, "left", None) or getattr(node, "value", None)
    if isinstance(value, nodes.Aggregate):
        return value.function not in _NEVER_MISSING
    return value is not None and not isinstance(value, nodes.Revenue) and not isinstance(node, nodes.Top)


def _is_event_time(node: Node) -> bool:
    return isinstance(node, nodes.Aggregate) and node.function in ("first", "last")


def _is_of_time_since(node: nodes.Between | nodes.OneOf | nodes.TextTest) -> bool:
    return isinstance(node.value, nodes.TimeSince)
