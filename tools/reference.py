"""Write docs/reference and the JSON Schemas from the code. `--check` only says what is out of date."""

from __future__ import annotations

import json
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "reference"
PACKAGE = ROOT / "src" / "tesela"
SCHEMAS = PACKAGE / "language" / "notations" / "schemas"
# the checks of the house know where texts are shown and tables declared
sys.path.insert(0, str(ROOT / "tests"))
# help is wrapped to the terminal's width: the same one everywhere
os.environ["COLUMNS"] = "100"

from house import checks  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

NOTE = "<!-- Written by tools/reference.py from the code; change it there and run `make reference`. -->\n\n"


def main() -> int:
    """Write the pages, or with `--check` compare them."""
    stale = []
    made = {REFERENCE / name: page for name, page in pages().items()} | schemas()
    for path, page in made.items():
        if path.exists() and path.read_text("utf-8") == page:
            continue
        stale.append(path.relative_to(ROOT).as_posix())
        if "--check" not in sys.argv:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(page, "utf-8")
    for name in stale:
        print(f"{name} {'is out of date: run `make reference`' if '--check' in sys.argv else 'written'}")
    return 1 if stale and "--check" in sys.argv else 0


def pages() -> dict[str, str]:
    """Return the text of every page by its file name."""
    return {
        "errors.md": NOTE + errors_page(),
        "tables.md": NOTE + tables_page(),
        "held.md": NOTE + held_page(),
        "catalog.md": NOTE + catalog_page(),
        "metrics.md": NOTE + metrics_page("en", "Metrics", _METRICS_IN_ENGLISH),
        "metrics.es.md": NOTE + metrics_page("es", "Métricas", _METRICS_IN_SPANISH),
        "audit.md": NOTE + audit_page("en", _AUDIT_IN_ENGLISH),
        "audit.es.md": NOTE + audit_page("es", _AUDIT_IN_SPANISH),
        "cli.md": NOTE + cli_page("en", "The command line"),
        "cli.es.md": NOTE + cli_page("es", "La línea de órdenes"),
    }


def schemas() -> dict[Path, str]:
    """Return the text of every JSON Schema that the package carries, by its file."""
    from tesela.language.notations.schema import SchemaKind, make_schema

    return {SCHEMAS / f"{kind}.json": json.dumps(make_schema(kind), indent=1) + "\n" for kind in get_args(SchemaKind)}


def errors_page() -> str:
    """List every error that the code raises, with its texts."""
    known = checks.texts(PACKAGE)
    kinds = checks.errors_of_rules(PACKAGE)
    kinds |= {use.key: use.error for use in checks.text_uses(PACKAGE) if use.error and use.key in known}
    lines = [
        "# Errors",
        "",
        "Every error has a stable code (`error.code`), a message with the offending values, and mostly a hint, in both",
        "languages (`error.message('es')`, `error.hint('es')`). Kinds: `InputError` and `NotFoundError` (change the",
        "input; exit code 2), `ConflictError`, `RefusedError`, `UnavailableError` (exit code 1; the last may pass).",
        "",
        "| code | kind | message and hint | mensaje y consejo |",
        "|---|---|---|---|",
    ]
    for code, kind in sorted(kinds.items()):
        cells = [
            " ".join(filter(None, (known[code][lg], known.get(f"{code}.hint", {}).get(lg)))) for lg in ("en", "es")
        ]
        lines.append(f"| `{code}` | {kind} | {_cell(cells[0])} | {_cell(cells[1])} |")
    return "\n".join(lines) + "\n"


def tables_page() -> str:
    """Describe every declared table."""
    from tesela.warehouse import Table

    lines = [
        "# Tables",
        "",
        "The warehouse's tables. Each is declared and written by one room. TIMESTAMP is UTC with microseconds and no",
        "zone; `_e4` is ten-thousandths of the shop's currency. Columns marked * can tell who a person is.",
        "",
    ]
    for module in checks.declared_tables(PACKAGE):
        loaded = import_module(module)
        lines += [f"## {module.split('.')[1]}", ""]
        for table in _tables(loaded, Table):
            key = ", ".join(f"`{name}`" for name in table.key) or "none"
            lines += [f"### {table.name}", "", f"One row: {table.grain}. Key: {key}.", ""]
            lines += ["| column | type | meaning |", "|---|---|---|"]
            for column in table.columns:
                mark = " *" if column.personal else ""
                lines.append(f"| `{column.name}`{mark} | {column.type} | {_cell(column.meaning)} |")
            lines.append("")
    return "\n".join(lines).rstrip() + "\n"


_WHOSE = {
    "profile": "a profile's, by its number",
    "subject": "a record's identifier's, by its number",
    "identifier": "an identifier's",
    "hash": "an identifier's, by its keyed hash",
    "record": "of the strongest identifier in the row",
    "words": "of whom their text names",
}


def held_page() -> str:
    """List every place that may hold personal data: the erasure registry."""
    from tesela.workspace.folder import PLACES, Layout

    root = Path("shop")
    known = checks.holdings(PACKAGE)
    lines = [
        "# What is held of people, and where",
        "",
        "The erasure registry: what erasure and access go by. A test fails when a table or file is not in it.",
        "Whatever is not listed here lies outside a workspace: backups, copies of reports and lists, git's history,",
        "tables of the shop's own that a workspace reads.",
        "",
        "## Files of a workspace",
        "",
        "| place | what is there | what an erasure does |",
        "|---|---|---|",
    ]
    for place in PLACES:
        path = getattr(Layout(root), place.name).relative_to(root).as_posix() + ("/" if place.inside else "")
        meaning = (getattr(Layout, place.name).__doc__ or "").splitlines()[0]
        lines.append(f"| `{path}` | {_cell(meaning)} | {place.erasure} |")
    for title, key in (("The warehouse's tables", "warehouse"), ("The control store's tables", "control")):
        lines += ["", f"## {title}", "", "| table | whose its rows are | made again, or kept |", "|---|---|---|"]
        for table in sorted(known[key], key=lambda each: each["name"]):
            holds = table["holds"]
            columns = ", ".join(f"`{name}`" for name in holds["columns"])
            whose = f"nobody's: {holds['why']}" if holds["whose"] == "nobody" else _WHOSE[holds["whose"]]
            is_kept = key == "control" or holds["kept"]
            told = whose + (f" ({columns})" if columns else "")
            lines.append(f"| `{table['name']}` | {_cell(told)} | {'kept' if is_kept else 'made again'} |")
    return "\n".join(lines) + "\n"


def catalog_page() -> str:
    """Tell every entry of the catalogue, in both languages."""
    from tesela.base import text
    from tesela.segments.catalogue import FAMILIES, load_catalogue

    entries = load_catalogue().entries.values()
    lines = [
        "# The catalogue",
        "",
        f"{len(entries)} segments ready to use. `tesela catalog list --possible` says which your data allow,",
        "`tesela catalog show NAME` what one is for, how many are in it and which values your data give,",
        "`tesela catalog add NAME` writes it to `segments/` as plain YAML: the rule under `when`, the values of its",
        "`{places}` under `with`. Values marked *measured* are taken from the shop's own data, and stand as they are",
        "given here where the data have fewer than twenty cases. Machines' opens and cancelled orders never count.",
        "",
        "How values are measured, each exact and the same on every run (a percentage is taken by nearest rank: the",
        "smallest value with at least so many percent of the cases at or under it):",
        "",
        "| measured | is |",
        "|---|---|",
        *(f"| `{what}` | {meaning} |" for what, meaning in _MEASURED.items()),
        "",
    ]
    for family in FAMILIES:
        titles = [text(f"segments.catalogue.family.{family}", language) for language in ("en", "es")]
        lines += [f"## {' · '.join(titles)} (`{family}`)", ""]
        for entry in entries:
            if entry.family == family:
                lines += _catalog_entry(entry)
    return "\n".join(lines).rstrip() + "\n"


_MEASURED = {
    "order_gap": "days from an order to the same person's next one, rounded up; gaps under a day are one occasion",
    "second_order_gap": "the same, from the first order to the second only",
    "category_gap": "the same, from one purchase of the category to the next",
    "most_common": "the most frequent value; of equally frequent ones the first by code point",
    "most_repeated": "the category that is bought again most often",
    "companion": "the other category that most buyers of the first bought too",
    "price": "price paid a piece of the category's order lines, rounded up to a cent",
}


def _catalog_entry(entry: Any) -> list[str]:
    """Return the lines of one entry: English first, Spanish beside it."""
    from tesela.segments.catalogue import find_needs, load_catalogue

    def both(words: Any) -> str:
        return f"{words['en']} · *{words['es']}*"

    needs = ", ".join(need.say("en") for need in find_needs(entry, load_catalogue())) or "nothing but people"
    lines = [
        f"### {entry.slug}",
        "",
        both({language: entry.title(language) for language in ("en", "es")}),
        "",
        both({language: entry.meaning(language) for language in ("en", "es")}),
        "",
        "```text",
        entry.template,
        "```",
        "",
    ]
    for name, each in entry.parameters.items():
        bounds = "" if each.low is None else f", {each.low} to {each.high}"
        measured = f"; measured: `{each.measured.what}`" if each.measured else ""
        percent = f" at {each.measured.at} %" if each.measured and each.measured.at else ""
        unit = f" {each.unit}" if each.unit else ""
        lines.append(
            f"- `{name}` = {each.default}{unit} ({each.kind}{bounds}{measured}{percent}): {both(each.meaning)}"
        )
    lines += [f"- Needs: {needs}.", f"- Objective: {both(entry.objective)}"]
    lines += [f"- Do ({', '.join(each.channels)}): {both(each.words)}" for each in entry.actions]
    lines += [f"- Watch: {', '.join(f'`{kpi}`' for kpi in entry.kpis)}", f"- Mind: {both(entry.warning)}", ""]
    return lines


_METRICS_IN_ENGLISH = (
    "What can be measured of a segment, or of the base, in a window of time. Every rate and mean comes with its 95 %",
    "interval (how far it can be trusted: `docs/results`). Missing is what is undefined: a rate of nothing is not 0.",
    ("unit", "counted over", "from", "careful"),
)
_METRICS_IN_SPANISH = (
    "Qué se puede medir de un segmento, o de la base, en un periodo. Cada tasa y cada media lleva su intervalo del",
    "95 % (hasta dónde fiarse: `docs/results`). Lo que no está definido falta: una tasa de nada no es 0.",
    ("unidad", "se cuenta sobre", "de", "cuidado"),
)


def metrics_page(language: Any, title: str, words: tuple[str, str, tuple[str, ...]]) -> str:
    """Describe every metric of the catalogue in one language."""
    from tesela.base import text
    from tesela.measurement import CATALOGUE

    lines = [f"# {title}", "", *words[:2], ""]
    for metric in CATALOGUE:
        told = (
            text(f"measurement.unit.{metric.unit}", language),
            text(f"measurement.grain.{metric.grain}", language),
            ", ".join(f"`{name}`" for name in metric.source),
            metric.wrong_use(language),
        )
        lines += [f"## {metric.key}", "", f"**{metric.name(language)}** = {metric.formula(language)}", ""]
        lines += [metric.explanation(language), ""]
        lines += [f"- {name}: {value}" for name, value in zip(words[2], told, strict=True)]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


_AUDIT_IN_ENGLISH = (
    "The audit: checks, weights and anchors",
    (
        "`tesela audit` asks these checks of a base. The **mark** of a check is 100 where nothing is found "
        "and 0 from its anchor on, in a straight line between. A **part** of the score is the weighted mean "
        "of the marks of its checks, and the **score** that of its parts. What the data cannot answer counts "
        "neither for nor against: its weight is shared out among what is known."
    ),
    (
        "What is counted of people is counted of the whole base for the mark, those set aside and those "
        "merged by hand included: so no fix makes a share grow, and mending a finding never lowers the score. "
        "Everything else is counted of what the check says. No setting of a shop moves the score, and its own "
        "checks are outside it: shops can be compared. This is version {version} of the score: only scores of "
        "one version are compared."
    ),
    ("Parts", "part", "weight", "why"),
    ("counted in", "attention from", "grave from", "part", "weight", "no points from", "outside the score"),
    ("Rule", "Source", "Thresholds", "Fix", "What to do", "of"),
)
_AUDIT_IN_SPANISH = (
    "La auditoría: comprobaciones, pesos y topes",
    (
        "`tesela audit` hace estas comprobaciones a una base. La **nota** de una comprobación es 100 si no se "
        "encuentra nada y 0 a partir de su tope, en línea recta entre ambos. Una **parte** de la nota es la "
        "media ponderada de las notas de sus comprobaciones, y la **nota total**, la de sus partes. Lo que "
        "los datos no pueden responder no cuenta ni a favor ni en contra: su peso se reparte entre lo que se "
        "conoce."
    ),
    (
        "Para la nota, lo que se cuenta de personas se cuenta sobre toda la base, también sobre quienes ya "
        "están excluidos y quienes se fusionaron a mano: así ningún arreglo hace crecer una proporción, y "
        "arreglar un hallazgo nunca baja la nota. Lo demás se cuenta sobre lo que dice la comprobación. "
        "Ningún ajuste de la tienda mueve la nota, y sus comprobaciones propias quedan fuera: así se pueden "
        "comparar tiendas. Esta es la versión {version} de la nota: solo se comparan notas de una misma "
        "versión."
    ),
    ("Partes", "parte", "peso", "por qué"),
    ("se cuenta en", "atención desde", "grave desde", "parte", "peso", "sin puntos desde", "fuera de la nota"),
    ("Regla", "Fuente", "Umbrales", "Arreglo", "Qué hacer", "de"),
)


def audit_page(language: Any, words: tuple[Any, ...]) -> str:
    """Describe every check of the audit, and how the score is computed, in one language."""
    from tesela.audit import SECTIONS, WEIGHTS, load_checks
    from tesela.audit.score import VERSION
    from tesela.base import text

    title, first, second, parts, names, more = words
    lines = [f"# {title}", "", first, "", second.format(version=VERSION), "", f"## {parts[0]}", ""]
    lines += [f"| {' | '.join(parts[1:])} |", "|---|---|---|"]
    for part, weight in WEIGHTS.items():
        told = text(f"audit.part.{part}.name", language), str(weight), text(f"audit.part.{part}.why", language)
        lines.append(f"| {' | '.join(told)} |")
    for section in SECTIONS:
        own = [check for check in load_checks().values() if check.section == section]
        lines += ["", f"## {text(f'audit.section.{section}', language)}"] if own else []
        for check in own:
            lines += [
                "",
                f"### {check.key}: {check.said('name', language)}",
                "",
                check.said("description", language),
                "",
            ]
            lines += [check.said("why", language), ""]
            told = [f"{names[0]} {text(f'audit.unit.{check.unit}', language)}"]
            told += [f"{names[1]} {_percent(check.warn)}", f"{names[2]} {_percent(check.bad)}"]
            if check.part:
                part = text(f"audit.part.{check.part}.name", language)
                told.append(f"{names[3]}: {part}, {names[4]} {check.weight}, {names[5]} {_percent(check.anchor)}")
            else:
                told.append(names[6])
            lines.append(f"- {'; '.join(told)}.")
            lines += [f"- {more[2]}: {check.said('reason', language)}"]
            lines += [f"- {more[0]}: `{check.when}`"] if check.when else []
            lines += [f"- {more[1]}: {check.said('source', language)}"] if check.source else []
            lines += [f"- {more[3]}: `{check.fix}`."] if check.fix else []
            lines += [f"- {more[4]}: {check.said('advice', language)}"]
    return "\n".join(lines).rstrip() + "\n"


def _percent(share: Any) -> str:
    return f"{(100 * share).normalize():f} %"


def cli_page(language: Any, title: str) -> str:
    """Show the help of every command."""
    from tesela.interfaces.cli.app import build
    from tesela.interfaces.cli.help import render_help

    lines = [f"# {title}", ""]
    for path, command in _commands("tesela", build()):
        lines += [f"## {path}", "", "```text", render_help(command, path, language).rstrip(), "```", ""]
    return "\n".join(lines).rstrip() + "\n"


def _commands(path: str, command: Any) -> Iterator[tuple[str, Any]]:
    yield path, command
    for name, child in getattr(command, "commands", {}).items():
        yield from _commands(f"{path} {name}", child)


def _tables(module: Any, kind: type) -> list[Any]:
    """Return a module's tables once each, in the order of their declaration."""
    found: dict[str, Any] = {}
    for value in vars(module).values():
        values = value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else (value,)
        found.update({table.name: table for table in values if isinstance(table, kind)})
    return list(found.values())


def _cell(written: str) -> str:
    return written.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    sys.exit(main())
