"""The tables of what happened and of what the shop recorded, written by this room alone."""

from __future__ import annotations

from tesela.warehouse import Column, Table

EVENTS = Table(
    name="events",
    grain="one thing that happened, of one profile or of nobody",
    key=("source", "message_id", "name"),
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
        Column("load_id", "INTEGER", "load that brought it"),
    ),
)
"""Everything that happened, the orders' own events included."""

PRODUCTS = Table(
    name="products",
    grain="one version of a product",
    key=("source", "product_id", "valid_from"),
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
