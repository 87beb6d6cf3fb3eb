"""Identity resolution in plain Python, slow and from the text alone: what the real one must agree with."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from tesela.profiles.resolution import ANY_KIND, IdentityRules

Link = tuple[int, str, str]
Value = tuple[str, str]


@dataclass(frozen=True)
class Answer:
    """Profile of each subject; (kind, value, reason, detail, distinct) of barred values; (profile, size, kind)."""

    profiles: dict[int, int]
    barred: list[tuple[str, str, str, str, int | None]]
    drops: list[tuple[int, int, str]]


def name(kind: str) -> str:
    return kind.split(":")[0]


def answer(links: Iterable[Link], rules: IdentityRules) -> Answer:
    every = set(links)
    subjects = {subject for subject, _, _ in every}
    barred: list[tuple[str, str, str, str, int | None]] = []
    blocked: dict[Value, str] = {}
    for _, kind, value in every:
        reasons = [block.reason for block in rules.blocks if is_blocked(kind, value, block)]
        if reasons:
            blocked[kind, value] = reasons[0]
    barred += [(*value, "blocked", reason, None) for value, reason in blocked.items()]

    usable = {link for link in every if link[1:] not in blocked}
    merging = {link for link in usable if name(link[1]) in rules.merging}
    shared = set()
    for value in {link[1:] for link in merging}:
        carriers = {subject for subject, *of in usable if tuple(of) == value}
        for unique in {kind for _, kind, _ in usable}:
            limits = {limit.kind: limit.most for limit in rules.limits if limit.unique == name(unique)}
            most = limits.get(name(value[0]), limits.get(None))
            met = {of for subject, kind, of in usable if kind == unique and subject in carriers}
            if most is not None and len(met) > most:
                shared.add(value)
                barred.append((*value, "shared", unique, len(met)))
    merging = {link for link in merging if link[1:] not in shared}

    drops: list[tuple[int, int, str]] = []
    components = connected(subjects, merging)
    for place in reversed(range(len(rules.merging))):
        smaller = []
        for component in components:
            if len(component) <= rules.largest:
                smaller.append(component)
                continue
            weak = {link for link in merging if link[0] in component and name(link[1]) == rules.merging[place]}
            joining = {kind for (kind, _), count in Counter(link[1:] for link in weak).items() if count > 1}
            drops += [(min(component), len(component), kind) for kind in joining]
            merging -= weak
            smaller += connected(component, {link for link in merging if link[0] in component})
        components = smaller

    together = {pair for pair in rules.decisions.together if set(pair) <= subjects}
    apart = {pair for pair in rules.decisions.apart if set(pair) <= subjects}
    by_hand = {(subject, "", f"{pair}") for pair in together for subject in pair}
    parted: set[Value] = set()
    while True:
        going: set[Value] = set()
        for one, other in apart:
            between = {way for path in shortest_paths(merging | by_hand, one, other) for way in path if way[0]}
            weakest = max((rules.merging.index(name(kind)) for kind, _ in between), default=-1)
            going |= {value for value in between if rules.merging.index(name(value[0])) == weakest}
        if not going:
            break
        parted |= going
        merging = {link for link in merging if link[1:] not in going}
    barred += [(*value, "kept_apart", "", None) for value in parted]
    profiles = {s: min(component) for component in connected(subjects, merging | by_hand) for s in component}
    return Answer(profiles, sorted(barred, key=str), sorted(drops))


def is_blocked(kind: str, value: str, block) -> bool:  # type: ignore[no-untyped-def]
    if block.kind not in (ANY_KIND, name(kind)):
        return False
    text = value.strip(" ").lower()
    return text in block.values or bool(block.pattern and re.fullmatch(block.pattern, text, re.IGNORECASE))


def connected(subjects: set[int], links: set[Link]) -> list[set[int]]:
    left = set(subjects)
    found = []
    while left:
        component = {left.pop()}
        while True:
            values = {link[1:] for link in links if link[0] in component}
            near = {link[0] for link in links if link[1:] in values} - component
            if not near:
                break
            component |= near
        left -= component
        found.append(component)
    return found


def shortest_paths(links: set[Link], one: int, other: int) -> list[list[Value]]:
    """Every shortest path from one subject to another, as the values on it."""
    paths: list[tuple[int, list[Value]]] = [(one, [])]
    seen = {one}
    while paths:
        longer = [
            (next_one, [*path, value])
            for subject, path in paths
            for value in {link[1:] for link in links if link[0] == subject}
            for next_one in {link[0] for link in links if link[1:] == value} - seen
        ]
        arrived = [path for subject, path in longer if subject == other]
        if arrived:
            return arrived
        seen |= {subject for subject, _ in longer}
        paths = longer
    return []
