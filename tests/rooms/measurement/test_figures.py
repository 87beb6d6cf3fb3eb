"""The figures of the report against figures computed by hand."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from rooms.measurement.a_measured_shop import AS_OF, AMeasuredShop


def test_months_are_the_shops_own(shop: AMeasuredShop) -> None:
    shop.people(1, seen=datetime(2026, 9, 30, 21, 59)).people(2, seen=datetime(2026, 9, 30, 22, 0))
    shop.people(3, seen=AS_OF).people(4, seen=datetime(2026, 11, 3), known=False)
    shop.order(1, "10", at=datetime(2026, 10, 31, 22, 59)).order(1, "20", at=datetime(2026, 10, 31, 23, 0))
    shop.order(2, "40", at=datetime(2026, 11, 2), order_id="A").event("order_cancelled", 2, order_id="A")
    shop.order(2, "80", at=AS_OF).order(4, "99")

    september, october, november = shop.report().months

    assert (september.first_day, september.arrived, september.base) == (date(2026, 9, 1), 1, 1)
    assert (october.arrived, october.base, october.orders, october.revenue_e4) == (1, 2, 1, 100_000)
    assert (november.arrived, november.base, november.orders, november.revenue_e4) == (0, 2, 1, 200_000)


def test_growth_starts_from_those_who_were_there_before_the_months_shown(shop: AMeasuredShop) -> None:
    shop.people(1, seen=datetime(1999, 1, 1)).people(2, seen=datetime(2026, 11, 1))
    months = shop.report().months
    assert len(months) == 36
    assert (months[0].arrived, months[0].base, months[-1].base) == (0, 1, 2)


def test_a_month_that_has_just_ended_is_the_last_one(shop: AMeasuredShop) -> None:
    shop.people(1, seen=datetime(2026, 10, 5))
    november = datetime(2026, 10, 31, 23, 0)
    last = shop.report(as_of=november).months[-1]
    assert (last.first_day, last.is_over) == (date(2026, 10, 1), True)
    assert not shop.report(as_of=november - timedelta(microseconds=1)).months[-1].is_over
    assert [month.is_over for month in shop.report(as_of=november + timedelta(days=1)).months] == [True, False]


def test_origins(shop: AMeasuredShop) -> None:
    shop.people(1, 2, source="social").people(3, 4, 5, source=None).people(6, source="form").people(7, known=False)
    shop.order(1, "10").order(1, "5").order(3, "1")
    told = [(o.name, o.size, o.buyers, o.revenue_e4) for o in shop.report().origins]
    assert told == [(None, 3, 1, 10_000), ("social", 2, 1, 150_000), ("form", 1, 0, 0)]


def test_everybody_stands_on_one_rung(shop: AMeasuredShop) -> None:
    shop.people(*range(1, 12)).people(12, known=False)
    for person, days_ago in {1: 0.5, 2: 7, 3: 7.01, 4: 30, 5: 59, 6: 90, 7: 90.01}.items():
        shop.event("email_opened", person, days_ago=days_ago, is_machine=False if person % 2 else None)
        shop.event("email_opened", person, days_ago=200)
    shop.event("email_delivered", 8).event("email_opened", 8, is_machine=True)
    shop.event("email_opened", 9, at=AS_OF).event("email_delivered", 9, at=AS_OF)
    shop.event("email_opened", None).event("email_opened", 12)
    shop.event("email_delivered", 10, days_ago=400)

    assert shop.report().ladder == {
        "d7": 2,
        "d30": 2,
        "d60": 1,
        "d90": 1,
        "longer": 1,
        "never_opened": 2,
        "never_mailed": 2,
    }


def test_recency_and_frequency(shop: AMeasuredShop) -> None:
    shop.people(1, 2, 3).people(9, known=False)
    shop.order(1, "10", days_ago=29.99).order(2, "20", days_ago=30).order(2, "5", days_ago=900)
    for _ in range(10):
        shop.order(3, "1", days_ago=365)
    shop.order(9, "99")

    cells = shop.report().cells

    assert len(cells) == 30
    filled = {(c.recency.first, c.frequency.first): (c.buyers, c.revenue_e4) for c in cells if c.buyers}
    assert filled == {(0, 1): (1, 100_000), (30, 2): (1, 250_000), (365, 10): (1, 100_000)}


def test_reach_follows_the_newest_word(shop: AMeasuredShop) -> None:
    shop.people(1, 2, 3, 4).people(9, known=False)
    shop.consent(1, "email", "yes").consent(2, "email", "yes", days_ago=9).consent(2, "email", "no", days_ago=3)
    shop.consent(3, "email", "no", days_ago=9).consent(3, "email", "yes", days_ago=3).consent(9, "email", "yes")
    shop.consent(4, "email", "yes", days_ago=0).consent(4, "email", "yes", purpose="service")
    shop.consent(1, "sms", "no").consent(1, "sms", "yes", source="another")

    told = [(r.channel, r.yes, r.asked) for r in shop.report().reach]

    assert told == [("email", 2, 3), ("sms", 0, 1)], "of two words at one moment, no holds"


def test_anonymous_visitors_are_counted_beside_the_base(shop: AMeasuredShop) -> None:
    shop.people(1).people(2, 3, known=False).people(4, known=False, seen=AS_OF + timedelta(days=1))
    report = shop.report()
    assert (report.base.size, report.anonymous) == (1, 2)


def test_an_empty_base_has_empty_figures(shop: AMeasuredShop) -> None:
    report = shop.report()
    assert (report.months, report.origins, report.reach, report.anonymous) == ((), (), (), 0)
    assert not any(report.ladder.values())
    assert not any(cell.buyers for cell in report.cells)
