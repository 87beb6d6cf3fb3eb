"""The tables of what happened and of what the shop recorded, written by this room alone."""

from __future__ import annotations

from tesela.base import Holding
from tesela.events.fields import FIELDS, WAREHOUSE_TYPES, Kind
from tesela.warehouse import Column, Table

EVENTS = Table(
    name="events",
    grain="one thing that happened, of one profile or of nobody",
    key=("source", "message_id", "name"),
    holds=Holding("profile", ("profile_id",)),
    columns=(
        Column("profile_id", "BIGINT", "whose it is; missing: nobody's"),
        Column("subject_id", "BIGINT", "the identifier it came with, as numbered by the control store"),
        Column("name", "VARCHAR", "what happened, past tense: order_completed, email_opened, ..."),
        Column("occurred_at", "TIMESTAMP", "its own time, UTC"),
        Column("received_at", "TIMESTAMP", "when Tesela got it, UTC"),
        Column("source", "VARCHAR", "which source told it"),
        Column("message_id", "VARCHAR", "the source's id of it, or one derived from its values", personal=True),
        Column("session_id", "VARCHAR", "visit it belongs to"),
        Column("order_id", "VARCHAR", "order it belongs to"),
        Column("product_id", "VARCHAR", "product it is about"),
        Column("category", "VARCHAR", "category path of the product, `a > b > c`"),
        Column("brand", "VARCHAR", "brand of the product"),
        Column("quantity", "DECIMAL(18,4)", "pieces"),
        Column("amount_e4", "BIGINT", "money, ten-thousandths of the shop's currency; refunds are positive"),
        Column("coupon", "VARCHAR", "coupon code used; missing: none"),
        Column("campaign_id", "VARCHAR", "message or campaign it belongs to"),
        Column("channel", "VARCHAR", "channel of the message: email, sms, ..."),
        Column("sales_channel", "VARCHAR", "online or store"),
        Column("list", "VARCHAR", "list of products it happened in, such as `recommended`"),
        Column("duration_s", "DECIMAL(18,4)", "how long it lasted, seconds"),
        Column("is_machine", "BOOLEAN", "whether a machine did it (mail proxies, scanners); missing: not known"),
        Column("url", "VARCHAR", "page or link", personal=True),
        Column("properties", "JSON", "whatever else the source told", personal=True),
        Column("content", "BIGINT", "fingerprint of what it says: tells a repeat from a conflict"),
        Column("load_id", "INTEGER", "load that brought it; missing: derived from the records of orders"),
    ),
)
"""Everything that happened, the orders' own events included."""

PRODUCTS = Table(
    name="products",
    grain="one version of a product",
    key=("source", "product_id", "valid_from"),
    holds=Holding("nobody", why="what the shop sells"),
    columns=(
        Column("source", "VARCHAR", "which source told it"),
        Column("product_id", "VARCHAR", "the shop's id"),
        Column("valid_from", "TIMESTAMP", "since when this version holds, UTC"),
        Column("is_current", "BOOLEAN", "whether it is the newest version"),
        Column("name", "VARCHAR", "name shown in the shop"),
        Column("category", "VARCHAR", "category path, `a > b > c`"),
        Column("brand", "VARCHAR", "brand"),
        Column("price_e4", "BIGINT", "price, ten-thousandths of the shop's currency"),
        Column("margin_e4", "BIGINT", "price minus cost, ten-thousandths of the shop's currency"),
        Column("url", "VARCHAR", "product page"),
        Column("image_url", "VARCHAR", "picture"),
        Column("in_stock", "BOOLEAN", "whether it can be bought; missing: not known"),
        Column("properties", "JSON", "whatever else the source told"),
        Column("load_id", "INTEGER", "load that brought it"),
    ),
)
"""What the shop sells, with every version it has told."""

SUBJECTS = Table(
    name="subjects",
    grain="one identifier under which a record came in",
    key=("subject_id",),
    holds=Holding("subject", ("subject_id",)),
    columns=(
        Column("subject_id", "BIGINT", "dense number, handed out once by the control store"),
        Column("kind", "VARCHAR", "kind of the identifier"),
        Column("value", "VARCHAR", "normal form", personal=True),
        Column("profile_id", "BIGINT", "the profile it was last found to be; missing: itself"),
    ),
)
"""The strongest identifier of every record, with its number."""

SUBJECT_LINKS = Table(
    name="subject_links",
    grain="one identifier that stood on records of one subject, per load",
    key=("subject_id", "kind", "value", "load_id"),
    holds=Holding("subject", ("subject_id",)),
    columns=(
        Column("subject_id", "BIGINT", "the strongest identifier of the records"),
        Column("kind", "VARCHAR", "kind of the identifier, the strongest itself included"),
        Column("value", "VARCHAR", "normal form", personal=True),
        Column("since", "TIMESTAMP", "own time of the earliest such record, UTC"),
        Column("source", "VARCHAR", "source of that record"),
        Column("load_id", "INTEGER", "load that brought it"),
    ),
)
"""Which identifiers stand together: what identity resolution works on."""

LOADS_APPLIED = Table(
    name="loads_applied",
    grain="one load of the record that the warehouse holds",
    key=("load_id",),
    holds=Holding("nobody", why="numbers of loads"),
    columns=(
        Column("load_id", "INTEGER", "number of the load in the record's manifest"),
        Column("kind", "VARCHAR", "kind of its records"),
        Column("is_derived", "BOOLEAN", "whether everything that follows from it has been computed"),
        Column("contents", "VARCHAR", "fingerprint of its files; missing: applied before that was kept"),
    ),
)
"""How far the warehouse has followed the record."""


def _rejected(name: str) -> Table:
    return Table(
        name=name,
        grain="one row that could not be used",
        key=("load_id", "row_number"),
        holds=Holding("words", ("raw", "detail")),
        columns=(
            Column("load_id", "INTEGER", "load that met it"),
            Column("row_number", "BIGINT", "place in the source, from 1"),
            Column("kind", "VARCHAR", "kind of record it was read as"),
            Column("source", "VARCHAR", "which source"),
            Column("reason", "VARCHAR", "code of the reason"),
            Column("detail", "VARCHAR", "the value or column at fault", personal=True),
            Column("raw", "VARCHAR", "the row as it came", personal=True),
            Column("received_at", "TIMESTAMP", "when Tesela got it, UTC"),
        ),
    )


EVENTS_REJECTED = _rejected("events_rejected")
"""Orders, products and events that could not be used, with the reason."""

CONTACTS_REJECTED = _rejected("contacts_rejected")
"""Contacts and consents that could not be used, with the reason."""

_PERSONAL_FIELDS = frozenset({"tax_id", "url", *(field.name for field in FIELDS["contacts"])})


ORIGINALS = Column(
    "originals", "JSON", "by field, texts as they came where what was read of them is another", personal=True
)
"""What cleaning starts from."""


def _versions(kind: Kind, name: str, meaning: str) -> Table:
    is_personal = kind != "products"
    return Table(
        name=name,
        grain=meaning,
        key=("source", "key", "load_id", "row_number"),
        holds=Holding("record") if is_personal else Holding("nobody", why="what the shop sells"),
        columns=(
            Column("source", "VARCHAR", "which source told it"),
            Column("key", "VARCHAR", "what tells this record from others of the source", is_personal),
            Column("content", "BIGINT", "fingerprint of what it says"),
            Column("source_time", "TIMESTAMP", "when the source last changed it, UTC; missing: not told"),
            Column("received_at", "TIMESTAMP", "when Tesela got it, UTC"),
            Column("load_id", "INTEGER", "load that brought it"),
            Column("row_number", "BIGINT", "place in the source, from 1"),
            Column("is_current", "BOOLEAN", "whether it is the newest version of its key"),
            *(
                Column(
                    field.name,
                    WAREHOUSE_TYPES[field.type],
                    field.meaning,
                    is_personal and field.name in _PERSONAL_FIELDS,
                )
                for field in FIELDS[kind]
            ),
            Column("properties", "JSON", "whatever else the source told", is_personal),
            *((ORIGINALS,) if kind == "contacts" else ()),
        ),
    )


RECORDS: dict[Kind, Table] = {
    "contacts": _versions("contacts", "contact_records", "one version of one source's contact"),
    "orders": _versions("orders", "order_records", "one version of one order"),
    "order-lines": _versions("order-lines", "order_line_records", "one version of one line of an order"),
    "products": _versions("products", "product_records", "one version of one product"),
    "consents": _versions("consents", "consent_records", "one statement of consent"),
}
"""Records with versions, as the sources told them; events and e-mail events go straight to `events`."""

ALL_TABLES: tuple[Table, ...] = (
    EVENTS,
    PRODUCTS,
    SUBJECTS,
    SUBJECT_LINKS,
    LOADS_APPLIED,
    EVENTS_REJECTED,
    CONTACTS_REJECTED,
    *RECORDS.values(),
)
