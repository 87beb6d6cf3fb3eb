"""The shop's settings through the API and at the command line: told, changed in the file, in use at once."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from doors.a_served_shop import API, AServedShop
from tesela.interfaces.cli import main
from tesela.workspace import Settings, background

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

WRITTEN = """# nuestra tienda
name = "Ana" # hasta que cambie
timezone = "Europe/Madrid"
currency = "EUR"
language = "es"

# lo que sabemos de correos
[audit]
consent_years = 2 # lo dijo legal

[retention]
page_viewed = "2 years"
"""


@pytest.fixture
def shop(demo_shop: tuple[Path, datetime], tmp_path: Path) -> Iterator[AServedShop]:
    """A shop of one's own, with settings that a person wrote."""
    folder = shutil.copytree(demo_shop[0], tmp_path / "shop")
    (folder / "tesela.toml").write_text(WRITTEN, "utf-8")
    yield from AServedShop.served(folder, demo_shop[1])


def told(shop: AServedShop, role: str = "admin", **how: Any) -> dict[str, dict[str, Any]]:
    """Return the settings by key."""
    return {each["key"]: each for each in shop.ask(role, "GET", "/settings", **how)["rows"]}


def file_of(shop: AServedShop) -> str:
    return (shop.workspace.folder / "tesela.toml").read_text("utf-8")


def test_each_setting_is_told_with_what_it_does_in_the_readers_language(shop: AServedShop) -> None:
    found = told(shop, "viewer")
    assert found["audit.consent_years"]["value"] == 2
    assert found["audit.consent_years"]["usual"] == 3
    assert found["timezone"]["needs"] == "run"
    assert "America/Bogota" in found["timezone"]["choices"]
    assert found["timezone"]["name"] == "Time zone"
    spanish = told(shop, "viewer", params={"lang": "es"})
    assert spanish["timezone"]["name"] == "Zona horaria"
    for each in (*found.values(), *spanish.values()):
        assert each["name"]
        assert each["about"]
        assert each["change"]
    # what a browser keeps in one language is not what another language says
    client = shop.by("viewer")
    first = client.get(f"{API}/settings", params={"lang": "es"})
    assert client.get(f"{API}/settings", params={"lang": "en"}).headers["etag"] != first.headers["etag"]
    again = client.get(f"{API}/settings", params={"lang": "es"}, headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304


def test_a_change_stands_in_the_file_with_its_comments_and_holds_at_once(shop: AServedShop) -> None:
    values = {"name": 'Eva «y» "Ana"', "currency": "mxn", "audit.cost_per_thousand": "0.80", "rfm.window": "12 meses"}
    done = shop.ask("admin", "PATCH", "/settings", json={"values": values})
    assert done["changed"] == ["name", "currency", "audit.cost_per_thousand", "rfm.window"]
    assert done["needs"] == ["run", "audit"]
    written = file_of(shop)
    assert (
        written
        == WRITTEN.replace('"Ana"', '"Eva «y» \\"Ana\\""')
        .replace('"EUR"', '"MXN"')
        .replace("# lo dijo legal\n", '# lo dijo legal\ncost_per_thousand = "0.80"\n')
        + '\n[rfm]\nwindow = "12 meses"\n'
    )
    assert Settings.load(shop.workspace.folder) == shop.workspace.settings
    assert shop.ask("viewer", "GET", "/session")["currency"] == "MXN"
    back = shop.ask("admin", "PATCH", "/settings", json={"values": {"audit.cost_per_thousand": None}})
    assert back["changed"] == ["audit.cost_per_thousand"]
    assert "cost_per_thousand" not in file_of(shop)
    assert not shop.ask("admin", "PATCH", "/settings", json={"values": {"currency": "MXN"}})["changed"]


def test_another_zone_gives_other_days_at_once(shop: AServedShop) -> None:
    rule = "count(page_viewed in last 1 month) >= 2"
    as_of = f"{shop.moment - timedelta(days=40):%Y-%m-%d}"
    asked = {"rule": rule, "as_of": as_of}
    before = shop.ask("editor", "POST", "/rules/count", json=asked)
    shop.ask("admin", "PATCH", "/settings", json={"values": {"timezone": "Pacific/Auckland"}})
    after = shop.ask("editor", "POST", "/rules/count", json=asked)
    # the same date is another moment there
    assert after["as_of"] != before["as_of"]
    assert after["count"] == shop.workspace.segments.count(rule, as_of).count
    # and what is published next is of the new zone
    shop.ask("editor", "POST", "/jobs", 202, json={"kind": "run"})


def test_the_audit_counts_with_the_new_price(shop: AServedShop) -> None:
    def costs() -> list[int]:
        money = [each.money for each in shop.workspace.audit.run().findings if each.money]
        return [each.amount_e4 for each in money if each.kind == "cost" and each.amount_e4]

    assert not costs()
    shop.ask("admin", "PATCH", "/settings", json={"values": {"audit.cost_per_thousand": 1000}})
    first = costs()
    assert first
    shop.ask("admin", "PATCH", "/settings", json={"values": {"audit.cost_per_thousand": "2000"}})
    assert costs() == [2 * each for each in first]


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"timezone": "Europe/Madird"}, "Europe/Madird"),
        ({"currency": "euros"}, "EUR, MXN"),
        ({"currency": 5}, "5"),
        ({"language": "fr"}, "es, en"),
        ({"country": ""}, "ES, MX"),
        ({"name": "a\nb"}, "A-Z"),
        ({"name": "x" * 201}, ""),
        ({"audit.cost_per_thousand": "cheap"}, "0.80"),
        ({"audit.cost_per_thousand": "1e999"}, "0.80"),
        ({"audit.cost_per_thousand": "-1"}, "0.80"),
        ({"audit.consent_years": 0}, "1, 2, 3"),
        ({"audit.consent_years": 101}, "100"),
        ({"audit.consent_years": "many"}, "1, 2, 3"),
        ({"rfm.window": "12 moons"}, "12 months"),
        ({"rfm.window": "99999 years"}, ""),
        ({"rfm.money": "both"}, "gross, net"),
        ({"lifecycle.active": "30 days"}, "60 days"),
        ({"lifecycle.active": "90 days", "lifecycle.cooling": "60 days", "lifecycle.dormant": "99 days"}, "90"),
        ({"cleaning.day_order": "year_first"}, "day_first"),
        ({"engine": "postgres"}, "audit.consent_years"),
        ({"name": "Eva", "audit.consent_years": -1}, "1, 2, 3"),
    ],
)
def test_what_makes_no_sense_is_refused_with_what_is_allowed_and_nothing_is_saved(
    shop: AServedShop, values: dict[str, Any], says: str
) -> None:
    before = shop.workspace.settings
    asked = shop.by("admin").patch(f"{API}/settings", json={"values": values})
    assert asked.status_code in (400, 422), asked.text
    assert says in asked.json()["title"] + (asked.json()["detail"] or "")
    assert file_of(shop) == WRITTEN
    assert shop.workspace.settings is before


def test_two_admins_do_not_overwrite_each_other(shop: AServedShop) -> None:
    first = shop.ask("admin", "GET", "/settings")["version"]
    client = shop.by("admin")
    mine = client.patch(f"{API}/settings", json={"values": {"name": "Uno"}}, headers={"if-match": first})
    assert mine.status_code == 200
    theirs = client.patch(f"{API}/settings", json={"values": {"name": "Dos"}}, headers={"if-match": first})
    assert (theirs.status_code, theirs.json()["code"]) == (412, "workspace.settings_changed")
    assert shop.workspace.settings.name == "Uno"
    again = client.patch(
        f"{API}/settings", json={"values": {"name": "Dos"}}, headers={"if-match": mine.json()["version"]}
    )
    assert again.status_code == 200
    # a hand in the file counts as an admin too
    path = shop.workspace.folder / "tesela.toml"
    path.write_text(file_of(shop).replace("Dos", "A mano"), "utf-8")
    late = client.patch(
        f"{API}/settings", json={"values": {"name": "Tres"}}, headers={"if-match": again.headers["etag"]}
    )
    assert late.status_code == 412


def test_what_is_left_to_hands_is_said_and_stays(shop: AServedShop) -> None:
    path = shop.workspace.folder / "tesela.toml"
    by_hand = 'name = "Ana"\naudit = { consent_years = 2, exclusion_list_days = 30 }\n'
    path.write_text(by_hand, "utf-8")
    told = shop.ask("admin", "PATCH", "/settings", 409, json={"values": {"audit.consent_years": 4}})
    assert told["code"] == "workspace.settings_by_hand"
    assert path.read_text("utf-8") == by_hand


def test_the_hour_of_the_daily_run_follows_the_zone(shop: AServedShop) -> None:
    timetable = background.Timetable.read("never", "04:00")
    schedule = timetable.follow(shop.workspace.background(), shop.workspace.settings.zone)
    try:
        shop.workspace.configuration.after(lambda: timetable.move(schedule, shop.workspace.settings.zone))
        shop.ask("admin", "PATCH", "/settings", json={"values": {"timezone": "America/Bogota"}})
        assert str(schedule.get_jobs()[0].trigger.timezone) == "America/Bogota"
    finally:
        schedule.shutdown(wait=False)


def test_the_command_line_says_what_a_change_means_and_keeps_what_is_there(
    in_shop: Callable[..., Callable[..., str]], tmp_path: Path
) -> None:
    run = in_shop()
    path = tmp_path / "shop" / "tesela.toml"
    path.write_text("# hola\n" + path.read_text("utf-8"), "utf-8")
    before = path.read_text("utf-8")
    trial = run("settings", "set", "timezone", "America/Bogota", "--dry-run")
    assert "segments can gain and lose people" in trial
    assert "Nothing was saved" in trial
    assert path.read_text("utf-8") == before
    assert "Next: tesela run" in run("settings", "set", "timezone", "America/Bogota")
    assert path.read_text("utf-8") == before.replace('"UTC"', '"America/Bogota"')
    listed = {each["key"]: each for each in json.loads(run("settings", "--json"))}
    assert listed["timezone"]["value"] == "America/Bogota"
    assert "'euros'" in run("settings", "set", "currency", "euros", code=2).lower()
    assert "lifecycle.active" in run("settings", "set", "lifecycle.actve", "3 days", code=2)
    pairs = ("lifecycle.active", "30 days", "lifecycle.cooling", "8 weeks", "lifecycle.dormant", "90 days")
    changed = json.loads(run("settings", "set", *pairs, "--json"))
    assert [each["value"] for each in changed["changed"]] == ["30 days", "56 days", "90 days"]
    assert "Nothing changes" in run("settings", "reset", "name")
    run("settings", "reset", *pairs[::2])
    assert main(["settings"]) == 0
