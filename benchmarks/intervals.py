"""How often the intervals of KPIs hold the truth, and where the warning stands: the table of docs/results.

Run: python benchmarks/intervals.py [--draws 10000]
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tesela.estimators import TOO_FEW, Moments, mean_interval, share_interval

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PEOPLE = (20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)
SHARES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.8, 0.95)
BUYERS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
SPREADS = (0.5, 0.8, 1.2)
MOST_VALUES = 60_000_000
LEAST = 0.94


@dataclass
class Cell:
    family: str
    told: str
    people: int
    share: float
    covered: float
    cautioned: float
    draws: int

    @property
    def is_warned(self) -> bool:
        return self.cautioned >= 0.5


@dataclass(frozen=True)
class Tried:
    family: str
    people: int
    share: float
    spread: float = 0


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--draws", type=int, default=10_000)
    asked = parser.parse_args()
    tried = list(grid())
    seeds = np.random.SeedSequence(20261128).spawn(len(tried))
    with ProcessPoolExecutor() as pool:
        report(list(pool.map(cell, tried, [asked.draws] * len(tried), seeds)))


def grid() -> Iterator[Tried]:
    for people in PEOPLE:
        for share in SHARES:
            yield Tried("share of people", people, share)
            yield Tried("share of messages", people, share)
        for share in BUYERS:
            if people * share >= 4:
                yield from (Tried("money per person", people, share, spread) for spread in SPREADS)
                yield from (Tried("money per order", people, share, spread) for spread in SPREADS)


def cell(tried: Tried, draws: int, seed: np.random.SeedSequence) -> Cell:
    rng = np.random.default_rng(seed)
    draw = DRAWS[tried.family]
    width = 1 if tried.family == "share of people" else tried.people
    width = max(int(width * (tried.share if tried.spread else 1)), 1)
    draws = left = int(min(draws, MOST_VALUES / width))
    held = warned = known = 0
    while left:
        now = min(left, max(1_000_000 // width, 1))
        more = [tried.spread] if tried.spread else []
        truth, interval, caution = draw(rng, tried.people, tried.share, now, *more)
        is_known = ~np.isnan(interval.low)
        held += int((interval.holds(truth) & is_known).sum())
        known += int(is_known.sum())
        warned += int(caution[is_known].sum())
        left -= now
    told = f"spread {tried.spread}" if tried.spread else ""
    return Cell(tried.family, told, tried.people, tried.share, held / known, warned / known, known)


def shares_of_people(rng, people, share, draws):  # type: ignore[no-untyped-def]
    seen = rng.binomial(people, share, draws)
    moments = Moments(np.full(draws, people), people, seen, people, seen, seen)
    return share, share_interval(moments), np.zeros(draws, bool)


def shares_of_messages(rng, people, share, draws):  # type: ignore[no-untyped-def]
    """Each got 1 to 25 messages and has an inclination of her own (beta, intraclass correlation 0.2)."""
    got = rng.geometric(0.15, (draws, people)).clip(max=25)
    own = rng.beta(share * 4, (1 - share) * 4, (draws, people))
    moments = Moments.of(got, rng.binomial(got, own))
    return share, share_interval(moments), np.zeros(draws, bool)


def money_per_person(rng, people, share, draws, spread):  # type: ignore[no-untyped-def]
    """Some buy, and spend by a log-normal distribution."""
    buyers = rng.binomial(people, share, draws)
    spent = rng.lognormal(-(spread**2) / 2, spread, (draws, max(int(buyers.max()), 1)))
    spent[np.arange(spent.shape[1]) >= buyers[:, None]] = 0
    sums = [(spent**power).sum(1) for power in (1, 2, 3)]
    moments = Moments(np.full(draws, people), people, sums[0], people, *sums[:2], people, sums[0], sums[1], sums[2])
    return share, mean_interval(moments).within(0), buyers < TOO_FEW


def money_per_order(rng, people, share, draws, spread):  # type: ignore[no-untyped-def]
    """Buyers have one to twenty orders and a level of their own; orders differ about it."""
    count = max(round(people * share), 2)
    orders = rng.geometric(0.5, (draws, count)).clip(max=20)
    within = spread / np.sqrt(2)
    level = rng.lognormal(0, within, (draws, count))
    shape = 1 / (np.exp(within**2) - 1)
    spent = level * rng.gamma(shape * orders, 1 / shape)
    moments = Moments.of(orders, spent)
    return np.exp(within**2 / 2), mean_interval(moments).within(0), np.full(draws, count < TOO_FEW)


DRAWS: dict[str, Callable[..., Any]] = {
    "share of people": shares_of_people,
    "share of messages": shares_of_messages,
    "money per person": money_per_person,
    "money per order": money_per_order,
}


def report(cells: list[Cell]) -> None:
    families = list(dict.fromkeys(each.family for each in cells))
    print("| figure | cells | average | least | below 94 % | of these warned | others | of these warned |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|")
    for family in families:
        tell(family, [each for each in cells if each.family == family])
    tell("all", cells)
    for family in families:
        for told in dict.fromkeys(each.told for each in cells if each.family == family):
            matrix(family, told, [each for each in cells if (each.family, each.told) == (family, told)])


def matrix(family: str, told: str, cells: list[Cell]) -> None:
    """Print how often the truth was held, in per cent, by people and share; (in brackets) where the warning stood."""
    shares = sorted({each.share for each in cells})
    print(f"\n### {family}{f', {told}' if told else ''}\n")
    print(f"| people | {' | '.join(f'{share:.1%}' for share in shares)} |")
    print(f"|--:|{'--:|' * len(shares)}")
    for people in sorted({each.people for each in cells}):
        own = {each.share: each for each in cells if each.people == people}
        print(f"| {people:,} | {' | '.join(shown(own.get(share)) for share in shares)} |")


def shown(cell: Cell | None) -> str:
    if cell is None:
        return ""
    covered = f"{100 * cell.covered:.1f}"
    return f"({covered})" if cell.is_warned else covered


def tell(name: str, cells: list[Cell]) -> None:
    below = [each for each in cells if each.covered < LEAST]
    above = [each for each in cells if each.covered >= LEAST]
    warned = sum(each.is_warned for each in above)
    print(
        f"| {name} | {len(cells)} | {np.mean([each.covered for each in cells]):.1%}"
        f" | {min(each.covered for each in cells):.1%} | {len(below)} | {sum(each.is_warned for each in below)}"
        f" | {len(above)} | {warned} ({warned / max(len(above), 1):.1%}) |"
    )


if __name__ == "__main__":
    main()
