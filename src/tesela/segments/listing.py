"""List people: columns of some profiles, whole or page by page, searched and sorted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tesela.base import InputError
from tesela.profiles import IDENTIFIERS, PROFILES
from tesela.segments.bitmaps import ids_of
from tesela.segments.counting import check_columns
from tesela.warehouse import statement

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa
    from pyroaring import BitMap64

    from tesela.warehouse import Engine

_TABLES = {"profiles": PROFILES, "identifiers": IDENTIFIERS}

SHOWN = (
    *("profile_id", "customer_id", "email", "phone", "first_name", "last_name", "city", "country"),
    *("first_source", "first_seen_at"),
)
"""What a page tells of each person."""

SEARCHED = ("first_name", "last_name", "city")
"""What a search looks into with accents or without, beside every identifier that a profile ever had."""

IDENTIFYING = ("email", "phone", "customer_id", "loyalty_card")
"""What a search looks into as it is written: taking accents off takes as long as all the rest."""

MOST_A_PAGE = 500


@dataclass(frozen=True, slots=True)
class People:
    """A page of people: personal data.

    Attributes:
        rows: Columns as of `SHOWN`.
        total: How many there are on all pages.
    """

    rows: Sequence[dict[str, Any]]
    total: int


def find_people(
    engine: Engine, profiles: BitMap64, *, columns: Sequence[str] = ("customer_id", "email"), limit: int | None = None
) -> pa.Table:
    """Return columns of some profiles, ordered by profile: of the first so many, or of all."""
    import pyarrow as pa

    check_columns(columns)
    asked = ids_of(profiles if limit is None else type(profiles)(profiles[:limit]))
    shown = "".join(f', p."{column}"' for column in columns if column != "profile_id")
    return engine.query(
        statement(
            f"SELECT a.profile_id AS profile_id{shown} FROM profiles_asked AS a"
            " LEFT JOIN {profiles} AS p ON p.profile_id = a.profile_id ORDER BY a.profile_id",
            tables=_TABLES,
            relations={"profiles_asked": pa.table({"profile_id": asked})},
        )
    )


def list_people(
    engine: Engine,
    among: BitMap64 | None = None,
    *,
    search: str = "",
    sort: str = "profile_id",
    descending: bool = False,
    offset: int = 0,
    limit: int = 50,
) -> People:
    """Return a page of the known people, or of some: personal data.

    Args:
        engine: Where the profiles are.
        among: Whom to list; None is everybody known.
        search: Words that must stand in one of the columns searched, or be the beginning of an identifier; letters
            count the same large or small, and in names and places with accents or without.
        sort: A column as of `SHOWN`; missing values come last, and equal ones in the order of the profiles.
        descending: Whether the largest comes first.
        offset: How many to pass over.
        limit: How many to return at most.

    Raises:
        InputError: when the column is none, or the page makes no sense.
    """
    import pyarrow as pa

    if sort not in SHOWN:
        raise InputError("segments.unknown_column", column=sort, known=", ".join(SHOWN))
    if offset < 0 or not 1 <= limit <= MOST_A_PAGE:
        raise InputError("segments.bad_page", offset=offset, limit=limit, most=MOST_A_PAGE)
    words = search.split()
    conditions = ["p.is_known"]
    relations: dict[str, pa.Table] = {}
    bound: dict[str, Any] = {}
    if among is not None:
        relations["profiles_asked"] = pa.table({"profile_id": ids_of(among)})
        conditions = ["p.profile_id IN (SELECT profile_id FROM profiles_asked)"]
    for number, word in enumerate(words):
        plain = [f"contains(strip_accents(lower(p.{name})), $word_{number})" for name in SEARCHED]
        written = [f"contains(lower(p.{name}), $exact_{number})" for name in IDENTIFYING]
        inside = " OR ".join([*plain, *written])
        # an identifier of earlier times stands nowhere in the profile
        conditions.append(
            f"({inside} OR p.profile_id IN"
            f" (SELECT profile_id FROM {{identifiers}} WHERE starts_with(value, $exact_{number})))"
        )
        bound |= {f"word_{number}": _plain(word), f"exact_{number}": word.lower()}
    where = " AND ".join(conditions)
    direction = "DESC" if descending else "ASC"
    columns = ", ".join(f'p."{name}" AS {name}' for name in SHOWN)
    matched = f"SELECT p.profile_id AS profile_id, p.{sort} AS sorted_by FROM {{profiles}} AS p WHERE {where}"
    # looked through once, for the page and for how many there are
    rows = engine.query(
        statement(
            f"""
            WITH matched AS MATERIALIZED ({matched}),
            page AS (
                SELECT * FROM matched ORDER BY sorted_by {direction} NULLS LAST, profile_id LIMIT $limit OFFSET $offset
            )
            SELECT {columns}, (SELECT count(*) FROM matched) AS total
            FROM page JOIN {{profiles}} AS p ON p.profile_id = page.profile_id
            ORDER BY page.sorted_by {direction} NULLS LAST, page.profile_id
            """,
            tables=_TABLES,
            relations=relations,
            limit=limit,
            offset=offset,
            **bound,
        )
    ).to_pylist()
    totals = {row.pop("total") for row in rows}
    if offset and not rows:
        # past the last page nobody tells how many there are
        counted = statement(f"SELECT count(*) AS n FROM ({matched})", tables=_TABLES, relations=relations, **bound)
        totals = set(engine.query(counted).column("n").to_pylist())
    return People(rows, totals.pop() if totals else 0)


def _plain(word: str) -> str:
    """Return a word in small letters without accents, as the statement makes the columns."""
    import unicodedata

    parted = unicodedata.normalize("NFD", word.lower())
    return "".join(each for each in parted if not unicodedata.combining(each))
