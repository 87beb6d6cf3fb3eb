"""Columns, what is kept of them between runs, and the processes that clean them."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from tesela.base import LANGUAGES, InputError, NotFoundError
from tesela.profiles.cleaning import (
    FLAGS,
    KINDS,
    LEFT_ALONE,
    RULES,
    Cleaned,
    CleaningSettings,
    clean_column,
    clean_columns,
    clean_value,
    describe_flag,
    describe_rule,
)

NAMES = ["JOSÉ MARÍA DE LA O", "MarÃ\xada", None, "Ana", "JOSÉ MARÍA DE LA O", "n/a"]


def many_emails(count: int) -> list[str]:
    return [f"Ana{place}@{('gmail.com', 'gmial.com', 'empresa.es')[place % 3]}" for place in range(count)]


def test_a_column_has_each_distinct_value_once() -> None:
    column = clean_column("name", NAMES)
    assert column.table.column_names == ["original", "value", "rules", "flags", "suggestion"]
    assert column.table.to_pylist() == [
        {
            "original": "JOSÉ MARÍA DE LA O",
            "value": "José María de la O",
            "rules": ["name.case"],
            "flags": [],
            "suggestion": None,
        },
        {"original": "MarÃ\xada", "value": "María", "rules": ["name.mojibake"], "flags": [], "suggestion": None},
        {"original": "Ana", "value": "Ana", "rules": [], "flags": [], "suggestion": None},
        {"original": "n/a", "value": "n/a", "rules": [], "flags": ["placeholder"], "suggestion": None},
    ]
    assert len(column) == 4
    assert column.changed()["original"].to_pylist() == ["JOSÉ MARÍA DE LA O", "MarÃ\xada"]
    assert column.count_rules() == {"name.case": 1, "name.mojibake": 1}
    assert column.count_flags() == {"placeholder": 1}
    assert column.find("Ana") == Cleaned("Ana", "Ana")
    assert column.find("Eva") is None


@pytest.mark.parametrize(
    "values",
    [
        pa.array(NAMES),
        pa.chunked_array([NAMES[:2], NAMES[2:]], pa.string()),
        pa.array(NAMES).dictionary_encode(),
        pa.array(NAMES, pa.large_string()),
        iter(NAMES),
    ],
)
def test_any_column_of_texts_will_do(values: pa.Array) -> None:
    assert clean_column("name", values).table.equals(clean_column("name", NAMES).table)


@pytest.mark.parametrize(
    "values", [[], [None], pa.array([], pa.string()), pa.array([None, None]), pa.chunked_array([], pa.string())]
)
def test_nothing_gives_nothing(values: pa.Array) -> None:
    column = clean_column("email", values)
    assert len(column) == 0
    assert column.table.schema.equals(clean_column("name", NAMES).table.schema)
    assert column.count_flags() == {}


def test_undoing_a_rule_and_a_value() -> None:
    settings = CleaningSettings()
    assert clean_column("name", NAMES, settings).table["value"][0].as_py() == "José María de la O"
    assert clean_column("name", NAMES, settings.without("name.case")).table["value"][0].as_py() == NAMES[0]
    alone = clean_column("name", NAMES, settings.leaving("name", ["JOSÉ MARÍA DE LA O"]))
    assert alone.find("JOSÉ MARÍA DE LA O") == Cleaned(NAMES[0], NAMES[0], flags=(LEFT_ALONE,))
    assert alone.find("MarÃ\xada").value == "María"
    # of another kind it is another value
    assert clean_column("name", NAMES, settings.leaving("region", NAMES[:1])).table["value"][0].as_py() != NAMES[0]


# -- what answers depend on


def test_fingerprints_follow_what_a_kind_looks_at() -> None:
    spain = CleaningSettings()
    for changed, kinds in {
        replace(spain, country="MX"): {"phone", "postal_code", "region", "postal_region"},
        replace(spain, day_order="month_first"): {"date", "birth_date"},
        replace(spain, own_domains=frozenset({"x.es"})): {"email"},
        spain.without("date.iso"): {"date", "birth_date"},
        spain.leaving("name", ["Ana"]): set(),
    }.items():
        differ = {kind for kind in KINDS if spain.fingerprint(kind) != changed.fingerprint(kind)}
        assert differ == kinds


def test_a_new_version_of_a_rule_has_another_fingerprint(monkeypatch: pytest.MonkeyPatch) -> None:
    from tesela.profiles.cleaning import rules

    before = CleaningSettings().fingerprint("age")
    newer = tuple(replace(rule, version=2) if rule.name == "age.number" else rule for rule in RULES)
    monkeypatch.setattr(rules, "RULES", newer)
    assert CleaningSettings().fingerprint("age") != before


def test_a_large_column_is_the_same_in_several_processes() -> None:
    values = many_emails(90_000)
    phones = [f"6{place:08d}" for place in range(0, 90_000_000, 2_000)]
    settings = CleaningSettings(own_domains=frozenset({"x.es"})).without("email.role")
    one = clean_columns({"email": values, "phone": phones}, settings, workers=1)
    two = clean_columns({"email": values, "phone": phones}, settings, workers=2)
    assert one["email"].table.equals(two["email"].table)
    assert one["phone"].table.equals(two["phone"].table)
    assert one["email"].count_flags() == {"typo_domain": 30_000}


@pytest.mark.parametrize("python", ["", "/nowhere/python", sys.executable])
def test_a_child_that_fails_costs_time_only(python: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from tesela.profiles.cleaning import beside

    monkeypatch.setattr(sys, "executable", python)
    monkeypatch.setattr(beside, "_CHILD", "import os; os._exit(3)")
    values = many_emails(60_001)
    assert clean_column("email", values, workers=3).count_rules() == {"email.case": 60_001}


def test_a_script_without_a_guard_is_not_run_again(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from tesela.profiles.cleaning import clean_column\n"
        "print(len(clean_column('age', map(str, range(70_000)), workers=2)))\n"
    )
    ran = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert ran.stdout == "70000\n"


# -- settings and words


def test_settings_are_told_and_read_again() -> None:
    settings = CleaningSettings("MX", "month_first", own_domains=frozenset({"x.es"})).without("name.case")
    settings = settings.leaving("name", ["JM"])
    assert CleaningSettings.from_dict(settings.to_dict()) == settings
    assert CleaningSettings.from_dict({}) == CleaningSettings()


def test_what_does_not_exist_is_refused() -> None:
    with pytest.raises(NotFoundError, match=r"name\.kase"):
        CleaningSettings().without("name.kase")
    with pytest.raises(NotFoundError, match="nickname"):
        clean_value("nickname", "Ana")
    with pytest.raises(NotFoundError, match="nickname"):
        clean_columns({"nickname": ["Ana"]})
    with pytest.raises(NotFoundError, match="nickname"):
        CleaningSettings().leaving("nickname", ["Ana"])
    with pytest.raises(InputError, match="España"):
        CleaningSettings(country="España")
    with pytest.raises(InputError, match="year_first"):
        CleaningSettings(day_order="year_first")


def test_rules_and_flags_have_words() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)
    for language in LANGUAGES:
        assert len({describe_rule(rule.name, language) for rule in RULES}) == len(RULES)
        assert len({describe_flag(flag, language) for flag in FLAGS}) == len(FLAGS)
