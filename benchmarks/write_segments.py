"""Write the benchmark's lists of segments: `segments_13.yaml` and `segments_200.yaml`.

    python benchmarks/write_segments.py

Each entry has its template, the template's parameters and the rule they make. Templates take turns, windows and
limits are drawn with a fixed seed from what marketers use, so the first 10 or 50 are a fair sample of all.
"""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

from peers.templates import DISTINCT, POPULATION, PROPERTIES, RHYTHM, SEQUENCES, SIMPLE, TEMPLATES, Params

HERE = Path(__file__).parent
WINDOWS = (7, 14, 30, 60, 90, 180, 365)


def parameters(draw: random.Random) -> Params:
    """Return parameters for any template; each takes those it knows."""
    days = draw.choice(WINDOWS)
    return {
        "days": days,
        "near": {7: 1, 14: 7, 30: 14, 60: 30, 90: 60, 180: 90, 365: 180}[days],
        "n": draw.choice((2, 3, 4, 5, 8)),
        "amount": draw.choice((20, 35, 50, 75, 100, 150)),
        "category": f"category-{draw.randrange(40)}",
        "campaign": f"campaign-{draw.randrange(60)}",
        "within": draw.choice((1, 2, 3, 7)),
        "share": draw.choice((1, 2, 5, 10)),
        "percentile": draw.choice((80, 90, 95, 99)),
        "times": draw.choice((2, 3, 5)),
        "country": draw.choice(("ES", "MX", "CO", "AR")),
        "cities": [f"city-{draw.randrange(10)}", f"city-{draw.randrange(10, 30)}"],
        "young": (young := draw.choice((18, 25, 35, 45, 55))),
        "old": young + draw.choice((6, 9, 14)),
        "gender": draw.choice(("female", "male")),
        "brand": f"brand-{draw.randrange(30)}",
        "of": (of := draw.choice((4, 6, 8))),
        "weeks": of - draw.choice((1, 2)),
    }


def simple_segments() -> list[tuple[str, Params]]:
    draw = random.Random(13)
    names = list(SIMPLE)
    return [(names[number % len(names)], parameters(draw)) for number in range(200)]


def rich_segments() -> list[tuple[str, Params]]:
    """Return the richer list: of 200, how many of each family; each family's templates take turns."""
    draw = random.Random(200)
    families = ((SIMPLE, 118), (SEQUENCES, 24), (DISTINCT, 15), (POPULATION, 14), (PROPERTIES, 25), (RHYTHM, 4))
    names = [list(family)[number % len(family)] for family, share in families for number in range(share)]
    draw.shuffle(names)
    return [(name, parameters(draw)) for name in names]


def lines(chosen: list[tuple[str, Params]], templates: dict) -> list[str]:
    found = []
    for name, params in chosen:
        rule = templates[name].rule
        used = {key: value for key, value in params.items() if "{" + key in rule}
        told = {"template": name, "with": used, "when": templates[name].when(used)}
        found.append("- {" + ", ".join(f"{key}: {json.dumps(value)}" for key, value in told.items()) + "}")
    return found


def write(file: str, title: str, entries: list[str]) -> None:
    head = f"# {title}\n# Written by benchmarks/write_segments.py; templates stand in benchmarks/peers/templates.py.\n"
    (HERE / file).write_text(head + "\n".join(entries) + "\n")
    sys.stdout.write(f"{file}: {len(entries)} segments\n")


def main() -> None:
    write("segments_13.yaml", "200 segments of 13 simple templates.", lines(simple_segments(), SIMPLE))
    write(
        "segments_200.yaml",
        "200 segments of all kinds: 24 sequences, 15 distinct, 14 of the population, 25 of "
        "properties, 4 of rhythm, 118 simple.",
        lines(rich_segments(), TEMPLATES),
    )


if __name__ == "__main__":
    main()
