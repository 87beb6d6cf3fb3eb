"""Cohorts of first orders against figures counted by hand."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from pyroaring import BitMap64

from rooms.measurement.a_measured_shop import AS_OF, MADRID, AMeasuredShop
from tesela.base import InputError
from tesela.measurement import Cohort, find_retention


def cohorts(shop: AMeasuredShop, *people: int, months: int = 4, as_of: datetime = AS_OF) -> tuple[Cohort, ...]:
    return find_retention(shop.engine, BitMap64(people), as_of=as_of, zone=MADRID, months=months)


def test_who_bought_first_in_a_month_and_again_later(shop: AMeasuredShop) -> None:
    shop.people(1, 2, 3, 4, 5)
    # in Madrid it is September already
    shop.order(1, at=datetime(2026, 8, 31, 22, 30)).order(1, at=datetime(2026, 9, 9)).order(1, at=datetime(2026, 11, 2))
    shop.order(2, at=datetime(2026, 9, 3)).order(2, at=datetime(2026, 10, 3)).order(2, at=datetime(2026, 10, 4))
    shop.order(3, at=datetime(2026, 11, 3)).order(4, at=datetime(2025, 1, 3)).order(4, at=datetime(2026, 11, 3))
    shop.order(5, at=datetime(2026, 9, 5), order_id="A").event("order_cancelled", 5, order_id="A")
    told = cohorts(shop, 1, 2, 3, 4, 5)
    assert [(each.first_day, each.size, [month.buyers for month in each.months]) for each in told] == [
        (date(2026, 9, 1), 2, [2, 1, 1]),
        (date(2026, 10, 1), 0, [0, 0]),
        (date(2026, 11, 1), 1, [1]),
    ]
    september, october, november = told
    assert [month.is_over for month in september.months] == [True, True, False]
    assert september.months[1].share == 0.5
    assert september.months[1].low is not None and 0 < september.months[1].low < 0.5
    assert (october.months[0].share, october.months[0].low) == (None, None)
    assert not november.months[0].is_over


def test_only_the_people_asked_about(shop: AMeasuredShop) -> None:
    shop.people(1, 2).order(1, days_ago=40).order(2, days_ago=40).order(2, days_ago=1)
    [cohort, _] = cohorts(shop, 1)
    assert (cohort.size, [month.buyers for month in cohort.months]) == (1, [1, 0])
    assert cohorts(shop) == ()


def test_nobody_who_bought_before_the_months_shown_begins_again(shop: AMeasuredShop) -> None:
    shop.people(1).order(1, days_ago=300).order(1, days_ago=1)
    assert cohorts(shop, 1, months=2) == ()


@pytest.mark.parametrize("months", [0, 61])
def test_so_many_months_cannot_be_shown(shop: AMeasuredShop, months: int) -> None:
    with pytest.raises(InputError) as caught:
        cohorts(shop, 1, months=months)
    assert caught.value.code == "measurement.bad_months"
