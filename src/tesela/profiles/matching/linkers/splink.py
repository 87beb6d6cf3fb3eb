"""Score pairs with Splink (Fellegi and Sunter's model), on a DuckDB of its own in a scratch folder.

What says how much a field's likeness counts: shares among two people's pairs are estimated from random pairs, shares
among one person's by expectation maximisation on pairs that agree on the birth date, and on those that agree on the
whole name (or what else there is). Both lean towards the expected shares (`comparisons.py`) as if those had been seen
a number of times, so a shop with few duplicates is not led astray by the few. How many pairs are one person is what
the scores themselves add up to, and a few that are expected.

Sources:
    Fellegi and Sunter (1969), "A theory for record linkage", J. Am. Stat. Assoc. 64:1183-1210;
    Winkler (1988), "Using the EM algorithm for weight computation in the Fellegi-Sunter model of record linkage".
"""

from __future__ import annotations

import logging
import math
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pyarrow as pa
import splink.comparison_level_library as levels
import splink.comparison_library as comparisons
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.internals.exceptions import EMTrainingException

from tesela.profiles.matching.linkers.columns import KEYS, MAKE_PEOPLE, nicknames
from tesela.profiles.matching.linkers.comparisons import COMPARISONS, Comparison, Level
from tesela.profiles.matching.pairs import Evidence, Pairs

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tesela.profiles.matching.pairs import Floats, Ints

_SEED = 1
_SAMPLED_PAIRS = 1e6
_LEARNT_PAIRS = 1e6
# as many pairs of one person, and of two, as the expected shares count for
_EXPECTED_ONES = 100.0
_EXPECTED_TWOS = 1_000.0
# as many people in a hundred are expected to be there twice, beside what the scores say
_EXPECTED_DOUBLES = 0.02
# pairs whose weight is below this are hardly one person
_LEAST_WEIGHT = -6.0
# before it is known how many pairs are one person, a weight may be off by a few bits
_SLACK = 6.0
# of each, people agree on it who are probably one: the most pairs of any tells how many are one, to begin with
_SURE = (
    ("email",),
    ("document",),
    ("phone", "root"),
    ("card", "root"),
    ("names", "birth"),
    ("names", "postal"),
)
# pairs to learn from agree on one of these: the first two that the shop has
_LEARNING = (("birth",), ("given", "family"), ("email",), ("phone",), ("postal", "root"))
_FEWEST_TO_LEARN = 20


class SplinkScorer:
    """Scores pairs of the people in a file.

    Args:
        people: What `write_people` wrote.
        scratch: Folder for the database in the making.
        memory_limit: How much memory it may use before it spills to disk.
    """

    def __init__(self, people: Path, scratch: Path, *, memory_limit: str) -> None:
        config: dict[str, Any] = {"memory_limit": memory_limit, "temp_directory": str(scratch / "matching.tmp")}
        self._connection: Any = duckdb.connect(str(scratch / "matching.duckdb"), config=config)
        self._connection.register("nicknames", _named(nicknames(), ("nickname", "root")))
        self._run(MAKE_PEOPLE, path=str(people))
        self._connection.unregister("nicknames")
        count = self._run("SELECT count(*) FROM people")[0][0]
        self._all_pairs = count * (count - 1) / 2
        self._expected_pairs = _EXPECTED_DOUBLES * count
        columns = sorted({each.column for each in COMPARISONS} | {f"{key}_key" for key in KEYS} | {"names"})
        told = self._run(f"SELECT {', '.join(f'count({column})' for column in columns)} FROM people")[0]
        self._there = {column for column, n in zip(columns, told, strict=True) if n}
        self._compared = [each for each in COMPARISONS if each.column in self._there]
        self._api = DuckDBAPI(connection=self._connection)
        self._linker: Any = None
        self._shift = 0.0

    def score(self) -> Pairs:
        """Return the pairs of people who have something in common, but those that are hardly one."""
        if not self._all_pairs or not self._compared:
            return Pairs(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
        share = self._share_to_begin_with()
        people = self._api.register(self._connection.table("people"))
        self._linker = Linker(people, self._learn(people, share), log_level=logging.ERROR, validate_settings=False)
        found = self._linker.inference.predict(threshold_match_weight=_LEAST_WEIGHT - _SLACK, warning_mode="never")
        pairs = self._pairs(found.physical_name)
        found.drop_table_from_database_and_remove_from_cache()
        self._shift = _shift_of(pairs.weight, share, self._all_pairs, expected=self._expected_pairs)
        return _kept(self._shifted(pairs), pairs.weight + self._shift >= _LEAST_WEIGHT)

    def score_within(self, profiles: Ints, groups: Ints) -> Pairs:
        """Return all pairs inside groups of people: each profile with the number of its group."""
        self._connection.register("groups", pa.table({"profile_id": profiles, "number": groups}))
        self._run(
            "CREATE OR REPLACE TABLE grouped AS SELECT p.*, g.number AS group_number"
            " FROM people AS p JOIN groups AS g ON g.profile_id = p.profile_id ORDER BY p.profile_id"
        )
        self._connection.unregister("groups")
        found = self._linker.inference.predict_within(
            self._api.register(self._connection.table("grouped")),
            blocking_rules_to_generate_predictions=[block_on("group_number")],
            warning_mode="never",
        )
        self._run(f"CREATE OR REPLACE TABLE within_groups AS SELECT * FROM {found.physical_name}")
        found.drop_table_from_database_and_remove_from_cache()
        return self._shifted(self._pairs("within_groups"))

    def explain(self, pairs: Sequence[tuple[int, int]]) -> list[tuple[Evidence, ...]]:
        """Return what each field says of pairs that were scored inside groups, in their order."""
        if not pairs:
            return []
        self._connection.register("asked", _named(pairs, ("one", "other")))
        told = ", ".join(self._told(each) for each in self._compared)
        rows = self._run(
            f"SELECT profile_id_l, profile_id_r, {told} FROM within_groups"
            " JOIN asked ON one = profile_id_l AND other = profile_id_r"
        )
        self._connection.unregister("asked")
        by_pair = {row[:2]: row[2:] for row in rows}
        return [
            tuple(
                Evidence(each.field, _level_name(each, level), round(float(weight), 2))
                for each, (level, weight) in zip(self._compared, _twos(by_pair[tuple(pair)]), strict=True)
            )
            for pair in pairs
        ]

    def close(self) -> None:
        """Let go of what was computed."""
        self._connection.close()

    def _share_to_begin_with(self) -> float:
        """Return the share of pairs that are one person, guessed from what hardly two people agree on."""
        most = 1.0
        for columns in _SURE:
            told = " AND ".join(f"{column} IS NOT NULL" for column in columns)
            counted = f"SELECT count(*) AS n FROM people WHERE {told} GROUP BY {', '.join(columns)}"
            # what many have in common is a value that stands for none
            summed = f"SELECT sum(n * (n - 1) / 2) FROM ({counted}) WHERE n <= 20"
            most = max(most, self._run(summed)[0][0] or 0.0)
        return float(min(most / self._all_pairs, 0.5))

    def _learn(self, people: Any, share: float) -> dict[str, Any]:
        """Return the model: what each level of each field counts."""
        settings = SettingsCreator(
            link_type="dedupe_only",
            unique_id_column_name="profile_id",
            probability_two_random_records_match=share,
            comparisons=[_as_splink(each) for each in self._compared],
            blocking_rules_to_generate_predictions=[
                block_on(f"{key}_key") for key in KEYS if f"{key}_key" in self._there
            ],
            retain_intermediate_calculation_columns=True,
        )
        linker: Any = Linker(people, settings, log_level=logging.ERROR, validate_settings=False)
        linker.training.estimate_u_using_random_sampling(
            max_pairs=_SAMPLED_PAIRS, seed=_SEED, min_count_per_level=None, num_chunks=1
        )
        for columns in self._rules_to_learn_by():
            before = linker.misc.save_model_to_json()
            try:
                linker.training.estimate_parameters_using_expectation_maximisation(
                    block_on(*columns), estimate_without_term_frequencies=True, max_pairs=_LEARNT_PAIRS
                )
            except (EMTrainingException, ValueError):
                # nothing varies among these pairs, or a level vanishes from them: the expected shares stand, and
                # what was half learnt is left behind
                linker = Linker(people, before, log_level=logging.ERROR, validate_settings=False)
        model: dict[str, Any] = linker.misc.save_model_to_json()
        ones, twos = share * self._all_pairs, min(self._all_pairs, _SAMPLED_PAIRS)
        for compared, learnt in zip(self._compared, model["comparisons"], strict=True):
            _lean(compared, learnt["comparison_levels"], ones=ones, twos=twos)
        return model

    def _rules_to_learn_by(self) -> list[tuple[str, ...]]:
        found: list[tuple[str, ...]] = []
        for columns in _LEARNING:
            told = " AND ".join(f"{column} IS NOT NULL" for column in columns)
            counted = f"SELECT count(*) AS n FROM people WHERE {told} GROUP BY {', '.join(columns)}"
            pairs = self._run(f"SELECT sum(n * (n - 1) / 2) FROM ({counted})")[0][0] or 0
            if pairs >= _FEWEST_TO_LEARN and len(found) < 2:
                found.append(columns)
        return found

    def _told(self, each: Comparison) -> str:
        adjusted = f" + coalesce(mw_tf_adj_{each.field}, 0)" if any(level.column for level in each.levels) else ""
        return f"gamma_{each.field}, coalesce(mw_{each.field}, 0){adjusted}"

    def _pairs(self, table: str) -> Pairs:
        rows = self._connection.sql(
            f"SELECT profile_id_l, profile_id_r, round(match_weight, 6) AS weight FROM {table} ORDER BY ALL"
        ).to_arrow_table()
        one, other, weight = (rows.column(n).to_numpy() for n in range(3))
        return Pairs(one, other, weight)

    def _shifted(self, pairs: Pairs) -> Pairs:
        return Pairs(pairs.one, pairs.other, pairs.weight + self._shift)

    def _run(self, sql: str, **values: object) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = self._connection.execute(sql, values or None).fetchall()
        return found


def _as_splink(each: Comparison) -> Any:
    missing = levels.CustomLevel(
        f"{each.column}_l IS NULL OR {each.column}_r IS NULL", label_for_charts="missing"
    ).configure(is_null_level=True)
    told = [
        levels.CustomLevel(level.condition, label_for_charts=level.name).configure(
            m_probability=level.of_one,
            u_probability=level.of_two,
            **_adjusted(level),
        )
        for level in each.levels
    ]
    differs = levels.ElseLevel().configure(m_probability=each.of_one[-1], u_probability=each.of_two[-1])
    return comparisons.CustomComparison(output_column_name=each.field, comparison_levels=[missing, *told, differs])


def _adjusted(level: Level) -> dict[str, Any]:
    return {"tf_adjustment_column": level.column} if level.column else {}


def _lean(compared: Comparison, learnt: list[dict[str, Any]], *, ones: float, twos: float) -> None:
    """Let what was learnt of a field's levels lean towards what is expected."""
    counted = [level for level in learnt if not level.get("is_null_level")]
    for level, of_one, of_two in zip(counted, compared.of_one, compared.of_two, strict=True):
        for key, expected, seen, weight in (
            ("m_probability", of_one, ones, _EXPECTED_ONES),
            ("u_probability", of_two, twos, _EXPECTED_TWOS),
        ):
            found = level.get(key)
            found = found if isinstance(found, float) else 0.0
            # what threads add up in another order differs far behind the point
            level[key] = round((found * seen + expected * weight) / (seen + weight), 12)


def _shift_of(weights: Floats, share: float, pairs: float, *, expected: float) -> float:
    """Return how many bits to add to all weights, so that they speak of as many pairs as the scores add up to.

    Some pairs are expected beside them: without, few and weak scores would talk each other down to nothing.
    """
    begun = math.log2(share / (1 - share))
    shift = 0.0
    for _ in range(100):
        ones = float((1 / (1 + np.exp2(-np.clip(weights + shift, -60, 60)))).sum())
        now = min((ones + expected) / pairs, 0.5)
        step = math.log2(now / (1 - now)) - begun - shift
        shift += step
        if abs(step) < 1e-6:
            break
    return round(max(-_SLACK, min(_SLACK, shift)), 6)


def _kept(pairs: Pairs, which: Any) -> Pairs:
    return Pairs(pairs.one[which], pairs.other[which], pairs.weight[which])


def _level_name(each: Comparison, gamma: int) -> str:
    """Return the name of a level by its number: -1 is missing, 0 differs, the strictest the largest."""
    if gamma < 1:
        return "differs" if gamma == 0 else "missing"
    return each.levels[len(each.levels) - gamma].name


def _twos(row: Sequence[Any]) -> list[tuple[Any, Any]]:
    return list(zip(row[::2], row[1::2], strict=True))


def _named(rows: Sequence[tuple[Any, Any]], names: tuple[str, str]) -> pa.Table:
    one, other = zip(*rows, strict=True)
    return pa.table({names[0]: list(one), names[1]: list(other)})
