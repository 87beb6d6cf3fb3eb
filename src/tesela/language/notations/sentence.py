"""Say a rule back in plain Spanish or English, as a sentence that a marketer can check.

The words stand in `sentences.toml`; here is only which of them a node takes. A negative comparison says that the
value must be there, because that is what it means.
"""

from __future__ import annotations

import tomllib
from datetime import datetime
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, cast

from tesela.language import nodes
from tesela.language.nesting import allow_nesting

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from tesela.base import Language
    from tesela.language.nodes import Node, Rule

_SIGNS = {"+": "+", "-": "−", "*": "×", "/": "÷"}
_NEGATED = {"contains": "contains", "starts with": "starts", "ends with": "ends", "matches": "matches"}


def say(rule: Rule, language: Language) -> str:
    """Return a rule as one sentence.

    Example:
        >>> from tesela.language import parse
        >>> say(parse("count(order_completed in last 30 days) >= 2"), "en")
        'Each person: has at least 2 orders in the last 30 days.'
    """
    allow_nesting()
    sayer = _Sayer(language)
    sentence = sayer.word("conditions", "person") + sayer.condition(rule.body)
    sentence += (sayer.word("conditions", "everyone") if rule.everyone else "") + "."
    return sentence.replace(" de el ", " del ").replace(" a el ", " al ") if language == "es" else sentence


class _Sayer:
    def __init__(self, language: Language) -> None:
        self._language = language

    def word(self, table: str, key: str, **parts: object) -> str:
        """Return a piece of a sentence with its parts put in."""
        text: str = _words()[table][self._language][key]
        return text.format(**parts) if parts else text

    # --- conditions ---------------------------------------------------------------------------------------

    def condition(self, node: Node) -> str:
        told = self._conditions.get(type(node))
        if told is not None:
            return told(self, node)
        return self.word("conditions", "value", a=self.value(node))

    def _said(self, key: str, **parts: object) -> str:
        return self.word("conditions", key, **parts)

    def _joined(self, node: nodes.And | nodes.Or) -> str:
        word = self._said("and" if isinstance(node, nodes.And) else "or")
        missing = _or_missing(node)
        if missing is not None:
            return self.condition(missing) + self._said("or_missing")
        return word.join(self._grouped(item) for item in node.items)

    def _grouped(self, node: Node) -> str:
        """Put what is itself made of several conditions in parentheses: a sentence has no other brackets."""
        told = self.condition(node)
        return f"({told})" if isinstance(node, nodes.And | nodes.Or) and _or_missing(node) is None else told

    def _xor(self, node: nodes.Xor) -> str:
        return self._said("xor", a=self._grouped(node.left), b=self._grouped(node.right))

    def _not(self, node: nodes.Not) -> str:
        inner = node.item
        if isinstance(inner, nodes.Did):
            return self._did(nodes.Did(inner.events, not inner.never))
        if isinstance(inner, nodes.Presence):
            return self._presence(nodes.Presence(inner.value, not inner.is_set))
        return self._said("not", a=self._grouped(inner))

    def _of_these(self, node: nodes.OfThese) -> str:
        items = "; ".join(self.condition(item) for item in node.items)
        if node.minimum == node.maximum:
            return self._said("exactly", n=node.minimum, items=items)
        key, n = ("at_most", node.maximum) if node.minimum is None else ("at_least", node.minimum)
        return self._said(key, n=n, items=items)

    def _did(self, node: nodes.Did) -> str:
        return self._event(node.events.name)["never" if node.never else "did"] + self._modifiers(node.events)

    def _comparison(self, node: nodes.Comparison) -> str:
        if isinstance(node.left, nodes.TimeSince):
            told = self._length(cast("nodes.Duration", node.right))
            return self.word("since", node.operator, a=self.value(node.left.value), d=told)
        if isinstance(node.left, nodes.Aggregate) and node.left.function == "count":
            many = self._many(node.left.events)
            return self.word("count", node.operator, n=self.value(node.right), many=many)
        is_time = isinstance(node.right, nodes.Moment) or _is_time(node.left)
        table = "compare_time" if is_time else "compare"
        right = (
            self._text(node.right.value, node.left) if isinstance(node.right, nodes.Text) else self.value(node.right)
        )
        return self.word(table, node.operator, a=self.value(node.left), b=right)

    def _between(self, node: nodes.Between) -> str:
        if isinstance(node.value, nodes.TimeSince):
            near, far = (self._length(cast("nodes.Duration", each)) for each in (node.low, node.high))
            window = self.word("windows", "ago", near=near, far=far)
            return self._said("within", a=self.value(node.value.value), window=window)
        key = "not_between" if node.negated else "between"
        low, high = self.value(node.low), self.value(node.high)
        return self._said(key, a=self.value(node.value), low=low, high=high)

    def _one_of(self, node: nodes.OneOf) -> str:
        listed = node.items or [nodes.Number(number) for number in node.numbers]
        items = [self._text(text, node.value) for text in node.texts] or [self.value(item) for item in listed]
        key = "none_of" if node.negated else "one_of"
        return self._said(key, a=self.value(node.value), items=self._either(items))

    def _presence(self, node: nodes.Presence) -> str:
        return self._said("set" if node.is_set else "missing", a=self.value(node.value))

    def _text_test(self, node: nodes.TextTest) -> str:
        key = ("not_" if node.negated else "") + _NEGATED[node.kind]
        told = self._said(key, a=self.value(node.value), b=self._quoted(node.needle))
        return told + (self._said("exactly_so") if node.exactly else "")

    def _list_test(self, node: nodes.ListTest) -> str:
        value = self.value(node.value)
        if node.kind is None:
            items = self._either([self._quoted(item) for item in node.items])
            return self._said(f"has_{node.quantifier}", a=value, items=items)
        test = self._said(_NEGATED[node.kind], a="…", b=self._quoted(node.needle))
        return self._said(f"{node.quantifier}_item", a=value, test=test)

    def _geo_test(self, node: nodes.GeoTest) -> str:
        points = [f"({self._number(latitude)}; {self._number(longitude)})" for latitude, longitude in node.points]
        if node.kind == "near":
            return self._said("near", a=self.value(node.value), km=self._number(node.kilometres), point=points[0])
        return self._said("inside", a=self.value(node.value), points=", ".join(points))

    def _related(self, node: nodes.Related) -> str:
        return self._said(node.quantifier, many=self._many(node.events))

    def _sequence(self, node: nodes.Sequence) -> str:
        steps = [self._step(step) for step in node.steps]
        told = self._said("then").join(step for step, each in zip(steps, node.steps, strict=True) if not each.negated)
        forbidden = [step for step, each in zip(steps, node.steps, strict=True) if each.negated]
        return "; ".join([told, *forbidden]) + self._window(node.window)

    def _step(self, node: nodes.Step) -> str:
        same = self._said("step_same", fields=self._and([self.value(each) for each in node.same])) if node.same else ""
        words = self._event(node.events.name)
        told = words["never" if node.negated else "did"] + self._modifiers(node.events) + same
        if not node.negated:
            return told + (self._said("step_within", length=self._length(node.within)) if node.within else "")
        if node.within:
            return self._said("without", length=self._length(node.within), never=told)
        return self._said("without_end", never=told)

    def _regularly(self, node: nodes.Regularly) -> str:
        periods = cast("nodes.Rolling | nodes.Previous", node.periods)
        told = self._window(periods).strip()
        for word in ("in the ", "en "):
            told = told.removeprefix(word)
        return self._said("regularly", many=self._many(node.events), n=node.at_least, periods=told)

    def _paused(self, key: str) -> Callable[[Any], str]:
        return lambda node: self._said(key, many=self._many(node.events), length=self._length(node.duration))

    def _top(self, node: nodes.Top) -> str:
        return self._said("top", share=self._percent(node.share), a=self.value(node.value), among=self._among(node))

    def _stay(self, node: nodes.Stay) -> str:
        return self._said(node.word.replace(" ", "_"), slug=node.slug, window=self._window(node.window))

    # --- values -------------------------------------------------------------------------------------------

    def value(self, node: Node) -> str:
        told = self._values.get(type(node))
        return told(self, node) if told is not None else f"({self.condition(node)})"

    def _aggregate(self, node: nodes.Aggregate) -> str:
        events, key = node.events, str(node.function)
        field = node.by or events.value
        if node.function == "share" and events.value is not None:
            key = "share_of"
        told = self.value(field) if field is not None else ""
        return self.word("values", key, field=told, many=self._many(events))

    def _value_at(self, node: nodes.ValueAt) -> str:
        return self.word("values", f"{node.which}_at", field=self.value(node.value), many=self._many(node.events))

    def _name(self, node: nodes.Name) -> str:
        first, *rest = node.parts
        if first in ("product", "local") and rest:
            return self.word("values", first, field=self._field(rest[0]))
        return self._field(".".join(node.parts))

    def _field(self, name: str) -> str:
        known: dict[str, str] = _words()["fields"][self._language]
        return known.get(name, f"“{name}”" if self._language == "en" else f"«{name}»")

    def _consent(self, node: nodes.Consent) -> str:
        key = "consent" if node.part == "status" else f"consent_{node.part}"
        return self.word("values", key, channel=node.channel, purpose=node.purpose)

    def _population(self, node: nodes.PopulationValue) -> str:
        function = self.word("folds", node.function, value=self.value(node.value))
        where = self._said("where", where=self.condition(node.where)) if node.where else ""
        return self.word("values", "population", function=function, where=where, per=self._per(node.per))

    def _store(self, node: nodes.StoreValue) -> str:
        own = self._aggregate(nodes.Aggregate(cast("nodes.AggregateFunction", node.function), node.events))
        return self.word("values", "store", value=own)

    def _standing(self, key: str) -> Callable[[Any], str]:
        return lambda node: self.word("values", key, value=self.value(node.value), among=self._among(node))

    def _among(self, node: Any) -> str:
        among = self._said("among", where=self.condition(node.among)) if node.among else ""
        return self._per(node.per) + among

    def _per(self, node: Node | None) -> str:
        return self._said("per", field=self.value(node)) if node else ""

    # --- events -------------------------------------------------------------------------------------------

    def _event(self, name: str | None) -> dict[str, str]:
        known = _words()["events"]
        words: dict[str, str] = known[name if name in known else "any" if name is None else "other"][self._language]
        return {key: text.format(name=name) for key, text in words.items()}

    def _many(self, events: nodes.Events) -> str:
        return self._event(events.name)["many"] + self._modifiers(events)

    def _modifiers(self, events: nodes.Events) -> str:
        told = self._said("where", where=self.condition(events.where)) if events.where else ""
        told += self._window(events.window)
        if events.since is None:
            return told
        return f"{told} {self.word('windows', 'since', since=self.value(events.since))}"

    # --- time ---------------------------------------------------------------------------------------------

    def _window(self, node: Node | None) -> str:
        return "" if node is None else f" {self._windows[type(node)](self, node)}"

    def _rolling(self, node: nodes.Rolling) -> str:
        length = self._length(nodes.Duration(node.count, node.unit))
        unit, gender = self._unit(node.unit)
        if node.calendar:
            return self._time("calendar", gender, length=f"{_plain(self, 'ultimos', gender)}{length}", unit=unit)
        if node.forward:
            return self._time("next", gender, length=length, unit=unit)
        if node.count == 1:
            return self._time("last_one", gender, length=length, unit=f"{_plain(self, 'ultimo', gender)}{unit}")
        return self._time("last", gender, length=f"{_plain(self, 'ultimos', gender)}{length}", unit=unit)

    def _previous(self, node: nodes.Previous) -> str:
        unit, gender = self._unit(node.unit)
        if node.count == 1:
            return self._time("previous_one", gender, unit=unit)
        length = self._length(nodes.Duration(node.count, node.unit))
        return self._time("previous", gender, length=f"{_plain(self, 'ultimos', gender)}{length}", unit=unit)

    def _current(self, node: nodes.Current) -> str:
        unit, gender = self._unit(node.unit)
        return self.word("windows", "today") if node.unit == "day" else self._time("this", gender, unit=unit)

    def _ago(self, node: nodes.Ago) -> str:
        far = self._length(nodes.Duration(node.far, node.unit))
        return self.word("windows", "ago", near=self._number_of(node.near), far=far)

    def _calendar(self, node: nodes.Calendar) -> str:
        last = "" if node.last is None else self.value(node.last)
        return self.word("windows", node.word, first=self.value(node.first), last=last)

    def _time(self, key: str, gender: str, **parts: object) -> str:
        """Return a window; Spanish bends articles to the unit."""
        she = gender == "f"
        unit = parts.get("unit", "")
        articles = {
            "los": "las" if she else "los",
            "el": "la" if she else "el",
            "este": "esta" if she else "este",
            "los_proximos": "las próximas" if she else "los próximos",
            "el_anterior": f"la {unit} anterior" if she else f"el {unit} anterior",
        }
        return self.word("windows", key, **articles, **parts)

    def _length(self, node: nodes.Duration) -> str:
        singular, plural, *_ = _words()["units"][self._language][node.unit]
        return f"{self._number_of(node.count)} {singular if node.count == 1 else plural}"

    def _unit(self, unit: str) -> tuple[str, str]:
        singular, _, *gender = _words()["units"][self._language][unit]
        return singular, gender[0] if gender else ""

    # --- written values -----------------------------------------------------------------------------------

    def _number(self, value: Decimal) -> str:
        written = f"{value:,f}"
        if "." in written:
            written = written.rstrip("0").rstrip(".")
        return written.translate(str.maketrans(",.", ".,")) if self._language == "es" else written

    def _number_of(self, count: int) -> str:
        from decimal import Decimal

        return self._number(Decimal(count))

    def _percent(self, share: Decimal) -> str:
        return f"{self._number(share * 100)} %" if self._language == "es" else f"{self._number(share * 100)}%"

    def _quoted(self, text: str) -> str:
        return f"«{text}»" if self._language == "es" else f"“{text}”"

    def _text(self, text: str, field: Node) -> str:
        """Return a text beside the field that it is compared with: weekdays have names of their own."""
        days: dict[str, str] = _words()["weekdays"][self._language]
        is_day = isinstance(field, nodes.Name) and field.parts[-1] == "weekday" and text in days
        return days[text] if is_day else self._quoted(text)

    def _moment(self, node: nodes.Moment) -> str:
        from babel.dates import format_date, format_datetime

        if isinstance(node.value, datetime):
            return format_datetime(node.value, "medium", locale=self._language)
        return format_date(node.value, "long", locale=self._language)

    def _truth(self, node: nodes.Truth) -> str:
        return {"en": ("no", "yes"), "es": ("no", "sí")}[self._language][node.value]

    def _either(self, items: list[str]) -> str:
        return self._listed(items, self._said("or"))

    def _and(self, items: list[str]) -> str:
        return self._listed(items, self._said("and"))

    def _listed(self, items: list[str], word: str) -> str:
        shown = items if len(items) <= 12 else [*items[:10], f"… ({len(items)})"]
        return shown[0] if len(shown) == 1 else ", ".join(shown[:-1]) + word + shown[-1]

    _conditions: dict[type[Node], Callable[[_Sayer, Any], str]] = {  # noqa: RUF012
        nodes.And: _joined,
        nodes.Or: _joined,
        nodes.Xor: _xor,
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
        nodes.Within: lambda self, node: self._said(
            "within", a=self.value(node.value), window=self._window(node.window).strip()
        ),
        nodes.Birthday: lambda self, node: self._said(
            "birthday", length=self._length(nodes.Duration(node.days, "day"))
        ),
        nodes.Anniversary: lambda self, node: self._said(
            "anniversary", a=self.value(node.value), length=self._length(nodes.Duration(node.days, "day"))
        ),
        nodes.InSegment: lambda self, node: self._said("in_segment", slug=node.slug),
        nodes.InFor: lambda self, node: self._said("in_for", slug=node.slug, length=self._length(node.duration)),
        nodes.CanReceive: lambda self, node: self._said("can_receive", channel=node.channel, purpose=node.purpose),
        nodes.Sample: lambda self, node: self._said("sample", share=self._percent(node.share), salt=node.salt),
        nodes.Changed: lambda self, node: self._said(
            "changed", field=self.value(node.field), window=self._window(node.window)
        ),
        nodes.Held: lambda self, node: self._said(
            "held", a=self.condition(node.condition), length=self._length(node.duration)
        ),
    }
    _values: dict[type[Node], Callable[[_Sayer, Any], str]] = {  # noqa: RUF012
        nodes.Number: lambda self, node: self._number(node.value),
        nodes.Text: lambda self, node: self._quoted(node.value),
        nodes.Truth: _truth,
        nodes.Moment: _moment,
        nodes.Duration: _length,
        nodes.Name: _name,
        nodes.Aggregate: _aggregate,
        nodes.ValueAt: _value_at,
        nodes.Revenue: lambda self, node: self.word("values", "revenue", window=self._window(node.window)),
        nodes.TimeSince: lambda self, node: self.value(node.value),
        nodes.PreviousValue: lambda self, node: self.word("values", "previous", field=self.value(node.field)),
        nodes.Consent: _consent,
        nodes.Length: lambda self, node: self.word("values", "length", value=self.value(node.value)),
        nodes.Arithmetic: lambda self, node: (
            f"{self.value(node.left)} {_SIGNS[node.operator]} {self.value(node.right)}"
        ),
        nodes.StoreValue: _store,
        nodes.PopulationValue: _population,
        nodes.Percentile: lambda self, node: self._standing("percentile")(node),
        nodes.Decile: lambda self, node: self._standing("decile")(node),
        nodes.Rank: lambda self, node: self._standing("rank")(node),
    }
    _windows: dict[type[Node], Callable[[_Sayer, Any], str]] = {  # noqa: RUF012
        nodes.Rolling: _rolling,
        nodes.Previous: _previous,
        nodes.Current: _current,
        nodes.Ago: _ago,
        nodes.Calendar: _calendar,
    }


def _plain(sayer: _Sayer, word: str, gender: str) -> str:
    """Return a Spanish word for the last of something, bent to the unit; English has it in the sentence."""
    if sayer._language != "es":
        return ""
    return {"ultimos": ("últimos ", "últimas "), "ultimo": ("último ", "última ")}[word][gender == "f"]


def _or_missing(node: nodes.And | nodes.Or) -> Node | None:
    """Return the comparison of `x != 1 or missing`, which is told as one thing."""
    if not isinstance(node, nodes.Or) or len(node.items) != 2:
        return None
    test, missing = node.items
    if not isinstance(missing, nodes.Presence) or missing.is_set:
        return None
    side = getattr(test, "left", None) or getattr(test, "value", None)
    return test if side == missing.value else None


def _is_time(node: Node) -> bool:
    return isinstance(node, nodes.Aggregate) and node.function in ("first", "last")


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads(resources.files("tesela.language.notations").joinpath("sentences.toml").read_text("utf-8"))
