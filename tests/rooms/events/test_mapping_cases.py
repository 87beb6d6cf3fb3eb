"""Which column is which field, and what a cell becomes: through the front door of `events`."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tesela import events
from tesela.base import InputError, to_utc

MADRID = ZoneInfo("Europe/Madrid")


@dataclass
class Outcome:
    mapping: events.Mapping
    received: int
    accepted: list[dict[str, Any]]
    rejected: list[dict[str, Any]]
    notes: tuple[events.Note, ...]

    def column(self, name: str) -> list[Any]:
        return [row[name] for row in self.accepted]

    def properties(self) -> list[dict[str, str]]:
        return [json.loads(row["properties"] or "{}") for row in self.accepted]


def read_csv_text(
    folder: Path,
    kind: events.Kind,
    content: str,
    *,
    mapping: events.Mapping | None = None,
    fields: dict[str, str] | None = None,
    order_key: Sequence[str] = (),
    country: str = "ES",
    currency: str = "EUR",
    zone: ZoneInfo = MADRID,
    rates: events.Rates | None = None,
) -> Outcome:
    folder.mkdir(parents=True, exist_ok=True)
    file, scratch = folder / "source.csv", folder / "scratch"
    scratch.mkdir(exist_ok=True)
    for old in scratch.iterdir():
        old.unlink()
    file.write_text(content, "utf-8")
    return read_file(file, scratch, kind, mapping, fields or {}, order_key, country, currency, zone, rates)


def read_file(
    file: Path,
    scratch: Path,
    kind: events.Kind,
    mapping: events.Mapping | None = None,
    fields: dict[str, str] | None = None,
    order_key: Sequence[str] = (),
    country: str = "ES",
    currency: str = "EUR",
    zone: ZoneInfo = MADRID,
    rates: events.Rates | None = None,
) -> Outcome:
    with events.open_source(file, scratch=scratch) as staged:
        chosen = mapping or events.propose_mapping(staged, kind)
        for header, field in (fields or {}).items():
            chosen = chosen.with_field(header, field)
        chosen = chosen.with_order_key(order_key) if order_key else chosen
        made = events.convert(staged, chosen, zone=zone, currency=currency, country=country, rates=rates, into=scratch)
        rows = staged.rows
    accepted = sorted(pq.read_table(made.accepted).to_pylist(), key=lambda row: row["row_number"])
    rejected = pq.read_table(made.rejected).to_pylist()
    assert rows == len(accepted) + len(rejected), "received = accepted + rejected, exactly"
    return Outcome(chosen, rows, accepted, rejected, made.notes)


def fields_of(folder: Path, kind: events.Kind, header: str, delimiter: str = ",") -> dict[str, str]:
    """What the headers of an export are read as, told by the headers alone."""
    folder.mkdir(parents=True, exist_ok=True)
    file, scratch = folder / "headers.csv", folder / "scratch"
    scratch.mkdir()
    file.write_text(header + "\n" + delimiter.join("x" for _ in header.split(delimiter)) + "\n", "utf-8")
    with events.open_source(file, scratch=scratch) as staged:
        mapping = events.propose_mapping(staged, kind)
    return {column.header: column.field for column in mapping.columns if column.field}


# -- the headers of vendors' exports (vendor_csv_templates/HEADERS.md)

SHOPIFY_ORDERS = (
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,Currency,Subtotal,Shipping,"
    "Taxes,Total,Discount Code,Discount Amount,Shipping Method,Created at,Lineitem quantity,Lineitem name,"
    "Lineitem price,Lineitem compare at price,Lineitem sku,Lineitem requires shipping,Lineitem taxable,"
    "Lineitem fulfillment status,Billing Name,Billing City,Billing Zip,Billing Country,Billing Phone,Notes,"
    "Cancelled at,Payment Method,Refunded Amount,Vendor,Id,Tags,Risk Level,Source,Lineitem discount,Phone"
)

VENDORS: dict[str, tuple[events.Kind, str, str, dict[str, str]]] = {
    "shopify customers": (
        "contacts",
        ",",
        "Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Default Address Company,"
        "Default Address Address1,Default Address Address2,Default Address City,Default Address Province Code,"
        "Default Address Country Code,Default Address Zip,Default Address Phone,Phone,Accepts SMS Marketing,"
        "Total Spent,Total Orders,Note,Tax Exempt,Tags",
        {
            "Customer ID": "customer_id",
            "First Name": "first_name",
            "Last Name": "last_name",
            "Email": "email",
            "Accepts Email Marketing": "email_consent",
            "Default Address City": "city",
            "Default Address Country Code": "country",
            "Default Address Zip": "postal_code",
            "Phone": "phone",
            "Accepts SMS Marketing": "sms_consent",
            "Tags": "tags",
        },
    ),
    "older shopify customers": (
        "contacts",
        ",",
        "First Name,Last Name,Email,Company,Address1,Address2,City,Province,Province Code,Country,Country Code,Zip,"
        "Phone,Accepts Marketing,Accepts SMS Marketing,Tags,Note,Tax Exempt",
        {"Email": "email", "City": "city", "Country": "country", "Zip": "postal_code", "Phone": "phone",
         "Accepts Marketing": "email_consent", "Accepts SMS Marketing": "sms_consent"},
    ),
    "shopify orders": (
        "orders",
        ",",
        SHOPIFY_ORDERS,
        {"Name": "order_id", "Email": "email", "Financial Status": "status", "Currency": "currency",
         "Created at": "occurred_at", "Subtotal": "amount", "Cancelled at": "cancelled_at",
         "Refunded Amount": "refunded_amount", "Discount Code": "coupon"},
    ),
    "shopify order lines": (
        "order-lines",
        ",",
        SHOPIFY_ORDERS,
        {"Name": "order_id", "Email": "email", "Created at": "occurred_at", "Lineitem quantity": "quantity",
         "Lineitem price": "unit_price", "Lineitem sku": "product_id", "Lineitem name": "product_name",
         "Lineitem discount": "discount", "Discount Code": "coupon", "Cancelled at": "cancelled_at"},
    ),
    "woocommerce customers": (
        "contacts",
        ",",
        "Name,Username,Last Active,Sign Up,Email,Orders,Total Spend,AOV,Country / Region,City,Region,Postal Code",
        {"Name": "full_name", "Sign Up": "created_at", "Email": "email", "Country / Region": "country",
         "City": "city", "Region": "region", "Postal Code": "postal_code"},
    ),
    "woocommerce orders": (
        "orders",
        ",",
        "Date,Order #,N. Revenue (formatted),Status,Customer,Customer type,Product(s),Items sold,Coupon(s),N. Revenue",
        {"Date": "occurred_at", "Order #": "order_id", "Status": "status", "Coupon(s)": "coupon",
         "Items sold": "quantity", "N. Revenue": "amount"},
    ),
    "woocommerce order plugins": (
        "orders",
        ",",
        "order_id,order_date,order_status,customer_id,billing_first_name,billing_last_name,billing_email,billing_phone,"
        "billing_address_1,billing_city,billing_state,billing_postcode,billing_country,shipping_address_1,shipping_city,"
        "shipping_state,shipping_postcode,shipping_country,order_total,order_currency,payment_method",
        {"order_id": "order_id", "order_date": "occurred_at", "order_status": "status", "customer_id": "customer_id",
         "billing_email": "email", "billing_phone": "phone", "order_total": "amount", "order_currency": "currency"},
    ),
    "mailchimp audience": (
        "contacts",
        ",",
        "Email Address,First Name,Last Name,Address,Phone Number,Birthday,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,"
        "CONFIRM_TIME,CONFIRM_IP,LATITUDE,LONGITUDE,GMTOFF,DSTOFF,TIMEZONE,CC,REGION,LAST_CHANGED,LEID,EUID,NOTES,TAGS",
        {"Email Address": "email", "First Name": "first_name", "Last Name": "last_name", "Phone Number": "phone",
         "CC": "country", "REGION": "region", "LAST_CHANGED": "updated_at", "TAGS": "tags",
         "OPTIN_TIME": "created_at", "CONFIRM_TIME": "email_consent_at", "TIMEZONE": "time_zone"},
    ),
    "klaviyo profiles": (
        "contacts",
        ",",
        "Email,First Name,Email Marketing Consent,Email Marketing Consent Timestamp,SMS Marketing Consent,"
        "Email Suppressions,Country,Source",
        {"Email": "email", "Email Marketing Consent": "email_consent", "SMS Marketing Consent": "sms_consent",
         "Email Marketing Consent Timestamp": "email_consent_at", "Country": "country", "Source": "first_source"},
    ),
    "brevo": (
        "contacts",
        ";",
        "EMAIL;LASTNAME;FIRSTNAME;SMS;EMAIL_BLACKLISTED;SMS_BLACKLISTED;ADDED_TIME;MODIFIED_TIME",
        {"EMAIL": "email", "LASTNAME": "last_name", "FIRSTNAME": "first_name", "SMS": "phone",
         "EMAIL_BLACKLISTED": "email_consent", "SMS_BLACKLISTED": "sms_consent", "ADDED_TIME": "created_at",
         "MODIFIED_TIME": "updated_at"},
    ),
    "activecampaign": (
        "contacts",
        ",",
        "Email,First Name,Last Name,Phone,Tags,Date Created,IP,Status",
        {"Email": "email", "Phone": "phone", "Tags": "tags", "Date Created": "created_at", "Status": "email_consent"},
    ),
    "hubspot": (
        "contacts",
        ",",
        "First Name,Last Name,Email,Phone Number,Contact owner,Lifecycle Stage,Create Date",
        {"Email": "email", "Phone Number": "phone", "Create Date": "created_at"},
    ),
    "bigcommerce": (
        "orders",
        ",",
        "Order ID,Order Date,Delivery Date,Order Status,Order Total,Cart Base Amount,Tax Total,Shipping Total,"
        "Refund Amount,Payment Method,First Name,Last Name,Email Address,Phone,Billing Street 1,Billing City,"
        "Billing State,Billing Zip Code,Billing Country,Shipping Street 1,Shipping City,Shipping State,"
        "Shipping Zip Code,Shipping Country,IP Address,Customer Message,Staff Notes",
        {"Order ID": "order_id", "Order Date": "occurred_at", "Order Status": "status", "Email Address": "email",
         "Phone": "phone", "Cart Base Amount": "amount", "Refund Amount": "refunded_amount"},
    ),
    "etsy": (
        "order-lines",
        ",",
        "Sale Date,Item Name,Quantity,Price,Discount Amount,Coupon Code,Shipping,Sales Tax,Order Total,Transaction ID,"
        "Listing ID,Date Paid,Date Shipped,Ship Name,Ship Address1,Ship City,Ship State,Ship Zipcode,Ship Country,"
        "Order ID,Variations,Buyer,Order Type,Payment Type,InPerson Sale,VAT Paid by Buyer",
        {"Sale Date": "occurred_at", "Item Name": "product_name", "Quantity": "quantity", "Price": "unit_price",
         "Discount Amount": "discount", "Coupon Code": "coupon", "Transaction ID": "line_id",
         "Listing ID": "product_id", "Order ID": "order_id", "Buyer": "customer_id"},
    ),
    "stripe": (
        "contacts",
        ",",
        "id,Email,Name,Description,Created (UTC),Total Spend",
        {"id": "customer_id", "Email": "email", "Name": "full_name", "Created (UTC)": "created_at"},
    ),
    "outlook": (
        "contacts",
        ",",
        "First Name,Middle Name,Last Name,E-mail Address,Mobile Phone,Company,Birthday",
        {"First Name": "first_name", "Last Name": "last_name", "E-mail Address": "email", "Mobile Phone": "phone",
         "Birthday": "birth_date"},
    ),
    "google": (
        "contacts",
        ",",
        "Name,Given Name,Family Name,Birthday,Notes,E-mail 1 - Value,Phone 1 - Value,Organization 1 - Name",
        {"Name": "full_name", "Given Name": "first_name", "Family Name": "last_name", "E-mail 1 - Value": "email",
         "Phone 1 - Value": "phone", "Birthday": "birth_date"},
    ),
}  # fmt: skip

NOT_AMOUNTS = {"shopify order lines": ("Subtotal", "Total"), "etsy": ("Order Total",), "woocommerce orders": ()}


@pytest.mark.parametrize("vendor", VENDORS)
def test_headers_of_vendors_are_known(vendor: str, tmp_path: Path) -> None:
    kind, delimiter, header, expected = VENDORS[vendor]
    found = fields_of(tmp_path, kind, header, delimiter)
    assert {name: found.get(name) for name in expected} == expected
    for name in NOT_AMOUNTS.get(vendor, ()):
        assert found.get(name) != "amount", f"{name} is the whole order's"
    single = [field for field in found.values() if field != "coupon_discount"]
    assert len(single) == len(set(single)), "no field has two columns"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("Nº pedido;Fecha del pedido;Correo electrónico;Importe total;Estado",
         {"Nº pedido": "order_id", "Fecha del pedido": "occurred_at", "Correo electrónico": "email",
          "Importe total": "amount", "Estado": "status"}),
        ("ID PEDIDO;FECHA;IMPORTE;CÓDIGO CLIENTE",
         {"ID PEDIDO": "order_id", "FECHA": "occurred_at", "IMPORTE": "amount", "CÓDIGO CLIENTE": "customer_id"}),
    ],
)  # fmt: skip
def test_spanish_headers(header: str, expected: dict[str, str], tmp_path: Path) -> None:
    assert fields_of(tmp_path, "orders", header, ";") == expected


def test_an_address_is_known_by_what_it_looks_like(tmp_path: Path) -> None:
    made = read_csv_text(tmp_path, "contacts", "quien,nota\nana@x.es,hola\neva@x.es,adios\n")
    assert made.column("email") == ["ana@x.es", "eva@x.es"]
    assert made.mapping.columns[0].sure == "content"


def test_the_order_total_on_each_line_is_not_what_the_line_cost(tmp_path: Path) -> None:
    content = (
        "order_id,order_date,order_total,sku,quantity,unit price\n"
        "1,2026-05-01,30.00,a,1,10.00\n1,2026-05-01,30.00,b,2,10.00\n"
    )
    assert read_csv_text(tmp_path, "order-lines", content).column("amount") == [100_000, 200_000]


# -- a mapping can be corrected, kept and read again


def test_a_mapping_survives_yaml(tmp_path: Path) -> None:
    header = 'a: "b",email,"#x, y",%d\nv,ana@x.es,1,2\n'
    mapping = read_csv_text(tmp_path, "contacts", header, fields={"%d": "city"}).mapping
    again = events.Mapping.from_yaml(mapping.to_yaml())
    assert [(c.header, c.field) for c in again.columns] == [(c.header, c.field) for c in mapping.columns]
    assert again.field_of("%d") == "city"


@pytest.mark.parametrize(
    "written",
    [
        "",
        "just words",
        "kind: [orders",
        "kind: orders",
        "kind: nothing\ncolumns: []",
        "kind: orders\ncolumns: [{header: a, field: colour}]",
    ],
)
def test_what_is_no_mapping_is_refused(written: str) -> None:
    with pytest.raises(InputError) as told:
        events.Mapping.from_yaml(written)
    assert told.value.code.startswith("events.sources.mapping.")
    assert told.value.message("es") != told.value.message("en")


def test_a_missing_needed_column_is_named_before_any_row_is_read(tmp_path: Path) -> None:
    with pytest.raises(InputError) as told:
        read_csv_text(tmp_path, "orders", "order_id,email,colour\nA1,ana@x.es,red\n")
    assert "occurred_at" in told.value.message("en")
    assert "colour" in told.value.message("en")
    assert not list((tmp_path / "scratch").glob("accepted*"))


def test_a_mapping_fits_a_file_whose_columns_moved(tmp_path: Path) -> None:
    first = read_csv_text(tmp_path / "a", "orders", "order_id,date,amount\nA1,2026-05-01,10\n").mapping
    later = "new,amount,date,order_id\nz,10,2026-05-01,A1\n"
    made = read_csv_text(tmp_path / "b", "orders", later, mapping=first)
    assert (made.column("order_id"), made.column("amount")) == (["A1"], [100_000])
    assert made.properties() == [{"new": "z"}]


# -- numbers


def amounts(folder: Path, written: Sequence[str], country: str = "ES", currency: str = "EUR") -> Outcome:
    rows = "".join(f'A{n};2026-05-01;"{text}"\n' for n, text in enumerate(written))
    return read_csv_text(folder, "orders", "order_id;date;amount\n" + rows, country=country, currency=currency)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("1.234,56 €", "1234.56"), ("1,234.56", "1234.56"), ("1 234,56", "1234.56"), 
        ("1\u00a0234,56\u00a0€", "1234.56"),
        ("€12.50", "12.50"), ("-12,00", "-12"), ("(12,00)", "-12"), ("12,00-", "-12"), ("-€12,00", "-12"),
        ("\u221212,00", "-12"), ("12", "12"), ("+12,5", "12.5"), ("1.234.567,8", "1234567.8"), ("0,125", "0.125"),
        ("1'234.50", "1234.5"), (".5", "0.5"), ("EUR 7,25", "7.25"), ("7,25 EUR", "7.25"), ("12,34565", "12.3457"),
    ],
)  # fmt: skip
def test_numbers_as_people_write_them(written: str, expected: str, tmp_path: Path) -> None:
    assert amounts(tmp_path, [written]).column("amount") == [int(Decimal(expected) * 10_000)]


@pytest.mark.parametrize("written", ["gratis", "12..5", "1,2,3", "12.34.56", "--5", "9" * 40, "1e999", "€", "12-05"])
def test_what_is_no_number_is_set_apart_with_its_value(written: str, tmp_path: Path) -> None:
    made = amounts(tmp_path, [written, "10,00"])
    assert made.column("amount") == [100_000]
    [row] = made.rejected
    assert row["reason"] == "events.sources.mapping.bad_number"
    assert row["detail"] == written
    assert json.loads(row["raw"])["amount"] == written


def test_the_whole_column_says_what_a_thousand_is(tmp_path: Path) -> None:
    assert amounts(tmp_path / "a", ["1.234", "5,50"]).column("amount") == [12_340_000, 55_000]
    assert amounts(tmp_path / "b", ["1.234", "5.50"]).column("amount") == [12_340, 55_000]
    spanish, american = (amounts(tmp_path / c, ["1.234", "2.345"], country=c) for c in ("ES", "US"))
    assert spanish.column("amount") == [12_340_000, 23_450_000]
    assert american.column("amount") == [12_340, 23_450]
    assert [len(each.notes) for each in (spanish, american)] == [1, 1]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bench")


SOME = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))


@SOME
@given(
    values=st.lists(
        st.decimals(min_value=-9_999_999, max_value=9_999_999, places=2, allow_nan=False), min_size=2, max_size=30
    ),
    style=st.sampled_from([("comma", "{} €"), ("comma", "{}"), ("point", "{}"), ("point", "€{}")]),
)
def test_a_number_written_in_a_style_comes_back(bench: Path, values: list[Decimal], style: tuple[str, str]) -> None:
    sign, frame = style
    written = []
    for value in values:
        text = f"{abs(value):,.2f}"
        text = text.translate(str.maketrans(",.", ".,")) if sign == "comma" else text
        written.append(("-" if value < 0 else "") + frame.format(text))
    assert amounts(bench, written).column("amount") == [int(value * 10_000) for value in values]


# -- times


def times(folder: Path, written: Sequence[str], country: str = "ES", zone: ZoneInfo = MADRID) -> Outcome:
    rows = "".join(f'A{n};"{text}";10\n' for n, text in enumerate(written))
    return read_csv_text(folder, "orders", "order_id;date;amount\n" + rows, country=country, zone=zone)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2024-05-01", "2024-04-30 22:00"), ("2024-05-01 10:00:00", "2024-05-01 08:00"),
        ("2024-05-01T10:00:00Z", "2024-05-01 10:00"), ("2024-05-01 10:00:00 +0000", "2024-05-01 10:00"),
        ("2024-05-01 10:00:00 -0500", "2024-05-01 15:00"), ("2024-05-01T10:00:00.250+02:00", "2024-05-01 08:00:00.250"),
        ("2024-05-01 10:00:00 UTC", "2024-05-01 10:00"), ("20240501", "2024-04-30 22:00"),
        ("31/12/2023 23:30", "2023-12-31 22:30"), ("31-12-2023", "2023-12-30 23:00"), ("31.12.23", "2023-12-30 23:00"),
        ("1714557600", "2024-05-01 10:00"), ("1714557600000", "2024-05-01 10:00"), ("45413", "2024-04-30 22:00"),
        ("45413.5", "2024-05-01 10:00"), ("1 de mayo de 2024", "2024-04-30 22:00"), ("May 1, 2024", "2024-04-30 22:00"),
        ("1 ene 2024 8:05", "2024-01-01 07:05"), ("13/05/2024 4:05 PM", "2024-05-13 14:05"),
        ("2024-03-31 02:30:00", "2024-03-31 01:30"), ("2024-10-27 02:30:00", "2024-10-27 00:30"),
    ],
)  # fmt: skip
def test_times_as_people_and_systems_write_them(written: str, expected: str, tmp_path: Path) -> None:
    assert times(tmp_path, [written]).column("occurred_at") == [dt.datetime.fromisoformat(expected)]


@pytest.mark.parametrize("written", ["31/02/2025", "2025-13-45", "soon", "0001-01-01", "9999-12-31", "31 feb 2025"])
def test_dates_that_cannot_be_are_set_apart(written: str, tmp_path: Path) -> None:
    made = times(tmp_path, [written, "2025-01-02"])
    assert len(made.accepted) == 1
    assert [(r["reason"], r["detail"]) for r in made.rejected] == [("events.sources.mapping.bad_time", written)]


def test_the_whole_column_says_which_is_the_month(tmp_path: Path) -> None:
    utc = ZoneInfo("UTC")
    clear = times(tmp_path / "a", ["03/04/2024", "12/25/2024"], zone=utc)
    assert clear.column("occurred_at")[0] == dt.datetime(2024, 3, 4)
    assert clear.notes == ()
    for country, day in (("ES", dt.datetime(2024, 4, 3)), ("US", dt.datetime(2024, 3, 4))):
        unclear = times(tmp_path / country, ["03/04/2024", "05/06/2024"], country, utc)
        assert unclear.column("occurred_at")[0] == day
        assert len(unclear.notes) == 1
        assert unclear.notes[0].message("es") != unclear.notes[0].message("en")


@SOME
@given(
    moments=st.lists(
        st.datetimes(dt.datetime(1950, 1, 1), dt.datetime(2090, 1, 1)).map(lambda m: m.replace(microsecond=0)),
        min_size=1,
        max_size=30,
    ),
    style=st.sampled_from(["%Y-%m-%d %H:%M:%S", "%Y/%m/%dT%H:%M:%S", "%d/%m/%Y %H:%M:%S", "%d-%m-%Y %I:%M:%S %p"]),
    zone=st.sampled_from(["Europe/Madrid", "America/Bogota", "America/Santiago", "UTC"]),
)
def test_a_local_time_written_in_a_style_comes_back(
    bench: Path, moments: list[dt.datetime], style: str, zone: str
) -> None:
    written = [dt.datetime(2000, 12, 31).strftime(style), *(moment.strftime(style) for moment in moments)]
    found = times(bench, written, zone=ZoneInfo(zone)).column("occurred_at")[1:]
    assert found == [to_utc(moment, ZoneInfo(zone)) for moment in moments]


# -- people


def test_identifiers_are_brought_to_one_form_and_bad_ones_kept_beside(tmp_path: Path) -> None:
    content = (
        "id;email;telefono;pais;idioma;sexo\n"
        "007;Ana López <Ana.Lopez@Example.ES>;612 34 56 78;España;Español;mujer\n"
        "008;mailto:Eva@x.es;+52 55 1234 5678;Mexico;en-GB;Hombre\n"
        "009;eva@@x;12;Narnia;klingonés;?\n"
    )
    made = read_csv_text(tmp_path, "contacts", content)
    assert made.column("customer_id") == ["007", "008", "009"]
    assert made.column("email") == ["ana.lopez@example.es", "eva@x.es", None]
    assert made.column("phone") == ["+34612345678", "+525512345678", None]
    assert made.column("country") == ["ES", "MX", None]
    assert made.column("language") == ["es", "en", None]
    assert made.column("gender") == ["female", "male", None]
    kept = made.properties()[2]
    assert {"eva@@x", "12", "Narnia", "klingonés", "?"} <= set(kept.values())


def test_a_contact_that_nothing_identifies_is_set_apart(tmp_path: Path) -> None:
    made = read_csv_text(tmp_path, "contacts", "email,city\nana@x.es,Vigo\neva@@x,Lugo\n,Soria\n")
    assert made.column("email") == ["ana@x.es"]
    assert {row["reason"] for row in made.rejected} == {"events.sources.mapping.no_identifier"}


def test_passwords_are_kept_nowhere(tmp_path: Path) -> None:
    content = "email,password_hash,rp_token,city\nana@x.es,s3cret,t0ken,Vigo\n"
    made = read_csv_text(tmp_path, "contacts", content)
    assert "s3cret" not in str(made.accepted)
    assert "t0ken" not in str(made.accepted)


def test_yes_and_no_to_e_mail_in_the_words_of_vendors(tmp_path: Path) -> None:
    klaviyo = "Email,Email Marketing Consent\na@x.es,SUBSCRIBED\nb@x.es,UNSUBSCRIBED\nc@x.es,NEVER_SUBSCRIBED\n"
    assert read_csv_text(tmp_path / "a", "contacts", klaviyo).column("email_consent") == ["yes", "no", None]
    brevo = "EMAIL;EMAIL_BLACKLISTED;SMS_BLACKLISTED\na@x.es;false;true\nb@x.es;true;false\n"
    made = read_csv_text(tmp_path / "b", "contacts", brevo)
    assert (made.column("email_consent"), made.column("sms_consent")) == (["yes", "no"], ["no", "yes"])


def test_how_people_came(tmp_path: Path) -> None:
    content = "email;origen\na@x.es;Formulario\nb@x.es;sorteo\nc@x.es;Co-registro\nd@x.es;Feria de Vigo\n"
    made = read_csv_text(tmp_path, "contacts", content)
    assert made.column("first_source") == ["form", "sweepstake", "co_registration", "feria_de_vigo"]


def test_consents_need_an_address_that_the_channel_follows_from(tmp_path: Path) -> None:
    made = read_csv_text(tmp_path / "a", "consents", "email,consent,date\nana@x.es,sí,2026-05-01\n")
    assert (made.column("channel"), made.column("status")) == (["email"], ["yes"])
    with pytest.raises(InputError, match="channel"):
        read_csv_text(tmp_path / "b", "consents", "customer_id,consent,date\n7,sí,2026-05-01\n")


# -- orders


def test_shopify_tells_the_order_on_its_first_row_only(tmp_path: Path) -> None:
    content = (
        "Name,Email,Financial Status,Currency,Subtotal,Created at,Lineitem quantity,Lineitem name,Lineitem price,"
        "Lineitem sku,Discount Code\n"
        "#1,ana@x.es,paid,EUR,40.00,2024-05-01 10:00:00 +0000,2,Tee,10.00,T,HOLA\n"
        "#1,,,,,,1,Hat,20.00,H,\n"
        "#2,eva@x.es,pending,EUR,5.00,2024-05-02 10:00:00 +0200,1,Pin,5.00,P,\n"
    )
    made = read_csv_text(tmp_path, "order-lines", content)
    assert made.mapping.vendor == "shopify"
    assert made.column("email") == ["ana@x.es", "ana@x.es", "eva@x.es"]
    assert made.column("coupon") == ["HOLA", "HOLA", None]
    assert made.column("occurred_at")[:2] == [dt.datetime(2024, 5, 1, 10)] * 2
    assert made.column("amount") == [200_000, 200_000, 50_000]
    assert made.column("status") == ["completed"] * 3


def test_a_line_costs_its_price_times_its_pieces_less_its_discount(tmp_path: Path) -> None:
    content = (
        "order_id,date,quantity,unit_price,discount\n1,2026-05-01,3,0.1675,0\n1,2026-05-01,2,10,-1.5\n"
        "1,2026-05-01,-2,10,1.5\n"
    )
    made = read_csv_text(tmp_path, "order-lines", content)
    assert made.column("amount") == [5_025, 185_000, -185_000]


def test_columns_make_an_order_where_the_file_has_no_number(tmp_path: Path) -> None:
    content = "customer_id,date,amount\n1,2026-05-01,10\n1,2026-05-01,5\n1,2026-05-02,5\n2,2026-05-01,5\n"
    made = read_csv_text(tmp_path, "order-lines", content, order_key=["customer_id", "date"])
    orders = made.column("order_id")
    assert orders[0] == orders[1]
    assert len(set(orders)) == 3
    assert all(order.startswith("key-") and len(order) == 36 for order in orders)


def test_states_of_orders(tmp_path: Path) -> None:
    words = ["Completado", "Cancelado", "Reembolsado", "Pendiente de pago", "on-hold", "voided", "Enviado a Marte"]
    rows = "".join(f"{n};2026-05-01;10;{word}\n" for n, word in enumerate(words))
    made = read_csv_text(tmp_path, "orders", "pedido;fecha;importe;estado\n" + rows)
    expected = ["completed", "cancelled", "refunded", "open", "open", "cancelled", "completed"]
    assert made.column("status") == expected
    assert any("Enviado a Marte" in note.message("es") for note in made.notes)
    assert "Enviado a Marte" in made.properties()[-1].values()


def test_another_currency_is_converted_by_its_day_or_set_apart(tmp_path: Path) -> None:
    content = "order_id,date,amount,currency\nA,2026-05-01,10,EUR\nB,2026-05-10,10,USD\nC,2026-04-30,10,USD\n"
    table = tmp_path / "rates.csv"
    table.write_text("date,currency,rate\n2026-05-01,USD,0.90\n2026-05-09,USD,0.80\n", "utf-8")
    made = read_csv_text(tmp_path / "a", "orders", content, rates=events.Rates.load(table))
    assert made.column("amount") == [100_000, 80_000]
    assert [(r["reason"], r["detail"]) for r in made.rejected] == [("events.sources.mapping.other_currency", "USD")]
    assert len(read_csv_text(tmp_path / "b", "orders", content).rejected) == 2


@pytest.mark.parametrize("written", ["USD 10.00", "10.00 GBP", "£10.00"])
def test_an_amount_that_names_another_currency_is_not_taken_for_ours(written: str, tmp_path: Path) -> None:
    made = amounts(tmp_path, [written, "10.00", "10.00 €"])
    assert made.column("amount") == [100_000, 100_000]
    assert made.rejected[0]["reason"] == "events.sources.mapping.other_currency"


# -- events


def test_activity_of_mailchimp_and_names_of_events(tmp_path: Path) -> None:
    content = (
        "action,campaign_id,member_id,timestamp,bounce_type,ip,list_id,url\n"
        "open,c1,m1,2019-11-27 17:44:09,,,l,\nclick,c1,m1,2019-11-27 17:45:09,,,l,https://x.es\n"
        "bounce,c1,m2,2019-11-27 17:46:09,hard,,l,\n"
    )
    made = read_csv_text(tmp_path, "email-events", content)
    assert made.column("name") == ["email_opened", "email_link_clicked", "email_bounced"]
    assert made.column("member_id") == ["m1", "m1", "m2"]
    assert made.column("bounce_type") == [None, None, "hard"]


def test_a_bounce_says_of_which_kind_it_was(tmp_path: Path) -> None:
    content = "email,evento,fecha\na@x.es,Hard Bounce,2026-05-01\nb@x.es,rebote blando,2026-05-01\n"
    made = read_csv_text(tmp_path, "email-events", content)
    assert made.column("name") == ["email_bounced"] * 2
    assert made.column("bounce_type") == ["hard", "soft"]


def test_an_e_mail_tools_word_for_a_purchase_is_no_second_order(tmp_path: Path) -> None:
    content = "email,event,date\na@x.es,Opened Email,2026-05-01\na@x.es,Placed Order,2026-05-01\n"
    assert read_csv_text(tmp_path / "a", "email-events", content).column("name") == ["email_opened", "placed_order"]
    assert read_csv_text(tmp_path / "b", "events", content).column("name") == ["email_opened", "order_completed"]


def test_a_click_on_the_web_is_no_click_in_an_e_mail(tmp_path: Path) -> None:
    content = "user_id,event,timestamp\n1,click,2026-05-01\n1,add_to_cart,2026-05-01\n"
    assert read_csv_text(tmp_path, "events", content).column("name") == ["click", "product_added"]


def test_events_by_the_segment_specification(tmp_path: Path) -> None:
    told = [
        {"type": "track", "event": "Order Completed", "messageId": "m1", "userId": "7", "anonymousId": "a",
         "timestamp": "2026-05-01T10:00:00Z", "properties": {"order_id": "o", "revenue": 12.5, "name": "x"},
         "context": {"page": {"url": "https://x.es/p"}, "library": {"name": "js"}}},
        {"type": "page", "name": "Home", "messageId": "m2", "anonymousId": "b", "timestamp": "2026-05-01T11:00:00Z",
         "context": {"page": {"url": "https://x.es/"}}},
    ]  # fmt: skip
    file, scratch = tmp_path / "calls.jsonl", tmp_path / "scratch"
    scratch.mkdir()
    file.write_text("".join(json.dumps(each) + "\n" for each in told), "utf-8")
    made = read_file(file, scratch, "events")
    assert made.column("name") == ["order_completed", "page_viewed"]
    assert made.column("customer_id") == ["7", None]
    assert made.column("anonymous_id") == ["a", "b"]
    assert made.column("message_id") == ["m1", "m2"]
    assert made.column("amount") == [125_000, None]
    assert made.column("url") == ["https://x.es/p", "https://x.es/"]


# -- hostile and odd sources


def test_names_and_values_are_never_run(tmp_path: Path) -> None:
    header = '"\'); DROP TABLE staged; --"'
    made = read_csv_text(tmp_path, "contacts", f'email,{header}\nana@x.es,"\' OR 1=1 --"\n')
    assert made.properties() == [{"'); DROP TABLE staged; --": "' OR 1=1 --"}]


def test_ids_that_went_through_a_column_of_numbers(tmp_path: Path) -> None:
    content = "order_id,customer_id,date,amount\n1,17850.0,2026-05-01,10\n2,,2026-05-01,10\n3,13047.0,2026-05-01,10\n"
    assert read_csv_text(tmp_path, "orders", content).column("customer_id") == ["17850", None, "13047"]


# -- real shops


@pytest.mark.data
def test_cdnow(real_data: Path, tmp_path: Path) -> None:
    made = read_file(real_data / "cdnow" / "CDNOW_master.txt.gz", tmp_path, "order-lines", currency="USD")
    assert (len(made.accepted), len(made.rejected)) == (69_659, 0)
    assert sum(made.column("amount")) == 25_003_156_300
    assert made.column("customer_id")[0] == "00001"
    assert made.column("occurred_at")[0] == dt.datetime(1996, 12, 31, 23)


@pytest.mark.data
@pytest.mark.slow
def test_online_retail(real_data: Path, tmp_path: Path) -> None:
    file = real_data / "online_retail" / "online_retail.parquet"
    made = read_file(file, tmp_path, "order-lines", currency="GBP", country="GB", zone=ZoneInfo("UTC"))
    assert (len(made.accepted), len(made.rejected)) == (541_909, 0)
    # README of the set: the sum of Quantity * UnitPrice, to the cent
    assert round(Decimal(sum(made.column("amount"))) / 10_000, 2) == Decimal("9747747.93")
    assert made.column("customer_id").count(None) == 135_080
    assert "17850" in set(made.column("customer_id"))


@pytest.mark.data
def test_rees46_and_taobao(real_data: Path, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    rees = read_file(real_data / "rees46_multicategory" / "2019-Oct_head.csv.gz", tmp_path / "a", "events")
    assert (len(rees.accepted), len(rees.rejected)) == (17_433, 0)
    assert set(rees.column("name")) == {"product_viewed", "product_added", "order_completed"}
    assert len(set(rees.column("customer_id"))) == 4_504
    assert rees.column("occurred_at")[0] == dt.datetime(2019, 10, 1)
    taobao = read_file(real_data / "taobao_userbehavior" / "UserBehavior_head.csv.gz", tmp_path / "b", "events")
    assert len(taobao.accepted) == 84_475
    assert len(set(taobao.column("customer_id"))) == 815
    assert {"product_viewed", "product_added", "order_completed"} < set(taobao.column("name"))


@pytest.mark.data
@pytest.mark.parametrize(
    ("path", "kind", "names"),
    [
        ("mailchimp/campaign_recipient_activity.csv", "email-events", {"email_opened"}),
        ("mailchimp/unsubscribe.csv", "email-events", {"unsubscribed"}),
        ("klaviyo/event.csv", "email-events", {"email_delivered", "placed_order"}),
        ("klaviyo/event.csv", "events", {"email_delivered", "order_completed"}),
    ],
)
def test_exports_of_e_mail_tools(
    real_data: Path, tmp_path: Path, path: str, kind: events.Kind, names: set[str]
) -> None:
    made = read_file(real_data / "connector_fixtures" / path, tmp_path, kind)
    assert made.accepted
    assert made.rejected == []
    assert names <= set(made.column("name"))
    assert all(made.column("member_id"))
