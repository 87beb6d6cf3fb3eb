"""The audit of whole shops: it finds what was put in, counts money by the orders, and remembers."""

from __future__ import annotations

import random
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from rooms.audit.a_shop_to_audit import AS_OF, Person, draw_people, open_shop, write_files
from rooms.audit.expected import count_all


@pytest.fixture(scope="module")
def people() -> list[Person]:
    return draw_people(11, 700)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, people: list[Person]) -> Iterator[Any]:
    opened = open_shop(tmp_path_factory.mktemp("audited") / "shop", write_files(people))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def audit(shop: Any) -> Any:
    return shop.audit.run()


def test_every_check_finds_what_was_put_in(audit: Any, people: list[Person]) -> None:
    found = {each.check.key: each.found and (each.count, each.found.of) for each in audit.findings}
    expected = count_all(people)
    assert {key: found[key] for key in expected} == expected
    assert audit.base == len(people)
    # the drawing has somebody for each of them
    assert [key for key, (count, _) in expected.items() if not count] == ["shrinking"]


def test_whoever_is_found_is_who_was_put_in(shop: Any, audit: Any, people: list[Person]) -> None:
    known = shop.segments.people(audit.of("email_role").found.people).column("email").to_pylist()
    assert sorted(known) == sorted(p.email for p in people if p.email.startswith("info") and not p.is_aside)
    assert set(audit.of("email_role").samples) <= set(known)
    assert len(audit.of("email_role").samples) <= 5


def test_the_same_base_has_the_same_score(shop: Any, audit: Any, people: list[Person], tmp_path: Path) -> None:
    assert shop.audit.run().score == audit.score
    files = write_files(random.Random(5).sample(people, len(people)))
    with open_shop(tmp_path / "shuffled", files) as other:
        assert other.audit.run().score == audit.score


def test_what_buyers_asleep_bring_back_is_what_those_of_a_year_ago_did(audit: Any, people: list[Person]) -> None:
    from datetime import timedelta

    from rooms.audit.a_shop_to_audit import SLEEP_DAYS, ago

    def days(orders: list[Any], at: Any) -> float | None:
        before = [moment for moment, _ in orders if moment < at]
        return (at - max(before)) / timedelta(days=1) if before else None

    asleep = [p for p in people if p.orders and (days(p.orders, AS_OF) or 0) > SLEEP_DAYS]
    first = int(min(days(p.orders, AS_OF) or 0 for p in asleep))
    expected = cohort = returned = left_out = 0.0
    for start, end in ((first, 365), (365, 730), (730, 36_500)):
        now = [p for p in asleep if start <= (days(p.orders, AS_OF) or 0) < end]
        then = [p for p in people if (gone := days(p.orders, ago(365))) is not None and start <= gone < end]
        if not now:
            continue
        if len(then) < 30:
            left_out += len(now)
            continue
        back = [p for p in then if any(at >= ago(365) for at, _ in p.orders)]
        last = {p.number: max(at for at, _ in p.orders) for p in now}
        year = sum(amount for p in now for at, amount in p.orders if at > last[p.number] - timedelta(days=365))
        expected += year * len(back) / len(then)
        cohort, returned = cohort + len(then), returned + len(back)
    money = audit.of("buyers_asleep").money
    assert money.amount_e4 == pytest.approx(10_000 * expected, abs=1)
    assert 0 < money.low_e4 < money.amount_e4 < money.high_e4
    told = money.facts["cohort"], money.facts["returned"], money.facts["left_out"]
    assert told == (cohort, returned, left_out)
    assert cohort >= 30


def test_money_is_only_told_where_it_is_known(shop: Any, audit: Any, people: list[Person], tmp_path: Path) -> None:
    money = audit.of("mailed_in_vain").money
    assert (money.amount_e4, money.how) == (None, "no_price")
    priced = '[audit]\ncost_per_thousand = "1.50"\n'
    few = people[:80]
    with open_shop(tmp_path / "shop", write_files(few), priced) as other:
        found = other.audit.run()
        numbers = {p.email: p for p in few}
        vain = found.of("mailed_in_vain").found.people
        who = other.segments.people(vain).column("email").to_pylist()
        from rooms.audit.a_shop_to_audit import ago

        messages = sum(at >= ago(365) for email in who for at in numbers[email].delivered)
        assert found.of("mailed_in_vain").money.amount_e4 == messages * 15_000 // 1000
        asleep = found.of("buyers_asleep").money
        assert (asleep.amount_e4, asleep.how) == (None, "too_few_slept")


@pytest.mark.parametrize("kind", ["consents", "orders", "email-events", "events"])
def test_what_is_not_imported_is_unknown_and_not_zero(tmp_path: Path, people: list[Person], kind: str) -> None:
    files = {name: rows for name, rows in write_files(people[:120]).items() if name != kind}
    silent = {
        "consents": {"consent_unproved", "consent_old", "no_channel", "mailed_without_permission"},
        "orders": {"buyers_asleep", "non_buyers_by_age", "source_without_buyers"},
        "email-events": {"bounces", "complaints", "machine_opens", "mailed_in_vain", "never_opened", "shrinking"},
        "events": set(),
    }
    with open_shop(tmp_path / "shop", files) as shop:
        found = shop.audit.run()
    unknown = {each.check.key for each in found.findings if each.severity == "unknown"}
    assert silent[kind] <= unknown
    for each in found.findings:
        assert (each.found is None) == (each.severity == "unknown")
        if each.found is None:
            assert all(each.answer.said(language) for language in ("es", "en"))
            assert each.mark is None


def test_one_file_of_contacts_is_worth_reading(tmp_path: Path, people: list[Person]) -> None:
    files = {"contacts": write_files(people)["contacts"]}
    with open_shop(tmp_path / "shop", files) as shop:
        found = shop.audit.run()
    assert found.of("email_role").count == sum(p.email.startswith("info") for p in people)
    assert found.of("email_disposable").count == sum("10minutemail" in p.email for p in people)
    assert found.of("minors").count == sum(p.birth == "2015-03-04" for p in people)
    assert found.score.points is not None
    assert {part.key for part in found.score.parts if part.value is None} >= {"engaged"}
    assert found.inventory.possible < found.inventory.entries
    assert found.inventory.missing[0].opens > 5


def test_nobody_has_no_score(tmp_path: Path) -> None:
    with open_shop(tmp_path / "shop", {}) as shop:
        found = shop.audit.run()
    assert found.base == 0
    assert found.score.points is None
    assert all(part.value is None for part in found.score.parts)
    assert {each.severity for each in found.findings} == {"unknown"}


def test_an_audit_remembers_the_one_before(tmp_path: Path, people: list[Person]) -> None:
    with open_shop(tmp_path / "shop", write_files(people[:150])) as shop:
        first = shop.audit.run("2026-10-01")
        second = shop.audit.run("2026-11-01")
        again = shop.audit.run("2026-11-01")
        past = shop.audit.history()
    assert first.before is None
    assert second.before is not None
    assert second.before.score is not None
    assert [each.as_of for each in past] == [first.as_of, second.as_of]
    assert again == second
    for each in second.findings:
        was = first.of(each.check.key).count
        assert each.before == was
        if was is not None and each.count is not None:
            assert each.change == each.count - was
    assert past[0].counts == {each.check.key: each.count for each in first.findings if each.count is not None}
    assert not any("@" in str(each) for each in past)


def test_setting_people_aside_never_lowers_the_score(tmp_path: Path, people: list[Person]) -> None:
    """Each of those found by each check is stopped, one check after another: no mark falls, and so no score."""
    with open_shop(tmp_path / "shop", write_files(people[:200])) as shop:
        before = shop.audit.run()
        for finding in before.findings:
            if finding.found is None or not finding.found.people:
                continue
            for email in shop.segments.people(finding.found.people, 4).column("email").to_pylist():
                shop.suppression.add(email, "email")
            after = shop.audit.run("2026-11-01T00:00:01")
            for each in after.findings:
                was = before.of(each.check.key).mark
                assert was is None or each.mark is None or each.mark >= was, (finding.check.key, each.check.key)
            assert after.score.value >= before.score.value


def test_merging_never_lowers_the_score(tmp_path: Path, people: list[Person]) -> None:
    drawn = random.Random(3)
    chosen = people[:160]
    with open_shop(tmp_path / "shop", write_files(chosen)) as shop:
        before = shop.audit.run()
        numbers = drawn.sample([p.number for p in chosen], 60)
        for one, other in zip(numbers[::2], numbers[1::2], strict=True):
            shop.profiles.merge(f"c{one}", f"c{other}", actor="test")
        after = shop.audit.run()
    assert after.base == before.base - 30
    for each in after.findings:
        was = before.of(each.check.key).mark
        assert was is None or each.mark is None or each.mark >= was, each.check.key
    assert after.score.value >= before.score.value


def test_a_shop_asks_questions_of_its_own(tmp_path: Path, people: list[Person]) -> None:
    with open_shop(tmp_path / "shop", write_files(people[:100])) as shop:
        before = shop.audit.run()
        folder = tmp_path / "shop" / "checks"
        folder.mkdir()
        (folder / "own.yaml").write_text(
            "big_spenders_without_birthday:\n"
            "  name: {es: Grandes compradores sin cumpleaños, en: Big spenders without a birthday}\n"
            "  when: birth_date is missing and sum(order_completed.amount) > 100\n"
            "  of: did order_completed\n  warn: 10 %\n  bad: 90 %\n",
            "utf-8",
        )
        found = shop.audit.run()
    finding = found.of("big_spenders_without_birthday")
    buyers = [p for p in people[:100] if p.orders]
    expected = sum(not p.birth and sum(amount for _, amount in p.orders) > 100 for p in buyers)
    assert (finding.count, finding.found.of) == (expected, len(buyers))
    assert finding.check.section == "own"
    assert found.score == before.score


def test_no_setting_moves_the_score(tmp_path: Path, people: list[Person]) -> None:
    files = write_files(people[:150])
    lists = "persona1@gmail.com\n"
    found = []
    for name, settings in (("usual", ""), ("own", "[audit]\nconsent_years = 1\nexclusion_list_days = 5\n")):
        with open_shop(tmp_path / name, files, settings) as shop:
            (tmp_path / "list.txt").write_text(lists, "utf-8")
            shop.suppression.import_list("Lista Robinson", tmp_path / "list.txt", dated_on="2026-10-20")
            found.append(shop.audit.run())
    usual, own = found
    assert own.of("consent_old").count > usual.of("consent_old").count
    assert (usual.of("exclusion_list_old").count, own.of("exclusion_list_old").count) == (0, 1)
    assert own.score == usual.score


def test_the_pictures_show_what_was_put_in(audit: Any, people: list[Person]) -> None:
    from rooms.audit.a_shop_to_audit import ago

    def rung(person: Person) -> str:
        last = max([*person.opened, *person.clicked], default=None)
        for days in (7, 30, 60, 90):
            if last is not None and last >= ago(days):
                return f"d{days}"
        if last is not None:
            return "longer"
        return "machine_only" if person.machine else "never_opened" if person.delivered else "never_mailed"

    rungs = [rung(person) for person in people]
    assert {each.key: each.people for each in audit.ladder} == {
        each.key: rungs.count(each.key) for each in audit.ladder
    }
    assert sum(each.people for each in audit.ladder) == len(people)
    email = next(each for each in audit.channels if each.key == "email")
    said = [p for p in people if p.consent or p.unsubscribed or p.complained]
    assert (email.yes, email.yes + email.no) == (sum(p.says_yes for p in people), len(said))
    bought = next(each for each in audit.interaction if each.key == "bought")
    assert bought.d90 == sum(any(at >= ago(90) for at, _ in p.orders) for p in people)
    month = audit.months[-2]
    assert month.arrived == sum(f"{p.created:%Y-%m}" == f"{month.first_day:%Y-%m}" for p in people)
    assert sum(each.arrived for each in audit.source_months) == sum(each.arrived for each in audit.months[-12:])
    assert sum(each.gone for each in audit.source_months) == sum(each.gone for each in audit.months[-12:])
    # decay is of those who were there when the month began: whom the month before had left
    for before, each in pairwise(audit.months[-6:]):
        assert each.decay == Decimal(each.gone) / before.base
    newest = audit.months[-1].first_day
    assert sum(each.base for each in audit.source_months if each.first_day == newest) == audit.months[-1].base
    own_months = [each for each in audit.source_months if each.source == audit.source_months[0].source]
    for before, each in pairwise(own_months):
        assert each.decay == (Decimal(each.gone) / before.base if before.base else None)
    assert any(each.decay for each in audit.months)
    cohort = audit.cohorts[-2]
    quarter = [p for p in people if (p.created.year, (p.created.month - 1) // 3) == (2026, 2)]
    assert f"{cohort.first_day:%Y-%m}" == "2026-07"
    assert (cohort.people, cohort.buyers) == (len(quarter), sum(bool(p.orders) for p in quarter))
    for source in audit.sources:
        own = [p for p in people if (p.source or "shop") == source.name]
        revenue = sum(amount for p in own for _, amount in p.orders)
        assert (source.people, source.buyers) == (len(own), sum(bool(p.orders) for p in own))
        assert source.revenue_e4 == 10_000 * revenue
    assert sum(each.people for each in audit.ages) == sum(not p.orders for p in people)


def test_a_bought_list_is_told_by_its_signs(tmp_path: Path) -> None:
    """A list that nobody asked for: all on one day, no origin, one domain, hardly a sign of life, bounces."""
    from datetime import timedelta

    from rooms.audit.a_shop_to_audit import ago

    usual = draw_people(4, 300)
    for person in usual:
        person.source = "form"
    bought = draw_people(5, 200)
    for number, person in enumerate(bought, 10_001):
        person.number, person.source = number, "feria"
        person.created = ago(200) + timedelta(minutes=number - 10_001)
        person.email = f"contacto{number}@empresa-grande.es"
        person.delivered, person.opened, person.clicked, person.visited, person.orders = [ago(100)], [], [], [], []
        person.machine, person.complained, person.unsubscribed = [], None, None
        person.bounced = ago(99) if number % 10 == 0 else None
        person.consent = person.sms = ""
    with open_shop(tmp_path / "shop", write_files([*usual, *bought])) as shop:
        found = shop.audit.run()
    assert found.of("list_signs").found.samples == ("feria",)
    signs = next(source.signs for source in found.sources if source.name == "feria")
    assert set(signs) == {"bulk", "roles", "one_domain", "silent", "bounces", "unproved"}
    assert found.of("bulk_arrival").count == 200
    assert found.of("uniform_domains").found.samples == ("feria: @empresa-grande.es",)
    assert found.of("source_without_buyers").found.samples == ("feria",)


def test_a_backup_holds_checks_and_the_audits_before(tmp_path: Path, people: list[Person]) -> None:
    import tesela

    with open_shop(tmp_path / "shop", write_files(people[:40])) as shop:
        (tmp_path / "shop" / "checks").mkdir()
        (tmp_path / "shop" / "checks" / "own.yaml").write_text("old_ones:\n  when: age > 70\n", "utf-8")
        found = shop.audit.run()
    tesela.backup(tmp_path / "shop", tmp_path / "shop.tar")
    with tesela.restore(tmp_path / "shop.tar", tmp_path / "again") as restored:
        assert "old_ones" in restored.audit.checks()
        [past] = restored.audit.history()
    assert past.score is not None
    assert past.counts["old_ones"] == found.of("old_ones").count
