"""Choose what stands in the places of an entry: what a person says, else what the shop's data say, else the default."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tesela.base import InputError
from tesela.segments.catalogue.catalogue import nearest
from tesela.segments.catalogue.figures import FEWEST_CASES
from tesela.segments.catalogue.parameter import size_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tesela.segments.catalogue.entry import Entry
    from tesela.segments.catalogue.figures import Figures, Gaps
    from tesela.segments.catalogue.parameter import Measure, Parameter
    from tesela.segments.filling import Value

Origin = Literal["given", "measured", "default", "too_few"]


@dataclass(frozen=True, slots=True)
class Chosen:
    """What stands in one place, and how it came about.

    Attributes:
        value: The value.
        origin: Who said so; `too_few`: the default, since the shop's data have too few cases.
        cases: How many gaps, lines or people it was measured over.
        gaps: The distribution that it is a quantile of; None for everything else.
    """

    value: Value
    origin: Origin
    cases: int = 0
    gaps: Gaps | None = None


def check_names(entries: Sequence[Entry], given: Mapping[str, object]) -> None:
    """Refuse values for places that none of the entries has.

    Raises:
        InputError: for the first of them, with the names nearest to it.
    """
    known = list(dict.fromkeys(name for entry in entries for name in entry.parameters))
    for name in given:
        if name not in known:
            told = ", ".join(nearest(name, known) or known)
            slugs = ", ".join(entry.slug for entry in entries)
            raise InputError("segments.catalogue.unknown_parameter", name=name, entries=slugs, known=told or "–")


def choose_values(entry: Entry, given: Mapping[str, object], figures: Figures) -> dict[str, Chosen]:
    """Return what stands in each place of an entry.

    Args:
        entry: The entry.
        given: What a person says, by place; places of other entries are passed over.
        figures: Figures of the shop's own data.

    Raises:
        InputError: when what a person says is of the wrong kind or out of bounds.
    """
    chosen: dict[str, Chosen] = {}
    for name, parameter in entry.parameters.items():
        if name in given:
            chosen[name] = Chosen(parameter.read(given[name]), "given")
        elif parameter.measured is None:
            chosen[name] = Chosen(parameter.default, "default")
        else:
            chosen[name] = _measured(parameter, parameter.measured, chosen, figures)
    return chosen


def _measured(parameter: Parameter, measure: Measure, chosen: Mapping[str, Chosen], figures: Figures) -> Chosen:
    category = str(chosen[measure.of].value) if measure.of else ""
    match measure.what:
        case "order_gap":
            return _of_gaps(parameter, measure, figures.order_gaps)
        case "second_order_gap":
            return _of_gaps(parameter, measure, figures.second_order_gaps)
        case "category_gap":
            return _of_gaps(parameter, measure, figures.category_gaps(category))
        case "price":
            value, cases = figures.price(category, measure.at)
            if value is None or cases < FEWEST_CASES:
                return Chosen(parameter.default, "too_few", cases)
            return Chosen(value, "measured", cases)
        case "most_repeated":
            found, cases = figures.most_repeated()
        case "companion":
            found, cases = figures.companion(category)
        case "most_common":
            found, cases = figures.most_common(measure.event, measure.field)
    return Chosen(parameter.default, "too_few", cases) if found is None else Chosen(found, "measured", cases)


def _of_gaps(parameter: Parameter, measure: Measure, gaps: Gaps) -> Chosen:
    if gaps.cases < FEWEST_CASES:
        return Chosen(parameter.default, "too_few", gaps.cases, gaps)
    days = gaps.at(measure.at)
    value = f"{days} day" if days == 1 else f"{days} days"
    bounds = [bound for bound in (parameter.low, parameter.high) if bound is not None]
    inside = not bounds or size_of(bounds[0]) <= size_of(value) <= size_of(bounds[-1])
    return Chosen(value if inside else bounds[-1], "measured", gaps.cases, gaps)
