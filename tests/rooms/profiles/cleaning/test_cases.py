"""Values as they are found in real files come out right."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from rooms.profiles.cleaning import cases
from tesela.profiles.cleaning import Cleaned, CleaningSettings, Kind, clean_value

SPAIN = CleaningSettings()


def outcome(cleaned: Cleaned) -> tuple[str, tuple[str, ...], str | None]:
    assert bool(cleaned.rules) == (cleaned.value != cleaned.original)
    return cleaned.value, cleaned.flags, cleaned.suggestion


@pytest.mark.parametrize("written", cases.EMAILS)
def test_emails(written: str) -> None:
    assert outcome(clean_value("email", written)) == cases.EMAILS[written]


def test_own_domains_are_right_and_what_typos_are_meant_for() -> None:
    own = replace(SPAIN, own_domains=frozenset({"gmal.com", "zapateria.es"}))
    assert clean_value("email", "ana@gmal.com").suggestion == "ana@gmail.com"
    assert outcome(clean_value("email", "ana@gmal.com", own)) == ("ana@gmal.com", (), None)
    assert clean_value("email", "ana@zapatreia.es", own).suggestion == "ana@zapateria.es"


def test_a_suggestion_is_a_valid_address() -> None:
    for _, _, suggestion in cases.EMAILS.values():
        if suggestion:
            assert not clean_value("email", suggestion).flags


@pytest.mark.parametrize(("country", "written"), cases.PHONES)
def test_phones(country: str, written: str) -> None:
    assert outcome(clean_value("phone", written, CleaningSettings(country=country))) == cases.PHONES[country, written]


@pytest.mark.parametrize("written", cases.NAMES)
def test_names(written: str) -> None:
    assert clean_value("name", written).value == cases.NAMES[written]


@pytest.mark.parametrize("written", cases.NAME_FLAGS)
def test_what_is_said_of_names(written: str) -> None:
    assert outcome(clean_value("name", written)) == (written, *cases.NAME_FLAGS[written])


@pytest.mark.parametrize("written", cases.DATES)
def test_dates(written: str) -> None:
    assert outcome(clean_value("date", written)) == cases.DATES[written]


def test_months_before_days() -> None:
    american = CleaningSettings(day_order="month_first")
    assert clean_value("date", "05/01/1980", american).value == "1980-05-01"
    assert clean_value("date", "25/05/1980", american).suggestion == "1980-05-25"


def test_births() -> None:
    today = CleaningSettings(as_of=date(2026, 11, 23))
    assert outcome(clean_value("birth_date", "01/05/26", today)) == ("2026-05-01", ("two_digit_year",), None)
    assert outcome(clean_value("birth_date", "01/05/27", today)) == ("1927-05-01", ("two_digit_year",), None)
    assert outcome(clean_value("birth_date", "24/11/2026", today)) == ("2026-11-24", ("improbable",), None)
    assert outcome(clean_value("birth_date", "23/11/2026", today)) == ("2026-11-23", (), None)


@pytest.mark.parametrize("written", cases.COUNTRIES)
def test_countries(written: str) -> None:
    assert outcome(clean_value("country", written)) == (cases.COUNTRIES[written], (), None)


@pytest.mark.parametrize(("number", "province"), list(enumerate(cases.PROVINCES, 1)))
def test_provinces_of_postal_codes(number: int, province: str) -> None:
    for written in (f"{number:02d}001", f"{number}001", f"{number:02d} 001"):
        assert outcome(clean_value("postal_region", written)) == (province, (), None)
    assert clean_value("region", province) == Cleaned(province, province)


def test_no_province_without_a_code_of_spain() -> None:
    assert len(cases.PROVINCES) == 52
    assert outcome(clean_value("postal_region", "53001")) == ("53001", ("invalid", "unknown"), None)
    mexico = CleaningSettings(country="MX")
    assert outcome(clean_value("postal_region", "28001", mexico)) == ("28001", ("unknown",), None)


@pytest.mark.parametrize("written", cases.REGIONS)
def test_names_of_regions(written: str) -> None:
    assert outcome(clean_value("region", written)) == (cases.REGIONS[written], (), None)


def test_regions_that_are_no_province() -> None:
    assert outcome(clean_value("region", "Cataluña")) == ("Cataluña", ("unknown",), None)
    assert outcome(clean_value("region", "Jalisco", CleaningSettings(country="MX"))) == ("Jalisco", (), None)


@pytest.mark.parametrize(("country", "written"), cases.POSTAL_CODES)
def test_postal_codes(country: str, written: str) -> None:
    cleaned = clean_value("postal_code", written, CleaningSettings(country=country))
    assert (cleaned.value, cleaned.flags) == cases.POSTAL_CODES[country, written]


@pytest.mark.parametrize(
    ("kind", "table"), [("language", cases.LANGUAGES), ("gender", cases.GENDERS), ("age", cases.AGES)]
)
def test_words(kind: Kind, table: dict[str, str]) -> None:
    for written, meaning in table.items():
        assert outcome(clean_value(kind, written)) == (meaning, (), None), written


def test_nothing_is_guessed() -> None:
    assert outcome(clean_value("gender", "M")) == ("M", ("ambiguous",), None)
    assert outcome(clean_value("gender", "María")) == ("María", ("unknown",), None)
    assert outcome(clean_value("gender", "N/A")) == ("N/A", ("placeholder",), None)
    assert outcome(clean_value("language", "Klingonés")) == ("Klingonés", ("unknown",), None)
    assert outcome(clean_value("country", "Narnia")) == ("Narnia", ("unknown",), None)
    assert outcome(clean_value("age", "1980-05-01")) == ("1980-05-01", ("invalid",), None)
    assert outcome(clean_value("age", "200")) == ("200", ("improbable",), None)


def test_dirt_of_the_demo_shop() -> None:
    """Names read in the wrong encoding come back, whatever letters they have."""
    for name in ("María Carmen", "Begoña", "Íñigo", "Uxía", "Óscar", "Mª Ángeles", "Muñoz", "Peñalver Ibáñez", "Yáñez"):
        spoilt = "".join(each.encode().decode("cp1252") if each in "áéóúñü" else each for each in name)
        spoilt = spoilt.replace("í", "Ã\xad")
        assert clean_value("name", spoilt).value == name
