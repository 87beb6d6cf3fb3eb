"""The product of an event, as last told before the moment of truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from tesela.events import PRODUCTS
from tesela.language.rendering.shapes import ANY_PRODUCT, EVENT, PRODUCT, down, number, numbered, up

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tesela.warehouse import Dialect

_PRODUCT_COLUMNS = tuple(column.name for column in PRODUCTS.columns if column.name not in ("load_id", "is_current"))


def with_products(query: exp.Select, dialect: Dialect, as_of: exp.Expr) -> exp.Select:
    """Join each event's product as last told before the moment of truth: by its own source, and by any."""
    product = exp.column("product_id", table=EVENT)
    own = _newest_products(dialect, as_of, ("source", "product_id"), ("valid_from",), ())
    same = [
        exp.EQ(this=exp.column(name, table=PRODUCT), expression=exp.column(name, table=EVENT))
        for name in ("source", "product_id")
    ]
    query = query.join(
        exp.alias_(exp.Subquery(this=own), PRODUCT, table=True), on=exp.and_(*same), join_type="left", copy=False
    )
    other = _newest_products(dialect, as_of, ("product_id",), ("valid_from",), ("source",))
    same_id = exp.EQ(this=exp.column("product_id", table=ANY_PRODUCT), expression=product)
    return query.join(
        exp.alias_(exp.Subquery(this=other), ANY_PRODUCT, table=True), on=same_id, join_type="left", copy=False
    )


def _newest_products(
    dialect: Dialect, as_of: exp.Expr, key: Sequence[str], newest: Sequence[str], first: Sequence[str]
) -> exp.Select:
    """Return one row a product: of the first source that tells of it, the newest version."""
    order = [up(dialect.ordered(exp.column(name))) for name in first] + [down(exp.column(name)) for name in newest]
    place = numbered([exp.column(name) for name in key], order)
    before = exp.LT(this=exp.column("valid_from"), expression=as_of.copy())
    columns = [exp.column(name, quoted=True) for name in _PRODUCT_COLUMNS]
    versions = exp.select(*columns, exp.alias_(place, "place")).from_(exp.to_table(PRODUCTS.name)).where(before)
    chosen = exp.select(*(column.copy() for column in columns)).from_(versions.subquery("versions"))
    return chosen.where(exp.EQ(this=exp.column("place"), expression=number(1)))
