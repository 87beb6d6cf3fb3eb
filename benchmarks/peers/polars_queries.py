"""The templates in Polars: lazy queries of the profiles of a segment, over Parquet files.

Files are scanned lazily, so that only the rows and columns of a query are read. They lie in the order of profile
and time, which is all that `join_asof` by profile asks for; joins before it keep that order. Amounts are in ten
thousandths, and products of two sums stay far below 2 ** 63.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
from polars import col
from shop import AS_OF

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Params = dict[str, Any]

DAY = timedelta(days=1)
PERSON = "profile_id"


class Files:
    """The shop's files, not read yet."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.everyone = pl.scan_parquet(folder / "profiles.parquet")

    def events(self, name: str, days: int | None = None) -> pl.LazyFrame:
        """Return the events of a name: opens by machines and cancelled orders are none."""
        rows = self._named(name)
        if days:
            rows = rows.filter(col("occurred_at") >= AS_OF - timedelta(days=days))
        if name == "email_opened":
            rows = rows.filter(~col("is_machine").fill_null(value=False))
        if name == "order_completed":
            order = ["source", "order_id"]
            cancelled = self._named("order_cancelled").select(order)
            rows = rows.join(cancelled, on=order, how="anti", maintain_order="left")
        return rows

    def _named(self, name: str) -> pl.LazyFrame:
        return pl.scan_parquet(self._folder / "events" / f"{name}.parquet").filter(col("occurred_at") < AS_OF)


# --- parts of queries -------------------------------------------------------------------------------------


def who(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Return the profiles of some events."""
    return rows.select(PERSON).unique()


def having(rows: pl.LazyFrame, condition: pl.Expr, **own: pl.Expr) -> pl.LazyFrame:
    """Return the profiles of some events whose own figures meet a condition."""
    return rows.group_by(PERSON).agg(**own).filter(condition)


def at_least(rows: pl.LazyFrame, times: int) -> pl.LazyFrame:
    """Return the profiles with that many of some events."""
    return having(rows, col("n") >= times, n=pl.len())


def those_of(people: pl.LazyFrame, rows: pl.LazyFrame) -> pl.LazyFrame:
    """Return the profiles that have some events."""
    return people.join(rows.select(PERSON), on=PERSON, how="semi")


def but_not(people: pl.LazyFrame, rows: pl.LazyFrame) -> pl.LazyFrame:
    """Return the profiles that have none of some events."""
    return people.join(rows.select(PERSON), on=PERSON, how="anti")


def nearest(
    rows: pl.LazyFrame, others: pl.LazyFrame, strategy: Any, within: timedelta, *, found: bool = True
) -> pl.LazyFrame:
    """Return the events with (or without) one of the others strictly before or after, within some time."""
    moments = others.select(PERSON, "occurred_at", other=col("occurred_at"))
    matched = rows.select(PERSON, "occurred_at").join_asof(
        moments,
        on="occurred_at",
        by=PERSON,
        strategy=strategy,
        tolerance=within,
        allow_exact_matches=False,
        check_sortedness=False,
    )
    other = col("other")
    return matched.filter(other.is_not_null() if found else other.is_null()).select(PERSON, "occurred_at")


def for_all(files: Files, own: pl.LazyFrame, figure: str) -> pl.LazyFrame:
    """Return a figure of everyone, nothing being zero."""
    return files.everyone.select(PERSON).join(own, on=PERSON, how="left").with_columns(col(figure).fill_null(0))


def place(figure: str, *, descending: bool = False) -> pl.Expr:
    """Return a hundred times how many profiles come before."""
    return (col(figure).rank("min", descending=descending).cast(pl.Int64) - 1) * 100


def last_order(files: Files, condition: pl.Expr) -> pl.LazyFrame:
    """Return the profiles whose last order meets a condition."""
    return having(files.events("order_completed"), condition, last=col("occurred_at").max())


# --- templates --------------------------------------------------------------------------------------------


def _opened(files: Files, p: Params) -> pl.LazyFrame:
    return who(files.events("email_opened", p["days"]))


def _never_opened(files: Files, p: Params) -> pl.LazyFrame:
    return but_not(files.everyone, files.events("email_opened", p["days"]))


def _orders(files: Files, p: Params) -> pl.LazyFrame:
    return at_least(files.events("order_completed", p["days"]), p["n"])


def _lapsed(files: Files, p: Params) -> pl.LazyFrame:
    return last_order(files, col("last") < AS_OF - timedelta(days=p["days"]))


def _coupon_only(files: Files, p: Params) -> pl.LazyFrame:
    return having(files.events("order_completed", p["days"]), col("all"), all=col("coupon").is_not_null().all())


def _average_order(files: Files, p: Params) -> pl.LazyFrame:
    amount = col("amount_e4")
    orders = files.events("order_completed", p["days"])
    return having(orders, col("spent") > p["amount"] * 10_000 * col("n"), spent=amount.sum(), n=amount.count())


def _pages(files: Files, p: Params) -> pl.LazyFrame:
    return at_least(files.events("page_viewed", p["days"]), p["n"])


def _category(files: Files, p: Params) -> pl.LazyFrame:
    viewed = files.events("product_viewed", p["days"]).filter(col("category") == p["category"])
    return at_least(viewed, p["n"])


def _spend(files: Files, p: Params) -> pl.LazyFrame:
    orders = files.events("order_completed", p["days"])
    return having(orders, col("spent") >= p["amount"] * 10_000, spent=col("amount_e4").sum())


def _campaign(files: Files, p: Params) -> pl.LazyFrame:
    of_campaign = col("campaign_id") == p["campaign"]
    opened = who(files.events("email_opened").filter(of_campaign))
    return but_not(opened, files.events("email_link_clicked").filter(of_campaign))


def _clicked_not_bought(files: Files, p: Params) -> pl.LazyFrame:
    clicked = who(files.events("email_link_clicked", p["days"]))
    return but_not(clicked, files.events("order_completed", p["days"]))


def _cart_not_bought(files: Files, p: Params) -> pl.LazyFrame:
    added = who(files.events("product_added", p["days"]))
    return but_not(added, files.events("order_completed", p["days"]))


def _recency(files: Files, p: Params) -> pl.LazyFrame:
    near, far = AS_OF - timedelta(days=p["near"]), AS_OF - timedelta(days=p["days"])
    return last_order(files, (col("last") >= far) & (col("last") < near))


def _abandoned(files: Files, p: Params) -> pl.LazyFrame:
    # the 24 hours must be over
    added = files.events("product_added", p["days"]).filter(col("occurred_at") <= AS_OF - DAY)
    orders = files.events("order_completed", p["days"])
    return who(nearest(added, orders, "forward", DAY, found=False))


def _viewed_bought(files: Files, p: Params) -> pl.LazyFrame:
    # few rows share profile and product: a plain join is faster than one by time
    viewed = files.events("product_viewed", p["days"]).select(PERSON, "product_id", viewed_at="occurred_at")
    bought = files.events("product_purchased", p["days"]).select(PERSON, "product_id", bought_at="occurred_at")
    pairs = viewed.join(bought, on=[PERSON, "product_id"])
    took = col("bought_at") - col("viewed_at")
    return who(pairs.filter((took > timedelta(0)) & (took <= p["within"] * DAY)))


def _opened_ordered(files: Files, p: Params) -> pl.LazyFrame:
    # the last open before each order is the one that decides
    orders, opened = files.events("order_completed", p["days"]), files.events("email_opened", p["days"])
    return who(nearest(orders, opened, "backward", p["within"] * DAY))


def _funnel(files: Files, p: Params) -> pl.LazyFrame:
    # a cart counts when the last view before it is near enough; then the last such cart before each order decides
    carts = nearest(
        files.events("product_added", p["days"]), files.events("product_viewed", p["days"]), "backward", DAY
    )
    return who(nearest(files.events("order_completed", p["days"]), carts, "backward", p["within"] * DAY))


def _distinct(name: str, field: str) -> Callable[[Files, Params], pl.LazyFrame]:
    def query(files: Files, p: Params) -> pl.LazyFrame:
        rows = files.events(name, p["days"]).filter(col(field).is_not_null())
        return having(rows, col("n") >= p["n"], n=col(field).n_unique())

    return query


def _top(files: Files, p: Params) -> pl.LazyFrame:
    spent = files.events("order_completed", p["days"]).group_by(PERSON).agg(spent=col("amount_e4").sum())
    return for_all(files, spent, "spent").filter(place("spent", descending=True) < p["share"] * pl.len())


def _percentile(files: Files, p: Params) -> pl.LazyFrame:
    views = files.events("page_viewed", p["days"]).group_by(PERSON).agg(views=pl.len())
    return for_all(files, views, "views").filter(place("views") >= p["percentile"] * pl.len())


def _above_store(files: Files, p: Params) -> pl.LazyFrame:
    amount, spent, n = col("amount_e4"), col("spent"), col("n")
    own = {"spent": amount.sum(), "n": amount.count().cast(pl.Int64)}
    return having(files.events("order_completed", p["days"]), spent * n.sum() > spent.sum() * n, **own)


def _above_mean(files: Files, p: Params) -> pl.LazyFrame:
    orders, spent = files.events("order_completed", p["days"]), col("spent")
    return having(orders, spent * pl.len() >= p["times"] * spent.sum(), spent=col("amount_e4").sum())


def _country(files: Files, p: Params) -> pl.LazyFrame:
    of_country = files.everyone.filter(col("country") == p["country"])
    return those_of(of_country, files.events("order_completed", p["days"]))


def _cities(files: Files, p: Params) -> pl.LazyFrame:
    of_cities = files.everyone.filter(col("city").is_in(p["cities"]))
    return but_not(of_cities, files.events("email_opened", p["days"]))


def _aged(files: Files, p: Params) -> pl.LazyFrame:
    # whole years on the local date of the moment of truth
    first = AS_OF.replace(year=AS_OF.year - p["old"] - 1).date()
    last = AS_OF.replace(year=AS_OF.year - p["young"]).date()
    return files.everyone.filter((col("birth_date") > first) & (col("birth_date") <= last))


def _gender(files: Files, p: Params) -> pl.LazyFrame:
    viewed = files.events("product_viewed", p["days"]).filter(col("brand") == p["brand"])
    return those_of(files.everyone.filter(col("gender") == p["gender"]), viewed)


def _expensive(files: Files, p: Params) -> pl.LazyFrame:
    large = (col("amount_e4") > p["amount"] * 10_000) & col("coupon").is_not_null()
    return who(files.events("order_completed", p["days"]).filter(large))


def _regular(files: Files, p: Params) -> pl.LazyFrame:
    # weeks are counted back from the moment of truth; each holds its first moment
    ago = (pl.lit(AS_OF) - col("occurred_at")).dt.total_microseconds() - 1
    week = ago // (7 * 86_400 * 1_000_000)
    viewed = files.events("page_viewed", 7 * p["of"]).select(PERSON, week=week)
    return having(viewed, col("weeks") >= p["weeks"], weeks=col("week").n_unique())


QUERIES: dict[str, Callable[[Files, Params], pl.LazyFrame]] = {
    "opened": _opened,
    "never_opened": _never_opened,
    "orders": _orders,
    "lapsed": _lapsed,
    "coupon_only": _coupon_only,
    "average_order": _average_order,
    "pages": _pages,
    "category": _category,
    "spend": _spend,
    "campaign": _campaign,
    "clicked_not_bought": _clicked_not_bought,
    "cart_not_bought": _cart_not_bought,
    "recency": _recency,
    "abandoned": _abandoned,
    "viewed_bought": _viewed_bought,
    "opened_ordered": _opened_ordered,
    "funnel": _funnel,
    "categories": _distinct("product_viewed", "category"),
    "campaigns": _distinct("email_opened", "campaign_id"),
    "brands": _distinct("product_purchased", "brand"),
    "top": _top,
    "percentile": _percentile,
    "above_store": _above_store,
    "above_mean": _above_mean,
    "country": _country,
    "cities": _cities,
    "aged": _aged,
    "gender": _gender,
    "expensive": _expensive,
    "regular": _regular,
}


def size_of(files: Files, template: str, params: Params) -> int:
    """Return how many profiles a segment has: one lazy query, run by the streaming engine."""
    members = QUERIES[template](files, params)
    return int(members.select(pl.len()).collect(engine="streaming").item())
