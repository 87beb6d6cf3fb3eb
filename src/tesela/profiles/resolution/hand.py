"""What people decided has the last word: join what they joined, part what they keep apart.

While two subjects that are kept apart are still connected, look at the shortest ways between them: of the values
there, those of the weakest kind merge nobody. So the strongest evidence stays as long as it can, and a subject
between the two by equal evidence joins neither.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from tesela.profiles.resolution.components import find_roots, join_by_values
from tesela.profiles.resolution.graph import Verdict
from tesela.profiles.resolution.sets import distinct

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from tesela.profiles.resolution.graph import Graph

_HAND = -1
"""Rank of what a person joined: stronger than every kind."""

Node = tuple[str, int]
Ways = dict[Node, set[Node]]


def obey(
    graph: Graph,
    verdicts: NDArray[np.int16],
    roots: NDArray[np.int32],
    *,
    ranks: NDArray[np.int64],
    together: NDArray[np.int32],
    apart: NDArray[np.int32],
) -> NDArray[np.int32]:
    """Return the roots after what people decided.

    Args:
        graph: The links.
        verdicts: Of each value, shape (values,); those of parted values are changed to say so.
        roots: Of each subject by its identifiers; shape (subjects,).
        ranks: Place of each kind in the priority, by code.
        together: Pairs of subjects, shape (pairs, 2).
        apart: Pairs of subjects, shape (pairs, 2).
    """
    if len(together):
        joined = roots[together]
        roots = find_roots(len(roots), joined[:, 0], joined[:, 1])[roots]
    is_wrong = roots[apart[:, 0]] == roots[apart[:, 1]]
    if is_wrong.any():
        _part(graph, verdicts, roots, ranks=ranks, together=together, apart=apart[is_wrong])
    return roots


def _part(
    graph: Graph,
    verdicts: NDArray[np.int16],
    roots: NDArray[np.int32],
    *,
    ranks: NDArray[np.int64],
    together: NDArray[np.int32],
    apart: NDArray[np.int32],
) -> None:
    is_touched = np.zeros(len(roots), bool)
    is_touched[roots[apart[:, 0]]] = True
    edges = join_by_values(graph, verdicts)
    values = distinct(edges.values[is_touched[roots[edges.ones]]])
    places, members = graph.links_of(values)
    joins: list[tuple[Node, int]] = [
        (("value", value), subject) for value, subject in zip(values[places].tolist(), members.tolist(), strict=True)
    ]
    for place, pair in enumerate(together.tolist()):
        if is_touched[roots[pair[0]]]:
            joins += [(("hand", place), subject) for subject in pair]
    ways: Ways = defaultdict(set)
    for node, subject in joins:
        ways[node].add(("subject", subject))
        ways["subject", subject].add(node)
    rank_of = {("value", value): int(rank) for value, rank in zip(values, ranks[graph.kinds[values]], strict=True)}
    cut = _cut(ways, rank_of, [(("subject", one), ("subject", other)) for one, other in apart.tolist()])
    verdicts[[place for _, place in cut]] = Verdict.PARTED
    for subject in np.flatnonzero(is_touched[roots]).tolist():
        roots[subject] = subject
    for subject, root in _roots(ways).items():
        roots[subject] = root


def _cut(ways: Ways, rank_of: Mapping[Node, int], pairs: Iterable[tuple[Node, Node]]) -> set[Node]:
    """Take values out of the ways until the pairs are apart, and return them.

    All pairs are looked at before a round's values go, so that their order plays no part.
    """
    cut: set[Node] = set()
    while True:
        going: set[Node] = set()
        for one, other in pairs:
            between = _shortest(ways, one, other)
            weakest = max((rank_of.get(node, _HAND) for node in between), default=_HAND)
            if weakest > _HAND:
                going |= {node for node in between if rank_of.get(node, _HAND) == weakest}
        if not going:
            return cut
        for node in going:
            for subject in ways.pop(node):
                ways[subject].discard(node)
        cut |= going


def _shortest(ways: Ways, one: Node, other: Node) -> set[Node]:
    """Return the nodes on the shortest ways between two subjects, none when there is no way."""
    there, back = _distances(ways, one), _distances(ways, other)
    if other not in there:
        return set()
    return {node for node, steps in there.items() if node in back and steps + back[node] == there[other]}


def _distances(ways: Ways, start: Node) -> dict[Node, int]:
    steps = {start: 0}
    front = [start]
    for node in front:
        for near in ways.get(node, ()):
            if near not in steps:
                steps[near] = steps[node] + 1
                front.append(near)
    return steps


def _roots(ways: Ways) -> dict[int, int]:
    """Return the smallest subject that each subject is still connected with."""
    roots: dict[int, int] = {}
    for start in sorted(node for node in ways if node[0] == "subject"):
        if start[1] not in roots:
            roots |= {place: start[1] for kind, place in _distances(ways, start) if kind == "subject"}
    return roots
