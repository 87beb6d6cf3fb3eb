"""The benchmark's shop: a warehouse of the tables of Tesela, filled by DuckDB itself, the same for the same seed.

    python benchmarks/shop.py [EVENTS]          (5,000,000 unless told otherwise; 50 events a profile)

Heavy-tailed as shops are: half of the profiles have under 20 events, one in a hundred has hundreds, the busiest
some fourteen thousand. Two events in five belong to a visit: a product is viewed, put in the cart and, three
times in five, bought within three days. The same rows are written twice, in two orders: by name, profile and time
(`sorted`) and by time alone (`timely`). Files go to TESELA_BENCH, by default /tmp/tesela-bench, and are made once.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from tesela.events import EVENTS
from tesela.profiles import ATTRIBUTE_VALUES, PROFILES
from tesela.segments import ALL_TABLES as SEGMENT_TABLES
from tesela.warehouse import DuckDBEngine

AS_OF = datetime(2026, 11, 20, 10, tzinfo=UTC).replace(tzinfo=None)
ZONE = ZoneInfo("Europe/Madrid")
DAYS = 400
SEED = 11
EVENTS_A_PROFILE = 50
CACHE = Path(os.environ.get("TESELA_BENCH") or Path(tempfile.gettempdir()) / "tesela-bench")
LAYOUTS = {"sorted": "name, profile_id, occurred_at", "timely": "occurred_at, message_id"}

CATEGORIES, CAMPAIGNS, PRODUCTS, BRANDS, PAGES = 200, 300, 5_000, 100, 20_000


def shop_file(events: int, layout: str) -> Path:
    """Return the DuckDB file of a shop of that many events, made when it is not there yet."""
    path = CACHE / f"{events}" / f"{layout}.duckdb"
    if not path.exists():
        build(events)
    return path


def build(events: int) -> None:
    """Make both files of a shop."""
    folder = CACHE / f"{events}"
    folder.mkdir(parents=True, exist_ok=True)
    profiles = events // EVENTS_A_PROFILE
    drawn = folder / "drawn.duckdb"
    drawn.unlink(missing_ok=True)
    with _connect(drawn) as connection:
        _draw(connection, events, profiles)
    for layout, order in LAYOUTS.items():
        draft = folder / f"{layout}.draft"
        draft.unlink(missing_ok=True)
        _declare(draft)
        with _connect(draft) as connection:
            connection.execute(f"ATTACH '{drawn}' AS drawn (READ_ONLY)")
            for table in (PROFILES.name, ATTRIBUTE_VALUES.name):
                connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM drawn.{table} ORDER BY profile_id")
            connection.execute(f"INSERT INTO {EVENTS.name} BY NAME SELECT * FROM drawn.events ORDER BY {order}")
        draft.rename(folder / f"{layout}.duckdb")
    drawn.unlink()


def _declare(path: Path) -> None:
    engine = DuckDBEngine(path)
    engine.create((PROFILES, ATTRIBUTE_VALUES, EVENTS, *SEGMENT_TABLES))
    engine.close()


def _connect(path: Path) -> Any:
    connection = duckdb.connect(str(path), config={"memory_limit": "8GB", "temp_directory": f"{path}.tmp"})
    connection.execute("SET enable_progress_bar = false")
    return connection


def _draw(connection: Any, events: int, profiles: int) -> None:
    # a draw is a hash of (what for, row, seed), as a number in [0, 1)
    connection.execute(f"CREATE MACRO draw(what, i) AS hash(what, i, {SEED}) / 18446744073709551616.0")
    connection.execute(f"CREATE MACRO pick(what, i, n) AS CAST(hash(what, i, {SEED}) % n AS BIGINT)")
    # skewed picks: low numbers are the popular ones
    connection.execute("CREATE MACRO popular(what, i, n) AS CAST(floor(n * draw(what, i) ** 2.5) AS BIGINT)")
    # profiles by rank in activity: density falls with the rank; the ranks are scattered over the ids
    connection.execute(
        f"""CREATE MACRO who(i) AS 1 + (CAST(floor({profiles} * greatest(0,
        (0.129 + 0.871 * draw('who', i)) ** 4.5 - 0.0001)) AS BIGINT) * 617371) % {profiles}"""
    )
    connection.execute(f"CREATE TABLE events AS {_events(events)}")
    connection.execute(f"CREATE TABLE attribute_values AS {_attributes(profiles)}")
    connection.execute(f"CREATE TABLE profiles AS {_profiles()}")


def _events(events: int) -> str:
    visits = events * 8 // 100
    start = f"(TIMESTAMP '{AS_OF}' - INTERVAL {DAYS} DAY)"
    span = DAYS * 86_400
    return f"""
    WITH rows AS (
        SELECT i, i < {visits * 5} AS in_visit, i // 5 AS visit, i % 5 AS slot, draw('kind', i) AS kind
        FROM range({events}) AS r(i)
    ), named AS (
        SELECT *, CASE WHEN in_visit THEN 'v' || visit ELSE 'o' || i END AS drawn_by,
            draw('buys', visit) < 0.6 AS buys,
            CASE WHEN in_visit THEN
                CASE WHEN slot <= 1 THEN 'product_viewed' WHEN slot = 2 THEN 'product_added'
                     WHEN draw('buys', visit) >= 0.6 THEN 'products_searched'
                     WHEN slot = 3 THEN 'order_completed' ELSE 'product_purchased' END
            WHEN kind < 0.48 THEN 'page_viewed' WHEN kind < 0.74 THEN 'email_delivered'
            WHEN kind < 0.92 THEN 'email_opened' WHEN kind < 0.988 THEN 'email_link_clicked'
            WHEN kind < 0.998 THEN 'order_refunded' ELSE 'order_cancelled' END AS name
        FROM rows
    ), placed AS (
        SELECT *, who(drawn_by) AS profile_id,
            CASE WHEN name = 'order_cancelled' THEN pick('cancels', i, {visits}) ELSE visit END AS of_order,
            least({span} - 1, CAST(floor({span} * draw('when', drawn_by)) AS BIGINT)
                + CASE WHEN NOT in_visit THEN 0 WHEN slot = 0 THEN 0 WHEN slot = 1 THEN 1 + pick('look', i, 3600)
                       WHEN slot = 2 THEN 60 + pick('add', visit, 7200)
                       ELSE 600 + CAST(floor(259200 * draw('buy', visit) ** 2) AS BIGINT) END) AS at_s,
            popular('product', CASE WHEN slot = 1 THEN drawn_by || 'b' ELSE drawn_by END, {PRODUCTS}) AS product
        FROM named
    )
    SELECT profile_id, profile_id AS subject_id, name,
        {start} + to_seconds(at_s) AS occurred_at, {start} + to_seconds(at_s) AS received_at,
        CASE WHEN name LIKE 'email%' THEN 'mail' WHEN name LIKE 'order%' OR name = 'product_purchased' THEN 'shop'
             ELSE 'web' END AS source,
        'm' || i AS message_id,
        CASE WHEN name NOT LIKE 'email%' AND name NOT LIKE 'order%' THEN 's' || drawn_by END AS session_id,
        CASE WHEN name LIKE 'order%' OR name = 'product_purchased' THEN 'n' || of_order END AS order_id,
        CASE WHEN in_visit AND name NOT IN ('products_searched', 'order_completed') THEN 'p' || product END
            AS product_id,
        CASE WHEN in_visit AND name NOT IN ('products_searched', 'order_completed')
             THEN 'category-' || (product % {CATEGORIES}) END AS category,
        CASE WHEN in_visit AND name NOT IN ('products_searched', 'order_completed')
             THEN 'brand-' || (product % {BRANDS}) END AS brand,
        CASE WHEN name = 'product_purchased' THEN CAST(1 + popular('pieces', i, 5) AS DECIMAL(18, 4)) END AS quantity,
        CASE WHEN name LIKE 'order%' OR name = 'product_purchased'
             THEN CAST(100 * (500 + floor(20000 * draw('money', of_order) ** 3)) AS BIGINT) END AS amount_e4,
        CASE WHEN name = 'order_completed' AND draw('coupon', i) < 0.3 THEN 'C' || popular('which', i, 20) END
            AS coupon,
        CASE WHEN name LIKE 'email%' THEN 'campaign-' || popular('campaign', i, {CAMPAIGNS}) END AS campaign_id,
        CASE WHEN name LIKE 'email%' THEN 'email' END AS channel,
        CASE WHEN name LIKE 'order%' THEN 'online' END AS sales_channel,
        CASE WHEN name = 'email_opened' THEN draw('machine', i) < 0.15 END AS is_machine,
        CASE WHEN name = 'page_viewed' THEN '/page/' || popular('page', i, {PAGES}) END AS url,
        CAST(hash(i) >> 1 AS BIGINT) AS content, 1 AS load_id
    FROM placed
    """


def _attributes(profiles: int) -> str:
    """Return the query of six fields a profile, some of them missing, and one move of house for one in ten."""
    born = f"CAST(TIMESTAMP '{AS_OF}' - to_days(6200 + pick('born', i, 20000)) AS DATE)"
    first = f"(TIMESTAMP '{AS_OF}' - to_seconds(34700000 + pick('seen', i, 40000000)))"
    country = (
        "CASE WHEN draw('country', i) < 0.6 THEN 'ES' ELSE (['MX', 'CO', 'AR', 'CL', 'PE'])[1 + pick('land', i, 5)] END"
    )
    fields = {
        "country": country,
        "city": "'city-' || popular('city', i, 50)",
        "language": "CASE WHEN draw('tongue', i) < 0.9 THEN 'es' ELSE 'en' END",
        "gender": "CASE WHEN draw('gender', i) < 0.3 THEN NULL WHEN draw('gender', i) < 0.7 THEN 'female' "
        "ELSE 'male' END",
        "birth_date": f"CASE WHEN draw('told', i) < 0.7 THEN CAST({born} AS VARCHAR) END",
        "created_at": f"CAST({first} AS VARCHAR)",
    }
    told = [
        f"SELECT i AS profile_id, '{field}' AS field, {first} AS valid_from, {value} AS value"
        for field, value in fields.items()
    ]
    moved = f"""SELECT i AS profile_id, 'city' AS field,
        TIMESTAMP '{AS_OF}' - to_seconds(1 + pick('moved', i, 30000000)) AS valid_from,
        'city-' || popular('then', i, 50) AS value"""
    rows = " UNION ALL ".join(f"({each} FROM range(1, {profiles} + 1) AS r(i))" for each in told)
    rows += f" UNION ALL ({moved} FROM range(1, {profiles} + 1) AS r(i) WHERE draw('moves', i) < 0.1)"
    return f"SELECT *, 'shop' AS source, 1 AS load_id FROM ({rows}) WHERE value IS NOT NULL"


def _profiles() -> str:
    fields = ("country", "city", "language", "gender", "birth_date", "created_at")
    kinds = {"birth_date": "DATE", "created_at": "TIMESTAMP"}
    newest = ", ".join(
        f"CAST(max_by(value, valid_from) FILTER (WHERE field = '{field}') AS {kinds.get(field, 'VARCHAR')}) AS {field}"
        for field in fields
    )
    return f"""SELECT profile_id, true AS is_known, min(valid_from) AS first_seen_at, {newest}
        FROM attribute_values GROUP BY profile_id"""


if __name__ == "__main__":
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000_000
    began = time.perf_counter()
    build(size)
    sys.stdout.write(f"{size:,} events in {time.perf_counter() - began:.0f} s\n")
