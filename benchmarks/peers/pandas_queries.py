"""The templates in pandas: expressions over frames held in memory, each giving the profiles of a segment.

A frame a name of event, with only the columns that the templates need, read once. The frames are in the order of
time, as `merge_asof` asks; so a window of days is a slice. Text with few values is categorical. Amounts are in ten
thousandths, and products of two sums stay far below 2 ** 63.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd
from shop import AS_OF

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Params = dict[str, Any]

DAY = timedelta(days=1)
PERSON = "profile_id"
MOMENT = "occurred_at"
ORDER = ["source", "order_id"]

COLUMNS = {
    "page_viewed": [],
    "product_viewed": ["product_id", "category", "brand"],
    "product_added": [],
    "product_purchased": ["product_id", "brand"],
    "order_completed": [*ORDER, "amount_e4", "coupon"],
    "order_cancelled": ORDER,
    "email_opened": ["campaign_id", "is_machine"],
    "email_link_clicked": ["campaign_id"],
}
OF_PROFILES = [PERSON, "birth_date", "gender", "country", "city"]
CATEGORICAL = ["source", "category", "brand", "coupon", "campaign_id", "gender", "country", "city"]


class Frames:
    """The shop's frames, loaded."""

    def __init__(self, folder: Path) -> None:
        self.everyone = _read(folder / "profiles.parquet", OF_PROFILES)
        self._named = {}
        for name, columns in COLUMNS.items():
            rows = _read(folder / "events" / f"{name}.parquet", [PERSON, MOMENT, *columns])
            self._named[name] = rows.sort_values(MOMENT, ignore_index=True)

    def events(self, name: str, days: int | None = None) -> pd.DataFrame:
        """Return the events of a name: opens by machines and cancelled orders are none."""
        rows = self._during(name, days)
        if name == "email_opened":
            return rows[~rows["is_machine"]]
        if name == "order_completed":
            cancelled = self._during("order_cancelled", None)[ORDER]
            return rows.merge(cancelled, on=ORDER, how="left_anti")
        return rows

    def _during(self, name: str, days: int | None) -> pd.DataFrame:
        rows = self._named[name]
        first = rows[MOMENT].searchsorted(pd.Timestamp(AS_OF - timedelta(days=days))) if days else 0
        return rows.iloc[first : rows[MOMENT].searchsorted(pd.Timestamp(AS_OF))]


def _read(path: Path, columns: list[str]) -> pd.DataFrame:
    rows = pd.read_parquet(path, columns=columns)
    kinds: dict[str, Any] = {column: "category" for column in columns if column in CATEGORICAL}
    if "birth_date" in columns:
        kinds["birth_date"] = "datetime64[s]"
    if "is_machine" in columns:
        rows["is_machine"] = rows["is_machine"].fillna(False)
        kinds["is_machine"] = bool
    return rows.astype(kinds)


# --- parts of expressions ---------------------------------------------------------------------------------


def who(rows: pd.DataFrame) -> Any:
    """Return the profiles of some events."""
    return rows[PERSON].unique()


def but_not(people: pd.Series, rows: pd.DataFrame) -> Any:
    """Return the profiles that have none of some events."""
    return people[~people.isin(rows[PERSON])]


def those_where(own: pd.Series, condition: pd.Series) -> Any:
    """Return the profiles whose own figure meets a condition."""
    return own.index[condition]


def number(rows: pd.DataFrame) -> pd.Series:
    """Return how many of some events each profile has."""
    return rows[PERSON].value_counts(sort=False)


def at_least(rows: pd.DataFrame, times: int) -> Any:
    """Return the profiles with that many of some events."""
    own = number(rows)
    return those_where(own, own >= times)


def spending(rows: pd.DataFrame) -> pd.Series:
    """Return what each profile spent."""
    return rows.groupby(PERSON, sort=False)["amount_e4"].sum()


def last_order(frames: Frames) -> pd.Series:
    """Return the moment of each profile's last order."""
    # rows are in the order of time
    return frames.events("order_completed").drop_duplicates(PERSON, keep="last").set_index(PERSON)[MOMENT]


def nearest(
    rows: pd.DataFrame, others: pd.DataFrame, direction: Any, within: timedelta, *, found: bool = True
) -> pd.DataFrame:
    """Return the events with (or without) one of the others strictly before or after, within some time."""
    matched = pd.merge_asof(
        rows[[PERSON, MOMENT]],
        others[[PERSON, MOMENT]].assign(other=others[MOMENT]),
        on=MOMENT,
        by=PERSON,
        direction=direction,
        tolerance=pd.Timedelta(within),
        allow_exact_matches=False,
    )
    return matched[matched["other"].notna() if found else matched["other"].isna()]


def for_all(frames: Frames, own: pd.Series) -> pd.Series:
    """Return a figure of everyone, nothing being zero."""
    return own.reindex(frames.everyone[PERSON], fill_value=0)


def place(figure: pd.Series, *, ascending: bool = True) -> pd.Series:
    """Return a hundred times how many profiles come before."""
    return (figure.rank(method="min", ascending=ascending) - 1) * 100


# --- templates --------------------------------------------------------------------------------------------


def _opened(frames: Frames, p: Params) -> Any:
    return who(frames.events("email_opened", p["days"]))


def _never_opened(frames: Frames, p: Params) -> Any:
    return but_not(frames.everyone[PERSON], frames.events("email_opened", p["days"]))


def _orders(frames: Frames, p: Params) -> Any:
    return at_least(frames.events("order_completed", p["days"]), p["n"])


def _lapsed(frames: Frames, p: Params) -> Any:
    last = last_order(frames)
    return those_where(last, last < AS_OF - timedelta(days=p["days"]))


def _coupon_only(frames: Frames, p: Params) -> Any:
    orders = frames.events("order_completed", p["days"])
    return but_not(pd.Series(who(orders)), orders[orders["coupon"].isna()])


def _average_order(frames: Frames, p: Params) -> Any:
    own = frames.events("order_completed", p["days"]).groupby(PERSON, sort=False)["amount_e4"].agg(["sum", "count"])
    return those_where(own, own["sum"] > p["amount"] * 10_000 * own["count"])


def _pages(frames: Frames, p: Params) -> Any:
    return at_least(frames.events("page_viewed", p["days"]), p["n"])


def _category(frames: Frames, p: Params) -> Any:
    viewed = frames.events("product_viewed", p["days"])
    return at_least(viewed[viewed["category"] == p["category"]], p["n"])


def _spend(frames: Frames, p: Params) -> Any:
    spent = spending(frames.events("order_completed", p["days"]))
    return those_where(spent, spent >= p["amount"] * 10_000)


def _campaign(frames: Frames, p: Params) -> Any:
    opened, clicked = frames.events("email_opened"), frames.events("email_link_clicked")
    openers = who(opened[opened["campaign_id"] == p["campaign"]])
    return but_not(pd.Series(openers), clicked[clicked["campaign_id"] == p["campaign"]])


def _clicked_not_bought(frames: Frames, p: Params) -> Any:
    clicked = pd.Series(who(frames.events("email_link_clicked", p["days"])))
    return but_not(clicked, frames.events("order_completed", p["days"]))


def _cart_not_bought(frames: Frames, p: Params) -> Any:
    added = pd.Series(who(frames.events("product_added", p["days"])))
    return but_not(added, frames.events("order_completed", p["days"]))


def _recency(frames: Frames, p: Params) -> Any:
    last = last_order(frames)
    near, far = AS_OF - timedelta(days=p["near"]), AS_OF - timedelta(days=p["days"])
    return those_where(last, (last >= far) & (last < near))


def _abandoned(frames: Frames, p: Params) -> Any:
    # the 24 hours must be over
    added, orders = frames.events("product_added", p["days"]), frames.events("order_completed", p["days"])
    return who(nearest(added[added[MOMENT] <= AS_OF - DAY], orders, "forward", DAY, found=False))


def _viewed_bought(frames: Frames, p: Params) -> Any:
    # few rows share profile and product: a plain merge is faster than one by time
    columns = [PERSON, "product_id", MOMENT]
    viewed, bought = frames.events("product_viewed", p["days"]), frames.events("product_purchased", p["days"])
    pairs = viewed[columns].merge(bought[columns], on=[PERSON, "product_id"], suffixes=("_viewed", "_bought"))
    took = pairs[f"{MOMENT}_bought"] - pairs[f"{MOMENT}_viewed"]
    return who(pairs[(took > timedelta(0)) & (took <= p["within"] * DAY)])


def _opened_ordered(frames: Frames, p: Params) -> Any:
    # the last open before each order is the one that decides
    orders, opened = frames.events("order_completed", p["days"]), frames.events("email_opened", p["days"])
    return who(nearest(orders, opened, "backward", p["within"] * DAY))


def _funnel(frames: Frames, p: Params) -> Any:
    # a cart counts when the last view before it is near enough; then the last such cart before each order decides
    viewed, added = frames.events("product_viewed", p["days"]), frames.events("product_added", p["days"])
    carts = nearest(added, viewed, "backward", DAY)
    return who(nearest(frames.events("order_completed", p["days"]), carts, "backward", p["within"] * DAY))


def _distinct(name: str, field: str) -> Callable[[Frames, Params], Any]:
    def query(frames: Frames, p: Params) -> Any:
        pairs = frames.events(name, p["days"])[[PERSON, field]]
        return at_least(pairs.dropna().drop_duplicates(), p["n"])

    return query


def _top(frames: Frames, p: Params) -> Any:
    spent = for_all(frames, spending(frames.events("order_completed", p["days"])))
    return those_where(spent, place(spent, ascending=False) < p["share"] * len(spent))


def _percentile(frames: Frames, p: Params) -> Any:
    views = for_all(frames, number(frames.events("page_viewed", p["days"])))
    return those_where(views, place(views) >= p["percentile"] * len(views))


def _above_store(frames: Frames, p: Params) -> Any:
    own = frames.events("order_completed", p["days"]).groupby(PERSON, sort=False)["amount_e4"].agg(["sum", "count"])
    return those_where(own, own["sum"] * own["count"].sum() > own["sum"].sum() * own["count"])


def _above_mean(frames: Frames, p: Params) -> Any:
    spent = spending(frames.events("order_completed", p["days"]))
    return those_where(spent, spent * len(spent) >= p["times"] * spent.sum())


def _country(frames: Frames, p: Params) -> Any:
    people = frames.everyone[frames.everyone["country"] == p["country"]][PERSON]
    return people[people.isin(frames.events("order_completed", p["days"])[PERSON])]


def _cities(frames: Frames, p: Params) -> Any:
    people = frames.everyone[frames.everyone["city"].isin(p["cities"])][PERSON]
    return but_not(people, frames.events("email_opened", p["days"]))


def _aged(frames: Frames, p: Params) -> Any:
    # whole years on the local date of the moment of truth
    born = frames.everyone["birth_date"]
    first = AS_OF.replace(year=AS_OF.year - p["old"] - 1).date()
    last = AS_OF.replace(year=AS_OF.year - p["young"]).date()
    return frames.everyone[(born > pd.Timestamp(first)) & (born <= pd.Timestamp(last))]


def _gender(frames: Frames, p: Params) -> Any:
    people = frames.everyone[frames.everyone["gender"] == p["gender"]][PERSON]
    viewed = frames.events("product_viewed", p["days"])
    return people[people.isin(viewed[viewed["brand"] == p["brand"]][PERSON])]


def _expensive(frames: Frames, p: Params) -> Any:
    orders = frames.events("order_completed", p["days"])
    return who(orders[(orders["amount_e4"] > p["amount"] * 10_000) & orders["coupon"].notna()])


def _regular(frames: Frames, p: Params) -> Any:
    # weeks are counted back from the moment of truth; each holds its first moment
    viewed = frames.events("page_viewed", 7 * p["of"])
    week = (AS_OF - viewed[MOMENT] - timedelta(microseconds=1)) // timedelta(days=7)
    return at_least(viewed[[PERSON]].assign(week=week).drop_duplicates(), p["weeks"])


QUERIES: dict[str, Callable[[Frames, Params], Any]] = {
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


def size_of(frames: Frames, template: str, params: Params) -> int:
    """Return how many profiles a segment has."""
    return len(QUERIES[template](frames, params))
