"""The fields that a record of each kind may have: what an import maps columns to.

A record is what one row of a source says. Its fields are typed and in normal form: moments in UTC, money in
ten-thousandths of the shop's currency, identifiers normalised. Whatever has no field of its own is kept in
`properties`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from tesela.warehouse import ColumnType

Kind = Literal["contacts", "orders", "order-lines", "products", "consents", "email-events", "events"]
KINDS: tuple[Kind, ...] = get_args(Kind)

FieldType = Literal["text", "email", "phone", "country", "language", "moment", "date", "money", "number", "boolean"]

WAREHOUSE_TYPES: dict[FieldType, ColumnType] = {
    "text": "VARCHAR",
    "email": "VARCHAR",
    "phone": "VARCHAR",
    "country": "VARCHAR",
    "language": "VARCHAR",
    "moment": "TIMESTAMP",
    "date": "DATE",
    "money": "BIGINT",
    "number": "DECIMAL(18,4)",
    "boolean": "BOOLEAN",
}


IDENTIFIER_KINDS = ("customer_id", "email", "phone", "loyalty_card", "member_id", "anonymous_id")
"""Kinds of identifier, the strongest first: a record belongs to the strongest it carries."""

ANONYMOUS_KIND = "anonymous_id"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record.

    Attributes:
        name: Its name, and the column's name in converted files.
        type: How its text is read. `money` becomes BIGINT ten-thousandths, `moment` a UTC TIMESTAMP.
        meaning: What it says.
        is_order_level: Whether it belongs to the whole order and not to the line it stands on.
        is_repeatable: Whether several columns may map to it; their values are added.
    """

    name: str
    type: FieldType
    meaning: str
    is_order_level: bool = False
    is_repeatable: bool = False


def _fields(*rows: tuple[str, FieldType, str]) -> tuple[Field, ...]:
    return tuple(Field(name, kind, meaning) for name, kind, meaning in rows)


_PERSON = _fields(
    ("customer_id", "text", "the shop's id of the customer"),
    ("email", "email", "e-mail address"),
    ("phone", "phone", "phone number"),
    ("loyalty_card", "text", "number of the in-store loyalty card"),
    ("member_id", "text", "the id that an e-mail tool or another system gave the person"),
    ("anonymous_id", "text", "id of a browser or device"),
)

_ORDER = (
    Field("order_id", "text", "the shop's id of the order", is_order_level=True),
    *(Field(f.name, f.type, f.meaning, is_order_level=True) for f in _PERSON),
    Field("status", "text", "state of the order, in the shop's words", is_order_level=True),
    Field("currency", "text", "ISO 4217 code; missing: the shop's currency", is_order_level=True),
    Field("sales_channel", "text", "online or store", is_order_level=True),
    Field("store", "text", "which store", is_order_level=True),
    Field("cancelled_at", "moment", "when it was cancelled", is_order_level=True),
    Field("refunded_amount", "money", "money given back so far, positive", is_order_level=True),
    Field("refunded_at", "moment", "when it was given back", is_order_level=True),
    Field("updated_at", "moment", "when the source last changed it", is_order_level=True),
    Field("coupon", "text", "coupon code", is_order_level=True),
)

FIELDS: dict[Kind, tuple[Field, ...]] = {
    "contacts": (
        *_PERSON,
        *_fields(
            ("first_name", "text", "given name"),
            ("last_name", "text", "family names"),
            ("full_name", "text", "whole name, where it is not told apart"),
            ("birth_date", "date", "date of birth"),
            ("gender", "text", "as declared"),
            ("country", "country", "country"),
            ("region", "text", "region or province"),
            ("city", "text", "city"),
            ("postal_code", "text", "postal code"),
            ("language", "language", "language"),
            ("time_zone", "text", "IANA zone"),
            ("created_at", "moment", "when the person first gave their data"),
            ("updated_at", "moment", "when the source last changed the record"),
            ("first_source", "text", "how they came: form, sweepstake, social, store, ..."),
            ("tags", "text", "labels, as the source lists them"),
            ("email_consent", "text", "what they said to e-mail: yes, no, never asked, in the source's words"),
            ("email_consent_at", "moment", "when they said it"),
            ("email_unsubscribed_at", "moment", "when they unsubscribed from e-mail"),
            ("sms_consent", "text", "what they said to SMS"),
            ("sms_consent_at", "moment", "when they said it"),
        ),
    ),
    "orders": (
        *_ORDER,
        Field("occurred_at", "moment", "when it was placed", is_order_level=True),
        Field("amount", "money", "what the customer paid for the goods, after discounts", is_order_level=True),
        Field("quantity", "number", "pieces", is_order_level=True),
        Field("discount", "money", "discount given", is_order_level=True),
        Field("shipping", "money", "shipping paid", is_order_level=True),
        Field("tax", "money", "taxes", is_order_level=True),
        Field("coupon_discount", "money", "discount by coupon", is_order_level=True, is_repeatable=True),
    ),
    "order-lines": (
        *_ORDER,
        Field("line_id", "text", "the source's id of the line"),
        Field("occurred_at", "moment", "when it was bought"),
        Field("product_id", "text", "the shop's id of the product"),
        Field("product_name", "text", "name of the product"),
        Field("category", "text", "category path"),
        Field("brand", "text", "brand"),
        Field("quantity", "number", "pieces; negative: given back"),
        Field("unit_price", "money", "price of one piece"),
        Field("amount", "money", "what was paid for the line, after discounts"),
        Field("discount", "money", "discount on the line"),
        Field("coupon_discount", "money", "discount by coupon", is_repeatable=True),
    ),
    "products": _fields(
        ("product_id", "text", "the shop's id of the product"),
        ("name", "text", "name shown in the shop"),
        ("category", "text", "category path"),
        ("brand", "text", "brand"),
        ("price", "money", "price"),
        ("cost", "money", "what it costs the shop"),
        ("margin", "money", "price minus cost"),
        ("url", "text", "product page"),
        ("image_url", "text", "picture"),
        ("in_stock", "boolean", "whether it can be bought"),
        ("updated_at", "moment", "since when this holds"),
    ),
    "consents": (
        *_PERSON,
        *_fields(
            ("channel", "text", "email, sms, web_push, whatsapp, post, phone, onsite"),
            ("purpose", "text", "marketing unless told otherwise"),
            ("status", "text", "yes or no, in the source's words"),
            ("occurred_at", "moment", "when it was given or withdrawn"),
            ("method", "text", "form, checkbox, double opt-in, import, ..."),
            ("wording", "text", "the text that was agreed to, or its version"),
            ("legal_basis", "text", "consent, existing customer, contract"),
        ),
    ),
    "email-events": (
        *_PERSON,
        *_fields(
            ("name", "text", "sent, delivered, opened, clicked, bounced, unsubscribed, marked as spam"),
            ("occurred_at", "moment", "when"),
            ("message_id", "text", "the source's id of this very happening"),
            ("campaign_id", "text", "campaign or message"),
            ("campaign_name", "text", "its name"),
            ("channel", "text", "email unless told otherwise"),
            ("url", "text", "link clicked"),
            ("is_machine", "boolean", "whether a machine did it"),
            ("bounce_type", "text", "hard or soft"),
        ),
    ),
    "events": (
        *_PERSON,
        *_fields(
            ("name", "text", "what happened"),
            ("occurred_at", "moment", "when"),
            ("message_id", "text", "the source's id of this very happening"),
            ("session_id", "text", "visit"),
            ("order_id", "text", "order"),
            ("product_id", "text", "product"),
            ("category", "text", "category path"),
            ("brand", "text", "brand"),
            ("quantity", "number", "pieces"),
            ("amount", "money", "money"),
            ("currency", "text", "ISO 4217 code; missing: the shop's currency"),
            ("coupon", "text", "coupon code"),
            ("campaign_id", "text", "campaign or message"),
            ("channel", "text", "channel of a message"),
            ("sales_channel", "text", "online or store"),
            ("list", "text", "list of products it happened in, such as recommended"),
            ("duration_s", "number", "how long it lasted, seconds"),
            ("is_machine", "boolean", "whether a machine did it"),
            ("url", "text", "page"),
        ),
    ),
}
"""Fields of each kind of record, in order. Every kind also has `properties` (JSON text)."""

_USED_UP: dict[Kind, tuple[Field, ...]] = {
    "order-lines": (
        Field(
            "order_amount",
            "money",
            "what was paid for all goods of the order, after discounts; lines are brought down to add up to it",
            is_order_level=True,
        ),
    ),
}

MAPPABLE: dict[Kind, tuple[Field, ...]] = {kind: (*kept, *_USED_UP.get(kind, ())) for kind, kept in FIELDS.items()}
"""Fields that a column may be read as: those of the record, and those that are used up while it is read."""
