"""What keeps the house in order beyond what linters know: each check reads a source tree and names its faults.

Every check is a function from the folder of the package (`src/tesela`, or a copy of it with a fault planted)
to a list of `Fault`. They read the code as a syntax tree; only the declared tables are imported, in a process
of their own.
"""

from __future__ import annotations

import ast
import json
import os
import re
import string
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_NAMES = 30
LANGUAGES = ("en", "es")
ERROR_KINDS = frozenset(
    {"TeselaError", "InputError", "NotFoundError", "ConflictError", "RefusedError", "UnavailableError"}
)
FORBIDDEN_NAMES = frozenset(
    {"util", "utils", "helper", "helpers", "common", "core", "misc", "manager", "handler", "processor", "service"}
) | {"data", "info"}
FORBIDDEN_VERBS = ("do_", "process_")
UNSAFE_MODULES = frozenset({"pickle", "marshal", "shelve", "dill", "cloudpickle"})
UNSAFE_CALLS = frozenset({"eval", "exec", "__import__", "os.system", "os.popen", "yaml.load", "yaml.unsafe_load"})
FILE_ENDINGS = (".csv", ".duckdb", ".html", ".json", ".parquet", ".sqlite", ".tar", ".toml", ".yaml")


@dataclass(frozen=True, slots=True)
class Fault:
    """One place that breaks a rule.

    Attributes:
        place: File, relative to the package's parent, and line where there is one.
        what: What is wrong, in one sentence.
    """

    place: str
    what: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}"


@dataclass(frozen=True, slots=True)
class Module:
    """One module of the package, parsed."""

    path: Path
    name: str
    tree: ast.Module

    @property
    def room(self) -> str:
        """The room it stands in; empty for the package itself."""
        parts = self.name.split(".")
        return parts[1] if len(parts) > 1 else ""

    def fault(self, node: ast.AST | None, what: str) -> Fault:
        """Return a fault of this module at a node."""
        line = getattr(node, "lineno", 1)
        return Fault(f"{self.name.replace('.', '/')}:{line}", what)


def modules(package: Path) -> list[Module]:
    """Parse every module of the package."""
    found = []
    for path in sorted(package.rglob("*.py")):
        parts = (package.name, *path.relative_to(package).with_suffix("").parts)
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found.append(Module(path, name, _parse(path.read_text("utf-8"))))
    return found


@cache
def _parse(written: str) -> ast.Module:
    # copies of the package share almost every file, and parsing is what takes long
    return ast.parse(written)


def rooms(package: Path) -> list[Path]:
    """Return the rooms' folders."""
    return sorted(init.parent for init in package.glob("*/__init__.py"))


# --- imports ---------------------------------------------------------------------------------------------------


def imports_past_front_doors(package: Path) -> list[Fault]:
    """Every import of another room names the room itself, and something on its front door."""
    exported = {room.name: set(_exported(room / "__init__.py")) for room in rooms(package)}
    faults = []
    for module in modules(package):
        for node, target, name in _imports(module.tree):
            if target is None:
                faults.append(module.fault(node, "relative import"))
                continue
            parts = target.split(".")
            if parts[0] != package.name or len(parts) == 1 or parts[1] == module.room:
                continue
            if len(parts) > 2:
                faults.append(module.fault(node, f"imports {target} past the front door of {parts[1]}"))
            elif name is not None and name not in exported.get(parts[1], {name}):
                faults.append(module.fault(node, f"imports {name}, which is not on the front door of {parts[1]}"))
        for node, room, name in _uses_of_rooms(module.tree):
            if room != module.room and room in exported and name not in exported[room]:
                faults.append(module.fault(node, f"uses {room}.{name}, which is not on the front door of {room}"))
    return faults


def _uses_of_rooms(tree: ast.Module) -> Iterator[tuple[ast.AST, str, str]]:
    """Yield (node, room, name) where a whole room was imported and something of it is used."""
    rooms_by_name = {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "tesela"
        for alias in node.names
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            first, _, rest = _dotted(node).partition(".")
            if first in rooms_by_name and "." not in rest:
                yield node, rooms_by_name[first], rest
            if first == "tesela" and rest.count(".") == 1:
                yield node, *rest.split(".")


def _imports(tree: ast.Module) -> Iterator[tuple[ast.AST, str | None, str | None]]:
    """Yield (node, imported module, imported name) of both forms, wherever they stand, and of import_module()."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name, None) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            target = None if node.level else node.module
            for alias in node.names:
                if target == "tesela":
                    yield node, f"tesela.{alias.name}", None
                else:
                    yield node, target, alias.name
        elif isinstance(node, ast.Call) and called(node) in ("import_module", "__import__"):
            first = node.args[0] if node.args else None
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield node, first.value, None


def unsorted_front_doors(package: Path) -> list[Fault]:
    """A front door holds a docstring and imports; `__all__` is what it imports, sorted, and short."""
    faults = []
    for room in rooms(package):
        door = Module(
            room / "__init__.py", f"{package.name}.{room.name}", _parse((room / "__init__.py").read_text("utf-8"))
        )
        names = _declared_all(door.tree)
        imported = _exported(door.path)
        if names is None:
            if imported:
                faults.append(door.fault(None, "the front door has no __all__"))
            continue
        if names != sorted(set(names), key=_name_order):
            faults.append(door.fault(None, "__all__ is not sorted (constants, classes, functions)"))
        faults += [door.fault(None, f"{name} is imported but not in __all__") for name in sorted(imported - set(names))]
        faults += [door.fault(None, f"{name} is in __all__ but not imported") for name in sorted(set(names) - imported)]
        if len(names) > MOST_NAMES:
            faults.append(door.fault(None, f"{len(names)} names on one front door, at most {MOST_NAMES}"))
        faults += [door.fault(node, "code on a front door") for node in door.tree.body if not _belongs_on_a_door(node)]
    return faults


def _exported(init: Path) -> set[str]:
    tree = _parse(init.read_text("utf-8"))
    return {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module != "__future__"
        for alias in node.names
    }


def _declared_all(tree: ast.Module) -> list[str] | None:
    declared = [
        node.value for node in tree.body if isinstance(node, ast.Assign) and _dotted(node.targets[0]) == "__all__"
    ]
    return list(ast.literal_eval(declared[-1])) if declared else None


def _name_order(name: str) -> tuple[int, str]:
    if name.isupper():
        return 0, name
    return (1, name) if name[:1].isupper() else (2, name)


def _belongs_on_a_door(node: ast.stmt) -> bool:
    is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    is_all = isinstance(node, ast.Assign) and _dotted(node.targets[0]) == "__all__"
    return is_text or is_all or isinstance(node, ast.ImportFrom)


# --- rooms and names -------------------------------------------------------------------------------------------


def rooms_without_readme(package: Path) -> list[Fault]:
    """Every room says in a short README.md what it is for."""
    return [
        Fault(f"{package.name}/{room.name}", "the room has no README.md")
        for room in rooms(package)
        if not (room / "README.md").is_file() or not (room / "README.md").read_text("utf-8").strip()
    ]


def forbidden_names(package: Path) -> list[Fault]:
    """No module, class or function has a name that says nothing."""
    faults = []
    for module in modules(package):
        own = module.name.rpartition(".")[2]
        if FORBIDDEN_NAMES & set(own.split("_")):
            faults.append(module.fault(None, f"{own} says nothing: name what it holds"))
        for node in ast.walk(module.tree):
            if (
                isinstance(node, ast.ClassDef)
                and re.findall(r"[A-Z][a-z0-9]*", node.name)[-1:]
                and (re.findall(r"[A-Z][a-z0-9]*", node.name)[-1].lower() in FORBIDDEN_NAMES)
            ):
                faults.append(module.fault(node, f"{node.name} says nothing: name what it is"))
            if isinstance(node, ast.FunctionDef) and node.name.lstrip("_").startswith(FORBIDDEN_VERBS):
                faults.append(module.fault(node, f"{node.name} says nothing: name what it does"))
    return faults


def unsafe_calls(package: Path) -> list[Fault]:
    """Nothing runs text as code, unpickles, or goes through a shell."""
    faults = []
    for module in modules(package):
        for node, target, _ in _imports(module.tree):
            if target and target.split(".")[0] in UNSAFE_MODULES:
                faults.append(module.fault(node, f"imports {target}"))
        for node in ast.walk(module.tree):
            if not isinstance(node, ast.Call):
                continue
            name = _dotted(node.func)
            if name in UNSAFE_CALLS:
                faults.append(module.fault(node, f"calls {name}"))
            for keyword in node.keywords:
                if keyword.arg == "shell" and not (isinstance(keyword.value, ast.Constant) and not keyword.value.value):
                    faults.append(module.fault(node, "goes through a shell"))
    return faults


# --- tables ----------------------------------------------------------------------------------------------------

_LIST_TABLES = """
import importlib, json, sys
from tesela.warehouse import Table
def found(value):
    if isinstance(value, Table):
        yield value.name
    elif isinstance(value, dict):
        for item in value.values():
            yield from found(item)
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from found(item)
names = {}
for module in sys.argv[1:]:
    loaded = importlib.import_module(module)
    names[module] = sorted({name for key, value in vars(loaded).items() for name in found(value)})
print(json.dumps(names))
"""


@cache
def declared_tables(package: Path) -> dict[str, list[str]]:
    """Return the names of the tables that each `tables.py` declares, by module."""
    # the warehouse's own `tables.py` says what a table is and declares none
    declaring = [m.name for m in modules(package) if m.name.endswith(".tables") and m.room != "warehouse"]
    listed = subprocess.run(
        [sys.executable, "-c", _LIST_TABLES, *declaring],
        env={**os.environ, "PYTHONPATH": str(package.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert listed.returncode == 0, listed.stderr
    names: dict[str, list[str]] = json.loads(listed.stdout)
    return names


def tables_declared_twice(package: Path) -> list[Fault]:
    """A table is declared by one room."""
    owners: dict[str, str] = {}
    faults = []
    for module, names in declared_tables(package).items():
        for name in names:
            if name in owners:
                faults.append(Fault(module.replace(".", "/"), f"declares {name}, as {owners[name]} does"))
            owners.setdefault(name, module)
    return faults


_SQL_NAME = r"\b(?:FROM|JOIN|INTO|UPDATE|TABLE|VIEW|USING)\s+(?:IF\s+(?:NOT\s+)?EXISTS\s+)?\"?(\w+)\"?"
_SQL_WRITES = (
    r"\b(?:INSERT(?:\s+OR\s+\w+)?\s+INTO|UPDATE|DELETE\s+FROM|MERGE\s+INTO|ALTER\s+TABLE|DROP\s+TABLE|TRUNCATE)"
)
_TAKES_TABLE = frozenset({"from_", "join", "to_table", "table_", "into", "insert", "Table"})


def table_names_spelled_out(package: Path) -> list[Fault]:
    """No name of a table stands in SQL, or as a table, outside the declarations."""
    names = {name for declared in declared_tables(package).values() for name in declared}
    faults = []
    for module in modules(package):
        if module.name.endswith(".tables"):
            continue
        for node, sql in _strings(module.tree):
            for spelled in sorted(names & {name.lower() for name in re.findall(_SQL_NAME, sql)}):
                faults.append(module.fault(node, f"spells out the table {spelled}: put it in from its declaration"))
        for node, spelled in _table_arguments(module.tree):
            if spelled in names:
                faults.append(module.fault(node, f"spells out the table {spelled}: put it in from its declaration"))
    return faults


def _strings(tree: ast.Module) -> Iterator[tuple[ast.AST, str]]:
    """Yield every string that is not a docstring, f-strings as templates."""
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    texts = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield node, "".join(str(p.value) if isinstance(p, ast.Constant) else "{}" for p in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and not {id(node)} & (parts | texts):
            yield node, node.value


def _table_arguments(tree: ast.Module) -> Iterator[tuple[ast.AST, str]]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = called(node)
        if name in _TAKES_TABLE:
            yield from ((a, a.value) for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str))
        for keyword in node.keywords:
            if name == "statement" and keyword.arg == "tables" and isinstance(keyword.value, ast.Dict):
                for value in keyword.value.values:
                    if isinstance(value, ast.Constant) and isinstance(value.value, str):
                        yield value, value.value.strip('"')


def writes_of_others_tables(package: Path) -> list[Fault]:
    """A statement that writes names only tables of its own room.

    The places that a module's SQL writes (`INSERT INTO {place}`) are matched with what its mappings put
    there: a table imported from another room is a fault.
    """
    faults = []
    for module in modules(package):
        foreign = {
            alias.asname or alias.name
            for node in ast.walk(module.tree)
            if isinstance(node, ast.ImportFrom)
            and node.module
            and node.module.split(".")[0] == package.name
            and node.module.split(".")[1:2] != [module.room]
            for alias in node.names
        }
        written = {p for _, sql in _strings(module.tree) for p in re.findall(_SQL_WRITES + r"\s+\{(\w+)\}", sql)}
        for node in ast.walk(module.tree):
            if not isinstance(node, ast.Dict):
                continue
            for key, value in zip(node.keys, node.values, strict=True):
                place = key.value if isinstance(key, ast.Constant) else None
                if place in written and _dotted(value).split(".")[0] in foreign:
                    faults.append(module.fault(node, f"writes {_dotted(value)}, which another room owns"))
    return faults


# --- what is held of people ------------------------------------------------------------------------------------

_LIST_HOLDINGS = """
import importlib, json, sys
from dataclasses import asdict
from tesela.base import Holding
from tesela.control import METADATA
from tesela.warehouse import Table
from tesela.workspace import stores, tables
from tesela.workspace.folder import PLACES, Layout
for module in sys.argv[1:]:
    importlib.import_module(module)
def told(name, columns, personal, holds):
    holding = asdict(holds) if isinstance(holds, Holding) else None
    return {"name": name, "columns": columns, "personal": personal, "holds": holding}
def declared(value):
    if isinstance(value, Table):
        yield value
    elif isinstance(value, dict):
        yield from (each for item in value.values() for each in declared(item))
    elif isinstance(value, (tuple, list)):
        yield from (each for item in value for each in declared(item))
warehouse = {t.name: t for name in sys.argv[1:] for t in declared(list(vars(sys.modules[name]).values()))}
print(json.dumps({
    "warehouse": [
        told(t.name, t.column_names, [c.name for c in t.columns if c.personal], t.holds) for t in warehouse.values()
    ],
    "control": [told(t.name, [c.name for c in t.columns], [], t.info.get("holds")) for t in METADATA.sorted_tables],
    "carried": [t.name for t in (*stores.HISTORY, *stores.OWN_HISTORY)],
    "made_again": [t.name for t in stores.ALL_TABLES],
    "places": [place.name for place in PLACES],
    "paths": [name for name, each in vars(Layout).items() if isinstance(each, property)],
}))
"""

_SUBJECTS = "tesela.events.subjects"
_WHOLE_FOLDERS = frozenset({"root", "hidden"})
_PLACES_STAND_IN = "tesela.workspace.folder"
_TELLING_COLUMNS = frozenset({"profile_id", "subject_id", "email", "phone", "address"})


def holdings(package: Path) -> dict[str, Any]:
    """Return what every table and place of a workspace says that it holds of people."""
    declaring = [
        module.name
        for module in modules(package)
        if (module.name.endswith(".tables") and module.room != "warehouse")
        or any(isinstance(node, ast.Call) and _dotted(node.func) == "sa.Table" for node in ast.walk(module.tree))
    ]
    listed = subprocess.run(
        [sys.executable, "-c", _LIST_HOLDINGS, *declaring],
        env={**os.environ, "PYTHONPATH": str(package.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert listed.returncode == 0, listed.stderr
    known: dict[str, Any] = json.loads(listed.stdout)
    return known


def places_not_registered(package: Path) -> list[Fault]:
    """Every table says what it holds of people, and every file lies in a place that erasure knows.

    The erasure registry is made of these declarations: `Holding` at each table of the warehouse and of the control
    store, `PLACES` for files. What is not in it, an erasure would leave behind.
    """
    known = holdings(package)
    faults = [
        Fault(f"table {table['name']}", what)
        for table in (*known["warehouse"], *known["control"])
        for what in _holding_faults(table)
    ]
    for table in known["warehouse"]:
        is_carried, is_made = table["name"] in known["carried"], table["name"] in known["made_again"]
        if table["holds"] and table["holds"]["kept"] != is_carried and (is_made or is_carried):
            faults.append(Fault(f"table {table['name']}", "what it says of being kept is not what a rebuild does"))
    faults += [
        Fault(_PLACES_STAND_IN.replace(".", "/"), f"{name} is in no place of the erasure registry (PLACES)")
        for name in sorted(set(known["paths"]) - set(known["places"]) - _WHOLE_FOLDERS)
    ]
    return faults + _files_past_the_layout(package)


def _holding_faults(table: dict[str, Any]) -> Iterator[str]:
    holds = table["holds"]
    if holds is None:
        yield "is not in the erasure registry: say what it holds of people (tesela.base.Holding)"
        return
    yield from (f"tells people by {name}, which it has not" for name in set(holds["columns"]) - set(table["columns"]))
    if holds["whose"] == "nobody":
        if not holds["why"]:
            yield "says that it holds nothing of anybody, and not why"
        telling = sorted({*table["personal"], *(_TELLING_COLUMNS & set(table["columns"]))})
        if telling:
            yield f"says that it holds nothing of anybody, and has {', '.join(telling)}"
    elif not holds["columns"] and holds["whose"] != "record":
        yield "does not say which columns tell whose its rows are"


def _files_past_the_layout(package: Path) -> list[Fault]:
    """Paths of a workspace's own files come from `Layout`, tables of the control store from its METADATA."""
    faults = []
    for module in modules(package):
        for node in ast.walk(module.tree):
            if module.name != _PLACES_STAND_IN and isinstance(node, ast.Attribute) and node.attr == "hidden":
                faults.append(module.fault(node, "makes a path of its own in a workspace: add a place to Layout"))
            if module.name != _PLACES_STAND_IN and isinstance(node, ast.BinOp) and _joins_hidden(node):
                faults.append(module.fault(node, "makes a path of its own in a workspace: add a place to Layout"))
            if isinstance(node, ast.Call) and _dotted(node.func) == "sa.Table":
                is_passing = any(keyword.arg in ("prefixes", "autoload_with") for keyword in node.keywords)
                stands_in_tables = module.name.endswith(".tables") or module.name == _SUBJECTS
                if not is_passing and not stands_in_tables:
                    faults.append(module.fault(node, "a table of the control store that stands in no tables.py"))
                if not is_passing and not (len(node.args) > 1 and _dotted(node.args[1]) == "METADATA"):
                    faults.append(module.fault(node, "a table that is not on the control store's METADATA"))
    return faults


def _joins_hidden(node: ast.BinOp) -> bool:
    """Whether a path is joined with one below a workspace's own folder."""
    told = [each.value for each in ast.walk(node.right) if isinstance(each, ast.Constant)]
    return isinstance(node.op, ast.Div) and any(isinstance(each, str) and ".tesela" in each for each in told)


# --- texts -----------------------------------------------------------------------------------------------------


def texts_that_are_not_whole(package: Path) -> list[Fault]:
    """Every text stands in both languages, with the same places."""
    faults = []
    for path in sorted(package.rglob("texts.toml")):
        place = str(path.relative_to(package.parent))
        for key, entry in _entries(tomllib.loads(path.read_text("utf-8"))):
            faults += [Fault(place, f"{key} {what}") for what in _entry_faults(entry)]
    return faults


def _entries(tree: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    values = {name: value for name, value in tree.items() if not isinstance(value, dict)}
    if values:
        yield prefix, values
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from _entries(value, f"{prefix}.{name}" if prefix else name)


def _entry_faults(entry: dict[str, Any]) -> Iterator[str]:
    yield from (f"has no text in {language!r}" for language in LANGUAGES if not str(entry.get(language, "")).strip())
    yield from (f"has {name!r}, which is no language" for name in entry if name not in LANGUAGES)
    if len({frozenset(_places(str(entry.get(language, "")))) for language in LANGUAGES}) > 1:
        yield "has other {places} in one language than in the other"


def _places(template: str) -> set[str]:
    return {
        name.split(".")[0].split("[")[0] for _, name, _, _ in string.Formatter().parse(template) if name is not None
    }


@dataclass(frozen=True, slots=True)
class TextUse:
    """A call that shows a text.

    Attributes:
        module: Where.
        node: The call.
        key: Key of the text.
        given: Names of the values that it is given.
        is_open: Whether it may be given others too.
        error: Kind of the error that it makes; None when it makes none.
    """

    module: Module
    node: ast.Call
    key: str
    given: frozenset[str]
    is_open: bool
    error: str | None


def text_uses(package: Path) -> list[TextUse]:
    """Return every place where a literal key is shown: `text()`, notes, errors, and functions that make errors."""
    parsed = modules(package)
    kinds = _error_classes(parsed)
    uses = []
    for module in parsed:
        makers = _error_makers(module, kinds)
        for node in ast.walk(module.tree):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = called(node)
            first = node.args[0]
            is_error = name in kinds or name in makers
            is_shown = is_error or _dotted(node.func) in ("text", "Note")
            if is_shown and isinstance(first, ast.Constant) and isinstance(first.value, str):
                given = frozenset(keyword.arg for keyword in node.keywords if keyword.arg)
                is_open = name in makers or name == "Note" or any(keyword.arg is None for keyword in node.keywords)
                kind = makers.get(name, name)
                uses.append(TextUse(module, node, first.value, given, is_open, kind if is_error else None))
    return uses


def errors_of_rules(package: Path) -> dict[str, str]:
    """Return the kind of every error that shows its place in a rule: `tesela.language.places` makes them of bare names.

    A name that does not exist has two texts: with names near to it, and alone.
    """
    known = {key.removeprefix("language."): key for key in texts(package) if key.startswith("language.")}
    made: dict[str, str] = {}
    for module in modules(package):
        for _, written in _strings(module.tree) if module.room == "language" else ():
            written = written.removeprefix("language.")
            if written in known:
                is_unknown = written.startswith("unknown_") and f"{written}_alone" in known
                for name in (written, f"{written}_alone") if is_unknown else (written,):
                    made[known[name]] = "NotFoundError" if is_unknown else "InputError"
    return made


def _error_classes(parsed: list[Module]) -> frozenset[str]:
    kinds = set(ERROR_KINDS)
    for _ in range(3):  # subclasses of subclasses
        kinds |= {
            node.name
            for module in parsed
            for node in ast.walk(module.tree)
            if isinstance(node, ast.ClassDef) and {_dotted(base).rpartition(".")[2] for base in node.bases} & kinds
        }
    return frozenset(kinds)


def _error_makers(module: Module, kinds: frozenset[str]) -> dict[str, str]:
    """Return the module's functions whose first argument is an error's code, with the kind that they make."""
    makers = {}
    for function in ast.walk(module.tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        names = [argument.arg for argument in function.args.args if argument.arg not in ("self", "cls")]
        for node in ast.walk(function):
            if (
                isinstance(node, ast.Call)
                and called(node) in kinds
                and node.args
                and names[:1] == [_dotted(node.args[0])]
            ):
                makers[function.name] = called(node)
    return makers


def texts_that_are_missing(package: Path) -> list[Fault]:
    """Every text that the code shows exists, and is given the values for its places."""
    known = texts(package)
    faults = _keys_without_a_text(package, known)
    for use in text_uses(package):
        if use.key not in known:
            faults.append(use.module.fault(use.node, f"shows {use.key}, which is in no texts.toml"))
            continue
        shown = [known[use.key]] + ([known[f"{use.key}.hint"]] if use.error and f"{use.key}.hint" in known else [])
        places = {place for entry in shown for template in entry.values() for place in _places(str(template))}
        if not use.is_open and places - use.given:
            missing = ", ".join(sorted(places - use.given))
            faults.append(use.module.fault(use.node, f"shows {use.key} without a value for {missing}"))
    return faults


def _keys_without_a_text(package: Path, known: dict[str, dict[str, Any]]) -> list[Fault]:
    """Every string that reads like the key of a text (`events.empty_file`) is one."""
    folders = {key.rpartition(".")[0] for key in known}
    return [
        module.fault(node, f"names {written}, which is in no texts.toml")
        for module in modules(package)
        for node, written in _strings(module.tree)
        if re.fullmatch(r"[a-z]+(\.[a-z0-9_]+)+", written) and written.rpartition(".")[0] in folders - {""}
        if written not in known and not written.endswith(FILE_ENDINGS)
    ]


def texts(package: Path) -> dict[str, dict[str, Any]]:
    """Return every text by its whole key."""
    found = {}
    for path in sorted(package.rglob("texts.toml")):
        folder = ".".join(path.relative_to(package).parent.parts)
        for key, entry in _entries(tomllib.loads(path.read_text("utf-8"))):
            found[f"{folder}.{key}"] = entry
    return found


def called(node: ast.Call) -> str:
    """Return the name that a call calls, without what it stands in."""
    return _dotted(node.func).rpartition(".")[2]


def _dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return ""


ALL_CHECKS = (
    imports_past_front_doors,
    unsorted_front_doors,
    rooms_without_readme,
    forbidden_names,
    unsafe_calls,
    tables_declared_twice,
    table_names_spelled_out,
    writes_of_others_tables,
    places_not_registered,
    texts_that_are_not_whole,
    texts_that_are_missing,
)
