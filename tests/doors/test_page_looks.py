"""The page is for everybody: axe finds no fault on any view, in both languages, light and dark; and it fits a phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from doors.a_visited_shop import axe_faults

if TYPE_CHECKING:
    from doors.a_visited_shop import ServedShop
    from tesela.base import Language

VIEWS = (
    "",
    "audit",
    "audit?severity=unknown",
    "audit?section=values&severity=ok",
    "audit?view=fixes",
    "audit?view=reactions",
    "audit?view=growth",
    "audit?view=data",
    "audit?view=history",
    "audit/lost",
    "audit/no_such_check",
    "segments",
    "segments?q=zzzz",
    "segments/new",
    "segments/cooling",
    "segments/cooling?view=members",
    "segments/cooling?view=history",
    "segments/cooling?view=versions",
    "segments/cooling?view=reach",
    "segments/cooling?view=play",
    "segments/big_spenders/edit",
    "catalog",
    "rfm",
    "rfm?view=movement",
    "rfm?view=thresholds",
    "map",
    "map?view=pairs",
    "map?view=flows",
    "people",
    "people/1?segment=lost",
    "people/1?view=timeline",
    "people/1?view=consents",
    "people/1?view=traits",
    "people/1?view=identity",
    "people/1?view=privacy",
    "data",
    "data?rejected=1",
    "settings",
    "no/such/page",
)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "language"), [("marta", "es"), ("ann", "en")])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing(served_shop: ServedShop, name: str, language: Language, dark: bool) -> None:
    faults: dict[str, list[str]] = {}
    with served_shop.visit(language=language, dark=dark) as seen:
        seen.page.goto(seen.address)
        seen.page.locator("button[type=submit]").wait_for()
        if found := axe_faults(seen.page):
            faults["sign in"] = found
        seen.sign_in(name)
        for place in VIEWS:
            page = seen.go(place)
            if found := axe_faults(page):
                faults[place] = found
        seen.must_be_clean()
    assert not faults


@pytest.mark.slow
@pytest.mark.parametrize("name", ["marta", "ann"])
def test_nothing_is_wider_than_a_phone(served_shop: ServedShop, name: str) -> None:
    wide: dict[str, int] = {}
    with served_shop.visit(name, language="es" if name == "marta" else "en", width=390) as seen:
        for place in VIEWS[:-1]:
            page = seen.go(place)
            width = page.evaluate("document.documentElement.scrollWidth")
            if width > 390:
                wide[place] = width
    assert not wide


def test_one_view_of_each_kind_is_for_everybody(served_shop: ServedShop) -> None:
    with served_shop.visit("marta") as seen:
        for place in ("", "audit", "audit?view=reactions", "segments/big_spenders/edit", "people/1"):
            assert not axe_faults(seen.go(place)), place
