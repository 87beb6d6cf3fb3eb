"""Splink alone, set up for each public set as its documentation does it (examples of version 5, August 2026).

    febrl3                    docs/demos/examples/duckdb/febrl3.nb.py (for all three sets)
    fake_1000                 docs/demos/examples/duckdb/accuracy_analysis_from_labels_column.nb.py
    historical_50k            docs/demos/examples/duckdb/deduplicate_50k_synthetic.nb.py

Each trains by expectation maximisation on two blocking rules or three, and clusters at 0.95 where it says (the quick
start and the historical set); 0.5 is what its charts show by default.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import duckdb
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Pair = tuple[str, str, float]


def score(name: str, data: Path) -> list[Pair]:
    """Return the pairs that Splink finds, with their match probability."""
    connection = duckdb.connect()
    connection.execute(f"CREATE TABLE records AS {_records(name, data)}").fetchall()
    settings, train = _MODELS[name.rstrip("123")]()
    linker = Linker(
        DuckDBAPI(connection=connection).register(connection.table("records")), settings, log_level=logging.ERROR
    )
    train(linker)
    found = linker.inference.predict(threshold_match_probability=0.001)
    uid = settings.unique_id_column_name
    return connection.execute(f"SELECT {uid}_l, {uid}_r, match_probability FROM {found.physical_name}").fetchall()


def _records(name: str, data: Path) -> str:
    if name.startswith("febrl"):
        names = (
            "rec_id given_name surname street_number address_1 address_2 suburb postcode state date_of_birth soc_sec_id"
        )
        told = [f"nullif(trim(column{place:02}), '') AS {each}" for place, each in enumerate(names.split())]
        file = data / "febrl" / f"dataset{name[-1]}.csv"
        return f"SELECT {', '.join(told)} FROM read_csv('{file}', header = false, skip = 1, all_varchar = true)"
    if name == "fake_1000":
        file = data / "splink" / "fake_1000.csv"
        return f"SELECT * FROM read_csv('{file}', header = true, types = {{'dob': 'DATE', 'unique_id': 'VARCHAR'}})"
    file = data / "splink" / "historical_figures_with_errors_50k.parquet"
    return f"SELECT *, first_name || ' ' || surname AS first_name_surname_concat FROM '{file}'"


def _febrl() -> tuple[SettingsCreator, Callable[[Any], None]]:
    rules = ("soc_sec_id", "given_name", "surname", "date_of_birth", "postcode")
    settings = SettingsCreator(
        unique_id_column_name="rec_id",
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=[block_on(rule) for rule in rules],
        comparisons=[
            cl.NameComparison("given_name"),
            cl.NameComparison("surname"),
            cl.DateOfBirthComparison("date_of_birth", input_is_string=True, datetime_format="%Y%m%d"),
            cl.DamerauLevenshteinAtThresholds("soc_sec_id", [2]),
            cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
            cl.ExactMatch("postcode").configure(term_frequency_adjustments=True),
        ],
    )

    def train(linker: Any) -> None:
        swapped = "l.given_name = r.surname and l.surname = r.given_name and l.date_of_birth = r.date_of_birth"
        sure = [block_on("soc_sec_id"), block_on("given_name", "surname", "date_of_birth"), swapped]
        linker.training.estimate_probability_two_random_records_match(sure, recall=0.9)
        linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=2)
        for rule in (block_on("date_of_birth"), block_on("postcode")):
            linker.training.estimate_parameters_using_expectation_maximisation(rule)

    return settings, train


def _fake() -> tuple[SettingsCreator, Callable[[Any], None]]:
    settings = SettingsCreator(
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=[block_on(rule) for rule in ("first_name", "surname", "dob", "email")],
        comparisons=[
            cl.ForenameSurnameComparison("first_name", "surname"),
            cl.DateOfBirthComparison("dob", input_is_string=False),
            cl.ExactMatch("city").configure(term_frequency_adjustments=True),
            cl.EmailComparison("email"),
        ],
    )

    def train(linker: Any) -> None:
        sure = [
            "l.first_name = r.first_name and levenshtein(r.dob::VARCHAR, l.dob::VARCHAR) <= 1",
            "l.surname = r.surname and levenshtein(r.dob::VARCHAR, l.dob::VARCHAR) <= 1",
            "l.first_name = r.first_name and levenshtein(r.surname, l.surname) <= 2",
            "l.email = r.email",
        ]
        linker.training.estimate_probability_two_random_records_match(sure, recall=0.7)
        linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=5)
        _learn(linker, block_on("dob"), block_on("email"), block_on("first_name", "surname"))

    return settings, train


def _historical() -> tuple[SettingsCreator, Callable[[Any], None]]:
    rules = [
        ("substr(first_name,1,3)", "substr(surname,1,4)"),
        ("surname", "dob"),
        ("first_name", "dob"),
        ("postcode_fake", "first_name"),
        ("postcode_fake", "surname"),
        ("dob", "birth_place"),
        ("substr(postcode_fake,1,3)", "dob"),
        ("substr(postcode_fake,1,3)", "first_name"),
        ("substr(postcode_fake,1,3)", "surname"),
        ("substr(first_name,1,2)", "substr(surname,1,2)", "substr(dob,1,4)"),
    ]
    settings = SettingsCreator(
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=[block_on(*rule) for rule in rules],
        comparisons=[
            cl.ForenameSurnameComparison(
                "first_name", "surname", forename_surname_concat_col_name="first_name_surname_concat"
            ),
            cl.DateOfBirthComparison("dob", input_is_string=True),
            cl.PostcodeComparison("postcode_fake"),
            cl.ExactMatch("birth_place").configure(term_frequency_adjustments=True),
            cl.ExactMatch("occupation").configure(term_frequency_adjustments=True),
        ],
    )

    def train(linker: Any) -> None:
        sure = [
            block_on("first_name", "surname", "dob"),
            block_on("substr(first_name,1,2)", "surname", "substr(postcode_fake,1,2)"),
            block_on("dob", "postcode_fake"),
        ]
        linker.training.estimate_probability_two_random_records_match(sure, recall=0.6)
        linker.training.estimate_u_using_random_sampling(max_pairs=1e7, seed=1)
        _learn(linker, block_on("first_name", "surname"), block_on("dob"))

    return settings, train


def _learn(linker: Any, *rules: Any) -> None:
    for rule in rules:
        linker.training.estimate_parameters_using_expectation_maximisation(rule, estimate_without_term_frequencies=True)


_MODELS = {"febrl": _febrl, "fake_1000": _fake, "historical_50k": _historical}
