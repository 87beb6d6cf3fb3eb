"""`tesela audit` at the command line: what a person reads in both languages, what a program reads, what goes wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

CONTACTS = """email,first_name,created_at,birth_date
info@x.es,Ana,2025-01-10,
b@10minutemail.com,Luis,2025-01-11,1980-01-01
c@gmail.com,Eva,2025-01-12,1990-01-01
d@gmail.com,Teo,2025-01-13,2016-01-01
"""
EVENTS = """email,event,occurred_at,bounce_type
c@gmail.com,email_delivered,2026-08-01,
c@gmail.com,email_opened,2026-09-20,
d@gmail.com,email_delivered,2026-07-01,
info@x.es,email_bounced,2026-08-01,hard
"""
CONSENTS = """email,channel,status,occurred_at,method,wording
c@gmail.com,email,yes,2025-01-12,form,v1
d@gmail.com,email,yes,2025-01-13,import,
"""

Run = Callable[..., str]


@pytest.fixture
def audited(in_shop: Callable[..., Run]) -> Run:
    return in_shop(contacts=CONTACTS, **{"email-events": EVENTS, "consents": CONSENTS})


def test_findings_in_english(audited: Run) -> None:
    told = audited("audit", "--as-of", "2026-10-01")
    assert told.startswith("Audit of shop, as of 2026-10-01 00:00 (UTC)\nScore: ")
    assert "Addresses that bounce: 1 person (33.3 %)" in told
    assert "Under 14 years of age: 1 person (25 %)" in told
    assert "Consents without proof: 1 person (50 %)" in told
    assert "you have not imported orders: " in told


def test_findings_in_spanish(audited: Run) -> None:
    told = audited("audit", "--as-of", "2026-10-01", "--lang", "es")
    assert "Auditoría de shop, a fecha de 2026-10-01 00:00 (UTC)" in told
    assert "Direcciones que rebotan: 1 persona (33,3 %)" in told
    assert "Direcciones de usar y tirar: 1 persona (25 %)" in told
    assert "no has importado pedidos: " in told


def test_programs_read_the_same(audited: Run) -> None:
    told = json.loads(audited("audit", "--as-of", "2026-10-01", "--json"))
    found = {each["check"]: each for each in told["findings"]}
    assert told["base"] == 4
    assert (found["bounces"]["count"], found["bounces"]["of"], found["bounces"]["severity"]) == (1, 3, "bad")
    assert found["buyers_asleep"]["count"] is None
    assert found["buyers_asleep"]["unknown"]["words"] == "you have not imported orders"
    assert 0 <= told["score"]["value"] <= 100
    assert sum(part["weight"] for part in told["score"]["parts"]) == 100
    assert "@" not in json.dumps(told)


def test_one_finding_shows_whom_it_is_about(audited: Run) -> None:
    told = audited("audit", "show", "email_disposable", "--as-of", "2026-10-01")
    assert "For example (personal data): b@10minutemail.com" in told
    assert "Counted: Their e-mail is of a service for temporary addresses." in told
    told = json.loads(audited("audit", "show", "email_disposable", "--as-of", "2026-10-01", "--json"))
    assert told["samples"] == ["b@10minutemail.com"]
    assert (told["part"], told["fix"]) == ("reachable", "suppress")


def test_the_history_shows_progress(audited: Run) -> None:
    assert audited("audit", "history") == ""
    audited("audit", "--as-of", "2026-09-01")
    told = audited("audit", "--as-of", "2026-10-01")
    assert "(before: " in told
    past = json.loads(audited("audit", "history", "--json"))
    assert [each["as_of"] for each in past] == ["2026-09-01T00:00:00Z", "2026-10-01T00:00:00Z"]
    assert "2026-09-01 00:00" in audited("audit", "history")


def test_checks_are_published_with_weights_and_anchors(audited: Run) -> None:
    told = json.loads(audited("audit", "checks", "--json"))
    bounces = next(each for each in told if each["check"] == "bounces")
    assert (bounces["warn"], bounces["bad"], bounces["part"], bounces["weight"], bounces["anchor"]) == (
        0.02,
        0.05,
        "reachable",
        30,
        0.15,
    )
    assert "Spam complaints" in audited("audit", "checks")


def test_the_page_is_written(audited: Run, tmp_path: Path) -> None:
    told = audited("audit", "--as-of", "2026-10-01", "--lang", "es", "--html", "a.html", "--without-samples")
    page = Path("a.html").read_text("utf-8")
    assert Path("a.html").resolve().as_uri() in told
    assert '<html lang="es">' in page
    assert "b@10minutemail.com" not in page
    audited("audit", "--as-of", "2026-10-01", "--html", "a.html")
    assert "b@10minutemail.com" in Path("a.html").read_text("utf-8")
    assert "cannot be written" in audited("audit", "--html", "nowhere/a.html", code=1)


def test_what_goes_wrong_is_told(audited: Run) -> None:
    told = audited("audit", "show", "bouncess", code=2)
    assert "There is no check bouncess" in told
    assert "bounces" in told
    Path("checks").mkdir()
    for rule, said in (
        ("  name: {en: x}\n", "needs either a rule"),
        ("  when: agee < 4\n", "agee"),
        ("  when: age < 4\n  warn: often\n", "must be a share"),
        ("  when: age < 4\n  warn: 50 %\n  bad: 10 %\n", "`warn` is higher than `bad`"),
        ("  when: age < 4\n  part: valid\n", "part"),
    ):
        Path("checks/own.yaml").write_text(f"mine:\n{rule}", "utf-8")
        assert said in audited("audit", code=2), rule
    Path("checks/own.yaml").write_text("bounces:\n  when: age < 4\n", "utf-8")
    assert "A check of Tesela is called bounces" in audited("audit", code=2)
    Path("checks/own.yaml").unlink()
    settings = Path("tesela.toml")
    written = settings.read_text("utf-8")
    for table, said in (('cost_per_thousand = "cheap"', "cheap"), ("consent_years = 0", "0"), ("price = 3", "price")):
        settings.write_text(f"{written}\n[audit]\n{table}\n", "utf-8")
        assert said in audited("audit", code=2)
