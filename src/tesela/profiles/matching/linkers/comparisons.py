"""How two people's values are compared: for each field the levels of likeness, the strictest first.

A level has the share of pairs of one person that is expected to reach it, and the share of pairs of two people. What
is learnt from the shop's own people takes their place the more there are to learn from (`splink.py`).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Level:
    """One level of likeness.

    Attributes:
        name: What it is called where people read it.
        condition: SQL over two people's columns, ending in `_l` and `_r`.
        of_one, of_two: Expected shares among pairs of one person, and of two people.
        column: Where agreement on a rare value says more: the column whose values are counted.
    """

    name: str
    condition: str
    of_one: float
    of_two: float
    column: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """How one field is compared.

    Attributes:
        field: Of `FIELDS`.
        column: Missing where there is nothing to compare.
        levels: The strictest first; what reaches none differs.
    """

    field: str
    column: str
    levels: tuple[Level, ...]

    @property
    def of_one(self) -> tuple[float, ...]:
        """The expected shares of pairs of one person, of all levels and of what differs."""
        told = tuple(level.of_one for level in self.levels)
        return *told, 1 - sum(told)

    @property
    def of_two(self) -> tuple[float, ...]:
        """The expected shares of pairs of two people, of all levels and of what differs."""
        told = tuple(level.of_two for level in self.levels)
        return *told, 1 - sum(told)


def _same(column: str, of_one: float, of_two: float) -> Level:
    return Level("exact", f"{column}_l = {column}_r", of_one, of_two, column)


def _alike(column: str, least: float) -> str:
    return f"jaro_winkler_similarity({column}_l, {column}_r) >= {least}"


def _edits(column: str, most: int) -> str:
    return f"damerau_levenshtein({column}_l, {column}_r) <= {most}"


def _in_common(column: str, least: int) -> str:
    return f"len(list_intersect(string_split({column}_l, ' '), string_split({column}_r, ' '))) >= {least}"


_CLOSEST_FAMILY_NAMES = (
    "list_max(list_transform(family_words_l, lambda x: list_max(list_transform(family_words_r,"
    " lambda y: jaro_winkler_similarity(x, y)))))"
)

COMPARISONS = (
    Comparison(
        "first_name",
        "given",
        (
            _same("given", 0.70, 0.010),
            Level(
                "nickname",
                "root_l = root_r OR list_contains(given_words_l, given_words_r[1])"
                " OR list_contains(given_words_r, given_words_l[1])",
                *(0.08, 0.010),
            ),
            Level("near", f"{_alike('given', 0.9)} OR {_edits('given', 1)}", 0.10, 0.005),
            Level(
                "swapped",
                "list_contains(family_words_r, given_words_l[1]) OR list_contains(family_words_l, given_words_r[1])",
                *(0.02, 0.003),
            ),
            Level(
                "far",
                f"{_alike('given', 0.78)} OR {_edits('given', 2)} OR (left(given_l, 1) = left(given_r, 1)"
                " AND least(length(given_l), length(given_r)) = 1)",
                *(0.04, 0.030),
            ),
        ),
    ),
    Comparison(
        "last_name",
        "family",
        (
            _same("family", 0.65, 0.004),
            Level(
                "part",
                "list_has_all(family_words_l, family_words_r) OR list_has_all(family_words_r, family_words_l)",
                *(0.10, 0.006),
            ),
            Level("near", f"{_alike('family', 0.92)} OR {_edits('family', 1)}", 0.12, 0.002),
            Level("one", "list_has_any(family_words_l, family_words_r)", 0.02, 0.010),
            Level("one_near", f"{_CLOSEST_FAMILY_NAMES} >= 0.9", 0.03, 0.006),
            Level(
                "swapped",
                "list_contains(given_words_r, family_words_l[1]) OR list_contains(given_words_l, family_words_r[1])",
                *(0.02, 0.003),
            ),
            Level("far", f"{_alike('family', 0.8)} OR {_edits('family', 2)}", 0.02, 0.010),
        ),
    ),
    Comparison(
        "birth_date",
        "birth",
        (
            _same("birth", 0.85, 0.0001),
            Level(
                "day_month",
                "left(birth_l, 4) = left(birth_r, 4) AND substr(birth_l, 6, 2) = right(birth_r, 2)"
                " AND right(birth_l, 2) = substr(birth_r, 6, 2)",
                *(0.015, 0.00005),
            ),
            Level("near", _edits("birth", 1), 0.06, 0.002),
            Level("two_edits", _edits("birth", 2), 0.03, 0.020),
            Level("year", "left(birth_l, 4) = left(birth_r, 4)", 0.015, 0.015),
            Level("day", "right(birth_l, 5) = right(birth_r, 5)", 0.01, 0.002),
            Level(
                "decade",
                "abs(try_cast(left(birth_l, 4) AS INTEGER) - try_cast(left(birth_r, 4) AS INTEGER)) <= 10",
                *(0.01, 0.300),
            ),
        ),
    ),
    Comparison(
        "email",
        "email",
        (
            _same("email", 0.45, 0.00001),
            Level("mailbox", "mailbox_l = mailbox_r", 0.12, 0.0001),
            Level("near", f"{_edits('email', 3)} AND {_alike('mailbox', 0.88)}", 0.12, 0.0001),
            Level("mailbox_near", _alike("mailbox", 0.88), 0.08, 0.003),
        ),
    ),
    Comparison(
        "phone",
        "phone",
        (_same("phone", 0.60, 0.00001), Level("near", _edits("phone", 1), 0.10, 0.00005)),
    ),
    Comparison(
        "loyalty_card",
        "card",
        (
            _same("card", 0.50, 0.00001),
            Level("near", _edits("card", 1), 0.15, 0.0005),
            Level("two_edits", _edits("card", 2), 0.05, 0.005),
        ),
    ),
    Comparison(
        "document",
        "document",
        (
            _same("document", 0.88, 0.00001),
            Level("near", _edits("document", 1), 0.08, 0.00005),
            Level("two_edits", _edits("document", 2), 0.02, 0.0005),
        ),
    ),
    Comparison(
        "postal_code",
        "postal",
        (
            _same("postal", 0.70, 0.003),
            Level("near", _edits("postal", 1), 0.08, 0.010),
            Level("zone", "zone_l = zone_r", 0.05, 0.010),
            Level("area", "left(postal_l, 2) = left(postal_r, 2)", 0.05, 0.040),
        ),
    ),
    Comparison(
        "city",
        "city",
        (
            _same("city", 0.70, 0.020),
            Level("near", f"{_alike('city', 0.88)} OR {_edits('city', 2)}", 0.10, 0.005),
            Level("words", "list_has_any(string_split(city_l, ' '), string_split(city_r, ' '))", 0.05, 0.020),
        ),
    ),
    Comparison(
        "street",
        "street",
        (
            _same("street", 0.55, 0.0001),
            Level(
                "number_near",
                f"street_number_l = street_number_r AND {_alike('street_name', 0.88)}",
                *(0.15, 0.0002),
            ),
            Level("name_near", f"{_alike('street_name', 0.9)} OR {_in_common('street_name', 3)}", 0.06, 0.002),
            Level("words", _in_common("street", 2), 0.04, 0.010),
            Level("number", "street_number_l = street_number_r", 0.03, 0.020),
            Level("far", _alike("street_name", 0.8), 0.02, 0.010),
        ),
    ),
    Comparison("occupation", "occupation", (_same("occupation", 0.60, 0.050),)),
    Comparison("gender", "gender", (Level("exact", "gender_l = gender_r", 0.95, 0.500),)),
)
"""How each field is compared; the same for every shop."""
