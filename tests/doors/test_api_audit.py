"""The audit by the API: what Python finds, in the reader's language, mended and taken back."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

import pytest

from doors.a_served_shop import API, AServedShop
from doors.test_api_answers import wait_for
from tesela import audit
from tesela.audit.report.pdf import _refuse
from tesela.base import TeselaError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def findings(told: dict[str, Any]) -> dict[str, Any]:
    return {each["check"]: each for each in told["findings"]}


def test_the_audit_is_that_of_python(served: AServedShop) -> None:
    job = wait_for(served, served.ask("editor", "POST", "/jobs", 202, json={"kind": "audit"}))
    assert job["state"] == "done", job
    told = served.ask("editor", "GET", "/audit")
    found = served.workspace.audit.run()
    assert json.loads(json.dumps(audit.telling.tell_score(found.score))) == told["score"]
    assert told["base"] == found.base == job["result"]["base"]
    by_key = findings(told)
    assert by_key.keys() == {each.check.key for each in found.findings}
    for each in found.findings:
        assert (by_key[each.check.key]["count"], by_key[each.check.key]["severity"]) == (each.count, each.severity)
    assert any(each["samples"] for each in told["findings"])
    assert served.ask("editor", "GET", "/audit/history")[-1]["score"] == pytest.approx(
        told["score"]["value"], abs=0.001
    )


def test_words_are_in_the_readers_language(served: AServedShop) -> None:
    checks = {each["check"]: each for each in served.ask("viewer", "GET", "/audit/checks")}
    spanish = served.by("viewer").get(f"{API}/audit/checks?lang=es").json()
    names = {each["check"]: each["name"] for each in spanish}
    assert names.keys() == checks.keys()
    assert sum(names[key] != checks[key]["name"] for key in names) > len(names) * 0.9


def test_a_viewer_sees_no_samples_and_no_small_counts(served: AServedShop) -> None:
    whole, told = findings(served.ask("editor", "GET", "/audit")), findings(served.ask("viewer", "GET", "/audit"))
    hidden = 0
    for key, each in told.items():
        assert each["samples"] == []
        small = whole[key]["count"] is not None and whole[key]["count"] < 10
        assert (each["count"] is None and whole[key]["count"] is not None) == small, key
        assert (each["count"] or 0) % 10 == 0
        hidden += small
    assert hidden
    # what is written for whoever may not see people is not written: its counts are exact
    served.ask("viewer", "GET", "/audit/report", 403)
    page = served.by("editor").get(f"{API}/audit/report")
    assert page.headers["content-disposition"].startswith("attachment")
    assert not any(sample in page.text for each in whole.values() for sample in each["samples"] if "@" in sample)


def test_the_report_comes_as_a_page_and_as_a_pdf(served: AServedShop) -> None:
    page = served.by("editor").get(f"{API}/audit/report?samples=true&lang=es")
    assert page.headers["content-type"].startswith("text/html")
    assert "Hallazgos" in page.text
    pdf = served.by("editor").get(f"{API}/audit/report?form=pdf")
    assert pdf.headers["content-type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF-")
    assert pdf.content.rstrip().endswith(b"%%EOF")
    assert 'filename="audit.pdf"' in pdf.headers["content-disposition"]
    # nothing that asks for another place is fetched when a page is set
    with pytest.raises(TeselaError, match=r"evil\.example"):
        _refuse("https://evil.example/pixel.png")


def small(value: Any) -> int:
    """Return how many counts in an answer are so small that they tell of persons."""
    if isinstance(value, dict):
        # of segments, days and years; never of people
        return sum(small(each) for name, each in value.items() if name not in ("opens", "of", "possible", "first"))
    if isinstance(value, list):
        return sum(small(each) for each in value)
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10


def test_pictures_beside_the_findings_hold_no_small_count_for_a_viewer(served: AServedShop) -> None:
    assert small(served.ask("editor", "GET", "/audit")["pictures"]) > 0
    told = served.ask("viewer", "GET", "/audit")["pictures"]
    assert small(told) == 0
    # what counts segments tells of nobody
    assert [each["opens"] for each in told["inventory"]["missing"]] == [
        each["opens"] for each in served.ask("editor", "GET", "/audit")["pictures"]["inventory"]["missing"]
    ]


def test_what_is_said_beside_a_finding_holds_no_small_count_for_a_viewer(served: AServedShop) -> None:
    served.workspace.audit.run()
    whole, told = served.ask("editor", "GET", "/audit"), served.ask("viewer", "GET", "/audit")
    by_key = findings(whole)
    hidden = 0
    for key, each in findings(told).items():
        figures = {name: n for name, n in each["figures"].items() if name != "consent_years"}
        assert small(figures) == 0, key
        assert each["said"].keys() <= each["figures"].keys() <= by_key[key]["figures"].keys()
        assert each["said"].items() <= by_key[key]["said"].items()
        hidden += each["said"] != by_key[key]["said"]
        if each["count"] is None:
            assert (each["share"], each["change"], each["money"], each["said"]) == (None, None, None, {}), key
    assert hidden
    assert small(served.ask("editor", "GET", "/audit/history")[-1]["counts"]) > 0
    for past in [told["before"], *served.ask("viewer", "GET", "/audit/history")]:
        assert small(past["counts"]) == 0


def test_money_says_how_it_was_counted_or_why_not(served: AServedShop) -> None:
    told = served.by("editor").get(f"{API}/audit?lang=es").json()
    counted = [each["money"] for each in told["findings"] if each["money"]]
    assert {each["amount"] is None for each in counted} == {True, False}
    for each in counted:
        if each["how"] == "no_price":
            assert "cost_per_thousand" in each["words"]
        elif each["how"] == "spent":
            assert "lo que gastaron" in each["words"]
    found = served.workspace.audit.newest()
    words = {each.check.key: each.money for each in found.findings}
    for finding in told["findings"]:
        money = words[finding["check"]]
        if finding["money"] and money and "buyers" in money.facts:
            assert str(money.facts["buyers"]) in finding["money"]["words"].replace(".", "")


def test_several_may_ask_for_audits_at_once(served: AServedShop) -> None:
    audits = served.workspace.audit
    alone = audits.run()
    found: list[Any] = []

    def ask(what: Callable[[], Any]) -> None:
        found.append(what())

    asked = [audits.run, audits.run, lambda: audits.run(only=["email_typo", "lost"]), audits.run]
    threads = [threading.Thread(target=ask, args=[each]) for each in asked]
    for each in threads:
        each.start()
    for each in threads:
        each.join(120)
    assert len(found) == len(asked)
    for each in found:
        for finding in each.findings:
            assert finding.count == alone.of(finding.check.key).count, finding.check.key


def test_who_only_looks_leaves_no_audit_behind(served: AServedShop) -> None:
    served.workspace.audit.forget()
    kept = len(served.ask("viewer", "GET", "/audit/history"))
    served.ask("viewer", "GET", "/audit")
    served.by("editor").get(f"{API}/audit/report")
    assert len(served.ask("viewer", "GET", "/audit/history")) == kept


def test_a_fix_does_what_its_preview_says_and_is_taken_back(served: AServedShop) -> None:
    before = served.ask("editor", "GET", "/audit")
    fixable = [each for each in before["findings"] if each["fix"] == "suppress" and each["count"]]
    assert fixable
    key = fixable[0]["check"]
    preview = served.ask("editor", "POST", f"/audit/fixes/{key}/preview", json={})
    assert preview["count_before"] == fixable[0]["count"]
    assert served.ask("editor", "GET", "/audit/fixes") == []
    kept = served.ask("editor", "POST", f"/audit/fixes/{key}", 201, json={"note": "prueba"})
    assert (kept["check"], kept["actor"], kept["note"]) == (key, "editor", "prueba")
    after = served.ask("editor", "GET", "/audit")
    assert findings(after)[key]["count"] == preview["count_after"]
    assert after["score"] == preview["score_after"]
    assert after["score"]["value"] >= before["score"]["value"]
    served.ask("editor", "POST", f"/audit/fixes/{kept['number']}/undo")
    again = served.ask("editor", "GET", "/audit")
    assert findings(again)[key]["count"] == fixable[0]["count"]
    assert again["score"] == before["score"]
    served.ask("editor", "POST", f"/audit/fixes/{kept['number']}/undo", 409)
    served.ask("editor", "POST", "/audit/fixes/no_such_check/preview", 404, json={})
