"""The demo shop: the same bytes each time, files as shops have them, and a truth that its own files bear out."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest

import tesela
from tesela.base import InputError
from tesela.events.sources.simulation import SimulationSummary, simulate

MADRID = ZoneInfo("Europe/Madrid")
END = date(2026, 11, 22)
PEOPLE, DAYS = 500, 730
KINDS = ("customer_id", "email", "phone", "loyalty_card", "anonymous_id")

CONTACTS = {
    "shop_accounts": (",", "utf-8", {kind: kind for kind in KINDS[:-1]}),
    "newsletter_form": (";", "cp1252", {"Correo electrónico": "email"}),
    "sweepstake": (",", "utf-8-sig", {"Email": "email", "Teléfono móvil": "phone"}),
    "coregistration": ("\t", "utf-8", {"email": "email", "phone": "phone"}),
    "social": (",", "utf-8", {"email": "email", "phone_number": "phone"}),
    "loyalty_cards": (";", "cp1252", {"Tarjeta": "loyalty_card", "Teléfono": "phone", "Correo": "email"}),
    "bought_list": (";", "utf-8", {"EMAIL": "email"}),
}  # fmt: skip


def a_shop(folder: Path, **asked: object) -> SimulationSummary:
    return simulate(folder, **{"profiles": 30, "days": 60, "seed": 3, **asked})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    simulate(folder, profiles=PEOPLE, days=DAYS, seed=5)
    return folder


def rows(folder: Path, name: str, delimiter: str = ",", encoding: str = "utf-8") -> list[dict[str, str]]:
    with (folder / name).open(encoding=encoding, newline="") as stream:
        return list(csv.DictReader(stream, delimiter=delimiter))


def orders_of(folder: Path) -> list[dict[str, str]]:
    return rows(folder, "orders.csv", ";")


def truth(folder: Path, name: str) -> list[dict[str, object]]:
    return pq.read_table(folder / "truth" / f"{name}.parquet").to_pylist()


def expected(folder: Path) -> dict[str, dict]:
    return json.loads((folder / "truth" / "segments.json").read_text("utf-8"))


def cents(amount: str) -> int:
    euros, _, rest = amount.partition(",")
    assert len(rest) == 2, f"{amount} is no amount with two decimals"
    return int(euros) * 100 + int(rest)


def utc(written: str, form: str = "%d/%m/%Y %H:%M:%S") -> datetime:
    local = datetime.strptime(written, form).replace(tzinfo=MADRID)
    return local.astimezone(UTC)


def contents(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest() for path in files}


# -- the same again


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path, file_format: str) -> None:
    for name, seed in (("one", 3), ("again", 3), ("other", 4)):
        a_shop(tmp_path / name, seed=seed, file_format=file_format)
    assert contents(tmp_path / "one") == contents(tmp_path / "again")
    one, other = contents(tmp_path / "one"), contents(tmp_path / "other")
    assert one.keys() == other.keys()
    assert all(one[name] != other[name] for name in one)


def test_a_new_shop_leaves_nothing_of_the_one_before_in_its_folder(tmp_path: Path) -> None:
    a_shop(tmp_path / "used", file_format="parquet")
    a_shop(tmp_path / "used", file_format="csv")
    a_shop(tmp_path / "fresh", file_format="csv")
    assert contents(tmp_path / "used") == contents(tmp_path / "fresh")


def test_text_and_parquet_say_the_same(tmp_path: Path) -> None:
    a_shop(tmp_path / "text", file_format="csv")
    a_shop(tmp_path / "pieces", file_format="parquet")
    for name in ("web_events", "email_events"):
        text = rows(tmp_path / "text", f"{name}.csv")
        pieces = pq.read_table(tmp_path / "pieces" / name).to_pylist()
        assert len(text) == len(pieces) > 100
        for row, event in zip(text, pieces, strict=True):
            event["timestamp"] = event["timestamp"].astimezone(MADRID).strftime("%Y-%m-%d %H:%M:%S")
            told = {key: str(value) for key, value in event.items() if value is not None}
            if "is_machine" in told:
                told["is_machine"] = told["is_machine"].lower()
            assert told == {key: value for key, value in row.items() if value}


def test_the_summary_counts_every_row_of_every_file(shop: Path, tmp_path: Path) -> None:
    summary = a_shop(tmp_path)
    assert summary.expected == expected(tmp_path)
    for path, count in summary.files.items():
        if path.endswith(".parquet"):
            assert pq.read_metadata(tmp_path / path).num_rows == count
        else:
            encoding = next((form[1] for name, form in CONTACTS.items() if name in path), "utf-8")
            assert len(rows(tmp_path, path, encoding=encoding)) == count, path
    events = [count for path, count in summary.files.items() if re.match("web_|email_|survey_|order", path)]
    assert summary.events == sum(events)


@pytest.mark.parametrize(("profiles", "days"), [(1, 1), (2, 1), (3, 30), (1, 900)])
def test_the_smallest_shops_have_all_files_and_import_only_those_with_rows(
    tmp_path: Path, profiles: int, days: int
) -> None:
    summary = a_shop(tmp_path, profiles=profiles, days=days)
    listed = json.loads((tmp_path / "shop.json").read_text("utf-8"))["imports"]
    assert {each["file"] for each in listed} == {
        path for path, count in summary.files.items() if count and not path.startswith("truth/")
    }
    assert len(truth(tmp_path, "people")) == profiles


# -- what cannot be a shop


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"profiles": 0}, "events.sources.simulation.too_few"),
        ({"days": 0}, "events.sources.simulation.too_few"),
        ({"seed": -1}, "events.sources.simulation.bad_seed"),
        ({"file_format": "xml"}, "events.sources.simulation.unknown_format"),
        ({"defects": "some"}, "events.sources.simulation.unknown_defects"),
        ({"time_zone": "Europa/Madriz"}, "base.unknown_zone"),
    ],
)
def test_what_makes_no_shop_is_refused_before_anything_is_written(
    tmp_path: Path, asked: dict[str, object], code: str
) -> None:
    with pytest.raises(InputError) as refused:
        a_shop(tmp_path / "shop", **asked)
    assert refused.value.code == code
    assert str(next(iter(asked.values()))) in refused.value.message("es")
    assert not (tmp_path / "shop").exists()


def test_numpy_is_not_loaded_until_a_shop_is_made() -> None:
    code = "import sys, tesela.events.sources.simulation as s; s.simulate; print('numpy' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "False"


# -- the files are those of a shop


def test_every_file_of_contacts_has_its_own_shape_and_place_in_the_imports(shop: Path) -> None:
    listed = json.loads((shop / "shop.json").read_text("utf-8"))["imports"]
    for name, (delimiter, encoding, headers) in CONTACTS.items():
        found = rows(shop, f"contacts/{name}.csv", delimiter, encoding)
        assert found and headers.keys() <= found[0].keys()
        assert [each["kind"] for each in listed if each["file"] == f"contacts/{name}.csv"] == ["contacts"]
    with pytest.raises(UnicodeDecodeError):
        (shop / "contacts" / "newsletter_form.csv").read_text("utf-8")
    kinds = [each["kind"] for each in listed]
    assert kinds.index("products") < kinds.index("orders") < kinds.index("order-lines") < kinds.index("events")


def test_lines_add_up_to_their_order_to_the_cent(shop: Path) -> None:
    lines: dict[str, int] = defaultdict(int)
    for line in rows(shop, "order_lines.csv", ";"):
        amount = cents(line["Precio unitario"]) * int(line["Cantidad"]) - cents(line["Descuento línea"])
        assert amount == cents(line["Importe línea"]) > 0
        lines[line["Número de pedido"]] += amount
    orders = {order["Número de pedido"]: order for order in orders_of(shop)}
    assert lines == {number: cents(order["Importe"]) for number, order in orders.items()}
    assert len(orders) == len(orders_of(shop)) > 300


def test_orders_are_cancelled_and_given_back_after_they_were_placed(shop: Path) -> None:
    states = Counter(order["Estado"] for order in orders_of(shop))
    assert states["Completado"] > 10 * states["Cancelado"] > 0 < states["Reembolsado"]
    for order in orders_of(shop):
        placed, changed = utc(order["Fecha pedido"]), utc(order["Actualizado"])
        assert placed <= changed < datetime.fromisoformat(expected(shop)["as_of"])
        if order["Estado"] == "Cancelado":
            assert placed < utc(order["Fecha de cancelación"]) == changed and not order["Importe devuelto"]
        if order["Importe devuelto"]:
            assert 0 < cents(order["Importe devuelto"]) <= cents(order["Importe"])
            assert placed < utc(order["Fecha de devolución"])
            assert (order["Estado"] == "Reembolsado") == (order["Importe devuelto"] == order["Importe"])


def test_products_have_known_categories_prices_and_a_margin(shop: Path) -> None:
    products = rows(shop, "products.csv")
    assert len({each["product_id"] for each in products}) == 500
    assert all(" > " in each["category"] and float(each["cost"]) < float(each["price"]) for each in products)
    endings = Counter(each["price"][-2:] for each in products)
    assert endings.keys() == {"95", "99", "00"} and endings["95"] > endings["99"] > endings["00"]
    sold = {line["Referencia"] for line in rows(shop, "order_lines.csv", ";")}
    assert sold <= {each["product_id"] for each in products}


def test_web_visits_become_known_and_carts_are_abandoned(shop: Path) -> None:
    events = rows(shop, "web_events.csv")
    assert len({event["message_id"] for event in events}) == len(events)
    names = Counter(event["event"] for event in events)
    assert names.keys() == {
        "page_viewed", "products_searched", "product_viewed", "product_clicked", "logged_in", "product_added",
        "product_removed", "cart_viewed", "checkout_started", "coupon_applied", "form_submitted",
    }  # fmt: skip
    assert all((event["event"] == "product_viewed") == bool(event["duration_s"]) for event in events)
    assert {event["list"] for event in events if event["event"] == "product_clicked"} == {"recommended", "best_sellers"}
    seen: dict[str, list[bool]] = defaultdict(list)
    for event in events:
        seen[event["anonymous_id"]].append(bool(event["customer_id"] or event["email"]))
    assert any(not told[0] and any(told) for told in seen.values())
    assert any(not any(told) for told in seen.values())
    visits: dict[str, list[str]] = defaultdict(list)
    times: dict[str, list[str]] = defaultdict(list)
    for event in events:
        visits[event["session_id"]].append(event["event"])
        times[event["session_id"]].append(event["timestamp"])
    assert all(moments == sorted(set(moments)) for moments in times.values())
    filled = sum("product_added" in visit for visit in visits.values())
    online = sum(order["Canal de venta"] == "Online" for order in orders_of(shop))
    assert filled > online > 100


def test_messages_are_delivered_before_they_are_opened_and_machines_open_too(shop: Path) -> None:
    happened: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    opens = Counter()
    for event in rows(shop, "email_events.csv"):
        happened[event["email"], event["campaign_id"]].setdefault(event["event"], event["timestamp"])
        if event["event"] == "opened":
            opens[event["is_machine"]] += 1
    assert opens["true"] > 0 < opens["false"]
    for told in happened.values():
        assert "delivered" in told or not told.keys() & {"opened", "clicked", "unsubscribed"}
        assert told["sent"] < told.get("delivered", "9") < told.get("opened", "99") <= told.get("clicked", "99")
    assert {name for told in happened.values() for name in told} >= {"bounced", "clicked", "unsubscribed"}


def test_nobody_is_written_to_after_leaving_and_consent_tells_it(shop: Path) -> None:
    events = rows(shop, "email_events.csv")
    left = {event["email"]: event["timestamp"] for event in events if event["event"] == "unsubscribed"}
    assert left
    said: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in rows(shop, "consents.csv"):
        if row["channel"] == "email":
            said[row["email"]].append((row["consent_at"], row["status"], row["collected_by"]))
    for address, moment in left.items():
        first, *later = sorted(said[address])
        # those of the bought list never agreed to anything
        assert first[1] == "yes" or (first[0], first[2]) == (moment, "bought")
        assert any(statement[:2] == (moment, "no") for statement in (first, *later))
        assert not any(
            event["event"] == "sent" and event["email"] == address and event["timestamp"] > moment for event in events
        )
    assert Counter(row["channel"] for row in rows(shop, "consents.csv")).keys() == {"email", "sms"}


def test_survey_answers_follow_an_order_and_are_better_from_those_who_stay(shop: Path) -> None:
    placed = {order["Número de pedido"]: utc(order["Fecha pedido"]) for order in orders_of(shop)}
    answers = rows(shop, "survey_answers.csv")
    assert all(placed[answer["order_id"]] < utc(answer["timestamp"]) for answer in answers)
    states = {f"C{person['person_id']:07d}": person["state"] for person in truth(shop, "people")}
    scores: dict[object, list[int]] = defaultdict(list)
    for answer in answers:
        if answer["customer_id"]:
            scores[states[answer["customer_id"]]].append(int(answer["nps_score"]))
    assert sum(scores["active"]) / len(scores["active"]) > sum(scores["lost"]) / len(scores["lost"])


def test_black_friday_is_a_peak_and_the_small_hours_are_quiet(tmp_path: Path) -> None:
    simulate(tmp_path, profiles=3_000, days=730, seed=2)
    at = [utc(order["Fecha pedido"]).astimezone(MADRID) for order in orders_of(tmp_path)]
    by_day = Counter(each.date() for each in at)
    usual = sum(by_day.values()) / 730
    # the day after the fourth Thursday of November
    assert by_day[date(2025, 11, 28)] > 1.8 * usual
    assert 2.2 * sum(each.hour < 7 for each in at) < sum(each.hour >= 19 for each in at)


# -- the truth


def test_records_are_where_the_truth_says_with_the_dirt_it_says(shop: Path) -> None:
    written = {
        f"contacts/{name}.csv": rows(shop, f"contacts/{name}.csv", delimiter, encoding)
        for name, (delimiter, encoding, _) in CONTACTS.items()
    }
    records = truth(shop, "records")
    assert Counter(record["file"] for record in records) == {path: len(found) for path, found in written.items()}
    dirt = Counter()
    for record in records:
        row = written[record["file"]][record["row"] - 1]
        headers = CONTACTS[Path(record["file"]).stem][2]
        email = next(row[header] for header, kind in headers.items() if kind == "email")
        kinds = set(record["dirt"].split(",")) - {""}
        dirt.update(kinds)
        assert ("wrong_email" in kinds) == bool(email and read_email(email) is None)
        assert ("mixed_case" in kinds) == (email != email.lower().strip())
        assert ("mojibake" in kinds) == ("Ã" in "".join(row.values()))
        typed = re.search(r"@(gmial|gmai\.|gmail\.con|hotmial|hotmai\.|hotmail\.con|yaho\.|outlok)", email.lower())
        assert ("typo_domain" in kinds) == (bool(typed) and "wrong_email" not in kinds)
        if "customer_id" in row:
            assert row["customer_id"] == f"C{record['person_id']:07d}"
    assert dirt.keys() >= {
        "wrong_email", "typo_domain", "mixed_case", "second_address", "disposable_address", "role_address",
        "mojibake", "bad_phone", "bad_birth_date", "repeated",
    }  # fmt: skip


def test_true_states_follow_from_the_orders(tmp_path: Path) -> None:
    simulate(tmp_path, profiles=2_000, days=730, seed=8)
    people = truth(tmp_path, "people")
    assert {person["state"] for person in people} == {"active", "dormant", "lost", "never_bought"}
    as_of = datetime.fromisoformat(expected(tmp_path)["as_of"]).replace(tzinfo=None)
    for person in people:
        bought, churned = person["last_order_at"], person["churned_at"]
        assert (person["state"] == "never_bought") == (person["orders"] == 0) == (bought is None)
        if churned and bought:
            # a shop has hours: an order may move inside its day
            assert bought < churned + timedelta(days=1) and person["state"] == "lost"
        if person["state"] == "active":
            assert churned is None and as_of - bought <= timedelta(days=181)
    totals = sorted((person["orders"] for person in people), reverse=True)
    assert sum(totals[:200]) > 0.45 * sum(totals), "the tail is not heavy"
    with_coupon: dict[bool, list[bool]] = {True: [], False: []}
    lovers = {f"C{person['person_id']:07d}" for person in people if person["is_coupon_lover"]}
    for order in orders_of(tmp_path):
        if order["ID cliente"]:
            with_coupon[order["ID cliente"] in lovers].append(bool(order["Cupón"]))
    assert sum(with_coupon[True]) > 0.85 * len(with_coupon[True])
    assert sum(with_coupon[False]) < 0.25 * len(with_coupon[False])


def test_sizes_are_those_that_a_plain_reading_of_the_files_gives(shop: Path) -> None:
    found = PlainReading(shop)
    told = expected(shop)["by_profile"]
    assert found.base == told["base"]
    assert found.anonymous == told["anonymous"]
    assert found.sizes() == {
        name: told["segments"][name]["size"] for name in told["segments"] if not name.startswith("leads_")
    }
    leads = sum(each["size"] for name, each in told["segments"].items() if name.startswith("leads_"))
    assert leads == told["segments"]["non_buyers"]["size"]
    assert found.spent == round(100 * float(told["revenue_gross"]))
    by_person = expected(shop)["by_person"]
    assert by_person["base"] <= PEOPLE and by_person["orders"] == told["orders"]


def test_identifiers_are_listed_with_their_owner_and_profile(shop: Path) -> None:
    found = PlainReading(shop)
    listed = {(each["kind"], each["value"]): each for each in truth(shop, "identifiers")}
    assert listed.keys() == {(kind, row[kind]) for row in found.rows for kind in KINDS if row.get(kind)}
    profile = {key: each["profile"] for key, each in listed.items() if key in found.roots}
    pairs = {(profile[key], found.roots[key]) for key in found.roots}
    assert len(pairs) == len({one for one, _ in pairs}) == len({other for _, other in pairs})
    for (kind, value), each in listed.items():
        if kind == "customer_id":
            assert value == f"C{each['person_id']:07d}"
        assert kind == "anonymous_id" or each["person_id"] is not None


@pytest.mark.slow
@pytest.mark.parametrize(("file_format", "time_zone"), [("csv", "Europe/Madrid"), ("parquet", "America/Santiago")])
def test_tesela_finds_what_the_truth_says(tmp_path: Path, file_format: str, time_zone: str) -> None:
    files = tmp_path / "files"
    simulate(files, profiles=400, days=500, seed=9, file_format=file_format, time_zone=time_zone)  # type: ignore[arg-type]
    told = expected(files)
    with tesela.init(tmp_path / "shop", timezone=time_zone) as workspace:
        for each in json.loads((files / "shop.json").read_text("utf-8"))["imports"]:
            workspace.imports.run(each["kind"], files / each["file"], name=each["source"])
        for name, segment in told["by_profile"]["segments"].items():
            counted = workspace.segments.count(segment["rule"], as_of=told["as_of"])
            assert (name, counted.count) == (name, segment["size"])
            assert counted.base == told["by_profile"]["base"]
        # of visitors whom nobody knows, only what they did not do can be said
        nobody = workspace.segments.count("never order_completed", as_of=told["as_of"])
        assert nobody.anonymous == told["by_profile"]["anonymous"]


# -- a plain reading


def read_email(written: str) -> str | None:
    email = written.strip().lower()
    return email if re.fullmatch(r"[a-z0-9]+(\.[a-z0-9]+)*@[a-z0-9]+(\.[a-z0-9]+)*\.[a-z]{2,}", email) else None


def read_phone(written: str) -> str | None:
    digits = re.sub(r"^(\+|00)?34(?=6\d{8}$)", "", re.sub(r"[ .()-]", "", written))
    if re.fullmatch(r"6\d{8}", digits):
        return f"+34{digits}"
    return digits if re.fullmatch(r"\+5\d{10,11}", digits) else None


class PlainReading:
    """Who is which profile and what they did, read from the files row by row with dictionaries."""

    def __init__(self, folder: Path) -> None:
        self.end = datetime.combine(END + timedelta(days=1), datetime.min.time()).replace(tzinfo=MADRID)
        web, mail = rows(folder, "web_events.csv"), rows(folder, "email_events.csv")
        consents, orders = rows(folder, "consents.csv"), orders_of(folder)
        headers = {"ID cliente": "customer_id", "Correo electrónico": "email", "Tarjeta": "loyalty_card"}
        bought = [self._named(order, headers) for order in orders]
        self.rows = [*bought, *web, *mail, *consents, *self._contacts(folder)]
        self.roots = self._resolve()
        known = {root for root in self.roots.values() if root[0] != "anonymous_id"}
        self.base, self.anonymous = len(known), len(set(self.roots.values()) - known)
        self.bought: dict[tuple[str, str], list[tuple[datetime, int]]] = defaultdict(list)
        for order, row in zip(orders, bought, strict=True):
            key = self._strongest(row)
            if key and order["Estado"] != "Cancelado":
                self.bought[self.roots[key]].append((utc(order["Fecha pedido"]), cents(order["Importe"])))
        self.spent = sum(amount for each in self.bought.values() for _, amount in each)
        self.delivered, self.opened = set(), defaultdict(list)
        for event in mail:
            profile = self.roots["email", event["email"]]
            if event["event"] == "delivered":
                self.delivered.add(profile)
            elif event["event"] == "opened" and event["is_machine"] == "false":
                self.opened[profile].append(utc(event["timestamp"], "%Y-%m-%d %H:%M:%S"))

    def _contacts(self, folder: Path) -> list[dict[str, str | None]]:
        found: list[dict[str, str | None]] = []
        for name, (delimiter, encoding, headers) in CONTACTS.items():
            for row in rows(folder, f"contacts/{name}.csv", delimiter, encoding):
                named: dict[str, str | None] = dict(self._named(row, headers))
                named["email"], named["phone"] = read_email(named["email"] or ""), read_phone(named.get("phone") or "")
                found.append(named)
        return found

    @staticmethod
    def _named(row: dict[str, str], headers: dict[str, str]) -> dict[str, str]:
        return {kind: row[header] for header, kind in headers.items()}

    @staticmethod
    def _strongest(row: dict) -> tuple[str, str] | None:
        return next(((kind, row[kind]) for kind in KINDS if row.get(kind)), None)

    def _resolve(self) -> dict[tuple[str, str], tuple[str, str]]:
        """Return for each strongest identifier of a row the strongest one, by kind and text, connected with it."""
        carried: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
        for row in self.rows:
            key = self._strongest(row)
            if key:
                carried[key] |= {(kind, row[kind] or "") for kind in KINDS if row.get(kind)}
        carriers: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
        for key, identifiers in carried.items():
            for each in identifiers:
                carriers[each].add(key)
        for each in list(carriers):
            met = set().union(*(carried[key] for key in carriers[each]))
            if sum(kind == "customer_id" for kind, _ in met) > 1 or sum(kind == "loyalty_card" for kind, _ in met) > 3:
                del carriers[each]
        roots: dict[tuple[str, str], tuple[str, str]] = {}
        for key in sorted(carried, key=lambda each: (KINDS.index(each[0]), each[1])):
            waiting = [] if key in roots else [key]
            for one in waiting:
                roots[one] = key
                near = set().union(*(carriers.get(each, set()) for each in carried[one]))
                waiting += [each for each in near if each not in roots and each not in waiting]
        return roots

    def sizes(self) -> dict[str, int]:
        end = self.end.astimezone(UTC)

        def months(count: int) -> datetime:
            index = self.end.year * 12 + self.end.month - 1 - count
            return self.end.replace(year=index // 12, month=index % 12 + 1).astimezone(UTC)

        def bought(since: datetime, least: int) -> set[tuple[str, str]]:
            return {who for who, orders in self.bought.items() if sum(at >= since for at, _ in orders) >= least}

        buyers, ago = set(self.bought), timedelta(hours=24)
        orders = sum(len(each) for each in self.bought.values())
        openers = {
            f"openers_{days}d": sum(max(each) >= end - days * ago for each in self.opened.values())
            for days in (7, 30, 60, 90)
        }
        return {
            "buyers": len(buyers),
            "non_buyers": self.base - len(buyers),
            "one_time_buyers": sum(len(each) == 1 for each in self.bought.values()),
            "frequent_buyers_30d": len(bought(end - 30 * ago, 2)),
            "five_or_more_orders_6m": len(bought(months(6), 5)),
            "bought_6m_not_3m": len(bought(months(6), 1) - bought(months(3), 1)),
            "lost": len(buyers - bought(months(12), 1)),
            "big_spenders": sum(
                sum(amount for _, amount in each) * orders > self.spent * len(each) for each in self.bought.values()
            ),
            **openers,
            "never_opened": len(self.delivered - self.opened.keys()),
        }
