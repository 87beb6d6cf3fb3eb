"""What is missing, what is there twice, and orders that cannot be what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tesela.events.sources.simulation.defects.planting import Planting
    from tesela.events.sources.simulation.defects.sheets import Row

_EMPTIED = {
    "empty_email": "email",
    "empty_phone": "phone",
    "empty_name": "first_name",
    "empty_birth_date": "birth_date",
    "empty_country": "country",
    "empty_postal_code": "postal_code",
    "empty_created_at": "created_at",
}
_ORDERS = 40


def plant_gaps(shop: Planting) -> None:
    """Empty fields, each of other people."""
    for check, header in _EMPTIED.items():
        emptied = shop.take()
        if header == "email":
            shop.forget([row["email"] for row in emptied])
        if header == "phone":
            shop.forget_phones([row["phone"] for row in emptied])
        for row in emptied:
            row[header] = ""
        shop.plant(check, emptied)


def plant_inconsistencies(shop: Planting) -> None:
    """Let the form tell another day of birth than the account."""
    owners = {row["email"]: row for row in shop.accounts.rows}
    told_twice = [row for row in shop.form.rows if row["Fecha de nacimiento"] and row["Correo electrónico"] in owners]
    befallen = told_twice[:: max(1, len(told_twice) // shop.usual)][: shop.usual]
    for row in befallen:
        day, month, year = row["Fecha de nacimiento"].split("/")
        row["Fecha de nacimiento"] = f"{day}/{month}/{int(year) - 3}"
    shop.plant("inconsistent_sources", [owners[row["Correo electrónico"]] for row in befallen])


def plant_duplicates(shop: Planting) -> None:
    """Open second accounts: some with the same telephone, some with everything a little different."""
    for n, row in enumerate(shop.take()):
        twin = _again(shop, row, n)
        # the same telephone, written by another hand
        twin["email"] = f"{row['email'].partition('@')[0]}.{n}@icloud.com"
        shop.plant("duplicates_exact", [row, twin])
    for n, row in enumerate(shop.take()):
        twin = _again(shop, row, 1000 + n)
        local, _, domain = row["email"].partition("@")
        twin["email"] = f"{local}b@{domain}"
        twin["phone"] = row["phone"][:-1] + str((int(row["phone"][-1]) + 1) % 10)
        twin["last_name"] = row["last_name"].upper().replace("Á", "A").replace("É", "E").replace("Í", "I")
        shop.plant("duplicates_probable", [row, twin])


def _again(shop: Planting, row: Row, n: int) -> Row:
    """Return a second account of a person, who has bought with it and is not written to."""
    twin = shop.accounts.put({**row, "customer_id": f"C8{n:06d}", "created_at": shop.ago(20 + n % 60)})
    twin["updated_at"] = twin["created_at"]
    shop.add_order(twin, 15 + n % 30)
    return twin


def plant_durations(shop: Planting) -> None:
    """Let the site's statistics write -1 where they measured nothing."""
    timed = [row for row in shop.web.rows if row["duration_s"]][:: 1_000 // _ORDERS]
    for row in timed[:_ORDERS]:
        row["duration_s"] = "-1"
    shop.plant("impossible_durations", [row["message_id"] for row in timed[:_ORDERS]], unit="records")


def plant_bad_orders(shop: Planting) -> None:
    """Add orders without a customer, cancelled, of nothing or less, in the future, and rows that cannot be read."""
    buyers = shop.take(4)

    def some(check: str, count: int, days_ago: float, amount: str = "39,95", **cells: str) -> None:
        rows = [shop.add_order(buyers[n % len(buyers)], days_ago + n, amount, **cells) for n in range(count)]
        shop.plant(check, [row["Número de pedido"] for row in rows], unit="orders")

    nobody = [shop.add_order(None, 3 + n) for n in range(_ORDERS)]
    shop.plant("orders_without_customer", [row["Número de pedido"] for row in nobody], unit="orders")
    share = max(_ORDERS, len(shop.orders.rows) // 12)
    cancelled = []
    for n in range(share):
        days = 2 + n % 300
        told = {"Estado": "Cancelado", "Fecha de cancelación": shop.ago(days - 1, "%d/%m/%Y %H:%M:%S")}
        cancelled.append(shop.add_order(buyers[n % len(buyers)], days, **told))
    shop.plant("orders_cancelled", [row["Número de pedido"] for row in cancelled], unit="orders")
    some("zero_or_negative_amounts", _ORDERS // 2, 5, "0,00")
    some("zero_or_negative_amounts", _ORDERS // 2, 5, "-19,95")
    some("orders_in_future", _ORDERS // 2, -200)
    rejected = [shop.add_order(buyers[n % 4], 5 + n, **{"Fecha pedido": f"{32 + n}/13/2026"}) for n in range(_ORDERS)]
    shop.plant("rows_rejected", [row["Número de pedido"] for row in rejected], unit="records")
