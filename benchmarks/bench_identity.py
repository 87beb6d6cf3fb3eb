"""Resolve the identity of a shop's links: all of them from a Parquet file of texts, and a few new ones.

    python benchmarks/bench_identity.py [--links 20000000] [--rounds 3] [--check]

A shop of people with customer ids, e-mails, phones, cards and browsers, in random order: some share a phone or a
tablet, tills type in an e-mail of their own, a call centre's phone stands on a hundred thousand e-mails, `null` and
numbers of one digit stand where there is nothing. The file goes to TESELA_BENCH, by default the system's folder for
temporary files, and is made once. `--check` compares what the parts add up to with the whole.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import pyarrow as pa
from measured import machine, median, own_peak_mib, run

from tesela.profiles.resolution import IdentityRules, Resolution, block_own, find_merges, resolve, resolve_touched

CACHE = Path(os.environ.get("TESELA_BENCH") or Path(tempfile.gettempdir()) / "tesela-bench")
RULES = IdentityRules(blocks=(*IdentityRules().blocks, block_own("shop.es")))
BATCHES = (1, 1_000, 100_000)

# eight links a person: five of a customer (every customer), two of her browsers, one of a card (every other one)
_LINKS = """
COPY (
    WITH people AS (
        SELECT i, hash(i) AS h,
            CASE WHEN i % 1000 = 0 THEN 'null'
                 WHEN i % 1000 = 1 THEN 'till' || i // 1000 % 50 || '@mail.es'
                 WHEN i % 1000 = 2 THEN 'counter' || i // 1000 % 50 || '@shop.es'
                 ELSE 'n' || hash(i) % 100000000 || '.surname' || i || '@mail' || i % 30 || '.es' END AS email,
            CASE WHEN i % 500 = 0 THEN '+34600000000'
                 WHEN i % 40 = 1 THEN '+346' || lpad((hash(i + 1) % 100000000)::VARCHAR, 8, '0')
                 ELSE '+346' || lpad((hash(i) % 100000000)::VARCHAR, 8, '0') END AS phone
        FROM range($people) AS t(i)
    ), links AS (
        SELECT 4 * i AS subject_id, unnest([
            {'kind': 'customer_id:shop', 'value': 'C' || (i + 1000000)},
            {'kind': 'email', 'value': email},
            {'kind': 'phone', 'value': phone},
            {'kind': 'anonymous_id', 'value': md5(('a' || i - CASE WHEN i % 100 < 2 THEN i % 3 ELSE 0 END)::VARCHAR)},
            {'kind': 'anonymous_id', 'value': md5('b' || i)}]) AS link FROM people
        UNION ALL
        SELECT 4 * i + 1, {'kind': 'anonymous_id', 'value': md5('a' || i)} FROM people
        UNION ALL
        SELECT 4 * i + 2, {'kind': 'anonymous_id', 'value': md5('c' || i)} FROM people
        UNION ALL
        SELECT 4 * i + 3, unnest([
            CASE WHEN i < $called THEN {'kind': 'phone', 'value': '+34910000001'}
                 ELSE {'kind': 'loyalty_card', 'value': 'L' || (h % 1000000000) || '-' || i} END,
            {'kind': 'email', 'value': email}]) FROM people WHERE i % 2 = 0
    )
    SELECT subject_id, link.kind AS kind, link.value AS value FROM links
    ORDER BY hash(subject_id, link.value)
) TO '$path' (FORMAT parquet)
"""


def links_file(links: int) -> Path:
    """Return the file of that many links, made when it is not there yet."""
    path = CACHE / "identity" / f"links-{links}.parquet"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".draft")
        with duckdb.connect(config={"memory_limit": "4GB", "temp_directory": str(path.parent)}) as connection:
            people = links // 8
            filled = {"people": str(people), "called": str(min(200_000, people // 5)), "path": str(draft)}
            query = _LINKS
            for name, value in filled.items():
                query = query.replace(f"${name}", value)
            connection.execute(query)
        draft.rename(path)
    return path


def some_links(count: int, people: int, seed: int) -> pa.Table:
    """Return new links: a browser of somebody new or known, a second e-mail, a newcomer with a known phone."""
    chance = random.Random(f"{count} {seed}")
    rows = []
    while len(rows) < count:
        person, number = chance.randrange(people), chance.randrange(2**40)
        newcomer = 4 * people + number
        rows += chance.choice(
            [
                [(newcomer, "anonymous_id", f"v{number}")],
                [(4 * person, "anonymous_id", f"v{number}"), (newcomer, "anonymous_id", f"v{number}")],
                [(4 * person, "email", f"other{number}@mail.es")],
                [(newcomer, "customer_id:shop", f"N{number}"), (newcomer, "email", f"n{number}@mail.es")],
                [(newcomer, "customer_id:till", f"T{number}"), (4 * person, "customer_id:till", f"T{number}")],
            ]
        )
    columns = zip(*rows[:count], strict=True)
    return pa.table(dict(zip(("subject_id", "kind", "value"), map(list, columns), strict=True)))


def main() -> None:
    """Measure and print tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--links", type=int, default=20_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--once", action="store_true", help="resolve the file and end")
    asked = parser.parse_args()
    path = links_file(asked.links)
    if asked.once:
        _without_pandas()
        resolve([path], RULES)
        return
    print(f"{machine()}, load {os.getloadavg()[0]:.1f}; {asked.links:,} links, {path.stat().st_size / 2**20:.0f} MiB\n")
    command = [sys.executable, __file__, "--once", "--links", str(asked.links)]
    runs = [run(command) for _ in range(asked.rounds)]
    print("| whole, as a process | wall s | processor s | peak MiB |\n|---|---|---|---|")
    for each in runs:
        print(f"| | {each.wall_s:.1f} | {each.cpu_s:.1f} | {each.peak_mib:.0f} |")
    parts(path, asked.links, rounds=max(asked.rounds, 5), is_checked=asked.check)


def parts(path: Path, links: int, *, rounds: int, is_checked: bool) -> None:
    """Measure batches, one on top of the other."""
    found = resolve([path], RULES)
    told(found)
    print("\n| new links | median s | quickest | slowest | profiles moved |\n|---|---|---|---|---|")
    came = []
    for count in BATCHES:
        seconds, moved = [], []
        for place in range(rounds):
            batch = some_links(count, links // 8, place)
            came.append(batch)
            began = time.perf_counter()
            found = resolve_touched(found, batch, RULES)
            seconds.append(time.perf_counter() - began)
            moved.append(found.changed.num_rows)
        print(f"| {count:,} | {median(seconds):.3f} | {min(seconds):.3f} | {max(seconds):.3f} | {median(moved):,.0f} |")
    print(f"\npeak of this process with the state in memory: {own_peak_mib():.0f} MiB")
    began = time.perf_counter()
    merges = find_merges(found)
    print(f"evidence of all {merges.num_rows:,} merges: {time.perf_counter() - began:.1f} s")
    if is_checked:
        draft = path.with_suffix(".whole")
        with duckdb.connect() as connection:
            connection.register("came", pa.concat_tables(came))
            connection.execute(f"COPY (FROM '{path}' UNION ALL BY NAME FROM came) TO '{draft}' (FORMAT parquet)")
        whole = resolve([draft], RULES)
        draft.unlink()
        same = whole.profiles() == found.profiles() and whole.barred() == found.barred() and whole.drops == found.drops
        print("the parts are the whole" if same else "THE PARTS ARE NOT THE WHOLE")
        sys.exit(not same)


def _without_pandas() -> None:
    """Let PyArrow find no pandas: peers of other benchmarks bring it, Tesela does not; its import costs a second."""

    class Finder:
        def find_spec(self, name: str, *_: object) -> None:
            if name == "pandas":
                raise ImportError(name)

    sys.meta_path.insert(0, Finder())


def told(found: Resolution) -> None:
    """Print what was found."""
    profiles = found.profiles()
    distinct = len(profiles.column("profile_id").unique())
    reasons = found.barred().group_by("reason").aggregate([("reason", "count")]).to_pylist()
    print(f"\n{profiles.num_rows:,} subjects, {distinct:,} profiles, {found.drops.num_rows} drops of kinds")
    print("barred: " + ", ".join(f"{row['reason']} {row['reason_count']:,}" for row in reasons))


if __name__ == "__main__":
    main()
