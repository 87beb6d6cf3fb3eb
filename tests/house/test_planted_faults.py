"""Each rule of the house is broken once, in a copy: a check that does not see its fault is no check."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from house import checks
from house.layers import lint_imports

HEAD = "from __future__ import annotations\n"


@dataclass(frozen=True, slots=True)
class Plant:
    """A fault: lines put at the end of a file (made when absent), and what must be said about it."""

    file: str
    lines: str
    said: str
    name: str


LAYERS = [
    Plant(
        "base/planted.py", "from tesela.segments import MEMBERSHIPS", "tesela.base.planted -> tesela.segments", "upward"
    ),
    Plant(
        "base/planted.py",
        "def late():\n    import tesela.workspace",
        "tesela.base.planted -> tesela.workspace",
        "upward_in_a_function",
    ),
    Plant(
        "base/planted.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from tesela.events import EVENTS",
        "tesela.base.planted -> tesela.events",
        "upward_for_typing",
    ),
    Plant("warehouse/planted.py", "import tesela.control", "tesela.warehouse.planted -> tesela.control", "sibling"),
    Plant("segments/planted.py", "import pandas", "tesela.segments.planted -> pandas", "dataframes"),
    Plant("segments/planted.py", "import duckdb", "tesela.segments.planted -> duckdb", "driver"),
    Plant("warehouse/planted.py", "import duckdb", "tesela.warehouse.planted -> duckdb", "driver_beside_the_adapters"),
    Plant("interfaces/cli/planted.py", "import tesela.warehouse", "cli.planted -> tesela.warehouse", "door_to_data"),
    Plant(
        "interfaces/http/__init__.py",
        "import tesela.interfaces.cli",
        "tesela.interfaces.http -> tesela.interfaces.cli",
        "door_to_door",
    ),
    Plant("utils/__init__.py", "", "utils", "new_room"),
]

CHECKS: list[tuple[Callable[[Path], list[checks.Fault]], Plant]] = [
    (
        checks.imports_past_front_doors,
        Plant("segments/planted.py", "from tesela.warehouse.tables import Table", "past the front door", "deep"),
    ),
    (
        checks.imports_past_front_doors,
        Plant("segments/planted.py", "import tesela.warehouse.tables", "past the front door", "deep_other_form"),
    ),
    (
        checks.imports_past_front_doors,
        Plant("segments/planted.py", "from tesela.warehouse import tables", "not on the front door", "deep_by_name"),
    ),
    (
        checks.imports_past_front_doors,
        Plant(
            "segments/planted.py",
            "def late():\n    from tesela.warehouse.engines.duckdb import DuckDBEngine",
            "past the front door",
            "deep_in_a_function",
        ),
    ),
    (
        checks.imports_past_front_doors,
        Plant(
            "segments/planted.py", "from tesela import warehouse\nwarehouse.tables.Table", "uses", "deep_by_attribute"
        ),
    ),
    (
        checks.imports_past_front_doors,
        Plant("segments/planted.py", "import tesela.warehouse\ntesela.warehouse.tables", "uses", "deep_by_whole_name"),
    ),
    (
        checks.imports_past_front_doors,
        Plant(
            "segments/planted.py",
            "from importlib import import_module\nimport_module('tesela.warehouse.tables')",
            "past the front door",
            "deep_by_string",
        ),
    ),
    (checks.imports_past_front_doors, Plant("segments/planted.py", "from . import tables", "relative", "relative")),
    (
        checks.unsorted_front_doors,
        Plant("warehouse/__init__.py", "__all__ = ['Table', 'Column']", "not sorted", "unsorted_all"),
    ),
    (
        checks.unsorted_front_doors,
        Plant("warehouse/__init__.py", "from tesela.base import text", "text is imported but", "imported_not_in_all"),
    ),
    (
        checks.unsorted_front_doors,
        Plant("base/__init__.py", "__all__ = ['Missing']", "Missing is in __all__", "in_all_not_imported"),
    ),
    (checks.unsorted_front_doors, Plant("base/__init__.py", "LIMIT = 3", "code on a front door", "code_on_a_door")),
    (
        checks.unsorted_front_doors,
        Plant(
            "planted/__init__.py",
            "from tesela.base import (" + ", ".join(f"name_{n:02}" for n in range(31)) + ")\n"
            "__all__ = [" + ", ".join(f"'name_{n:02}'" for n in range(31)) + "]",
            "31 names",
            "crowded_door",
        ),
    ),
    (checks.rooms_without_readme, Plant("planted/__init__.py", "", "no README.md", "no_readme")),
    (checks.forbidden_names, Plant("segments/rule_helpers.py", "", "rule_helpers says nothing", "module_name")),
    (checks.forbidden_names, Plant("segments/planted.py", "class RuleManager: ...", "RuleManager says", "class_name")),
    (
        checks.forbidden_names,
        Plant("segments/planted.py", "def process_rules(): ...", "process_rules", "function_name"),
    ),
    (checks.unsafe_calls, Plant("segments/planted.py", "value = eval('1')", "calls eval", "eval")),
    (checks.unsafe_calls, Plant("segments/planted.py", "def f():\n    import pickle", "imports pickle", "pickle")),
    (checks.unsafe_calls, Plant("segments/planted.py", "import os\nos.system('ls')", "calls os.system", "system")),
    (
        checks.unsafe_calls,
        Plant("segments/planted.py", "import subprocess\nsubprocess.run('ls', shell=True)", "a shell", "shell"),
    ),
    (checks.unsafe_calls, Plant("segments/planted.py", "yaml.load('')", "calls yaml.load", "yaml")),
    (
        checks.tables_declared_twice,
        Plant(
            "segments/tables.py",
            'AGAIN = Table(name="profiles", grain="again", key=(), columns=())',
            "declares profiles",
            "second_writer",
        ),
    ),
    (
        checks.table_names_spelled_out,
        Plant("segments/planted.py", 'SQL = "SELECT count(*) FROM events"', "the table events", "table_in_sql"),
    ),
    (
        checks.table_names_spelled_out,
        Plant(
            "segments/planted.py", 'SQL = f"DELETE FROM memberships WHERE {1}"', "memberships", "table_in_an_f_string"
        ),
    ),
    (
        checks.table_names_spelled_out,
        Plant("segments/planted.py", "query = select('*').from_('profiles')", "the table profiles", "table_as_a_node"),
    ),
    (
        checks.table_names_spelled_out,
        Plant("segments/planted.py", "statement('{t}', tables={'t': 'profiles'})", "profiles", "table_in_a_mapping"),
    ),
    (
        checks.writes_of_others_tables,
        Plant(
            "segments/planted.py",
            "from tesela.events import EVENTS\nstatement('DELETE FROM {e}', tables={'e': EVENTS})",
            "writes EVENTS",
            "foreign_write",
        ),
    ),
    (
        checks.places_not_registered,
        Plant(
            "segments/tables.py",
            'STRAY = Table(name="stray", grain="one", key=(), columns=(Column("email", "VARCHAR", "an e-mail"),))',
            "table stray: is not in the erasure registry",
            "table_not_registered",
        ),
    ),
    (
        checks.places_not_registered,
        Plant(
            "segments/tables.py",
            'STRAY = Table("stray", "one", (), (Column("who", "VARCHAR", "", True),), Holding("nobody", why="x"))',
            "holds nothing of anybody, and has who",
            "table_that_says_it_holds_nobody",
        ),
    ),
    (
        checks.places_not_registered,
        Plant(
            "segments/tables.py",
            'STRAY = Table("stray", "one", (), (), Holding("profile", ("profile",)))',
            "tells people by profile, which it has not",
            "table_that_tells_by_nothing",
        ),
    ),
    (
        checks.places_not_registered,
        Plant(
            "segments/tables.py",
            'MEMBERSHIPS = Table("memberships", "one", (), MEMBERSHIPS.columns, Holding("profile", ("profile_id",)))\n'
            "ALL_TABLES = (MEMBERSHIPS, SEGMENT_VERSIONS, SEGMENT_PUBLICATIONS)",
            "is not what a rebuild does",
            "history_said_to_be_made_again",
        ),
    ),
    (
        checks.places_not_registered,
        Plant(
            "profiles/merging/tables.py",
            'STRAY = sa.Table("stray", METADATA, sa.Column("address", sa.Text))',
            "table stray: is not in the erasure registry",
            "control_table_not_registered",
        ),
    ),
    (
        checks.places_not_registered,
        Plant(
            "profiles/planted.py",
            'import sqlalchemy as sa\nSTRAY = sa.Table("stray", sa.MetaData(), sa.Column("address", sa.Text))',
            "not on the control store's METADATA",
            "table_elsewhere",
        ),
    ),
    (
        checks.places_not_registered,
        Plant(
            "workspace/folder.py",
            'Layout.stray = property(lambda layout: layout.hidden / "stray")',
            "stray is in no place of the erasure registry",
            "cache_not_registered",
        ),
    ),
    (
        checks.places_not_registered,
        Plant(
            "workspace/planted.py",
            'def cache(layout):\n    return layout.hidden / "cache.json"',
            "makes a path of its own in a workspace",
            "file_past_the_layout",
        ),
    ),
    (
        checks.places_not_registered,
        Plant(
            "workspace/planted.py",
            'def cache(root, name):\n    return root / f".tesela/{name}"',
            "makes a path of its own in a workspace",
            "file_past_the_layout_by_name",
        ),
    ),
    (
        checks.texts_that_are_not_whole,
        Plant("base/texts.toml", '[planted]\nen = "Only English."', "planted has no text in 'es'", "no_spanish"),
    ),
    (
        checks.texts_that_are_not_whole,
        Plant("base/texts.toml", '[planted]\nen = "In {a}."\nes = "En {b}."', "other {places}", "other_places"),
    ),
    (
        checks.texts_that_are_not_whole,
        Plant(
            "base/texts.toml", '[a]\nen = "A"\nes = "A"\n[a.hint]\nes = "B"', "a.hint has no text in 'en'", "half_hint"
        ),
    ),
    (
        checks.texts_that_are_missing,
        Plant("base/planted.py", "raise InputError('base.planted')", "base.planted, which is in no", "no_text"),
    ),
    (
        checks.texts_that_are_missing,
        Plant(
            "base/planted.py",
            "def _fail(code, value):\n    raise InputError(code, value=value)\n_fail('nowhere.planted', 1)",
            "shows nowhere.planted",
            "no_text_through_a_function",
        ),
    ),
    (
        checks.texts_that_are_missing,
        Plant("base/planted.py", "REASON = 'base.planted'", "names base.planted", "no_text_of_a_constant"),
    ),
    (
        checks.texts_that_are_missing,
        Plant("base/planted.py", "raise InputError('base.unknown_zone')", "without a value for zone", "no_value"),
    ),
    (
        checks.texts_that_are_missing,
        Plant(
            "base/planted.py",
            "class Odd(ConflictError): ...\nclass Odder(Odd): ...\nraise Odder('base.planted')",
            "base.planted, which is in no",
            "no_text_of_a_subclass",
        ),
    ),
]


@pytest.fixture
def copy(repository: Path, tmp_path: Path) -> Path:
    """The package, copied where faults can be planted."""
    target = tmp_path / "src" / "tesela"
    shutil.copytree(repository / "src" / "tesela", target, ignore=shutil.ignore_patterns("__pycache__"))
    return target


@cache
def faults_as_it_stands(check: Callable[[Path], list[checks.Fault]], package: Path) -> frozenset[checks.Fault]:
    return frozenset(check(package))


def plant(package: Path, fault: Plant) -> None:
    path = package / fault.file
    path.parent.mkdir(exist_ok=True)
    before = path.read_text("utf-8") if path.exists() else (HEAD if path.suffix == ".py" else "")
    path.write_text(f"{before}\n{fault.lines}\n", "utf-8")


@pytest.mark.parametrize("fault", LAYERS, ids=lambda fault: fault.name)
def test_contracts_see(fault: Plant, copy: Path, repository: Path) -> None:
    plant(copy, fault)
    result = lint_imports(copy.parent, repository / "pyproject.toml")
    assert result.returncode == 1, result.stdout + result.stderr
    assert fault.said in result.stdout.replace("\n", " ")


def test_contracts_see_a_cycle(copy: Path, repository: Path) -> None:
    plant(copy, Plant("segments/planted.py", "import tesela.segments.planted_too", "", ""))
    plant(copy, Plant("segments/planted_too.py", "import tesela.segments.planted", "", ""))
    result = lint_imports(copy.parent, repository / "pyproject.toml")
    assert result.returncode == 1
    assert "planted_too" in result.stdout


def test_contracts_keep_a_clean_copy(copy: Path, repository: Path) -> None:
    result = lint_imports(copy.parent, repository / "pyproject.toml")
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(("check", "fault"), CHECKS, ids=lambda value: getattr(value, "name", ""))
def test_checks_see(check: Callable[[Path], list[checks.Fault]], fault: Plant, copy: Path, repository: Path) -> None:
    before = faults_as_it_stands(check, repository / "src" / "tesela")
    plant(copy, fault)
    reported = [str(found) for found in check(copy) if found not in before]
    assert any(fault.said in line for line in reported), reported


def test_every_check_has_its_fault() -> None:
    assert {check for check, _ in CHECKS} == set(checks.ALL_CHECKS)
