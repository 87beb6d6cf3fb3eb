"""Take what is missing on a row of an order from the order's other rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tesela.events.sources.mapping.converting.conversion import CRUCIAL

if TYPE_CHECKING:
    from tesela.events.sources.mapping.converting.conversion import Conversion


def fill_orders(work: Conversion) -> None:
    """Let each row of an order say what any of its rows says of the whole order; the first that says it holds."""
    order = work.order
    if not work.is_of_orders or order is None:
        return
    lacking = _lacking_fields(work)
    if not lacking:
        return
    told = ", ".join(f"arg_min(f_{n}, row_number) FILTER (f_{n} IS NOT NULL) AS f_{n}" for n in lacking)
    replaced = ", ".join(
        # what is broken stays so: the row will not be used
        f"CASE WHEN r.bad_{n} THEN NULL ELSE coalesce(r.f_{n}, o.f_{n}) END AS f_{n}"
        if n in CRUCIAL
        else f"coalesce(r.f_{n}, o.f_{n}) AS f_{n}"
        for n in lacking
    )
    work.run(
        f"CREATE TABLE filled AS SELECT r.* REPLACE ({replaced}) FROM read AS r LEFT JOIN ("
        f"SELECT {order} AS own_order, {told} FROM read WHERE {order} IS NOT NULL "
        f"GROUP BY {order} HAVING count(*) > 1) AS o ON o.own_order = r.{order}"
    )
    work.run("DROP TABLE read")
    work.run("ALTER TABLE filled RENAME TO read")


def _lacking_fields(work: Conversion) -> list[str]:
    names = [n for n in work.mapped if (work.fields[n].is_order_level or n == "occurred_at") and n != "order_id"]
    if not names:
        return []
    counts = work.run(f"SELECT count(*), {', '.join(f'count(f_{n})' for n in names)} FROM read").fetchall()[0]
    return [name for name, told in zip(names, counts[1:], strict=True) if 0 < told < counts[0]]
