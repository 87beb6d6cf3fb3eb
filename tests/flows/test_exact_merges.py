"""Records that share an identifier are one person, on public sets with known truth: every such pair, and no other."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import tesela
from tesela.warehouse import Statement

pytestmark = [pytest.mark.data, pytest.mark.slow]

# every record has a number of its own; an identifier may stand on as many as it likes
RULES = """
[identity]
merging = ["customer_id", "{kind}"]

[identity.unique]
customer_id = 0
loyalty_card = 0
"""
FEBRL = "rec_id,given_name,surname,street_number,address_1,address_2,suburb,postcode,state,date_of_birth,soc_sec_id"

Record = tuple[str, str, str]


def fake_1000(data: Path) -> Iterator[Record]:
    with (data / "splink" / "fake_1000.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield row["unique_id"], row["email"], row["cluster"]


def febrl(number: int) -> Callable[[Path], Iterator[Record]]:
    def read(data: Path) -> Iterator[Record]:
        with (data / "febrl" / f"dataset{number}.csv").open(encoding="utf-8", newline="") as file:
            next(file)
            for row in csv.DictReader(file, FEBRL.split(","), skipinitialspace=True):
                yield row["rec_id"], row["soc_sec_id"].strip(), "-".join(row["rec_id"].split("-")[:2])

    return read


@pytest.mark.parametrize(
    ("records", "kind", "expected"),
    [
        pytest.param(fake_1000, "email", 682, id="fake_1000"),
        pytest.param(febrl(1), "loyalty_card", 450, id="febrl1"),
        pytest.param(febrl(2), "loyalty_card", 1_686, id="febrl2"),
        pytest.param(febrl(3), "loyalty_card", 5_601, id="febrl3"),
    ],
)
def test_every_pair_that_shares_an_identifier_is_one_person_and_none_wrong(
    records: Callable[[Path], Iterator[Record]], kind: str, expected: int, real_data: Path, tmp_path: Path
) -> None:
    told = list(records(real_data))
    with (tmp_path / "people.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("customer_id", kind), *(row[:2] for row in told)])
    tesela.init(tmp_path / "shop").close()
    with (tmp_path / "shop" / "tesela.toml").open("a", encoding="utf-8") as file:
        file.write(RULES.replace("{kind}", kind))
    with tesela.open(tmp_path / "shop") as workspace:
        assert workspace.imports.run("contacts", tmp_path / "people.csv").stored == len(told)
        workspace.segments.count("never order_completed")
        asked = "SELECT value, profile_id FROM identifiers WHERE kind = 'customer_id'"
        rows = workspace._stores.warehouse.query(Statement(asked)).to_pylist()
    person = {record: owner for record, _, owner in told}
    profiles: dict[int, list[str]] = defaultdict(list)
    for row in rows:
        profiles[row["profile_id"]].append(person[row["value"]])
    assert sum(len(members) for members in profiles.values()) == len(told)
    assert sum(pairs(len(members)) for members in profiles.values()) == expected
    assert [members for members in profiles.values() if len(set(members)) > 1] == []


def pairs(count: int) -> int:
    return count * (count - 1) // 2
