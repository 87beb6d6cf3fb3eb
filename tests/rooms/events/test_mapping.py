"""Columns to fields, and cells to values: vendors' exports, real files, and every way to write a number or a date."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tesela import events
from tesela.base import InputError, load_zone
from tesela.events.fields import KINDS

# kind, vendor, header line, and what its columns must be
VENDORS: list[tuple[events.Kind, str | None, str, dict[str, str | None]]] = [
    (
        "contacts",
        "shopify",
        "Customer ID,First Name,Last Name,Email,Accepts Email Marketing,"
        "Default Address City,Default Address Country Code,"
        "Default Address Zip,Phone,Accepts SMS Marketing,Total Spent,Total Orders,Note,Tax Exempt,Tags",
        {
            "Customer ID": "customer_id",
            "Email": "email",
            "Accepts Email Marketing": "email_consent",
            "Accepts SMS Marketing": "sms_consent",
            "Default Address City": "city",
            "Default Address Country Code": "country",
            "Total Spent": None,
            "Tags": "tags",
        },
    ),
    (
        "order-lines",
        "shopify",
        "Name,Email,Financial Status,Paid at,Currency,Subtotal,Shipping,Taxes,Total,Discount Code,Discount Amount,"
        "Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Cancelled at,Refunded Amount,Vendor,"
        "Id,Tags,Source,Lineitem discount,Phone",
        {
            "Name": "order_id",
            "Email": "email",
            "Financial Status": "status",
            "Created at": "occurred_at",
            "Paid at": None,
            "Lineitem price": "unit_price",
            "Lineitem quantity": "quantity",
            "Lineitem discount": "discount",
            "Discount Code": "coupon",
            "Discount Amount": None,
            "Cancelled at": "cancelled_at",
            "Refunded Amount": "refunded_amount",
            "Subtotal": "order_amount",
            "Total": None,
        },
    ),
    (
        "orders",
        "woocommerce",
        "Date,Order #,N. Revenue (formatted),Status,Customer,Customer type,Product(s),Items sold,Coupon(s),N. Revenue",
        {
            "Date": "occurred_at",
            "Order #": "order_id",
            "N. Revenue": "amount",
            "N. Revenue (formatted)": None,
            "Status": "status",
            "Coupon(s)": "coupon",
        },
    ),
    (
        "contacts",
        "woocommerce",
        "Name,Username,Last Active,Sign Up,Email,Orders,Total Spend,AOV,Country / Region,City,Region,Postal Code",
        {"Name": "full_name", "Email": "email", "Sign Up": "created_at", "Country / Region": "country", "Orders": None},
    ),
    (
        "orders",
        "woocommerce",
        "order_id,order_date,order_status,customer_id,billing_first_name,billing_last_name,billing_email,billing_phone,"
        "billing_country,order_total,order_currency,payment_method",
        {"order_id": "order_id", "order_date": "occurred_at", "order_total": "amount", "billing_email": "email"},
    ),
    (
        "contacts",
        "mailchimp",
        "Email Address,First Name,Last Name,Phone Number,Birthday,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,"
        "LAST_CHANGED,LEID,EUID,NOTES,TAGS,UNSUB_TIME",
        {
            "Email Address": "email",
            "CONFIRM_TIME": "email_consent_at",
            "UNSUB_TIME": "email_unsubscribed_at",
            "LAST_CHANGED": "updated_at",
            "TAGS": "tags",
        },
    ),
    (
        "contacts",
        "klaviyo",
        "Email,First Name,Email Marketing Consent,Email Marketing Consent Timestamp,"
        "SMS Marketing Consent,Country,Source",
        {
            "Email Marketing Consent": "email_consent",
            "Email Marketing Consent Timestamp": "email_consent_at",
            "Source": "first_source",
        },
    ),
    (
        "contacts",
        "brevo",
        "EMAIL;LASTNAME;FIRSTNAME;SMS;EMAIL_BLACKLISTED;SMS_BLACKLISTED;ADDED_TIME;MODIFIED_TIME",
        {"EMAIL": "email", "SMS": "phone", "EMAIL_BLACKLISTED": "email_consent", "ADDED_TIME": "created_at"},
    ),
    (
        "contacts",
        "activecampaign",
        "Email,First Name,Last Name,Phone,Tags,Date Created,IP,Status",
        {"Email": "email", "Date Created": "created_at", "Status": "email_consent"},
    ),
    (
        "contacts",
        "hubspot",
        "First Name,Last Name,Email,Phone Number,Contact owner,Lifecycle Stage,Create Date",
        {"Email": "email", "Phone Number": "phone", "Create Date": "created_at", "Contact owner": None},
    ),
    (
        "orders",
        "bigcommerce",
        "Order ID,Order Date,Delivery Date,Order Status,Order Total,Cart Base Amount,Refund Amount,Email Address,Phone",
        {"Order ID": "order_id", "Cart Base Amount": "amount", "Order Total": None, "Refund Amount": "refunded_amount"},
    ),
    (
        "order-lines",
        "etsy",
        "Sale Date,Item Name,Quantity,Price,Discount Amount,Coupon Code,Order Total,Transaction ID,"
        "Listing ID,Buyer,Order ID",
        {"Sale Date": "occurred_at", "Price": "unit_price", "Transaction ID": "line_id", "Order ID": "order_id"},
    ),
    (
        "contacts",
        "stripe",
        "id,Email,Name,Description,Created (UTC),Total Spend",
        {"id": "customer_id", "Email": "email", "Created (UTC)": "created_at"},
    ),
    (
        "contacts",
        "outlook",
        "First Name,Middle Name,Last Name,E-mail Address,Mobile Phone,Company,Birthday",
        {"E-mail Address": "email", "Mobile Phone": "phone", "Birthday": "birth_date"},
    ),
    (
        "contacts",
        "google",
        "Name,Given Name,Family Name,Birthday,Notes,E-mail 1 - Value,Phone 1 - Value,Organization 1 - Name",
        {
            "Given Name": "first_name",
            "Family Name": "last_name",
            "E-mail 1 - Value": "email",
            "Phone 1 - Value": "phone",
        },
    ),
    (
        "orders",
        None,
        "Nº pedido;Fecha de compra;Correo electrónico;Importe total;Código de descuento;Estado;Canal de venta",
        {
            "Nº pedido": "order_id",
            "Fecha de compra": "occurred_at",
            "Correo electrónico": "email",
            "Importe total": "amount",
            "Código de descuento": "coupon",
            "Estado": "status",
            "Canal de venta": "sales_channel",
        },
    ),
    (
        "contacts",
        None,
        "Nombre;Apellidos;Móvil;Fecha de nacimiento;Provincia;C.P.;Suscrito;Origen",
        {
            "Nombre": "first_name",
            "Apellidos": "last_name",
            "Móvil": "phone",
            "Fecha de nacimiento": "birth_date",
            "Provincia": "region",
            "C.P.": "postal_code",
            "Suscrito": "email_consent",
            "Origen": "first_source",
        },
    ),
]


def staged(path: Path, scratch: Path) -> Any:
    scratch.mkdir(exist_ok=True)
    return events.open_source(path, scratch=scratch)


@pytest.mark.parametrize(("kind", "vendor", "line", "expected"), VENDORS, ids=lambda value: str(value)[:24])
def test_headers_of_vendors(
    kind: events.Kind, vendor: str | None, line: str, expected: dict[str, str | None], tmp_path: Path
) -> None:
    delimiter = ";" if ";" in line else ","
    headers = next(csv.reader([line], delimiter=delimiter))
    (tmp_path / "export.csv").write_text(line + "\n" + delimiter.join(["x"] * len(headers)) + "\n", "utf-8")
    with staged(tmp_path / "export.csv", tmp_path / "scratch") as source:
        mapping = events.propose_mapping(source, kind)
    assert mapping.vendor == vendor
    assert {header: mapping.field_of(header) for header in expected} == expected
    again = events.Mapping.from_yaml(mapping.to_yaml())
    assert {column.header: column.field for column in again.columns} == {c.header: c.field for c in mapping.columns}


def converted(
    tmp_path: Path,
    kind: events.Kind,
    rows: list[dict[str, str]],
    *,
    zone: str = "Europe/Madrid",
    country: str = "ES",
    fields: dict[str, str] | None = None,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Write rows to a CSV, convert it, and return the accepted and the rejected rows."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    tmp_path.mkdir(parents=True, exist_ok=True)
    (tmp_path / "file.csv").write_text(out.getvalue(), "utf-8")
    with staged(tmp_path / "file.csv", tmp_path / "scratch") as source:
        mapping = events.propose_mapping(source, kind)
        for header, name in (fields or {}).items():
            mapping = mapping.with_field(header, name)
        done = events.convert(
            source,
            mapping,
            zone=load_zone(zone),
            currency="EUR",
            country=country,
            rates=None,
            into=tmp_path / "scratch",
        )
        received = source.rows
    accepted = sorted(pq.read_table(done.accepted).to_pylist(), key=lambda row: row["row_number"])
    rejected = pq.read_table(done.rejected).to_pylist()
    assert len(accepted) + len(rejected) == received == len(rows)
    return accepted, rejected


def an_order(**cells: str) -> dict[str, str]:
    return {"order_id": "1", "date": "2026-05-01", "amount": "10.00", **cells}


@pytest.mark.parametrize(
    ("written", "e4"),
    [
        ("1.234,56 €", 12_345_600),
        ("1,234.56", 12_345_600),
        ("€ 12", 120_000),
        ("12,5", 125_000),
        ("(12,00)", -120_000),
        ("12,00-", -120_000),
        ("-0,5", -5_000),
        (",99", 9_900),
        ("1.234.567", 12_345_670_000),
        ("1 234,56", 12_345_600),
        ("0.123", 1_230),
        ("10.00005", 100_001),
    ],
)
def test_amounts_as_people_write_them(written: str, e4: int, tmp_path: Path) -> None:
    accepted, rejected = converted(tmp_path, "orders", [an_order(amount=written)])
    assert rejected == []
    assert accepted[0]["amount"] == e4


def test_the_whole_column_decides_what_a_point_means(tmp_path: Path) -> None:
    spanish, _ = converted(tmp_path / "a", "orders", [an_order(amount="1.234"), an_order(order_id="2", amount="9,95")])
    assert [row["amount"] for row in spanish] == [12_340_000, 99_500]
    english, _ = converted(tmp_path / "b", "orders", [an_order(amount="1,234"), an_order(order_id="2", amount="9.95")])
    assert [row["amount"] for row in english] == [12_340_000, 99_500]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.decimals(-(10**9), 10**9, places=2), min_size=1, max_size=8), st.sampled_from(["es", "en", "plain"]))
def test_any_amount_survives_any_style(
    tmp_path_factory: pytest.TempPathFactory, amounts: list[Decimal], style: str
) -> None:
    def write(amount: Decimal) -> str:
        english = f"{amount:,.2f}" if style != "plain" else f"{amount:.2f}"
        return english.translate(str.maketrans(",.", ".,")) if style == "es" else english

    rows = [an_order(order_id=str(n), amount=write(amount)) for n, amount in enumerate(amounts)]
    accepted, _ = converted(tmp_path_factory.mktemp("amounts"), "orders", rows)
    assert [row["amount"] for row in accepted] == [int(amount * 10_000) for amount in amounts]


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("2026-05-01", datetime(2026, 4, 30, 22)),
        ("2026-01-01", datetime(2025, 12, 31, 23)),
        ("2026-05-01 10:30", datetime(2026, 5, 1, 8, 30)),
        ("2026-05-01T10:30:15.250Z", datetime(2026, 5, 1, 10, 30, 15, 250_000)),
        ("2024-05-01 10:00:00 +0000", datetime(2024, 5, 1, 10)),
        ("2024-05-01T10:00:00-05:00", datetime(2024, 5, 1, 15)),
        ("31/12/2025 9:05", datetime(2025, 12, 31, 8, 5)),
        ("31-12-25", datetime(2025, 12, 30, 23)),
        ("20260501", datetime(2026, 4, 30, 22)),
        ("1777629600", datetime(2026, 5, 1, 10)),
        ("1777629600123", datetime(2026, 5, 1, 10, 0, 0, 123_000)),
        ("46143.5", datetime(2026, 5, 1, 10)),
        ("1 de mayo de 2026", datetime(2026, 4, 30, 22)),
        ("May 1, 2026 3:15 PM", datetime(2026, 5, 1, 13, 15)),
        ("05-ene-2026", datetime(2026, 1, 4, 23)),
        # the clock jumps from two to three, and shows half past two twice in autumn
        ("2026-03-29 02:30", datetime(2026, 3, 29, 1, 30)),
        ("2026-10-25 02:30", datetime(2026, 10, 25, 0, 30)),
    ],
)
def test_times_as_people_write_them(written: str, utc: datetime, tmp_path: Path) -> None:
    accepted, rejected = converted(tmp_path, "orders", [an_order(date=written)])
    assert rejected == []
    assert accepted[0]["occurred_at"] == utc


@pytest.mark.parametrize("written", ["31/02/2025", "2025-13-45", "0001-01-01", "2201-01-01", "ayer", "25:61", "12"])
def test_times_that_cannot_be(written: str, tmp_path: Path) -> None:
    accepted, rejected = converted(tmp_path, "orders", [an_order(date=written), an_order(order_id="2")])
    assert len(accepted) == 1
    [row] = rejected
    assert row["reason"] == "events.sources.mapping.bad_time"
    assert row["detail"] == written
    assert json.loads(row["raw"])["date"] == written


def test_days_and_months_are_told_apart_over_the_whole_column(tmp_path: Path) -> None:
    spanish, _ = converted(
        tmp_path / "a", "orders", [an_order(date="02/03/2026"), an_order(date="13/03/2026")], zone="UTC"
    )
    assert [row["occurred_at"].month for row in spanish] == [3, 3]
    american, _ = converted(
        tmp_path / "b", "orders", [an_order(date="02/03/2026"), an_order(date="02/13/2026")], zone="UTC"
    )
    assert [row["occurred_at"].month for row in american] == [2, 2]
    unclear, _ = converted(tmp_path / "c", "orders", [an_order(date="02/03/2026")], zone="UTC")
    assert unclear[0]["occurred_at"] == datetime(2026, 3, 2)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.datetimes(datetime(1950, 1, 1), datetime(2090, 1, 1)), min_size=1, max_size=8),
    st.sampled_from(
        ["%Y-%m-%d %H:%M:%S", "%d/%m/%Y %H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%d-%m-%Y %H:%M:%S", "%Y/%m/%d %H:%M:%S"]
    ),
)
def test_any_time_survives_any_style(
    tmp_path_factory: pytest.TempPathFactory, times: list[datetime], style: str
) -> None:
    whole = [moment.replace(microsecond=0) for moment in times]
    # a day above twelve tells the order
    rows = [an_order(order_id=str(n), date=t.strftime(style)) for n, t in enumerate([*whole, datetime(2020, 1, 31)])]
    accepted, _ = converted(tmp_path_factory.mktemp("times"), "orders", rows, zone="UTC")
    assert [row["occurred_at"] for row in accepted] == [*whole, datetime(2020, 1, 31)]


def test_contacts_come_to_a_normal_form_and_originals_are_kept(tmp_path: Path) -> None:
    rows = [
        {
            "email": "Ana López <ANA@X.es>",
            "telefono": "600 11 22 33",
            "pais": "España",
            "suscrito": "Sí",
            "sexo": "Mujer",
        },
        {"email": "ana@@x", "telefono": "0034600112233", "pais": "Narnia", "suscrito": "NO", "sexo": "?"},
        {"email": "luis@x.es", "telefono": "12", "pais": "mx", "suscrito": "", "sexo": "H"},
        {"email": "nadie", "telefono": "", "pais": "", "suscrito": "", "sexo": ""},
    ]
    accepted, rejected = converted(tmp_path, "contacts", rows)
    shown = ("email", "phone", "country", "email_consent", "gender")
    assert [tuple(row[name] for name in shown) for row in accepted] == [
        ("ana@x.es", "+34600112233", "ES", "yes", "female"),
        (None, "+34600112233", None, "no", None),
        ("luis@x.es", None, "MX", None, "male"),
    ]
    assert json.loads(accepted[1]["properties"]) == {
        "email": "ana@@x",
        "pais": "Narnia",
        "sexo": "?",
    }
    assert [row["reason"] for row in rejected] == ["events.sources.mapping.no_identifier"]


def test_secrets_of_an_export_are_not_stored(tmp_path: Path) -> None:
    rows = [{"email": "a@x.es", "password": "hunter2", "rp_token": "t0k3n", "Contraseña *": "pepe", "nivel": "oro"}]
    accepted, _ = converted(tmp_path, "contacts", rows)
    assert json.loads(accepted[0]["properties"]) == {"nivel": "oro"}


def test_brevo_says_no_with_a_yes(tmp_path: Path) -> None:
    row = {
        "EMAIL": "a@x.es",
        "SMS": "",
        "EMAIL_BLACKLISTED": "Yes",
        "SMS_BLACKLISTED": "No",
        "ADDED_TIME": "01-02-2026 10:00",
    }
    accepted, _ = converted(tmp_path, "contacts", [row])
    assert (accepted[0]["email_consent"], accepted[0]["sms_consent"]) == ("no", "yes")


def test_an_order_told_on_its_first_row_alone_is_whole_on_all(tmp_path: Path) -> None:
    first = {"Name": "#1", "Email": "a@x.es", "Financial Status": "paid", "Created at": "2024-05-01 10:00:00 +0000"}
    line = {"Lineitem quantity": "2", "Lineitem name": "Bota", "Lineitem price": "10.00", "Lineitem discount": "1.00"}
    blank = dict.fromkeys(first, "")
    rows = [
        {**first, **line},
        {**blank, "Name": "#1", **line, "Lineitem name": "Bolso"},
        {**blank, "Name": "#2", **line},
    ]
    accepted, rejected = converted(tmp_path, "order-lines", rows)
    assert [(row["order_id"], row["email"], row["amount"], row["status"]) for row in accepted] == [
        ("#1", "a@x.es", 190_000, "completed"),
        ("#1", "a@x.es", 190_000, "completed"),
    ]
    assert [row["reason"] for row in rejected] == ["events.sources.mapping.missing_value"]


@pytest.mark.parametrize(
    ("paid", "prices", "amounts"),
    [
        # a coupon of 10 % on the whole order; what is rounded off one line goes to the next
        ("24.30", ["10.00", "10.00", "7.00"], [90_000, 90_000, 63_000]),
        ("10.00", ["5.00", "5.00", "5.00"], [33_333, 33_334, 33_333]),
        ("0.00", ["10.00", "7.00"], [0, 0]),
        # nothing was taken off; some lines of the order are in another file; one was given back; nothing is said
        ("27.00", ["10.00", "17.00"], [100_000, 170_000]),
        ("99.00", ["10.00", "17.00"], [100_000, 170_000]),
        ("5.00", ["10.00", "-2.00"], [100_000, -20_000]),
        ("", ["10.00", "17.00"], [100_000, 170_000]),
    ],
)
def test_a_discount_on_the_whole_order_makes_each_line_smaller(
    paid: str, prices: list[str], amounts: list[int], tmp_path: Path
) -> None:
    header = {"Name": "#1", "Email": "a@x.es", "Financial Status": "paid", "Created at": "2024-05-01 10:00:00 +0000"}
    rows = [
        {
            **(header if place == 0 else {**dict.fromkeys(header, ""), "Name": "#1"}),
            "Subtotal": paid if place == 0 else "",
            "Lineitem quantity": "1",
            "Lineitem name": f"Bota {place}",
            "Lineitem price": price,
        }
        for place, price in enumerate(prices)
    ]
    other = {**header, "Name": "#2", "Subtotal": "8.00", "Lineitem quantity": "1", "Lineitem name": "Bota"}
    accepted, rejected = converted(tmp_path, "order-lines", [*rows, {**other, "Lineitem price": "8.00"}])
    assert [row["amount"] for row in accepted] == [*amounts, 80_000]
    assert not rejected
    # what the file said of the whole order stays at hand
    assert (json.loads(accepted[0]["properties"]).get("Subtotal") or "") == paid


def test_states_of_orders_in_both_languages(tmp_path: Path) -> None:
    words = ["Completado", "Cancelled", "Reembolsado", "Pendiente de pago", "voided", "Enviado", "Quién sabe"]
    rows = [an_order(order_id=str(n), estado=word) for n, word in enumerate(words)]
    accepted, _ = converted(tmp_path, "orders", rows)
    assert [row["status"] for row in accepted] == [
        *("completed", "cancelled", "refunded", "open", "cancelled", "completed", "completed"),
    ]


def test_other_currencies_need_a_rate(tmp_path: Path) -> None:
    rows = [an_order(currency="EUR"), an_order(order_id="2", currency="usd"), an_order(order_id="3", currency="GBP")]
    _, rejected = converted(tmp_path / "none", "orders", rows)
    assert [row["reason"] for row in rejected] == ["events.sources.mapping.other_currency"] * 2
    (tmp_path / "rates.csv").write_text("date,currency,rate\n2026-01-01,USD,0.9\n2026-06-01,USD,0.5\n")
    with staged(tmp_path / "none" / "file.csv", tmp_path / "scratch") as source:
        done = events.convert(
            source,
            events.propose_mapping(source, "orders"),
            zone=load_zone("UTC"),
            currency="EUR",
            country="ES",
            rates=events.Rates.load(tmp_path / "rates.csv"),
            into=tmp_path / "scratch",
        )
    amounts = {row["order_id"]: row["amount"] for row in pq.read_table(done.accepted).to_pylist()}
    assert amounts == {"1": 100_000, "2": 90_000}
    (tmp_path / "rates.csv").write_text("date,currency,rate\nsoon,USD,x\n")
    with pytest.raises(InputError, match="Line 2"):
        events.Rates.load(tmp_path / "rates.csv")


def test_events_of_tools_get_their_names(tmp_path: Path) -> None:
    def names(kind: events.Kind, words: list[str]) -> list[str]:
        rows = [{"event": word, "date": "2026-05-01", "email": "a@x.es"} for word in words]
        return [row["name"] for row in converted(tmp_path / kind, kind, rows)[0]]

    mail = names("email-events", ["Opened Email", "click", "Rebote", "Wishlist Shared", "abierto"])
    assert mail == ["email_opened", "email_link_clicked", "email_bounced", "wishlist_shared", "email_opened"]
    web = names("events", ["Order Completed", "pv", "Wishlist Shared", "cart"])
    assert web == ["order_completed", "product_viewed", "wishlist_shared", "product_added"]


def test_what_is_needed_is_asked_for_by_name(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        converted(tmp_path, "orders", [{"order_id": "1", "date": "2026-05-01", "colour": "red"}])
    assert "amount" in caught.value.message("es")
    assert "colour" in caught.value.message("en")


@pytest.mark.parametrize("kind", KINDS)
def test_a_mapping_can_be_corrected_and_wrong_words_are_named(kind: events.Kind, tmp_path: Path) -> None:
    (tmp_path / "file.csv").write_text("email,cosa\na@x.es,1\n")
    with staged(tmp_path / "file.csv", tmp_path / "scratch") as source:
        mapping = events.propose_mapping(source, kind)
        assert [sample.samples for sample in mapping.samples(source)] == [("a@x.es",), ("1",)]
    with pytest.raises(InputError, match="cosa"):
        mapping.with_field("coza", None)
    with pytest.raises(InputError):
        mapping.with_field("cosa", "no_such_field")
    assert mapping.with_field("email", None).field_of("EMAIL") is None
    with pytest.raises(InputError):
        events.Mapping.from_yaml("kind: orders\ncolumns: 7\n")


@pytest.mark.data
@pytest.mark.parametrize(
    ("file", "kind", "names"),
    [
        ("mailchimp/campaign_recipient_activity.csv", "email-events", {"email_opened", "email_link_clicked"}),
        ("mailchimp/unsubscribe.csv", "email-events", {"unsubscribed"}),
        ("klaviyo/event.csv", "email-events", {"email_delivered", "placed_order"}),
    ],
)
def test_activity_of_mail_tools(real_data: Path, tmp_path: Path, file: str, kind: events.Kind, names: set[str]) -> None:
    with staged(real_data / "connector_fixtures" / file, tmp_path / "scratch") as source:
        mapping = events.propose_mapping(source, kind)
        done = events.convert(
            source, mapping, zone=load_zone("UTC"), currency="USD", country="US", rates=None, into=tmp_path / "scratch"
        )
    rows = pq.read_table(done.accepted).to_pylist()
    assert {row["name"] for row in rows} <= names
    assert rows
    assert all(row["member_id"] for row in rows)
    assert date(2019, 1, 1) < min(row["occurred_at"] for row in rows).date() < date(2021, 1, 1) + timedelta(days=400)
