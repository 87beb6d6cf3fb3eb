"""The audit of real data: what is documented to be wrong is found and counted as documented, and nothing in the copy
beside it that is right. The truth is counted here from the files, or stands in the data sets' `README.md`."""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

import tesela
from flows.command_line import a_workspace, answer

pytestmark = [pytest.mark.data, pytest.mark.slow]

HASH = re.compile(r"[0-9a-f]{32}")


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def audit_of(workspace: Path, as_of: str | None = None) -> Any:
    with tesela.open(workspace) as opened:
        return opened.audit.run(as_of)


# --- online retail: orders -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def retail(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    workspace = a_workspace(tmp_path_factory.mktemp("retail") / "shop", currency="GBP")
    answer(
        "import",
        "order-lines",
        real_data / "online_retail" / "online_retail.parquet",
        "--workspace",
        workspace,
        "--yes",
    )
    return audit_of(workspace, "2011-12-10")


@pytest.fixture(scope="module")
def lines(real_data: Path) -> Iterator[Any]:
    file = real_data / "online_retail" / "online_retail.parquet"
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE lines AS FROM read_parquet(?)", [str(file)])
        yield connection


def count(lines: Any, asked: str) -> int:
    return int(lines.execute(f"SELECT {asked} FROM lines").fetchone()[0])


def test_lines_without_customer_are_counted_as_documented(retail: Any, lines: Any) -> None:
    finding = retail.of("orders_without_customer")
    assert finding.found.figures["lines_without_customer"] == 135_080
    sold = '"InvoiceNo" NOT LIKE \'C%\' AND "Quantity" >= 0 AND "Quantity" * "UnitPrice" >= 0'
    nobody = f'count(DISTINCT "InvoiceNo") FILTER ({sold} AND "CustomerID" IS NULL)'
    assert finding.count == count(lines, nobody) > 1_000
    assert finding.severity == "warn"


def test_cancellations_are_counted_as_documented(retail: Any) -> None:
    finding = retail.of("orders_cancelled")
    assert (finding.count, finding.found.figures["lines_credited"]) == (3_836, 9_288)
    assert finding.found.figures["lines_given_back"] == 10_624
    assert finding.severity == "bad"


def test_lines_without_a_price_are_counted_as_documented(retail: Any, lines: Any) -> None:
    finding = retail.of("zero_or_negative_amounts")
    # 2,515 of nothing, and two bad debts of less
    assert finding.found.figures["lines_without_price"] == 2_515 + 2
    sold = '"InvoiceNo" NOT LIKE \'C%\' AND "Quantity" >= 0 AND "Quantity" * "UnitPrice" >= 0'
    asked = f'SELECT "InvoiceNo" FROM lines WHERE {sold} GROUP BY 1 HAVING sum("Quantity" * "UnitPrice") <= 0'
    assert finding.count == len(lines.execute(asked).fetchall()) > 0


def test_what_a_shop_without_contacts_cannot_say_is_unknown(retail: Any) -> None:
    unknown = {each.check.key for each in retail.findings if each.severity == "unknown"}
    assert {"email_invalid", "consent_unproved", "bounces", "mailed_in_vain"} <= unknown
    assert {part.key for part in retail.score.parts if part.value is None} >= {"valid", "lawful"}
    assert retail.of("rows_rejected").count == 0


# --- online shoppers: the same sessions, once clean and once with -1 for durations that are not known -----------------

KINDS = ("Administrative", "Informational", "ProductRelated")


def visits(file: Path, target: Path) -> int:
    """Write the sessions as events, one a kind of page, and return how many durations are less than nothing."""
    with gzip.open(file, "rt", encoding="utf-8", newline="") as stream:
        sessions = list(csv.DictReader(stream))
    negative = 0
    with target.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["message_id", "event", "timestamp", "anonymous_id", "duration_s", "category"])
        for number, session in enumerate(sessions):
            for kind in KINDS:
                seconds = session[f"{kind}_Duration"]
                negative += seconds not in ("", "NA") and float(seconds) < 0
                # the file has months and no days: any will do
                at = f"2018-06-{1 + number % 28:02d} 10:00:00"
                writer.writerow([f"{number}-{kind}", "page_viewed", at, f"v{number}", seconds, kind])
    return negative


@pytest.mark.parametrize("copy", ["online_shoppers_intention", "online_shoppers_intention_kaggle_variant"])
def test_unknown_durations_of_the_dirty_copy_are_found_and_the_clean_one_has_none(
    real_data: Path, tmp_path: Path, copy: str
) -> None:
    file = tmp_path / "visits.csv"
    negative = visits(real_data / "uci_online_shoppers" / f"{copy}.csv.gz", file)
    # README: 33 of the rows of the older file hold -1
    assert bool(negative) == copy.endswith("variant") and (not negative or negative >= 33)
    workspace = a_workspace(tmp_path / "shop")
    told = answer("import", "events", file, "--workspace", workspace, "--yes")
    assert told["rejected"] == 0
    finding = audit_of(workspace, "2018-12-01").of("impossible_durations")
    assert finding.count == negative
    assert finding.severity == ("notice" if negative else "ok")


# --- exports of the vendors' APIs -------------------------------------------------------------------------------------


def contacts_of(real_data: Path, file: str, workspace: Path) -> Any:
    told = answer("import", "contacts", real_data / "connector_fixtures" / file, "--workspace", workspace, "--yes")
    assert told["received"] > 0
    return told


def test_scrubbed_addresses_of_shopify_are_no_addresses(real_data: Path, tmp_path: Path) -> None:
    file = "shopify/shopify_gql_customer_data.csv"
    written = rows(real_data / "connector_fixtures" / file)
    scrubbed = [row for row in written if HASH.fullmatch(row["email"])]
    same_digit = [row for row in written if re.fullmatch(r"(\d)\1{9}", row["phone"])]
    assert len(scrubbed) == len(written) and same_digit
    workspace = a_workspace(tmp_path / "shop")
    contacts_of(real_data, file, workspace)
    found = audit_of(workspace)
    assert found.of("email_invalid").count == len(scrubbed) == found.base
    assert found.of("phone_placeholder").count == len(same_digit)
    assert found.of("email_invalid").severity == "bad"


def test_klaviyos_nobody_is_nobody(real_data: Path, tmp_path: Path) -> None:
    file = "klaviyo/person.csv"
    written = rows(real_data / "connector_fixtures" / file)
    workspace = a_workspace(tmp_path / "shop")
    contacts_of(real_data, file, workspace)
    found = audit_of(workspace)
    assert found.base == len(written)
    assert found.of("email_placeholder").count == sum(row["email"].startswith("nobody@") for row in written) == 1
    assert found.of("empty_name").count == sum(not row["first_name"] for row in written) == 1
    assert found.of("empty_postal_code").count == sum(not row["zip"] for row in written)


def test_mailchimps_members_have_no_names_and_some_have_left(real_data: Path, tmp_path: Path) -> None:
    file = "mailchimp/member.csv"
    written = rows(real_data / "connector_fixtures" / file)
    people = {row["email_address"]: row for row in written}
    workspace = a_workspace(tmp_path / "shop")
    contacts_of(real_data, file, workspace)
    found = audit_of(workspace)
    assert found.base == len(people)
    assert found.of("empty_name").count == sum(not row["merge_fname"] for row in people.values()) > 0
    assert found.of("empty_phone").count == len(people)
    gone = [row for row in people.values() if row["status"] != "subscribed"]
    assert found.of("no_channel").count == len(gone) > 0
