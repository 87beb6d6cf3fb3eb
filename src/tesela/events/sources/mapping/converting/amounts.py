"""Say what was paid for each line of an order, where the source tells prices, or a discount on the whole order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tesela.events.sources.mapping.converting.conversion import PREFIX
from tesela.events.sources.reading import Note

if TYPE_CHECKING:
    from tesela.events.sources.mapping.converting.conversion import Conversion


def derive_amounts(work: Conversion) -> None:
    """Make a line's amount of its price and pieces where the source does not tell it."""
    has = set(work.mapped)
    if work.kind != "order-lines" or not ({"unit_price", "quantity"} <= has or "amount" not in has):
        return
    made = _price_of_pieces(has) if {"unit_price", "quantity"} <= has else "f_unit_price"
    if "amount" in has:
        # a broken amount is not made up for
        work.run(f"UPDATE read SET f_amount = {made} WHERE f_amount IS NULL AND NOT bad_amount")
    else:
        work.run("ALTER TABLE read ADD COLUMN f_amount BIGINT")
        work.run(f"UPDATE read SET f_amount = {made}")
        work.mapped.append("amount")


def _price_of_pieces(has: set[str]) -> str:
    # a discount makes what is paid, or given back, smaller; some exports write it negative
    less = " - sign(f_quantity)::INTEGER * abs(coalesce(f_discount, 0))" if "discount" in has else ""
    return f"try_cast(round(f_unit_price::DECIMAL(18,0) * f_quantity){less} AS BIGINT)"


def spread_discounts(work: Conversion) -> None:
    """Bring the lines of an order down, each in proportion, to what was paid for all of them.

    Done where the whole is there: every line has an amount, none is given back, and they come to more than was paid.
    Lines that come to less are some of an order's, and stay as they are.
    """
    if "order_amount" not in work.mapped:
        return
    order = work.order
    if order is not None and "amount" in work.mapped:
        work.run(
            f"""
            CREATE TABLE spread AS
            SELECT row_number, own_order, f_amount,
                sum(f_amount) OVER (PARTITION BY own_order ORDER BY row_number) AS reached, total, paid
            FROM read JOIN (
                SELECT {order} AS own_order, sum(f_amount) AS total,
                    arg_min(f_order_amount, row_number) FILTER (f_order_amount IS NOT NULL) AS paid
                FROM read WHERE {order} IS NOT NULL GROUP BY {order}
                HAVING bool_and(coalesce(f_amount, -1) >= 0) AND paid >= 0 AND total > paid
            ) ON own_order = {order}
            """
        )
        # what is rounded off one line goes to the next, so that they add up exactly
        upto = "(({reached}) * paid::HUGEINT + total // 2) // total"
        part = f"({upto.format(reached='reached')} - {upto.format(reached='reached - spread.f_amount')})::BIGINT"
        work.run(f"UPDATE read SET f_amount = {part} FROM spread WHERE spread.row_number = read.row_number")
        _note_orders(work)
    work.mapped.remove("order_amount")


def _note_orders(work: Conversion) -> None:
    orders = work.run("SELECT count(DISTINCT own_order) FROM spread").fetchall()[0][0]
    if orders:
        work.notes.append(
            Note(f"{PREFIX}.spread_discounts", {"orders": orders, "header": work.header_of("order_amount")})
        )
