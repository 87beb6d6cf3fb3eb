"""Convert staged columns into typed fields, set-wise; what cannot be used is set apart with its reason.

    cells     cleaned text (or native value) of every column that is a field, and the properties
    values    each field in its type; beside it whether a value was there that could not be read
    filled    what an order's other rows say about the whole order
    verdict   the first reason, if any, for which a row cannot be used

Python functions read distinct values only and are joined back, so the cost follows the distinct values.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from tesela.base import InputError
from tesela.events.fields import FIELDS, IDENTIFIER_KINDS, WAREHOUSE_TYPES, Field, Kind
from tesela.events.sources.mapping import moments, numbers, people
from tesela.events.sources.mapping.vocabulary import normalise
from tesela.events.sources.reading import Note, StagedTable

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Mapping as Dict
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from tesela.events.sources.mapping.mapping import Mapping
    from tesela.events.sources.mapping.rates import Rates

_PREFIX = "events.sources.mapping"

# Fields without which a row says nothing; of a tuple any one will do.
_NEEDED: Dict[Kind, tuple[str | tuple[str, ...], ...]] = {
    "contacts": (IDENTIFIER_KINDS,),
    "orders": ("order_id", "occurred_at", "amount"),
    "order-lines": ("occurred_at", ("amount", "unit_price")),
    "products": ("product_id",),
    "consents": (IDENTIFIER_KINDS, ("channel", "email", "phone"), "status"),
    "email-events": (IDENTIFIER_KINDS, "name", "occurred_at"),
    "events": ("name", "occurred_at"),
}

# Values that would make another record of it if they were left out: a row with a broken one is not used.
_CRUCIAL = frozenset({"occurred_at", "amount", "quantity", "unit_price", "refunded_amount"})

# An export of shop accounts may carry these; nothing of them is stored.
_SECRET = re.compile(r"\b(password|passwd|passwort|contrasena|clave|token|secret|hash|cvv|iban)\b")

_DAY_NOTES = {"day_first": f"{_PREFIX}.guessed_day_first", "month_first": f"{_PREFIX}.guessed_month_first"}
_SIGN_NOTES = {"comma": f"{_PREFIX}.guessed_comma", "point": f"{_PREFIX}.guessed_point"}

_IDS = frozenset(("customer_id", "order_id", "product_id", "loyalty_card", "member_id", "line_id"))

_NATIVE_MOMENTS = ("TIMESTAMP", "DATE")
_NATIVE_NUMBERS = (
    *("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE", "DECIMAL"),
    *("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"),
)

# blank, tab, line ends, no-break space, byte order mark
_BLANKS = " || ".join(f"chr({code})" for code in (32, 9, 10, 13, 160, 65279))


@dataclass(frozen=True, slots=True)
class _Read:
    """How a field is read: columns of a first level over the cells, and the value made of them."""

    columns: tuple[str, ...]
    value: str


@dataclass(frozen=True, slots=True)
class Converted:
    """What became of a staged source.

    Attributes:
        accepted: Parquet of typed rows: `row_number`, the kind's fields, `properties`.
        rejected: Parquet of unusable rows: `row_number`, `raw`, `reason`, `detail`.
        received: Rows in all: those of both files, exactly.
        notes: What was decided on the way.
    """

    accepted: Path
    rejected: Path
    received: int
    notes: tuple[Note, ...] = field(default=())


def convert(
    staged: StagedTable,
    mapping: Mapping,
    *,
    zone: ZoneInfo,
    currency: str,
    country: str,
    rates: Rates | None,
    into: Path,
) -> Converted:
    """Convert a staged source with a mapping.

    Args:
        staged: The source's rows; its private connection does the work.
        mapping: Which column is which field.
        zone: Local times of the file are in it.
        currency: ISO 4217 code of the shop; other currencies need `rates`.
        country: ISO 3166 code: default prefix of phones, and how ambiguous dates and numbers are read.
        rates: Exchange rates, where the workspace has them.
        into: Folder for the two files.

    Raises:
        InputError: when a needed field is mapped to no column; nothing has been touched then.
    """
    mapping = mapping.fitted_to(staged.headers)
    _check_needed(mapping, staged)
    work = _Conversion(staged, mapping, zone, currency, country, rates)
    work.clean_cells()
    work.read_values()
    work.fill_orders()
    work.derive_amounts()
    return work.write(into)


def _check_needed(mapping: Mapping, staged: StagedTable) -> None:
    for needed in _NEEDED[mapping.kind]:
        names = needed if isinstance(needed, tuple) else (needed,)
        stands_in = bool(mapping.order_key) and "order_id" in names
        if not stands_in and not any(mapping.has(name) for name in names):
            raise InputError(
                f"{_PREFIX}.needed_field",
                field=" / ".join(names),
                kind=mapping.kind,
                headers=", ".join(staged.headers[:40]),
            )


def _say_if_broken(name: str, value: str) -> list[str]:
    """Return whether a value could not be read, and its original where that must stay at hand."""
    is_other = f"lower(m_{name}::VARCHAR) IS DISTINCT FROM {value}" if name == "status" else f"{value} IS NULL"
    return [
        f"m_{name} IS NOT NULL AND {value} IS NULL AS bad_{name}",
        f"CASE WHEN {is_other} THEN m_{name}::VARCHAR END AS raw_{name}",
    ]


class _Conversion:
    """The steps of one conversion, over tables of the staged source's private connection."""

    def __init__(
        self, staged: StagedTable, mapping: Mapping, zone: ZoneInfo, currency: str, country: str, rates: Rates | None
    ) -> None:
        self._staged = staged
        self._mapping = mapping
        self._zone = zone
        self._currency = currency
        self._country = country
        self._rates = rates
        self._run = staged.connection.execute
        self._fields = {each.name: each for each in FIELDS[mapping.kind]}
        self._mapped = [name for name in self._fields if mapping.places(name)]
        self._notes: list[Note] = []
        # fields whose unreadable values are kept among the properties
        self._kept: list[str] = []

    # -- cells

    def clean_cells(self) -> None:
        """Make `cells`: one column a field (`m_<field>`, or `m_<field>_1`, ... where several are mapped)."""
        columns = ["row_number", *self._cleaned_fields(), f"{self._properties()} AS properties"]
        if self._mapping.order_key:
            parts = ", ".join(f"coalesce(c{n}::VARCHAR, '')" for n in self._mapping.key_places())
            columns.append(f"'key-' || md5(concat_ws(chr(31), {parts})) AS order_key")
        # the keys of the properties, as JSON writes them
        headers = {f"h{n}": json.dumps(self._staged.headers[n], ensure_ascii=False) + ":" for n in self._left_out()}
        self._run(
            f"CREATE TABLE cells AS SELECT {', '.join(columns)} FROM {self._staged.relation}",
            headers if headers else None,
        )

    def _cleaned_fields(self) -> list[str]:
        cleaned = []
        for name in self._mapped:
            places = self._mapping.places(name)
            if self._fields[name].is_repeatable:
                cleaned += [f"{self._clean(place)} AS m_{name}_{n}" for n, place in enumerate(places)]
            elif len({self._kind_of(place) for place in places}) == 1:
                cleaned.append(f"coalesce({', '.join(map(self._clean, places))}) AS m_{name}")
            else:
                cleaned.append(f"coalesce({', '.join(f'{self._clean(p)}::VARCHAR' for p in places)}) AS m_{name}")
        return cleaned

    def _clean(self, place: int) -> str:
        column = f"c{place}"
        if self._kind_of(place) != "VARCHAR":
            return column
        bare = f"replace({column}, chr(0), '')"
        composed = f"CASE WHEN strlen({column}) = length({column}) THEN {bare} ELSE nfc_normalize({bare}) END"
        return f"nullif(trim({composed}, {_BLANKS}), '')"

    def _kind_of(self, place: int) -> str:
        return self._staged.types[place]

    def _left_out(self) -> list[int]:
        """Return the columns that are kept among the properties: all that are no field, but never a secret."""
        free = [place for place, column in enumerate(self._mapping.columns) if column.field is None]
        return [place for place in free if not _SECRET.search(normalise(self._staged.headers[place]))]

    def _properties(self) -> str:
        """Return the SQL of the JSON of all columns that are no field, by header, empty ones left out."""
        places = sorted(self._left_out(), key=lambda place: self._staged.headers[place])
        if not places:
            return "NULL::VARCHAR"
        pairs = ", ".join(f"$h{place} || to_json({self._clean(place)}::VARCHAR)::VARCHAR" for place in places)
        return f"nullif('{{' || concat_ws(',', {pairs}) || '}}', '{{}}')"

    # -- values

    def read_values(self) -> None:
        """Make `read`: each mapped field in its type (`f_<field>`), whether it was unreadable, and its original."""
        joins: list[str] = []
        kept = ["row_number", "properties", *(["order_key"] if self._mapping.order_key else [])]
        # the first level reads each value once, the second says what became of it
        first, second = [f"t.{name}" for name in kept], list(kept)
        signs = self._find_decimal_signs()
        for name in self._mapped:
            each = self._fields[name]
            read = self._read_repeatable(each, signs) if each.is_repeatable else self._read_field(each, signs, joins)
            first += read.columns
            second.append(f"{read.value} AS f_{name}")
            if each.is_repeatable:
                second += [f"raw_{name} IS NOT NULL AS bad_{name}", f"raw_{name}"]
            elif self._is_fallible(each):
                first.append(f"t.m_{name}")
                second += _say_if_broken(name, read.value)
        for column in self._hints(joins):
            first.append(column)
            second.append(column.rpartition(" AS ")[2])
        inner = f"SELECT {', '.join(first)} FROM cells AS t {' '.join(joins)}"
        self._run(f"CREATE TABLE read AS SELECT {', '.join(second)} FROM ({inner})")
        self._note_unknown_words()

    def _is_fallible(self, each: Field) -> bool:
        """Whether a value of a field may be there and yet say nothing that can be used."""
        return each.type != "text" or each.name in self._word_readers()

    def _hints(self, joins: list[str]) -> list[str]:
        """Return columns that other columns imply: the currency that an amount carries, the kind of a bounce."""
        hints = []
        if "bounce_type" in self._fields and "name" in self._mapped:
            kind = self._by_distinct("name", partial(people.read_word, group="bounce"), joins, table="bounces")
            hints.append(f"{kind} AS hint_bounce_type")
        if "currency" in self._fields and (signs := self._currency_signs()):
            hints.append(f"coalesce({', '.join(signs)}) AS hint_currency")
        return hints

    def _currency_signs(self) -> list[str]:
        """Return the SQL of the currency that each written amount carries, of those columns where any does."""
        found = []
        for name in self._mapped:
            each = self._fields[name]
            if each.type != "money" or each.is_repeatable or self._type_of(name) != "VARCHAR":
                continue
            sign = numbers.currency_sign(f"t.m_{name}::VARCHAR")
            rows = self._run(f"SELECT DISTINCT {sign} FROM cells AS t WHERE m_{name} IS NOT NULL").fetchall()
            codes = {row[0]: numbers.read_currency(row[0], self._currency) for row in rows if row[0]}
            if codes:
                # the signs are those of our own list
                cases = " ".join(f"WHEN '{written}' THEN '{code}'" for written, code in sorted(codes.items()))
                found.append(f"CASE {sign} {cases} END")
        return found

    def _read_field(self, each: Field, signs: Dict[str, numbers.DecimalSign], joins: list[str]) -> _Read:
        kind = self._type_of(each.name)
        column = f"t.m_{each.name}"
        if each.type in ("moment", "date"):
            return self._read_moment(each, column, kind, joins)
        value = self._value_of(each, column, kind, signs, joins)
        return _Read((f"{value} AS v_{each.name}",), f"v_{each.name}")

    def _value_of(
        self, each: Field, column: str, kind: str, signs: Dict[str, numbers.DecimalSign], joins: list[str]
    ) -> str:
        match each.type:
            case "money" | "number":
                return self._as_number(each, column, kind, signs.get(f"m_{each.name}", "point"))
            case "boolean" if kind == "BOOLEAN":
                return column
            case "boolean":
                truth = self._by_distinct(each.name, people.read_truth, joins)
                return f"({truth} = 'yes')"
            case "email":
                plain = f"lower({column}::VARCHAR)"
                careful = self._by_distinct(
                    each.name, people.read_email, joins, where=f"NOT {people.is_plain_email(plain)}"
                )
                return f"CASE WHEN {people.is_plain_email(plain)} THEN {plain} ELSE {careful} END"
            case "phone":
                return self._read_phone(each.name, joins)
            case "country":
                return self._by_distinct(each.name, people.read_country, joins)
            case "language":
                return self._by_distinct(each.name, people.read_language, joins)
            case _:
                return self._read_text(each.name, column, kind, joins)

    def _type_of(self, name: str) -> str:
        """Return the type of a field's cells: text, where its columns came with several."""
        kinds = {self._kind_of(place) for place in self._mapping.places(name)}
        return kinds.pop() if len(kinds) == 1 else "VARCHAR"

    def _read_text(self, name: str, column: str, kind: str, joins: list[str]) -> str:
        if reader := self._word_readers().get(name):
            return self._by_distinct(name, reader, joins)
        if kind.startswith(("FLOAT", "DOUBLE", "DECIMAL")):
            # an id that went through a column of numbers with gaps: 17850.0
            is_whole = f"{column} = trunc({column}) AND abs({column}) < 1e15"
            return f"CASE WHEN {is_whole} THEN {column}::BIGINT::VARCHAR ELSE {column}::VARCHAR END"
        if kind == "VARCHAR" and name in _IDS and self._is_all_float(name):
            return f"left({column}, -2)"
        return column if kind == "VARCHAR" else f"{column}::VARCHAR"

    def _is_all_float(self, name: str) -> bool:
        asked = f"SELECT bool_and(regexp_full_match(m_{name}, '[0-9]+[.]0')) FROM cells"
        return bool(self._run(asked).fetchall()[0][0])

    def _word_readers(self) -> dict[str, Callable[[str], str | None]]:
        """Return how the fields are read that say one of a few words."""
        consent = partial(people.read_word, group="consent")
        kind = self._mapping.kind
        readers: dict[str, Callable[[str], str | None]] = {
            "gender": partial(people.read_word, group="gender"),
            "email_consent": consent,
            "sms_consent": consent,
            "purpose": lambda w: people.read_word(w, "purpose") or people.read_slug(w),
            "sales_channel": lambda w: people.read_word(w, "sales_channel") or people.read_slug(w),
            "first_source": people.read_first_source,
            "bounce_type": lambda w: people.read_word(w, "bounce") or people.read_slug(w),
            "currency": partial(numbers.read_currency, own=self._currency),
        }
        if kind in ("events", "email-events"):
            readers["name"] = partial(people.read_event_name, of_messages=kind == "email-events")
        if kind in ("orders", "order-lines"):
            readers["status"] = partial(people.read_status, vendor=self._mapping.vendor)
        if kind == "consents":
            readers["status"] = consent
        if kind in ("consents", "email-events"):
            readers["channel"] = lambda w: people.read_word(w, "channel") or people.read_slug(w)
        return readers

    def _read_phone(self, name: str, joins: list[str]) -> str:
        reader = partial(people.read_phone, country=self._country)
        if self._country != "ES":
            return self._by_distinct(name, reader, joins)
        # the usual Spanish mobile, however it is spaced, needs no careful reading
        digits = f"regexp_replace(t.m_{name}::VARCHAR, '[ .()-]', '', 'g')"
        plain = f"regexp_extract({digits}, '^([+]34|0034|34)?(6[0-9]{{8}})$', 2)"
        careful = self._by_distinct(name, reader, joins, where=f"{plain} = ''")
        return f"CASE WHEN {plain} <> '' THEN '+34' || {plain} ELSE {careful} END"

    def _as_number(self, each: Field, column: str, kind: str, sign: numbers.DecimalSign) -> str:
        if kind.startswith(_NATIVE_NUMBERS):
            decimal = numbers.native_to_decimal(column)
        else:
            bare = numbers.bare_number(f"{column}::VARCHAR")
            decimal = numbers.to_decimal(f"({bare})", sign)
        return numbers.to_money(decimal) if each.type == "money" else numbers.to_quantity(decimal)

    def _read_repeatable(self, each: Field, signs: Dict[str, numbers.DecimalSign]) -> _Read:
        """Return the sum of the columns of a field; only magnitudes, since some exports write discounts negative."""
        parts, broken = [], []
        for n, place in enumerate(self._mapping.places(each.name)):
            name = f"m_{each.name}_{n}"
            value = self._as_number(each, f"t.{name}", self._staged.types[place], signs.get(name, "point"))
            parts.append(f"abs({value})")
            broken.append(f"CASE WHEN t.{name} IS NOT NULL AND {value} IS NULL THEN t.{name}::VARCHAR END")
        total = " + ".join(f"coalesce({part}, 0)" for part in parts)
        columns = (f"nullif({total}, 0) AS v_{each.name}", f"coalesce({', '.join(broken)}) AS raw_{each.name}")
        return _Read(columns, f"v_{each.name}")

    def _find_decimal_signs(self) -> dict[str, numbers.DecimalSign]:
        written: dict[str, str] = {}
        for name in self._mapped:
            each = self._fields[name]
            if each.type not in ("money", "number"):
                continue
            for n, place in enumerate(self._mapping.places(name)):
                column = f"m_{name}_{n}" if each.is_repeatable else f"m_{name}"
                if self._staged.types[place] == "VARCHAR":
                    written[column] = numbers.bare_number(f"{column}::VARCHAR")
        if not written:
            return {}
        listed = ", ".join(f"{bare} AS {column}" for column, bare in written.items())
        self._run(f"CREATE TEMP VIEW numbers_seen AS SELECT {listed} FROM cells")
        signs, guessed = numbers.find_decimal_signs(
            self._staged.connection, {column: column for column in written}, self._country
        )
        self._run("DROP VIEW numbers_seen")
        for column in guessed:
            header = self._header_of(column.removeprefix("m_").rstrip("_0123456789"))
            self._notes.append(Note(_SIGN_NOTES[signs[column]], {"header": header}))
        return signs

    def _read_moment(self, each: Field, column: str, kind: str, joins: list[str]) -> _Read:
        name = each.name
        if kind.startswith("TIMESTAMP WITH TIME ZONE"):
            local, utc = "NULL::TIMESTAMP", f"make_timestamp(epoch_us({column}))"
        elif kind.startswith(_NATIVE_MOMENTS):
            local, utc = f"{column}::TIMESTAMP", "NULL::TIMESTAMP"
        else:
            local, utc = self._written_moment(name, joins)
        columns = (f"{local} AS local_{name}", f"{utc} AS utc_{name}")
        if each.type == "date":
            return _Read(columns, f"({moments.within_reason(f'coalesce(local_{name}, utc_{name})')})::DATE")
        first, last = self._run(
            f"SELECT min(local), max(local) FROM (SELECT {local} AS local FROM cells AS t {' '.join(joins)}) "
            "WHERE local >= $low AND local < $high",
            {"low": moments.FIRST_MOMENT, "high": moments.LAST_MOMENT},
        ).fetchall()[0]
        brought = f"utc_{name}"
        if first is not None:
            brought = f"coalesce({moments.local_to_utc(f'local_{name}', self._zone, first, last)}, utc_{name})"
        return _Read(columns, moments.within_reason(brought))

    def _written_moment(self, name: str, joins: list[str]) -> tuple[str, str]:
        """Return the SQL of the local and of the UTC time that a text says; one of them is NULL."""
        text = f"t.m_{name}::VARCHAR"
        order, is_told = moments.find_day_order(self._staged.connection, f"m_{name}::VARCHAR", self._country)
        if not is_told:
            self._notes.append(Note(_DAY_NOTES[order], {"header": self._header_of(name)}))
        unusual = self._unusual_moments(name, order)
        if not unusual:
            return moments.fast_local(text, order), moments.fast_utc(text)
        joins.append(f"LEFT JOIN {unusual} ON {unusual}.written = {text}")
        local = f"coalesce({moments.fast_local(text, order)}, CASE WHEN NOT {unusual}.is_utc THEN {unusual}.moment END)"
        return local, f"coalesce({moments.fast_utc(text)}, CASE WHEN {unusual}.is_utc THEN {unusual}.moment END)"

    def _unusual_moments(self, name: str, order: moments.DayOrder) -> str | None:
        column = f"m_{name}::VARCHAR"
        unusual = f"m_{name} IS NOT NULL AND {moments.is_unusual(column)}"
        asked = f"SELECT DISTINCT {column} AS written FROM cells WHERE {unusual}"
        table = f"times_{name}"
        if self._run(f"SELECT count(*) FROM ({asked} LIMIT 1)").fetchall()[0][0] == 0:
            return None
        import pyarrow as pa

        self._run(f"CREATE TABLE {table} (written VARCHAR, moment TIMESTAMP, is_utc BOOLEAN)")
        for batch in self._staged.connection.sql(asked).to_arrow_table().to_batches(max_chunksize=100_000):
            written = batch.column(0).to_pylist()
            found = [moments.read_unusual(each, order) for each in written]
            incoming = pa.table(
                {
                    "written": pa.array(written, pa.string()),
                    "moment": pa.array([moment for moment, _ in found], pa.timestamp("us")),
                    "is_utc": pa.array([is_utc for _, is_utc in found], pa.bool_()),
                }
            )
            self._staged.connection.register("incoming", incoming)
            self._run(f"INSERT INTO {table} SELECT * FROM incoming")
            self._staged.connection.unregister("incoming")
        return table

    def _by_distinct(
        self,
        name: str,
        read: Callable[[str], str | None],
        joins: list[str],
        *,
        where: str = "true",
        table: str | None = None,
    ) -> str:
        """Read the distinct values of a field in Python; return the SQL of what each row's means."""
        import pyarrow as pa

        table = table or f"words_{name}"
        self._run(f"CREATE TABLE {table} (written VARCHAR, meaning VARCHAR)")
        asked = (
            f"SELECT DISTINCT t.m_{name}::VARCHAR AS written FROM cells AS t WHERE t.m_{name} IS NOT NULL AND {where}"
        )
        for batch in self._staged.connection.sql(asked).to_arrow_table().to_batches(max_chunksize=100_000):
            written = batch.column(0).to_pylist()
            meanings = pa.array([read(each) for each in written], pa.string())
            incoming = pa.table({"written": batch.column(0), "meaning": meanings})
            self._staged.connection.register("incoming", incoming)
            self._run(f"INSERT INTO {table} SELECT * FROM incoming")
            self._staged.connection.unregister("incoming")
        joins.append(f"LEFT JOIN {table} ON {table}.written = t.m_{name}::VARCHAR")
        return f"{table}.meaning"

    def _note_unknown_words(self) -> None:
        if "status" not in self._mapped or self._mapping.kind not in ("orders", "order-lines"):
            return
        rows = self._run("SELECT written FROM words_status WHERE meaning IS NULL ORDER BY written LIMIT 10").fetchall()
        if rows:
            listed = ", ".join(row[0] for row in rows)
            self._notes.append(Note(f"{_PREFIX}.unknown_status", {"words": listed}))

    # -- orders

    def fill_orders(self) -> None:
        """Take what is missing on a row of an order from the order's other rows, the first that says it."""
        order = self._order_id()
        if self._mapping.kind not in ("orders", "order-lines") or order is None:
            return
        lacking = self._lacking_fields()
        if not lacking:
            return
        told = ", ".join(f"arg_min(f_{n}, row_number) FILTER (f_{n} IS NOT NULL) AS f_{n}" for n in lacking)
        replaced = ", ".join(
            # what is broken stays so: the row will not be used
            f"CASE WHEN r.bad_{n} THEN NULL ELSE coalesce(r.f_{n}, o.f_{n}) END AS f_{n}"
            if n in _CRUCIAL
            else f"coalesce(r.f_{n}, o.f_{n}) AS f_{n}"
            for n in lacking
        )
        self._run(
            f"CREATE TABLE filled AS SELECT r.* REPLACE ({replaced}) FROM read AS r LEFT JOIN ("
            f"SELECT {order} AS own_order, {told} FROM read WHERE {order} IS NOT NULL "
            f"GROUP BY {order} HAVING count(*) > 1) AS o ON o.own_order = r.{order}"
        )
        self._run("DROP TABLE read")
        self._run("ALTER TABLE filled RENAME TO read")

    def _order_id(self) -> str | None:
        if self._mapping.order_key:
            return "order_key"
        return "f_order_id" if "order_id" in self._mapped else None

    def _lacking_fields(self) -> list[str]:
        names = [n for n in self._mapped if (self._fields[n].is_order_level or n == "occurred_at") and n != "order_id"]
        if not names:
            return []
        counts = self._run(f"SELECT count(*), {', '.join(f'count(f_{n})' for n in names)} FROM read").fetchall()[0]
        return [name for name, told in zip(names, counts[1:], strict=True) if 0 < told < counts[0]]

    def derive_amounts(self) -> None:
        """Make a line's amount of its price and pieces where the source does not tell it; then convert currencies."""
        has = set(self._mapped)
        if self._mapping.kind == "order-lines" and {"unit_price", "quantity"} <= has:
            # a discount makes what is paid, or given back, smaller; some exports write it negative
            less = " - sign(f_quantity)::INTEGER * abs(coalesce(f_discount, 0))" if "discount" in has else ""
            made = f"try_cast(round(f_unit_price::DECIMAL(18,0) * f_quantity){less} AS BIGINT)"
            if "amount" in has:
                # a broken amount is not made up for
                made = f"CASE WHEN f_amount IS NULL AND NOT bad_amount THEN {made} ELSE f_amount END"
                self._run(f"UPDATE read SET f_amount = {made} WHERE f_amount IS NULL")
            else:
                self._run("ALTER TABLE read ADD COLUMN f_amount BIGINT")
                self._run(f"UPDATE read SET f_amount = {made}")
            self._mapped = [*self._mapped, "amount"] if "amount" not in has else self._mapped
        elif self._mapping.kind == "order-lines" and "amount" not in has:
            self._run("ALTER TABLE read ADD COLUMN f_amount BIGINT")
            self._run("UPDATE read SET f_amount = f_unit_price")
            self._mapped = [*self._mapped, "amount"]
        self._convert_currency()

    def _convert_currency(self) -> None:
        """Bring money of another currency to the shop's, where there is a rate for the day."""
        told = [name for name in ("f_currency", "hint_currency") if name in self._read_columns()]
        if not told:
            return
        self._run("ALTER TABLE read ADD COLUMN foreign_currency VARCHAR")
        self._run(
            f"UPDATE read SET foreign_currency = coalesce({', '.join(told)}) WHERE coalesce({', '.join(told)}) <> $own",
            {"own": self._currency.upper()},
        )
        if self._rates is None or "occurred_at" not in self._mapped:
            return
        money = [name for name in self._mapped if self._fields[name].type == "money"]
        self._staged.connection.register("rates", self._rates.since(self._zone))
        sets = ", ".join(f"f_{n} = try_cast(round(read.f_{n} * priced.rate) AS BIGINT)" for n in money)
        if "currency" in self._mapped:
            sets += ", f_currency = $own, raw_currency = read.foreign_currency"
        self._run(
            f"UPDATE read SET {sets}, foreign_currency = NULL FROM ("
            "SELECT r.row_number, x.rate FROM read AS r ASOF JOIN rates AS x "
            "ON x.currency = r.foreign_currency AND r.f_occurred_at >= x.since) AS priced "
            "WHERE priced.row_number = read.row_number",
            {"own": self._currency.upper()} if "currency" in self._mapped else None,
        )
        self._staged.connection.unregister("rates")

    # -- writing

    def write(self, into: Path) -> Converted:
        """Write the rows that can be used, and apart those that cannot, with the first reason."""
        self._run(f"CREATE TABLE verdict AS SELECT row_number, {self._reason()} FROM read AS r")
        accepted, rejected = into / "accepted.parquet", into / "rejected.parquet"
        values = ", ".join(self._output(each) for each in FIELDS[self._mapping.kind])
        self._run(
            f"COPY (SELECT r.row_number, {values}, {self._kept_properties()} AS properties "
            f"FROM read AS r JOIN verdict AS v USING (row_number) WHERE v.reason IS NULL) TO '{_quoted(accepted)}' "
            "(FORMAT parquet, COMPRESSION snappy)",
            self._constants() | {f"o_{name}": self._header_of(name) for name in self._originals()} or None,
        )
        shown = [n for n, header in enumerate(self._staged.headers) if not _SECRET.search(normalise(header))]
        pairs = ", ".join(f"$h{n}, c{n}::VARCHAR" for n in shown)
        self._run(
            f"COPY (SELECT row_number, raw, reason, NULL::VARCHAR AS detail FROM {self._staged.unreadable} "
            f"UNION ALL SELECT s.row_number, json_object({pairs})::VARCHAR, v.reason, v.detail "
            f"FROM {self._staged.relation} AS s JOIN verdict AS v USING (row_number) WHERE v.reason IS NOT NULL "
            f"ORDER BY row_number) TO '{_quoted(rejected)}' (FORMAT parquet, COMPRESSION snappy)",
            {f"h{n}": self._staged.headers[n] for n in shown},
        )
        return Converted(accepted, rejected, self._staged.rows, tuple(self._notes))

    def _constants(self) -> dict[str, str]:
        return {f"k_{name}": value for name, value in self._mapping.constants.items() if name not in self._mapped}

    def _output(self, each: Field) -> str:
        value = f"{self._told(each)}"
        if each.name in self._mapping.inverted:
            value = f"CASE {value} WHEN 'yes' THEN 'no' WHEN 'no' THEN 'yes' END"
        return f"({value})::{WAREHOUSE_TYPES[each.type]} AS {each.name}"

    def _told(self, each: Field) -> str:
        """Return the SQL of a field's value: the columns', else what the file or other fields imply."""
        is_mapped = each.name in self._mapped
        told = [f"r.f_{each.name}"] if is_mapped else []
        kind = self._mapping.kind
        if each.name == "order_id" and self._mapping.order_key:
            told.append("r.order_key")
        if each.name == "bounce_type" and "hint_bounce_type" in self._read_columns():
            told.append("r.hint_bounce_type")
        if each.name == "channel" and kind == "consents":
            addresses = [("email", "email"), ("phone", "sms")]
            told += [
                f"CASE WHEN r.f_{address} IS NOT NULL THEN '{channel}' END"
                for address, channel in addresses
                if address in self._mapped
            ]
        if each.name == "status" and kind in ("orders", "order-lines") and is_mapped:
            told.append("CASE WHEN r.bad_status THEN 'completed' END")
        if each.name in self._mapping.constants and not is_mapped:
            told.append(f"$k_{each.name}")
        return f"coalesce({', '.join(told)})" if told else "NULL"

    def _originals(self) -> list[str]:
        """Return the fields whose original may have to be kept among the properties."""
        known = self._read_columns()
        return [name for name in self._mapped if f"raw_{name}" in known and name not in _CRUCIAL]

    def _kept_properties(self) -> str:
        """Return the SQL of the properties with the originals of values that could not be read, by their header."""
        names = self._originals()
        if not names:
            return "r.properties"
        pairs = ", ".join(f"$o_{name}, r.raw_{name}" for name in names)
        broken = " OR ".join(f"r.raw_{name} IS NOT NULL" for name in names)
        merged = f"json_merge_patch(coalesce(r.properties, '{{}}')::JSON, json_object({pairs}))::VARCHAR"
        return f"CASE WHEN {broken} THEN {merged} ELSE r.properties END"

    def _read_columns(self) -> set[str]:
        return {row[0] for row in self._run("DESCRIBE read").fetchall()}

    def _reason(self) -> str:
        """Return the SQL of why a row cannot be used, and of the value at fault."""
        known = self._read_columns()
        cases: list[tuple[str, str, str]] = []
        for name in self._mapped:
            if name in _CRUCIAL and f"bad_{name}" in known:
                detail = f"r.raw_{name}" if f"raw_{name}" in known else "NULL"
                code = "bad_time" if self._fields[name].type == "moment" else "bad_number"
                cases.append((f"r.bad_{name}", code, detail))
        for needed in _NEEDED[self._mapping.kind]:
            names = needed if isinstance(needed, tuple) else (needed,)
            present = [f"r.f_{name} IS NOT NULL" for name in names if name in self._mapped]
            if any(name in self._mapping.constants for name in names) or self._stands_in(names):
                continue
            if "amount" in names and self._mapping.kind == "order-lines":
                present = ["r.f_amount IS NOT NULL"]
            missing = "NOT (" + " OR ".join(present) + ")" if present else "true"
            code = "no_identifier" if names == IDENTIFIER_KINDS else "missing_value"
            cases.append((missing, code, f"'{names[0]}'" if code == "missing_value" else "NULL"))
        money = [f"r.f_{name}" for name in self._mapped if self._fields[name].type == "money"]
        if "foreign_currency" in known and money:
            is_priced = f"r.foreign_currency IS NOT NULL AND coalesce({', '.join(money)}) IS NOT NULL"
            cases.append((is_priced, "other_currency", "r.foreign_currency"))
        reasons = " ".join(f"WHEN {when} THEN '{_PREFIX}.{code}'" for when, code, _ in cases)
        details = " ".join(f"WHEN {when} THEN {detail}" for when, _, detail in cases)
        return f"CASE {reasons} END AS reason, (CASE {details} END)::VARCHAR AS detail"

    def _stands_in(self, names: tuple[str, ...]) -> bool:
        return "order_id" in names and bool(self._mapping.order_key)

    def _header_of(self, name: str) -> str:
        places = self._mapping.places(name)
        return self._staged.headers[places[0]] if places else name


def _quoted(path: Path) -> str:
    # COPY takes no bound value for its target; the folder is ours
    return str(path).replace("'", "''")
