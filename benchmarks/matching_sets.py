"""Public sets of people with known duplicates, and a made-up shop: as files of contacts, with the truth.

Each file has the columns that a shop's export would have; `customer_id` is the record's own, so that each record is a
profile of its own when nothing but customer ids merges.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from pathlib import Path

_FEBRL = """
    SELECT trim(column00) AS customer_id, nullif(trim(column01), '') AS first_name,
        nullif(trim(column02), '') AS last_name, nullif(trim(column03), '') AS street_number,
        nullif(trim(column04), '') AS address_1,
        nullif(trim(column05), '') AS address_2, nullif(trim(column06), '') AS city,
        nullif(trim(column07), '') AS postal_code, nullif(trim(column08), '') AS region,
        try_strptime(trim(column09), '%Y%m%d')::DATE AS birth_date, nullif(trim(column10), '') AS soc_sec_id,
        regexp_extract(trim(column00), '^([^-]+-[^-]+)', 1) AS person
    FROM read_csv('{folder}/febrl/dataset{n}.csv', header = false, skip = 1, all_varchar = true)
"""

_FAKE = """
    SELECT unique_id AS customer_id, first_name, surname AS last_name, dob AS birth_date, city, email, cluster AS person
    FROM read_csv('{folder}/splink/fake_1000.csv', header = true, all_varchar = true)
"""

# the first word of the full name is the first name; what is no date is no birth date
_HISTORICAL = """
    SELECT unique_id AS customer_id, split_part(full_name, ' ', 1) AS first_name,
        nullif(substr(full_name, length(split_part(full_name, ' ', 1)) + 2), '') AS last_name,
        try_cast(dob AS DATE) AS birth_date, birth_place AS city, postcode_fake AS postal_code, gender, occupation,
        cluster AS person
    FROM '{folder}/splink/historical_figures_with_errors_50k.parquet'
"""

QUERIES = {
    **{f"febrl{n}": _FEBRL.replace("{n}", str(n)) for n in (1, 2, 3)},
    "fake_1000": _FAKE,
    "historical_50k": _HISTORICAL,
}


@dataclass(frozen=True)
class PeopleFile:
    """A file of contacts, and whose each record is."""

    path: Path
    person: dict[str, str]


def write_set(name: str, data: Path, into: Path) -> PeopleFile:
    """Write a public set as a file of contacts."""
    path = into / f"{name}.csv"
    query = QUERIES[name].replace("{folder}", str(data))
    with duckdb.connect() as connection:
        truth = connection.execute(f"SELECT customer_id, person FROM ({query})").fetchall()
        copied = f"COPY (SELECT * EXCLUDE (person) FROM ({query}) ORDER BY customer_id) TO '{path}' (HEADER)"
        connection.execute(copied).fetchall()
    return PeopleFile(path, dict(truth))


_FIRST = """
    maria carmen ana isabel laura cristina marta lucia paula elena pilar dolores teresa rosa julia irene sara alba
    antonio jose manuel francisco david juan javier daniel carlos jesus miguel pedro pablo luis sergio rafael angel
    fernando alberto alejandro jorge diego ivan ruben oscar raul enrique ramon vicente andres joaquin ignacio
"""
_LAST = """
    garcia rodriguez gonzalez fernandez lopez martinez sanchez perez gomez martin jimenez ruiz hernandez diaz moreno
    munoz alvarez romero alonso gutierrez navarro torres dominguez vazquez ramos gil ramirez serrano blanco molina
    morales suarez ortega delgado castro ortiz rubio marin sanz nunez iglesias medina garrido cortes castillo santos
    lozano guerrero cano prieto mendez cruz calvo gallego vidal leon marquez herrera pena flores cabrera campos vega
    fuentes carrasco diez reyes caballero nieto aguilar pascual santana herrero lorenzo
    montero hidalgo gimenez ibanez
"""
_NICK = {
    "jose": "pepe",
    "francisco": "paco",
    "manuel": "manolo",
    "dolores": "lola",
    "ignacio": "nacho",
    "pilar": "pili",
}
_CITIES = {
    **{"28": "Madrid", "08": "Barcelona", "46": "Valencia", "41": "Sevilla", "29": "Malaga", "50": "Zaragoza"},
    **{"48": "Bilbao", "03": "Alicante", "15": "La Coruña", "30": "Murcia", "07": "Palma", "35": "Las Palmas"},
}
_STREETS = "Mayor Real Nueva Sol Luna Iglesia Fuente Constitucion Cervantes Goya Colon Larios Sierpes Diagonal"


def write_shop(people: int, into: Path, *, doubled: float = 0.1, seed: int = 1) -> PeopleFile:
    """Write a made-up shop of Spanish people, some of whom signed up twice under another spelling."""
    chance = random.Random(seed)
    path, person = into / "shop.csv", {}
    header = "customer_id,first_name,last_name,email,phone,birth_date,postal_code,city,address"
    with path.open("w", encoding="utf-8") as file:
        file.write(header + "\n")
        number = 0
        while number < people:
            told = _person(chance, number)
            for row in [told, _again(chance, told, number)][: 2 if chance.random() < doubled else 1]:
                number += 1
                person[f"C{number}"] = told["email"] + told["phone"]
                file.write(",".join([f"C{number}", *row.values()]) + "\n")
    return PeopleFile(path, person)


def _person(chance: random.Random, number: int) -> dict[str, str]:
    first, one, two = chance.choice(_FIRST.split()), chance.choice(_LAST.split()), chance.choice(_LAST.split())
    zone = chance.choice(list(_CITIES))
    return {
        "first_name": first.title(),
        "last_name": f"{one} {two}".title(),
        "email": f"{first}.{one}{number}@{chance.choice(('gmail.com', 'hotmail.com', 'yahoo.es'))}",
        "phone": f"6{chance.randrange(10**8):08}",
        "birth_date": f"{chance.randrange(1940, 2006)}-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}",
        "postal_code": f"{zone}{chance.randrange(1, 60):03}",
        "city": _CITIES[zone],
        "address": f"Calle {chance.choice(_STREETS.split())} {chance.randrange(1, 120)}",
    }


def _again(chance: random.Random, told: dict[str, str], number: int) -> dict[str, str]:
    """Return the same person as she signs up again: always another e-mail, some fields misspelt, changed or missing."""
    row = dict(told)
    first, last = told["first_name"].lower(), told["last_name"]
    row["first_name"] = _NICK.get(first, first).title() if chance.random() < 0.5 else told["first_name"]
    row["last_name"] = last.split()[0] if chance.random() < 0.4 else _misspelt(chance, last, 0.2)
    row["email"] = f"{_NICK.get(first, first)}{last.split()[0].lower()}{number}b@gmail.com"
    row["phone"] = chance.choice((told["phone"], "", f"6{chance.randrange(10**8):08}"))
    if row["phone"] == told["phone"]:
        row["phone"] = told["phone"][:-1] + str((int(told["phone"][-1]) + 1) % 10)
    year, month, day = told["birth_date"].split("-")
    swapped = f"{year}-{day}-{month}" if int(day) <= 12 else told["birth_date"]
    row["birth_date"] = chance.choice((told["birth_date"], told["birth_date"], swapped, ""))
    row["address"] = chance.choice((told["address"], told["address"].replace("Calle ", "C/ "), ""))
    return row


def _misspelt(chance: random.Random, text: str, share: float) -> str:
    if chance.random() >= share:
        return text
    at = chance.randrange(len(text) - 1)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
