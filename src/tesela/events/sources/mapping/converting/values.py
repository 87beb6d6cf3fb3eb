"""Make `read`: each mapped field in its type (`f_<field>`), whether it was unreadable, and its original."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from tesela.events.sources.mapping import numbers, people
from tesela.events.sources.mapping.converting.conversion import PREFIX
from tesela.events.sources.mapping.converting.distinct import note_unknown_words, read_distinct, word_readers
from tesela.events.sources.mapping.converting.originals import original_columns
from tesela.events.sources.mapping.converting.written_times import read_moment
from tesela.events.sources.reading import Note

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Mapping as Dict

    from tesela.events.fields import Field
    from tesela.events.sources.mapping.converting.conversion import Conversion

    Signs = Dict[str, numbers.DecimalSign]

_SIGN_NOTES = {"comma": f"{PREFIX}.guessed_comma", "point": f"{PREFIX}.guessed_point"}
_IDS = frozenset(("customer_id", "order_id", "product_id", "loyalty_card", "member_id", "line_id"))
_NATIVE_NUMBERS = (
    *("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE", "DECIMAL"),
    *("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"),
)


@dataclass(frozen=True, slots=True)
class _Read:
    """How a field is read: columns of a first level over the cells, and the value made of them."""

    columns: tuple[str, ...]
    value: str


def read_values(work: Conversion) -> None:
    """Read every mapped field of every row."""
    joins: list[str] = []
    kept = ["row_number", "properties", *original_columns(work), *(["order_key"] if work.mapping.order_key else [])]
    # the first level reads each value once, the second says what became of it
    first, second = [f"t.{name}" for name in kept], list(kept)
    signs = _find_decimal_signs(work)
    for name in work.mapped:
        each = work.fields[name]
        read = _read_repeatable(work, each, signs) if each.is_repeatable else _read_field(work, each, signs, joins)
        first += read.columns
        second.append(f"{read.value} AS f_{name}")
        if each.is_repeatable:
            second += [f"raw_{name} IS NOT NULL AS bad_{name}", f"raw_{name}"]
        elif each.type != "text" or name in word_readers(work):
            first.append(f"t.m_{name}")
            second += _say_if_broken(name, read.value)
    for column in _hints(work, joins):
        first.append(column)
        second.append(column.rpartition(" AS ")[2])
    inner = f"SELECT {', '.join(first)} FROM cells AS t {' '.join(joins)}"
    work.run(f"CREATE TABLE read AS SELECT {', '.join(second)} FROM ({inner})")
    work.run("DROP TABLE cells")
    note_unknown_words(work)


def _say_if_broken(name: str, value: str) -> list[str]:
    """Return whether a value could not be read, and its original where that must stay at hand."""
    is_other = f"lower(m_{name}::VARCHAR) IS DISTINCT FROM {value}" if name == "status" else f"{value} IS NULL"
    return [
        f"m_{name} IS NOT NULL AND {value} IS NULL AS bad_{name}",
        f"CASE WHEN {is_other} THEN m_{name}::VARCHAR END AS raw_{name}",
    ]


def _hints(work: Conversion, joins: list[str]) -> Iterator[str]:
    """Yield columns that other columns imply: the currency that an amount carries, the kind of a bounce."""
    if "bounce_type" in work.fields and "name" in work.mapped:
        kind = read_distinct(work, "name", partial(people.read_word, group="bounce"), joins, table="bounces")
        yield f"{kind} AS hint_bounce_type"
    if "currency" in work.fields and (signs := list(_currency_signs(work))):
        yield f"coalesce({', '.join(signs)}) AS hint_currency"


def _currency_signs(work: Conversion) -> Iterator[str]:
    """Yield the SQL of the currency that each written amount carries, of those columns where any does."""
    for name in work.mapped:
        each = work.fields[name]
        if each.type != "money" or each.is_repeatable or work.type_of(name) != "VARCHAR":
            continue
        sign = numbers.currency_sign(f"t.m_{name}::VARCHAR")
        rows = work.run(f"SELECT DISTINCT {sign} FROM cells AS t WHERE m_{name} IS NOT NULL").fetchall()
        codes = {row[0]: numbers.read_currency(row[0], work.currency) for row in rows if row[0]}
        if codes:
            # the signs are those of our own list
            cases = " ".join(f"WHEN '{written}' THEN '{code}'" for written, code in sorted(codes.items()))
            yield f"CASE {sign} {cases} END"


def _read_field(work: Conversion, each: Field, signs: Signs, joins: list[str]) -> _Read:
    if each.type in ("moment", "date"):
        return _Read(*read_moment(work, each, joins))
    return _Read((f"{_value_of(work, each, signs, joins)} AS v_{each.name}",), f"v_{each.name}")


def _value_of(work: Conversion, each: Field, signs: Signs, joins: list[str]) -> str:
    name, column, kind = each.name, f"t.m_{each.name}", work.type_of(each.name)
    match each.type:
        case "money" | "number":
            return _as_number(each, column, kind, signs.get(f"m_{name}", "point"))
        case "boolean" if kind == "BOOLEAN":
            return column
        case "boolean":
            return f"({read_distinct(work, name, people.read_truth, joins)} = 'yes')"
        case "email":
            plain = f"lower({column}::VARCHAR)"
            unusual = f"NOT {people.is_plain_email(plain)}"
            careful = read_distinct(work, name, people.read_email, joins, where=unusual)
            return f"CASE WHEN {people.is_plain_email(plain)} THEN {plain} ELSE {careful} END"
        case "phone":
            return _read_phone(work, name, joins)
        case "country":
            return read_distinct(work, name, people.read_country, joins)
        case "language":
            return read_distinct(work, name, people.read_language, joins)
        case _:
            return _read_text(work, name, joins)


def _read_text(work: Conversion, name: str, joins: list[str]) -> str:
    column, kind = f"t.m_{name}", work.type_of(name)
    if reader := word_readers(work).get(name):
        return read_distinct(work, name, reader, joins)
    if kind.startswith(("FLOAT", "DOUBLE", "DECIMAL")):
        # an id that went through a column of numbers with gaps: 17850.0
        is_whole = f"{column} = trunc({column}) AND abs({column}) < 1e15"
        return f"CASE WHEN {is_whole} THEN {column}::BIGINT::VARCHAR ELSE {column}::VARCHAR END"
    if kind == "VARCHAR" and name in _IDS and _is_all_float(work, name):
        return f"left({column}, -2)"
    return column if kind == "VARCHAR" else f"{column}::VARCHAR"


def _is_all_float(work: Conversion, name: str) -> bool:
    asked = f"SELECT bool_and(regexp_full_match(m_{name}, '[0-9]+[.]0')) FROM cells"
    return bool(work.run(asked).fetchall()[0][0])


def _read_phone(work: Conversion, name: str, joins: list[str]) -> str:
    reader = partial(people.read_phone, country=work.country)
    if work.country != "ES":
        return read_distinct(work, name, reader, joins)
    # the usual Spanish mobile, however it is spaced, needs no careful reading
    digits = f"regexp_replace(t.m_{name}::VARCHAR, '[ .()-]', '', 'g')"
    plain = f"regexp_extract({digits}, '^([+]34|0034|34)?(6[0-9]{{8}})$', 2)"
    careful = read_distinct(work, name, reader, joins, where=f"{plain} = ''")
    return f"CASE WHEN {plain} <> '' THEN '+34' || {plain} ELSE {careful} END"


# --- numbers ----------------------------------------------------------------------------------------------


def _as_number(each: Field, column: str, kind: str, sign: numbers.DecimalSign) -> str:
    if kind.startswith(_NATIVE_NUMBERS):
        decimal = numbers.native_to_decimal(column)
    else:
        decimal = numbers.to_decimal(f"({numbers.bare_number(f'{column}::VARCHAR')})", sign)
    return numbers.to_money(decimal) if each.type == "money" else numbers.to_quantity(decimal)


def _read_repeatable(work: Conversion, each: Field, signs: Signs) -> _Read:
    """Return the sum of the columns of a field; only magnitudes, since some exports write discounts negative."""
    parts, broken = [], []
    for n, place in enumerate(work.mapping.places(each.name)):
        name = f"m_{each.name}_{n}"
        value = _as_number(each, f"t.{name}", work.type_at(place), signs.get(name, "point"))
        parts.append(f"abs({value})")
        broken.append(f"CASE WHEN t.{name} IS NOT NULL AND {value} IS NULL THEN t.{name}::VARCHAR END")
    total = " + ".join(f"coalesce({part}, 0)" for part in parts)
    columns = (f"nullif({total}, 0) AS v_{each.name}", f"coalesce({', '.join(broken)}) AS raw_{each.name}")
    return _Read(columns, f"v_{each.name}")


def _find_decimal_signs(work: Conversion) -> Signs:
    """Return what the decimal sign of each written column is, by the column of `cells`."""
    written: dict[str, str] = {}
    for name in work.mapped:
        each = work.fields[name]
        if each.type not in ("money", "number"):
            continue
        for n, place in enumerate(work.mapping.places(name)):
            column = f"m_{name}_{n}" if each.is_repeatable else f"m_{name}"
            if work.type_at(place) == "VARCHAR":
                written[column] = numbers.bare_number(f"{column}::VARCHAR")
    if not written:
        return {}
    listed = ", ".join(f"{bare} AS {column}" for column, bare in written.items())
    work.run(f"CREATE TEMP VIEW numbers_seen AS SELECT {listed} FROM cells")
    signs, guessed = numbers.find_decimal_signs(
        work.staged.connection, {column: column for column in written}, work.country
    )
    work.run("DROP VIEW numbers_seen")
    for column in guessed:
        header = work.header_of(column.removeprefix("m_").rstrip("_0123456789"))
        work.notes.append(Note(_SIGN_NOTES[signs[column]], {"header": header}))
    return signs
