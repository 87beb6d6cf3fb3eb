"""Read numbers as people write them: decimal comma or point, thousands, currency signs, brackets.

Almost every written number says by itself which of its signs is the decimal one. Only `1.234` and `1,234`
do not: there the whole column decides, then the other columns of the file, then the country.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

DecimalSign = Literal["comma", "point"]

_POINT_COUNTRIES = frozenset({"US", "GB", "IE", "MX", "GT", "HN", "NI", "SV", "PA", "DO", "PR", "PE", "CN", "JP", "IN"})

# 18 digits before the point: what is beyond is no money, and no engine adds it up exactly
_EXACT = "DECIMAL(28,10)"


# currencies that an amount may carry; a bare $ is many countries' own
_SIGNS = {"€": "EUR", "EUROS": "EUR", "EURO": "EUR", "US$": "USD", "MX$": "MXN", "R$": "BRL", "S/": "PEN", "£": "GBP"}
_CODES = (
    *("EUR", "USD", "GBP", "MXN", "COP", "CLP", "ARS", "PEN", "CNY", "BRL", "UYU", "BOB", "PYG", "CRC", "GTQ", "DOP"),
    *("CAD", "AUD", "CHF", "SEK", "NOK", "DKK", "PLN", "JPY"),
)
_DOLLARS = frozenset(("USD", "MXN", "COP", "CLP", "ARS", "UYU", "DOP", "CAD", "AUD"))
_YENS = frozenset(("JPY", "CNY"))
_CURRENCY = "|".join(sign.replace("$", "[$]") for sign in (*_SIGNS, *_CODES, "$", "¥"))


def currency_sign(text: str) -> str:
    """Return the SQL of the currency that a written amount carries; an empty text where it has none."""
    return f"regexp_extract(upper({text}), '{_CURRENCY}', 0)"


def read_currency(written: str, own: str) -> str:
    """Return the ISO 4217 code that a sign or code means in a shop of a currency; the sign itself where unknown.

    Example:
        >>> read_currency("€", "EUR"), read_currency("$", "MXN"), read_currency("$", "EUR"), read_currency("usd", "EUR")
        ('EUR', 'MXN', '$', 'USD')
    """
    sign, own = written.strip().upper(), own.upper()
    if (sign == "$" and own in _DOLLARS) or (sign == "¥" and own in _YENS):
        return own
    return _SIGNS.get(sign, sign)


def bare_number(text: str) -> str:
    """Return the SQL of a written number without currency, blanks and brackets; NULL when it is none.

    Args:
        text: SQL of a cleaned text.
    """
    stripped = f"regexp_replace(upper({text}), '[\\s\\x{{A0}}\\x{{2009}}\\x{{202F}}]|{_CURRENCY}', '', 'g')"
    minus_first = f"regexp_replace(replace({stripped}, '−', '-'), '^\\((.*)\\)$|^(.*)-$', '-\\1\\2')"
    return f"regexp_extract({minus_first}, '^[+-]?[0-9][0-9.,'']*$|^[+-]?[.,][0-9]+$', 0)"


def find_decimal_signs(
    connection: Any, columns: dict[str, str], country: str
) -> tuple[dict[str, DecimalSign], list[str]]:
    """Decide for each column what `1.234` means in it.

    Args:
        connection: Where the columns are.
        columns: Name of each column and SQL that reads its bare numbers, from one relation `numbers_seen`.
        country: ISO code, for when nothing in the file says.

    Returns:
        The decimal sign of each column, and the columns for which only the country decided.
    """
    if not columns:
        return {}, []
    evidence: dict[str, tuple[int, int, int]] = {}
    asked = ", ".join(
        f"count(*) FILTER ({_says('comma', name)}), count(*) FILTER ({_says('point', name)}), "
        f"count(*) FILTER ({_unclear(name)})"
        for name in columns.values()
    )
    row = connection.execute(f"SELECT {asked} FROM numbers_seen").fetchall()[0]
    for place, name in enumerate(columns):
        evidence[name] = row[place * 3 : place * 3 + 3]
    commas, points = (sum(found[side] for found in evidence.values()) for side in (0, 1))
    signs: dict[str, DecimalSign] = {}
    guessed = []
    for name, (comma, point, unclear) in evidence.items():
        if comma != point:
            signs[name] = "comma" if comma > point else "point"
        elif commas != points:
            signs[name] = "comma" if commas > points else "point"
        else:
            signs[name] = "point" if country in _POINT_COUNTRIES else "comma"
            if unclear:
                guessed.append(name)
    return signs, guessed


def to_decimal(bare: str, sign: DecimalSign) -> str:
    """Return the SQL of the exact decimal that a bare number writes; NULL when it is none."""
    thousand = "." if sign == "comma" else ","
    shapes = (
        # 1.234.567,8 and 1,234,567.8 say themselves which is which
        (r"[+-]?[0-9]{1,3}([.][0-9]{3})+,[0-9]*", f"replace(replace({bare}, '.', ''), ',', '.')"),
        (r"[+-]?[0-9]{1,3}(,[0-9]{3})+[.][0-9]*", f"replace({bare}, ',', '')"),
        (r"[+-]?[0-9]{1,3}(''[0-9]{3})+([.,][0-9]*)?", f"replace(replace({bare}, '''', ''), ',', '.')"),
        (r"[+-]?[0-9]{1,3}(([.][0-9]{3}){2,}|(,[0-9]{3}){2,})", f"replace(replace({bare}, '.', ''), ',', '')"),
        (rf"[+-]?[1-9][0-9]{{0,2}}[{thousand}][0-9]{{3}}", f"replace({bare}, '{thousand}', '')"),
        (r"[+-]?([0-9]+[.,]?[0-9]*|[.,][0-9]+)", f"replace({bare}, ',', '.')"),
    )
    cases = " ".join(f"WHEN regexp_full_match({bare}, '{shape}') THEN {plain}" for shape, plain in shapes)
    return f"try_cast(CASE {cases} END AS {_EXACT})"


def native_to_decimal(column: str) -> str:
    """Return the SQL of the exact decimal of a number that came with its type."""
    return f"try_cast({column} AS {_EXACT})"


def to_money(decimal: str) -> str:
    """Return the SQL of ten-thousandths, rounded half up."""
    return f"try_cast(round({decimal} * 10000) AS BIGINT)"


def to_quantity(decimal: str) -> str:
    """Return the SQL of a number with four decimals."""
    return f"try_cast({decimal} AS DECIMAL(18,4))"


def _says(sign: DecimalSign, column: str) -> str:
    mark, other = (",", "[.]") if sign == "comma" else ("[.]", ",")
    shapes: Sequence[str] = (
        f"^[+-]?[0-9]*{mark}([0-9]{{1,2}}|[0-9]{{4,}})$",
        f"^[+-]?0{mark}[0-9]+$",
        f"{other}[0-9]{{3}}{mark}[0-9]*$",
        f"^[+-]?[0-9]{{1,3}}({other}[0-9]{{3}}){{2,}}$",
    )
    return " OR ".join(f"regexp_matches({column}, '{shape}')" for shape in shapes)


def _unclear(column: str) -> str:
    return f"regexp_matches({column}, '^[+-]?[1-9][0-9]{{0,2}}[.,][0-9]{{3}}$')"
