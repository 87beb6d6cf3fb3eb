"""Clean a million contacts: e-mails, phones, names, dates of birth and postal codes, all for the first time.

    python benchmarks/bench_cleaning.py [--contacts 1000000] [--rounds 3] [--workers 2]

Every contact has an e-mail, a phone and a whole name of her own, so nearly nothing is met twice: the worst case, since
only distinct values are cleaned. Addresses have capitals, typos, roles and throw-away domains; phones have nine
spellings, fixed lines, Latin America and broken ones; names have capitals and broken letters; dates have five
spellings. Each round is a process of its own; the values are made before the clock starts. Then each kind alone, in
one process; and all through a workspace: import, the step of cleaning between record and people, the whole
refresh, and the same for a thousand contacts more.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
from measured import machine, median

import tesela
from tesela.profiles.cleaning import CleaningSettings, clean_column, clean_columns

if TYPE_CHECKING:
    from collections.abc import Iterator

SETTINGS = CleaningSettings()
FIRST = (
    "María", "Carmen", "Ana", "Lucía", "Begoña", "Montserrat", "José", "Antonio", "Íñigo", "Jesús", "Óscar", "Iván",
    "Noelia", "Uxía", "Xoán", "Raúl", "Verónica", "Ángela", "Mª Ángeles", "José Luis", "María José", "Ana María",
)  # fmt: skip
FAMILY = (
    "García", "Rodríguez", "Fernández", "López", "Sánchez", "Pérez", "Martín", "Jiménez", "Muñoz", "Núñez", "Peña",
    "de la Fuente", "del Río", "de los Santos", "Etxebarria", "Puig", "Ferreiro", "Ibáñez", "Yáñez", "O'Neill",
)  # fmt: skip
SYLLABLES = (
    "ba",
    "ce",
    "do",
    "fa",
    "gue",
    "jo",
    "la",
    "me",
    "ni",
    "ño",
    "pa",
    "que",
    "ro",
    "sa",
    "te",
    "ve",
    "zu",
    "rrí",
)
DOMAINS = (
    "gmail.com",
    "hotmail.com",
    "yahoo.es",
    "outlook.es",
    "icloud.com",
    "hotmail.es",
    "telefonica.net",
    "live.com",
)
ODD_DOMAINS = (
    "gmial.com",
    "hotmai.com",
    "gmail.con",
    "yaho.es",
    "yopmail.com",
    "mailinator.com",
    "sin punto",
    "@gmail.com",
)
PHONES = (
    "{}", "{0:.3} {1} {2}", "{0:.3}.{1}.{2}", "{0:.3}-{1}-{2}", "+34 {0:.3} {1} {2}", "0034{}", "+34{}",
    "(+34) {0:.3} {1} {2}", "'+34{}",
)  # fmt: skip
MONTHS = (
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
)


def make_contacts(count: int) -> dict[str, list[str]]:
    """Return the columns of made-up contacts, the same ones for the same count."""
    chance = random.Random(count)
    return {
        "email": [an_email(chance, number) for number in range(count)],
        "phone": [a_phone(chance, number) for number in range(count)],
        "name": [a_name(chance) for _ in range(count)],
        "birth_date": [a_date(chance) for _ in range(count)],
        "postal_code": [a_postal_code(chance) for _ in range(count)],
    }


def an_email(chance: random.Random, number: int) -> str:
    local = f"{chance.choice(('ana', 'jlopez', 'm.garcia', 'carmen_r', 'info', 'pepe-'))}{number}"
    style = chance.random()
    domain = chance.choice(DOMAINS) if style < 0.8 else f"empresa{chance.randrange(count_of_firms(number))}.es"
    if style > 0.97:
        domain = chance.choice(ODD_DOMAINS)
    address = f"{local}@{domain}"
    return address if chance.random() < 0.9 else chance.choice((address.upper(), address.title(), f" {address} "))


def count_of_firms(number: int) -> int:
    return max(1_000, number // 20)


def a_phone(chance: random.Random, number: int) -> str:
    # a factor without a divisor in common with 10^8 gives everyone another number
    digits = f"{(number * 40_353_607 + 12_345_678) % 10**8:08d}"
    style = chance.random()
    if style < 0.8:
        whole = f"6{digits}"
        form = chance.choice(PHONES)
        return form.format(whole, whole[3:6], whole[6:])
    if style < 0.92:
        return f"9{chance.choice('13568')}{digits[1:]}"
    if style < 0.97:
        return chance.choice((f"+5255{digits}", f"+5731{digits}", f"+569{digits}", f"+519{digits}", f"+54911{digits}"))
    return chance.choice((f"{digits[:5]}", f"{digits} no llamar", f"0{digits}", f"6{digits} / 91{digits[1:]}"))


def a_name(chance: random.Random) -> str:
    # a made-up family name keeps whole names apart
    made = "".join(chance.choices(SYLLABLES, k=3)).capitalize()
    name = f"{chance.choice(FIRST)} {chance.choice(FAMILY)} {made}"
    style = chance.random()
    if style < 0.7:
        return name
    if style < 0.85:
        return name.upper()
    if style < 0.93:
        return name.lower()
    return "".join(each.encode().decode("cp1252") if each in "áéóúñü" else each for each in name)


def a_date(chance: random.Random) -> str:
    day, month, year = chance.randrange(1, 32), chance.randrange(1, 13), chance.randrange(1930, 2011)
    return chance.choice(
        (
            f"{year}-{month:02d}-{day:02d}",
            f"{day:02d}/{month:02d}/{year}",
            f"{day}-{month}-{year % 100:02d}",
            f"{day} de {MONTHS[month - 1]} de {year}",
            f"{year}{month:02d}{day:02d}",
        )
    )


def a_postal_code(chance: random.Random) -> str:
    code = f"{chance.randrange(53_500):05d}"
    return code if chance.random() < 0.9 else chance.choice((code.lstrip("0"), f"{code[:2]}.{code[2:]}", f"{code}.0"))


def clean_once(contacts: int, workers: int) -> None:
    """Clean all columns and tell what it took, as JSON."""
    columns = make_contacts(contacts)
    arrays = {kind: pa.array(values, pa.string()) for kind, values in columns.items()}
    del columns
    load = os.getloadavg()[0]
    began, used_before = time.perf_counter(), used()
    cleaned = clean_columns(arrays, SETTINGS, workers=workers)
    took = time.perf_counter() - began
    found = {
        "load": load,
        "wall_s": took,
        "cpu_s": used() - used_before,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "child_peak_mib": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
        "distinct": {kind: len(column) for kind, column in cleaned.items()},
        "rules": {kind: column.count_rules() for kind, column in cleaned.items()},
        "flags": {kind: column.count_flags() for kind, column in cleaned.items()},
    }
    print(json.dumps(found))


def clean_in_a_workspace(contacts: int) -> None:
    """Import contacts and a thousand more, and tell what each step took, as JSON."""
    with tempfile.TemporaryDirectory() as made, tesela.init(Path(made) / "shop") as workspace:
        steps = []
        for name, count, first in (("all", contacts, 0), ("1,000 more", 1_000, contacts)):
            path = Path(made) / f"{first}.parquet"
            columns = make_contacts(first + count)
            told = {"customer_id": [str(n) for n in range(first, first + count)]}
            told |= {_HEADERS[kind]: values[first:] for kind, values in columns.items()}
            pq.write_table(pa.table(told), path)
            del columns, told
            stores = workspace._stores
            took = {"load": os.getloadavg()[0]}
            with timed(took, "import"):
                workspace.imports.run("contacts", path)
            with timed(took, "clean"):
                stores.cleaning.clean(stores.warehouse, stores.control, [len(steps) + 1])
            with timed(took, "refresh"):
                stores.refresh()
            steps.append({"step": name, **took})
        print(json.dumps({"steps": steps, "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


_HEADERS = {kind: "full_name" if kind == "name" else kind for kind in ("email", "phone", "name", "birth_date")} | {
    "postal_code": "postal_code"
}


@contextlib.contextmanager
def timed(into: dict[str, float], name: str) -> Iterator[None]:
    """Note wall and processor seconds of what stands inside."""
    began, used_before = time.perf_counter(), used()
    yield
    into[f"{name}_wall_s"], into[f"{name}_cpu_s"] = time.perf_counter() - began, used() - used_before


def used() -> float:
    """Return the processor seconds of this process and of its children that have ended."""
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def ask(what: str, *options: str) -> dict:
    ran = subprocess.run([sys.executable, __file__, what, *options], capture_output=True, text=True, check=True)
    return json.loads(ran.stdout)


def main() -> None:
    """Measure and print tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--contacts", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--once", action="store_true", help="clean, tell as JSON, and end")
    parser.add_argument("--wired", action="store_true", help="the same through a workspace")
    asked = parser.parse_args()
    if asked.once:
        clean_once(asked.contacts, asked.workers)
        return
    if asked.wired:
        clean_in_a_workspace(asked.contacts)
        return
    options = ("--contacts", str(asked.contacts), "--workers", str(asked.workers))
    print(f"{machine()}, load {os.getloadavg()[0]:.1f}; {asked.contacts:,} contacts, {asked.workers} processes\n")
    runs = [ask("--once", *options) for _ in range(asked.rounds)]
    print("| run | load | wall s | processor s | peak MiB | child's MiB |\n|---|---|---|---|---|---|")
    for number, each in enumerate(runs, 1):
        print(
            f"| {number} | {each['load']:.1f} | {each['wall_s']:.1f} | {each['cpu_s']:.1f} | {each['peak_mib']:.0f} "
            f"| {each['child_peak_mib']:.0f} |"
        )
    print(f"\nmedian wall {median([each['wall_s'] for each in runs]):.1f} s")
    print("\n| kind | distinct | changed by | flagged |\n|---|---|---|---|")
    for kind, count in runs[0]["distinct"].items():
        rules, flags = (
            ", ".join(f"{name} {n:,}" for name, n in runs[0][part][kind].items()) for part in ("rules", "flags")
        )
        print(f"| {kind} | {count:,} | {rules} | {flags} |")
    show_wired(asked.contacts)
    show_kinds(min(asked.contacts, 200_000))


def show_wired(contacts: int) -> None:
    """Show what the step costs in a workspace, and what the import and the refresh around it do."""
    told = ask("--wired", "--contacts", str(contacts))
    print("\n| through a workspace | load | import s | cleaning s | refresh s |\n|---|---|---|---|---|")
    for each in told["steps"]:
        cells = (
            f"{each[f'{name}_wall_s']:.1f} ({each[f'{name}_cpu_s']:.1f})" for name in ("import", "clean", "refresh")
        )
        print(f"| {each['step']} | {each['load']:.1f} | {' | '.join(cells)} |")
    print(f"\nwall seconds, in brackets processor seconds; peak {told['peak_mib']:.0f} MiB")


def show_kinds(count: int) -> None:
    """Show what one value of each kind costs, in one process."""
    print("\n| kind, one process | values | processor s | us a value |\n|---|---|---|---|")
    for kind, values in make_contacts(count).items():
        array = pa.array(list(dict.fromkeys(values)), pa.string())
        began = time.process_time()
        clean_column(kind, array, SETTINGS, workers=1)
        took = time.process_time() - began
        print(f"| {kind} | {len(array):,} | {took:.2f} | {took / len(array) * 1e6:.1f} |")


if __name__ == "__main__":
    main()
