"""What the API answers is what Python answers, and what the simulation says is true."""

from __future__ import annotations

import csv
import io
import json
import threading
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from doors.a_served_shop import API, AServedShop
from tesela.base import TeselaError
from tesela.segments import find_profile
from tesela.workspace import background

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any


@pytest.fixture(scope="module")
def truth(demo_shop: tuple[Path, Any]) -> dict[str, Any]:
    """Return what the simulation counted by itself, by profile."""
    told = json.loads((demo_shop[0] / "files" / "truth" / "segments.json").read_text("utf-8"))
    by_profile: dict[str, Any] = told["by_profile"]
    return {**by_profile, "segments": {slug: each["size"] for slug, each in by_profile["segments"].items()}}


# --- figures ------------------------------------------------------------------------------------------------


def test_home_and_segments_tell_the_truth(served: AServedShop, truth: dict[str, Any]) -> None:
    home = served.ask("editor", "GET", "/home")
    assert (home["size"], home["orders"]) == (truth["base"], truth["orders"])
    assert home["buyers"] == truth["segments"]["buyers"]
    assert home["revenue"] == pytest.approx(float(truth["revenue_gross"]), abs=0.005)
    told = served.ask("editor", "GET", "/segments")
    sizes = {row["slug"]: row["size"] for row in told["rows"]}
    assert {slug: sizes[slug] for slug in truth["segments"] if slug in sizes} == {
        slug: size for slug, size in truth["segments"].items() if slug in sizes
    }
    assert len(set(truth["segments"]) & sizes.keys()) >= 10
    assert told["as_of"] == f"{served.moment.isoformat()}Z"


def test_rfm_and_maps_add_up(served: AServedShop, truth: dict[str, Any]) -> None:
    rfm = served.ask("editor", "GET", "/rfm")
    assert sum(cell["buyers"] for cell in rfm["cells"]) == rfm["buyers"] == truth["segments"]["buyers"]
    assert sum(rfm["by_segment"].values()) == truth["base"]
    overlap = served.ask("editor", "GET", "/map/overlap?segment=buyers&segment=non_buyers")
    assert overlap["shared"][0][1] == 0
    assert overlap["covered"] == truth["base"]
    assert sum(each["people"] for each in overlap["combinations"]) == truth["base"]
    flows = served.ask("editor", "GET", "/map/flows?segment=buyers&segment=non_buyers")
    became = next(each for each in flows["flows"] if (each["source"], each["target"]) == ("non_buyers", "buyers"))
    assert became["moved"] > 0


# --- rules --------------------------------------------------------------------------------------------------


def test_a_rule_is_read_in_every_notation_and_back(served: AServedShop) -> None:
    written = "did order_completed in last 6 months and not did order_completed in last 3 months"
    told = served.ask("viewer", "POST", "/rules/read", json={"rule": written}, headers={"accept-language": "es"})
    assert told["mistake"] is None
    again = served.ask("viewer", "POST", "/rules/read", json={"tree": told["tree"]})
    assert (again["text"], again["tree"]) == (told["text"], told["tree"])
    assert again["sentence"].startswith("Each person")


def test_a_mistake_in_a_rule_has_its_place(served: AServedShop) -> None:
    told = served.ask("viewer", "POST", "/rules/read", json={"rule": "did order_completed\nand did order_complted"})
    mistake = told["mistake"]
    assert (mistake["line"], mistake["column"]) == (2, 9)
    assert "order_completed" in mistake["hint"]
    assert told["tree"] is None
    counted = served.ask("editor", "POST", "/rules/count", 404, json={"rule": "did order_complted"})
    assert counted["code"] == mistake["code"]


def test_counts_are_those_of_python(served: AServedShop, truth: dict[str, Any]) -> None:
    rule = "did order_completed in last 6 months and not did order_completed in last 3 months"
    told = served.ask("editor", "POST", "/rules/count", json={"rule": rule})
    assert told["count"] == truth["segments"]["bought_6m_not_3m"] == served.workspace.segments.count(rule)
    assert told["base"] == truth["base"]
    assert told["share"] == pytest.approx(told["count"] / told["base"])


def test_of_one_writers_counts_the_newest_alone_is_answered(served: AServedShop) -> None:
    answers: list[dict[str, Any]] = []
    live = served.app.state.server.live
    before = live._tickets
    # all wait for their turn
    with live._turn:
        rules = [f"count(page_viewed) > {n}" for n in range(4)]
        threads = []
        for rule in rules:
            asked = {"rule": rule, "writer": "the same"}
            threads.append(
                threading.Thread(
                    target=lambda body=asked: answers.append(served.ask("editor", "POST", "/rules/count", json=body))
                )
            )
            threads[-1].start()
            while live._tickets < before + len(threads):
                time.sleep(0.01)
    for thread in threads:
        thread.join(30)
    counted = [each for each in answers if not each["is_superseded"]]
    assert len(answers) == 4
    assert [each["count"] for each in counted] == [served.workspace.segments.count(rules[-1])]


def test_a_count_that_was_overtaken_on_its_way_does_not_count(served: AServedShop) -> None:
    live = served.app.state.server.live
    answers: dict[int, Any] = {}

    def ask(turn: int) -> None:
        asked = {"rule": f"count(page_viewed) > {turn}", "writer": "w", "turn": turn}
        answers[turn] = served.ask("editor", "POST", "/rules/count", json=asked)

    with live._turn:
        before = live._tickets
        threads = [threading.Thread(target=ask, args=[turn]) for turn in (2, 1)]
        for number, each in enumerate(threads):
            each.start()
            while live._tickets < before + number + 1:
                time.sleep(0.01)
    for each in threads:
        each.join(30)
    assert answers[1]["is_superseded"]
    assert answers[2]["count"] == served.workspace.segments.count("count(page_viewed) > 2")


def test_names_for_completion_hold_the_shops_own(served: AServedShop) -> None:
    names = served.ask("viewer", "GET", "/rules/names")
    assert {"order_completed", "email_opened"} <= set(names["events"])
    assert {"email", "birth_date", "first_source"} <= set(names["fields"])
    assert "buyers" in names["segments"]
    assert "rfm.segment" in names["traits"]


# --- segments -----------------------------------------------------------------------------------------------


def test_a_segment_is_saved_previewed_changed_and_removed(served: AServedShop) -> None:
    slug, rule = "seis_no_tres", "did order_completed in last 6 months and not did order_completed in last 3 months"
    told = {"rule": rule, "name": {"es": "Seis, no tres", "en": "Six, not three"}}
    saved = served.ask("editor", "PUT", f"/segments/{slug}", json=told)
    assert (saved["rule"], saved["name"]["es"]) == (rule, "Seis, no tres")
    assert (served.workspace.folder / "segments" / f"{slug}.yaml").exists()
    other = {"rule": "did order_completed in last 6 months"}
    preview = served.ask("editor", "POST", f"/segments/{slug}/preview", json=other)["change"]
    size = served.workspace.segments.count
    assert (preview["before"], preview["after"]) == (size(rule), size(other["rule"]))
    assert (preview["entering"], preview["leaving"]) == (preview["after"] - preview["before"], 0)
    assert served.ask("editor", "PUT", f"/segments/{slug}", 409, json=other)["code"].startswith("segments.catalogue")
    served.ask("editor", "PUT", f"/segments/{slug}", json={**other, "replace": True})
    served.ask("editor", "PUT", "/segments/names_it", json={"rule": f"in segment {slug}"})
    assert served.ask("editor", "DELETE", f"/segments/{slug}", 409)["code"] == "workspace.segment_is_named"
    waiting = {"rule": "in segment names_it", "replace": True}
    assert "names_it" in served.ask("editor", "PUT", f"/segments/{slug}", 400, json=waiting)["title"]
    assert served.ask("editor", "GET", f"/segments/{slug}")["rule"] == other["rule"]
    served.ask("editor", "DELETE", "/segments/names_it", 204)
    served.ask("editor", "DELETE", f"/segments/{slug}", 204)
    served.ask("editor", "GET", f"/segments/{slug}", 404)
    assert not (served.workspace.folder / "segments" / f"{slug}.yaml").exists()


def test_members_are_searched_sorted_and_paged(served: AServedShop, truth: dict[str, Any]) -> None:
    path = "/segments/buyers/members"
    first = served.ask("editor", "GET", f"{path}?limit=7&sort=last_name")
    assert first["total"] == truth["segments"]["buyers"]
    whole: list[Any] = []
    while len(whole) < first["total"]:
        whole += served.ask("editor", "GET", f"{path}?limit=100&sort=last_name&offset={len(whole)}")["rows"]
    assert len({row["profile_id"] for row in whole}) == first["total"]
    assert whole[:7] == first["rows"]
    names = [row["last_name"] for row in whole if row["last_name"] is not None]
    assert names == sorted(names)
    some = whole[3]
    found = served.ask("editor", "GET", f"{path}?search={some['email'].upper()}")
    assert [row["profile_id"] for row in found["rows"]] == [some["profile_id"]]
    served.ask("editor", "GET", f"{path}?sort=password", 400)
    served.ask("editor", "GET", f"{path}?limit=100000", 422)


def test_a_search_finds_names_without_their_accents(served: AServedShop) -> None:
    people = served.ask("editor", "GET", "/people?limit=500")["rows"]
    accented = next(row for row in people if row["last_name"] and not row["last_name"].isascii())
    import unicodedata

    plain = unicodedata.normalize("NFD", accented["last_name"]).encode("ascii", "ignore").decode().lower()
    found = served.ask("editor", "GET", f"/people?limit=500&q={plain}")["rows"]
    assert accented["profile_id"] in {row["profile_id"] for row in found}


def test_an_export_holds_who_can_receive_and_is_noted(served: AServedShop) -> None:
    reach = served.ask("editor", "GET", "/segments/buyers/reachable?channel=email")
    assert reach["size"] - sum(step["people"] for step in reach["steps"]) == reach["reachable"]
    asked = {"form": "csv", "channel": "email"}
    told = served.ask("editor", "POST", "/segments/buyers/export", json=asked)
    rows = list(csv.DictReader(io.StringIO(told.text)))
    assert len(rows) == reach["reachable"]
    assert 'filename="buyers.csv"' in told.headers["content-disposition"]
    assert served.ask("editor", "POST", "/segments/buyers/export", 403, json={})["code"] == "interfaces.http.no_channel"
    raw = {"form": "csv", "is_raw": True, "reason": "auditoría pedida por dirección"}
    served.ask("editor", "POST", "/segments/buyers/export", 403, json=raw)
    refused = served.ask("admin", "POST", "/segments/buyers/export", 403, json={**raw, "reason": "porque"})
    assert refused["code"] == "interfaces.http.no_reason"
    everybody = served.ask("admin", "POST", "/segments/buyers/export", json=raw)
    assert len(list(csv.DictReader(io.StringIO(everybody.text)))) == reach["size"]
    newest = served.ask("admin", "GET", "/taken-out")[:2]
    assert [(each["actor"], each["is_raw"], each["people"]) for each in newest] == [
        ("admin", True, reach["size"]),
        ("editor", False, reach["reachable"]),
    ]
    assert newest[0]["reason"] == raw["reason"]


def test_the_same_people_stand_in_every_form_of_a_sheet(served: AServedShop) -> None:
    import openpyxl
    import pyarrow.parquet as pq

    asked = {"channel": "email"}
    told = {
        form: served.ask("editor", "POST", "/segments/buyers/export", json={**asked, "form": form}).content
        for form in ("csv", "xlsx", "parquet")
    }
    as_csv = [row["email"] for row in csv.DictReader(io.StringIO(told["csv"].decode()))]
    sheet = openpyxl.load_workbook(io.BytesIO(told["xlsx"])).active
    assert sheet is not None
    header, *rows = sheet.iter_rows(values_only=True)
    assert [row[header.index("email")] for row in rows] == as_csv
    assert pq.read_table(io.BytesIO(told["parquet"])).column("email").to_pylist() == as_csv


def test_kpis_have_their_intervals(served: AServedShop) -> None:
    told = served.ask("editor", "GET", "/segments/buyers/kpis?window=all")
    figures = {each["metric"]: each for each in told["figures"]}
    card = served.workspace.measurement.kpis(["buyers"], window="all", against="base")
    for key in ("revenue", "repeat_rate", "average_order_value"):
        measured = card.of("buyers", key)
        for name in ("value", "low", "high"):
            expected = getattr(measured, name)
            assert figures[key][name] == (None if expected is None else pytest.approx(float(expected)))
    assert figures["repeat_rate"]["low"] < figures["repeat_rate"]["value"] < figures["repeat_rate"]["high"]
    assert served.ask("editor", "GET", "/segments/buyers/kpis?window=soon", 400)["code"] == "base.not_a_period"


def test_what_the_reader_has_is_not_told_again(served: AServedShop) -> None:
    first = served.by("viewer").get(f"{API}/segments")
    tag = first.headers["etag"]
    assert first.headers["cache-control"] == "private, no-cache"
    again = served.by("viewer").get(f"{API}/segments", headers={"if-none-match": f'"other", {tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert "content-security-policy" in again.headers
    served.ask("editor", "PUT", "/segments/for_a_while", json={"rule": "did order_completed"})
    changed = served.by("viewer").get(f"{API}/segments", headers={"if-none-match": tag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != tag
    served.ask("editor", "DELETE", "/segments/for_a_while", 204)


# --- people -------------------------------------------------------------------------------------------------


def test_a_person_is_shown_and_explained(served: AServedShop) -> None:
    row = served.ask("editor", "GET", "/segments/buyers/members?limit=1")["rows"][0]
    number = row["profile_id"]
    assert find_profile(served.workspace._stores.engine, row["email"]) == number
    person = served.ask("editor", "GET", f"/people/{number}")
    assert "buyers" in person["segments"]
    assert any(each["value"] == row["email"] for each in person["identifiers"])
    assert person["event_count"] >= len(person["events"]) > 0
    out = served.ask("editor", "GET", f"/people/{number}/explain?segment=non_buyers", headers={"accept-language": "en"})
    assert not out["is_member"]
    assert out["condition"]["events"]
    within = served.ask("editor", "GET", f"/people/{number}/explain?segment=did order_completed in last 400 days")
    assert within["is_member"] == (within["turns_at"] is not None)
    served.ask("editor", "GET", "/people/99999999", 404)


def test_people_are_merged_and_the_act_is_taken_back(served: AServedShop) -> None:
    one, other = (row["profile_id"] for row in served.ask("editor", "GET", "/people?limit=2")["rows"])
    total = served.ask("editor", "GET", "/people")["total"]
    act = served.ask(
        "editor", "POST", "/people/merge", 201, json={"one": f"#{one}", "other": f"#{other}", "note": "la misma"}
    )
    assert served.ask("editor", "GET", "/people")["total"] == total - 1
    person = served.ask("editor", "GET", f"/people/{one}")
    assert [(each["name"], each["actor"], each["note"]) for each in person["acts"]] == [("merge", "editor", "la misma")]
    served.ask("editor", "POST", f"/people/acts/{act['number']}/undo", 201)
    assert served.ask("editor", "GET", "/people")["total"] == total


def test_a_person_is_told_everything_and_erased(served: AServedShop) -> None:
    row = served.ask("admin", "GET", "/people?limit=1&sort=profile_id&descending=true")["rows"][0]
    told = served.ask("admin", "POST", "/people/export", json={"who": f"#{row['profile_id']}"})
    assert row["email"] in json.dumps(told)
    served.ask("admin", "POST", "/people/erase", json={"who": f"#{row['profile_id']}"})
    assert served.ask("admin", "GET", f"/people?q={row['email']}")["total"] == 0


# --- imports and jobs ---------------------------------------------------------------------------------------


def upload(served: AServedShop, name: str, content: bytes, code: int = 201) -> dict[str, Any]:
    told = served.by("editor").post(f"{API}/uploads", files={"file": (name, content)})
    assert told.status_code == code, told.text
    answered: dict[str, Any] = told.json()
    return answered


def wait_for(served: AServedShop, job: dict[str, Any]) -> dict[str, Any]:
    """Read a job's events until it ends, and return it as told last."""
    told: dict[str, Any] = job
    with served.by("editor").stream("GET", f"{API}/jobs/{job['id']}/events") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        for line in stream.iter_lines():
            if line.startswith("data: "):
                told = json.loads(line[6:])
    return told


def test_a_messy_file_is_looked_at_corrected_and_imported(served: AServedShop) -> None:
    rows = "correo;apodo;alta\r\nana.nueva@example.com;Ana;03/02/2026\r\nnada;Bea;04/02/2026\r\n;;\r\n"
    mark = upload(served, "..\\lista de contactos.csv", rows.encode("cp1252"))
    assert mark["name"] == "lista de contactos.csv"
    asked = {"upload": mark["upload"], "kind": "contacts"}
    proposal = served.ask("editor", "POST", "/imports/propose", json=asked)
    fields = {each["header"]: each["field"] for each in proposal["columns"]}
    assert fields["correo"] == "email"
    assert fields["apodo"] is None
    assert "first_name" in proposal["fields"]
    corrected = {**asked, "fields": {"apodo": "first_name"}}
    again = served.ask("editor", "POST", "/imports/propose", json=corrected)
    assert {each["header"]: each["field"] for each in again["columns"]}["apodo"] == "first_name"
    served.ask("editor", "POST", "/imports/propose", 400, json={**asked, "fields": {"apodo": "shoe_size"}})
    job = wait_for(served, served.ask("editor", "POST", "/imports", 202, json={**corrected, "source": "feria"}))
    assert job["state"] == "done", job
    result = job["result"]
    assert result["received"] == result["stored"] + result["duplicate"] + result["rejected"]
    found = served.ask("editor", "GET", "/people?q=ana.nueva@example.com")["rows"]
    assert [(row["first_name"], row["email"]) for row in found] == [("Ana", "ana.nueva@example.com")]
    listed = served.ask("viewer", "GET", "/imports")[0]
    assert (listed["load_id"], listed["source"], listed["is_undone"]) == (result["load_id"], "feria", False)
    undone = wait_for(served, served.ask("editor", "POST", f"/imports/{result['load_id']}/undo", 202))
    assert undone["state"] == "done", undone
    assert served.ask("editor", "GET", "/people?q=ana.nueva@example.com")["total"] == 0
    # the file is gone once it has been imported
    served.ask("editor", "POST", "/imports/propose", 404, json=asked)


def test_rejected_rows_are_listed_taken_out_and_imported_again(served: AServedShop) -> None:
    rows = "Pedido;Correo;Fecha;Fecha real;Total\n" + "".join(
        f"R{n};r{n}@example.com;{'01/05/2026' if n else 'pronto'};02/05/2026;{'gratis' if n == 1 else '5,00'}\n"
        for n in range(3)
    )
    mark = upload(served, "pedidos.csv", rows.encode())
    asked = {"upload": mark["upload"], "kind": "orders", "source": "feria"}
    load = wait_for(served, served.ask("editor", "POST", "/imports", 202, json=asked))["result"]["load_id"]
    place = f"/imports/{load}"
    told = served.ask("editor", "GET", f"{place}/rejected", headers={"accept-language": "es"})
    assert (told["total"], [each["row_number"] for each in told["rows"]]) == (2, [1, 2])
    assert (told["rows"][0]["detail"], told["rows"][0]["cells"]["Correo"]) == ("pronto", "r0@example.com")
    assert sum(each["rows"] for each in told["reasons"].values()) == 2
    assert {each["header"]: each["field"] for each in told["columns"]}["Total"] == "amount"
    few = served.ask("editor", "GET", f"{place}/rejected?limit=1&offset=1")
    assert [each["row_number"] for each in few["rows"]] == [2]
    hidden = served.ask("viewer", "GET", f"{place}/rejected")
    assert [(each["detail"], each["cells"], each["raw"]) for each in hidden["rows"]] == [(None, None, None)] * 2
    assert hidden["rows"][0]["said"]
    served.ask("viewer", "POST", f"{place}/rejected/export", 403)
    sheet = served.ask("editor", "POST", f"{place}/rejected/export")
    assert len(list(csv.DictReader(io.StringIO(sheet.text)))) == 2
    assert served.ask("admin", "GET", "/taken-out")[0]["what"] == f"rejected:{load}"

    served.ask("editor", "POST", f"{place}/replay", 400, json={"fields": {"Fecha real": "shoe_size"}})
    mended = {"fields": {"Fecha real": "occurred_at"}}
    for stored, known in ((1, 0), (0, 1)):
        job = wait_for(served, served.ask("editor", "POST", f"{place}/replay", 202, json=mended))
        assert job["state"] == "done", job
        assert [job["result"][name] for name in ("stored", "duplicate", "rejected")] == [stored, known, 1]
        assert job["result"]["reasons_said"]
    replays = served.ask("viewer", "GET", f"{place}/rejected")["replays"]
    assert [each["stored"] for each in replays] == [1, 0]
    assert served.ask("editor", "GET", "/people?q=r0@example.com")["total"] == 1
    served.ask("viewer", "GET", "/imports/4242/rejected", 404)


def test_wrong_uploads_are_told_and_leave_nothing(served: AServedShop) -> None:
    assert upload(served, "photo.png", b"\x89PNG", 400)["code"] == "workspace.unreadable_upload"
    mark = upload(served, "empty.csv", b"")
    told = served.ask("editor", "POST", "/imports/propose", 400, json={"upload": mark["upload"], "kind": "contacts"})
    assert told["code"].startswith("events.")
    served.ask(
        "editor",
        "POST",
        "/imports/propose",
        404,
        json={"upload": "../../../etc", "kind": "contacts"} | {"upload": "etcpasswd"},
    )
    served.ask("editor", "POST", "/imports/propose", 422, json={"upload": "../../../etc/passwd", "kind": "contacts"})


def test_a_failed_job_says_what_was_wrong_in_the_readers_language(served: AServedShop) -> None:
    mark = upload(served, "products.csv", b"a,b\n1,2\n")
    job = served.ask("editor", "POST", "/imports", 202, json={"upload": mark["upload"], "kind": "contacts"})
    told = wait_for(served, job)
    assert told["state"] == "failed"
    assert told["problem"]
    spanish = served.by("viewer").get(f"{API}/jobs/{job['id']}?lang=es").json()
    assert spanish["state"] == "failed"


def test_the_same_work_is_not_asked_for_twice_and_can_be_stopped(served: AServedShop) -> None:
    with served.workspace._stores._turn, served.workspace._stores.engine.undisturbed():
        running = served.ask("editor", "POST", "/jobs", 202, json={"kind": "refresh"})
        time.sleep(0.3)
        waiting = served.ask("editor", "POST", "/jobs", 202, json={"kind": "run"})
        again = served.ask("editor", "POST", "/jobs", 202, json={"kind": "run"})
        assert again["id"] == waiting["id"] != running["id"]
        stopped = served.ask("editor", "DELETE", f"/jobs/{waiting['id']}")
        assert stopped["state"] == "stopped"
        assert served.ask("editor", "DELETE", f"/jobs/{waiting['id']}", 409)["code"] == "workspace.background.has_ended"
    assert wait_for(served, running)["state"] == "done"
    served.ask("viewer", "GET", "/jobs/424242", 404)


def test_work_that_a_crash_cut_off_is_taken_up_again(served: AServedShop) -> None:
    asked = served.workspace.background().ask("refresh", {"as_of": (served.moment + timedelta(hours=6)).isoformat()})
    # this queue was never started, as in a process that died: the next one that starts does the work
    other = served.workspace.background()
    other.start()
    for _ in range(200):
        if not other.find(asked.id).is_open:
            break
        time.sleep(0.05)
    other.close()
    ended = other.find(asked.id)
    assert ended.state == "done", ended.error


def test_an_import_is_followed_by_a_run_and_the_timetable_is_read(served: AServedShop) -> None:
    queue = served.workspace.background()
    schedule = background.Timetable.read("15 minutos", "4:05").follow(queue, served.workspace.settings.zone)
    try:
        assert sorted(str(each.trigger) for each in schedule.get_jobs()) == [
            "cron[hour='4', minute='5']",
            "interval[0:15:00]",
        ]
        assert background.Timetable.read("never", "nunca") == background.Timetable(None, None)
        queue.start()
        mark = upload(served, "c.csv", b"email\nde.la.feria@example.com\n")
        queue.ask("import", {"upload": mark["upload"], "kind": "contacts"}, actor="editor")
        for _ in range(400):
            newest = queue.list(1)[0]
            if newest.kind == "run" and not newest.is_open:
                break
            time.sleep(0.05)
        assert (newest.kind, newest.actor, newest.state) == ("run", "tesela", "done")
    finally:
        schedule.shutdown(wait=False)
        queue.close()
    for every, at in (("soon", "04:00"), ("15 minutes", "25:00"), ("3 months", "04:00")):
        with pytest.raises(TeselaError):
            background.Timetable.read(every, at)
