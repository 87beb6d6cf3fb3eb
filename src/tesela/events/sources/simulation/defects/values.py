"""Broken values, as exports and forms bring them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tesela.events.sources.simulation.names import spoil

if TYPE_CHECKING:
    from collections.abc import Callable

    from tesela.events.sources.simulation.defects.planting import Planting

_BROKEN_EMAILS: tuple[Callable[[str], str], ...] = (
    lambda email: email.replace("@", "@@"),
    lambda email: email.replace("@", " at "),
    lambda email: email.rpartition(".")[0],
    lambda email: email.replace("@", ".@"),
    lambda email: email.replace("@", "@."),
)
_TYPOS = ("gmial.com", "gmai.com", "gmail.con", "hotmial.com", "hotmai.com")
_NO_EMAILS = ("noemail", "sincorreo", "notiene", "test", "asdf", "sinemail", "prueba", "nobody", "falso", "nadie")
_NO_PHONES = ("600 12", "no lo sé", "91 555", "6123456789063", "12 34")
_FILLED_PHONES = ("600000000", "666666666", "699999999", "+34611111111", "622222222")
_NO_DAYS = ("31/02/1985", "1985-13-45", "30/02/1990", "hace tiempo", "1978-02-30")
_IMPOSSIBLE_DAYS = ("1900-01-01", "9999-12-31", "0000-00-00", "2035-06-01", "01/01/1900", "1899-12-30")
_NO_COUNTRIES = ("Wakanda", "XX1", "Espania y Portugal", "Pais de prueba")
_NO_REGIONS = ("Narnia", "Zona 3", "Centro Comercial", "Región desconocida 7")
_VARIANTS = ("Catalunya", "CATALUNYA", "cataluna", "Catalonia", "Cataluña ")
_NO_POSTAL_CODES = ("99999", "ABCDE", "28", "280133", "53001")
_NO_NAMES = ("test", "asdf", "prueba", "xxx", "Cliente", "nombre", "qwerty")
_DEFAULT_DAY = "1980-01-01"


def plant_values(shop: Planting) -> None:
    """Break values of every kind, each of other people."""
    _emails(shop)
    _phones(shop)
    _dates(shop)
    _places(shop)
    _names(shop)
    _swap_columns(shop)
    _through_excel(shop)


def _emails(shop: Planting) -> None:
    broken = shop.take()
    shop.forget([row["email"] for row in broken])
    for n, row in enumerate(broken):
        row["email"] = _BROKEN_EMAILS[n % len(_BROKEN_EMAILS)](row["email"])
    shop.plant("email_invalid", broken)

    mistyped = shop.take()
    shop.drop_mail([row["email"] for row in mistyped])
    meant = {row["email"]: f"{row['email'].partition('@')[0]}@{_TYPOS[n % 5]}" for n, row in enumerate(mistyped)}
    shop.rename(meant)
    shop.plant("email_typo", mistyped)

    filled = shop.take(len(_NO_EMAILS))
    shop.forget([row["email"] for row in filled])
    for n, row in enumerate(filled):
        row["email"] = f"{_NO_EMAILS[n]}@tienda-demo.es"
    shop.plant("email_placeholder", filled)


def _phones(shop: Planting) -> None:
    _put(shop, "phone_invalid", "phone", _NO_PHONES)
    _put(shop, "phone_placeholder", "phone", _FILLED_PHONES)


def _dates(shop: Planting) -> None:
    _put(shop, "date_invalid", "birth_date", _NO_DAYS)
    _put(shop, "date_impossible", "birth_date", _IMPOSSIBLE_DAYS)
    # what a form proposes when nobody chooses a day
    for row in shop.take(4 * shop.usual):
        row["birth_date"] = _DEFAULT_DAY
    # whoever was truly born on that day cannot be told from them
    shop.plant("peak", [row for row in shop.accounts.rows if row["birth_date"] == _DEFAULT_DAY])
    mixed = shop.take()
    for n, row in enumerate(mixed):
        year, month, day = row["birth_date"].split("-")
        # a day that is no month tells in which order it was written
        row["birth_date"] = (f"{day}/{month}/{year}", f"{day}.{month}.{year}")[n % 2]
    shop.plant("mixed_formats", mixed)


def _places(shop: Planting) -> None:
    _put(shop, "country_unknown", "country", _NO_COUNTRIES)
    _put(shop, "region_unknown", "province", _NO_REGIONS)
    # most write it as the standard does
    standard = shop.take(2 * shop.usual, province=("08", "17", "25", "43"))
    for row in standard:
        row["province"] = "Cataluña"
    variants = shop.take(province=("08", "17", "25", "43"))
    for n, row in enumerate(variants):
        row["province"] = _VARIANTS[n % len(_VARIANTS)]
    shop.plant("region_variants", variants)
    _put(shop, "postal_code_invalid", "postal_code", _NO_POSTAL_CODES)
    moved = shop.take(province=("28",))
    for row in moved:
        row["postal_code"] = "41" + row["postal_code"][2:]
    shop.plant("postal_code_other_region", moved)


def _names(shop: Planting) -> None:
    _put(shop, "name_placeholder", "first_name", _NO_NAMES)
    spoilt = shop.take(where="áéóúñ")
    for row in spoilt:
        row["first_name"] = spoil(row["first_name"])
    shop.plant("name_mojibake", spoilt)
    lost = shop.take(where="áéóúñ")
    for row in lost:
        row["first_name"] = "".join("?" if letter in "áéíóúñ" else letter for letter in row["first_name"])
    shop.plant("name_lost_letters", lost)
    # a field of twenty letters in the tool that the leads came through: who has just as many cannot be told apart
    cut = [row for row in shop.social.rows if len(row["full_name"]) >= _LONGEST]
    for row in shop.social.rows:
        row["full_name"] = row["full_name"][:_LONGEST]
    owners = {row["email"]: row for row in shop.accounts.rows}
    shop.plant("truncated", [owners[row["email"]] for row in cut])


_LONGEST = 20


def _swap_columns(shop: Planting) -> None:
    swapped = shop.take()
    half = len(swapped) // 2
    shop.forget([row["email"] for row in swapped[:half]])
    for row in swapped[:half]:
        row["first_name"], row["email"] = row["email"], row["first_name"]
    for row in swapped[half:]:
        row["postal_code"], row["phone"] = row["phone"].removeprefix("+34"), row["postal_code"]
    shop.plant("wrong_column", swapped)


def _through_excel(shop: Planting) -> None:
    lost = shop.take()
    for row in lost:
        digits = row["phone"].removeprefix("+")
        row["phone"] = f"{digits[0]},{digits[1:3]}E+{len(digits) - 1}"
    shop.plant("ids_lost_to_excel", lost)
    shortened = shop.take(province=("01", "02", "03", "04", "05", "06", "07", "08", "09"))
    for row in shortened:
        row["postal_code"] = row["postal_code"].removeprefix("0")
    shop.plant("leading_zeros_lost", shortened)


def _put(shop: Planting, check: str, header: str, words: tuple[str, ...], count: int | None = None) -> None:
    """Put words in the place of some people's values."""
    befallen = shop.take(count)
    for n, row in enumerate(befallen):
        row[header] = words[n % len(words)]
    shop.plant(check, befallen)
