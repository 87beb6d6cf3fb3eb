"""Who is one person: the cases that have names."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rooms.profiles.resolution.links_of import records, shuffled, told
from rooms.profiles.resolution.naive import Link
from tesela.base import ConflictError, InputError
from tesela.profiles.resolution import (
    DECISION,
    DEFAULT_BLOCKS,
    Block,
    Decisions,
    IdentityRules,
    Limit,
    Step,
    block_own,
    explain_merge,
    find_merges,
    resolve,
    resolve_touched,
)
from tesela.warehouse import DuckDBEngine

RULES = IdentityRules()


def a_customer(subject: int, *also: tuple[str, str], source: str = "shop") -> list[Link]:
    return [(subject, f"customer_id:{source}", f"c{subject}"), *((subject, *each) for each in also)]


def a_visitor(subject: int, browser: str) -> list[Link]:
    return [(subject, "anonymous_id", browser)]


def people(links: list[Link], rules: IdentityRules = RULES) -> list[set[int]]:
    by_profile: dict[int, set[int]] = {}
    for subject, profile in told(resolve(records(shuffled(links, 1)), rules)).profiles.items():
        by_profile.setdefault(profile, set()).add(subject)
    assert all(profile == min(subjects) for profile, subjects in by_profile.items())
    return sorted(by_profile.values(), key=min)


def reasons(links: list[Link], rules: IdentityRules = RULES) -> dict[str, tuple[str, str]]:
    return {value: (reason, detail) for _, value, reason, detail, _ in told(resolve(records(links), rules)).barred}


def test_a_visitor_joins_the_person_once_she_is_known() -> None:
    visits = a_visitor(1, "b1")
    assert people([*visits, *a_customer(2, ("email", "ana@x.es"))]) == [{1}, {2}]
    assert people([*visits, *a_customer(2, ("email", "ana@x.es"), ("anonymous_id", "b1"))]) == [{1, 2}]


def test_one_email_joins_the_customers_of_two_sources() -> None:
    email = ("email", "ana@x.es")
    assert people([*a_customer(1, email), *a_customer(2, email, source="crm"), (3, *email)]) == [{1, 2, 3}]


def test_the_same_number_in_two_sources_is_two_customers() -> None:
    assert people([(1, "customer_id:shop", "7"), (2, "customer_id:crm", "7")]) == [{1}, {2}]


def test_two_tills_that_type_in_one_email_join_nobody() -> None:
    till = ("email", "till@shop.es")
    links = [link for subject in range(1, 5) for link in a_customer(subject, till)]
    assert people([*links, (5, *till)]) == [{1}, {2}, {3}, {4}, {5}]
    assert told(resolve(records(links), RULES)).barred == [("email", "till@shop.es", "shared", "customer_id:shop", 4)]


def test_a_family_tablet_joins_nobody_and_her_own_phone_still_does() -> None:
    tablet = ("anonymous_id", "tablet")
    ana, luis = a_customer(1, tablet, ("anonymous_id", "ana's")), a_customer(2, tablet)
    assert people([*ana, *luis, *a_visitor(3, "tablet"), *a_visitor(4, "ana's")]) == [{1, 4}, {2}, {3}]


def test_a_value_is_shared_whoever_came_first_and_no_more_when_it_is_not() -> None:
    email = ("email", "casa@x.es")
    one, two = [*a_customer(1, email), (3, *email)], a_customer(2, email)
    before = resolve(records(one), RULES)
    assert told(before).profiles == {1: 1, 3: 1}
    shared = resolve_touched(before, records(two), RULES)
    assert told(shared).profiles == {1: 1, 2: 2, 3: 3}
    assert shared.changed.to_pydict() == {"subject_id": [2, 3], "profile_id": [2, 3]}
    again = resolve_touched(shared, records([]), RULES, removed=records(two))
    assert told(again) == told(before)
    assert again.changed.to_pydict() == {"subject_id": [2, 3], "profile_id": [None, 1]}


def test_a_replaced_card_stays_one_person_and_a_till_card_does_not() -> None:
    email = ("email", "ana@x.es")
    cards = [link for n in range(1, 4) for link in [(n, "loyalty_card", f"L{n}"), (n, *email)]]
    assert people(cards) == [{1, 2, 3}]
    assert people([*cards, (4, "loyalty_card", "L4"), (4, *email)]) == [{1}, {2}, {3}, {4}]


def test_a_limit_of_one_kind_stands_before_the_limit_of_all() -> None:
    phone = ("phone", "+34910000002")
    links = [*a_customer(1, phone), *a_customer(2, phone), (3, *phone)]
    assert people(links) == [{1}, {2}, {3}]
    landlines = replace(RULES, limits=(*RULES.limits, Limit("customer_id", 2, "phone")))
    assert people(links, landlines) == [{1, 2, 3}]


def test_a_component_that_is_too_large_loses_its_weakest_kind_first_and_alone() -> None:
    ana = [(1, "email", "ana@x.es"), (2, "email", "ana@x.es"), (2, "anonymous_id", "kiosk")]
    luis = [(3, "email", "luis@x.es"), (4, "email", "luis@x.es"), (4, "anonymous_id", "kiosk")]
    eva = [(8, "email", "eva@x.es"), (8, "anonymous_id", "eva's"), *a_visitor(9, "eva's")]
    links = [*ana, *luis, *eva]
    assert people(links, replace(RULES, largest=4)) == [{1, 2, 3, 4}, {8, 9}]
    assert people(links, replace(RULES, largest=3)) == [{1, 2}, {3, 4}, {8, 9}]
    assert told(resolve(records(links), replace(RULES, largest=3))).drops == [(1, 4, "anonymous_id")]
    assert people(links, replace(RULES, largest=1)) == [{1}, {2}, {3}, {4}, {8}, {9}]


def test_an_identifier_of_a_hundred_thousand_is_bounded_and_quick() -> None:
    count = 100_000
    links = [(subject, "anonymous_id", "bot") for subject in range(count)]
    links += [(subject, "anonymous_id", f"b{subject}") for subject in range(count)]
    links += [(subject, "email", f"e{subject // 2}@x.es") for subject in range(count)]
    table = records(links)
    began = time.process_time()
    found = resolve(table, RULES)
    after = resolve_touched(found, records([(count, "anonymous_id", "bot")]), RULES)
    assert time.process_time() - began < 20
    sizes = Counter(after.profiles().column("profile_id").to_pylist())
    assert Counter(sizes.values()) == {2: count // 2, 1: 1}
    assert after.drops.to_pylist() == [{"profile_id": 0, "size": count + 1, "kind": "anonymous_id"}]
    assert told(resolve_touched(after, records([]), RULES, removed=records([(count, "anonymous_id", "bot")]))) == told(
        found
    )


def test_an_email_on_a_hundred_thousand_customers_is_shared_and_touching_it_is_quick() -> None:
    count = 100_000
    links = [link for subject in range(count) for link in a_customer(subject, ("email", "till@x.es"))]
    found = resolve(records(links), RULES)
    began = time.process_time()
    after = resolve_touched(found, records(a_customer(count, ("email", "till@x.es"))), RULES)
    assert time.process_time() - began < 2
    assert after.profiles().column("profile_id").to_pylist() == list(range(count + 1))
    assert [row[-1] for row in told(after).barred] == [count + 1]


@pytest.mark.parametrize(
    ("kind", "value", "detail"),
    [
        ("email", "NULL", "placeholder"),
        ("phone", " n/a ", "placeholder"),
        ("customer_id:shop", "", "placeholder"),
        ("customer_id:shop", "0", "zeros"),
        ("anonymous_id", "00000000-0000-0000-0000-000000000000", "zeros"),
        ("email", "ana", "no_address"),
        ("email", "Test@x.es", "test_address"),
        ("email", "prueba2@x.es", "test_address"),
        ("email", "ana@test.com", "test_address"),
        ("email", "ana@shop.invalid", "test_address"),
        ("email", "no-reply@x.es", "no_reply"),
        ("phone", "000000000", "zeros"),
        ("phone", "999999999", "one_digit"),
        ("phone", "+34666666666", "one_digit"),
        ("phone", "+34123456789", "counted_up"),
        ("phone", "112", "too_short"),
        ("loyalty_card", "11111", "one_digit"),
        ("loyalty_card", "12345678", "counted_up"),
    ],
)
def test_what_is_no_identifier_joins_nobody(kind: str, value: str, detail: str) -> None:
    links = [(1, kind, value), (2, kind, value)]
    assert people(links) == [{1}, {2}]
    assert reasons(links) == {value: ("blocked", detail)}
    assert people(links, replace(RULES, blocks=())) == [{1, 2}]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("email", "ana@example.com"),
        ("email", "tester.ana@x.es"),
        ("email", "info@x.es"),
        ("phone", "+34600123456"),
        ("customer_id:shop", "1"),
        ("customer_id:shop", "1111"),
        ("member_id", "100000"),
    ],
)
def test_what_looks_like_them_and_is_one_joins(kind: str, value: str) -> None:
    assert people([(1, kind, value), (2, kind, value)]) == [{1, 2}]


def test_every_placeholder_is_found_in_any_case_and_with_spaces_around() -> None:
    words = {word for block in DEFAULT_BLOCKS for word in block.values}
    written = {f" {word.upper()}  " for word in words} | words
    assert reasons([(1, "member_id", word) for word in written]).keys() == written


def test_a_block_of_nothing_blocks_nothing() -> None:
    rules = replace(RULES, blocks=(Block("email", "none"),))
    assert people([(1, "email", ""), (2, "email", "")], rules) == [{1, 2}]


def test_a_blocked_customer_id_is_no_person_to_be_counted() -> None:
    email = ("email", "ana@x.es")
    assert people([*a_customer(1, email), (2, "customer_id:shop", "null"), (2, *email)]) == [{1, 2}]


def test_the_shops_own_addresses_join_nobody() -> None:
    rules = replace(RULES, blocks=(*DEFAULT_BLOCKS, block_own("ana.es", "Box@mail.com")))
    own = ["till@ana.es", "till@north.ana.es", "box@mail.com"]
    links = [(subject, "email", address) for address in [*own, "eva@mariana.es"] for subject in (1, 2)]
    assert reasons(links, rules) == dict.fromkeys(own, ("blocked", "own"))
    assert block_own("box@mail.com").pattern == ""


def test_what_a_person_joined_is_one_and_apart_again_when_she_takes_it_back() -> None:
    links = [(1, "email", "ana@x.es"), (2, "email", "ana@y.es"), (3, "email", "ana@y.es")]
    before = resolve(records(links), RULES)
    joined = replace(RULES, decisions=Decisions(together=frozenset({(3, 1)})))
    after = resolve_touched(before, (), joined)
    assert told(after).profiles == {1: 1, 2: 1, 3: 1}
    assert told(after) == told(resolve(records(links), joined))
    assert told(resolve_touched(after, (), RULES)) == told(before)


def test_joining_by_hand_knows_no_size_and_no_limit() -> None:
    links = [*a_customer(1), *a_customer(2), *a_customer(3)]
    joined = replace(RULES, largest=2, decisions=Decisions(together=frozenset({(1, 2), (2, 3), (3, 9)})))
    assert people(links, joined) == [{1, 2, 3}]


def test_what_is_kept_apart_loses_the_weakest_link_between() -> None:
    links = [
        (1, "email", "ana@x.es"),
        (2, "email", "ana@x.es"),
        (2, "anonymous_id", "b"),
        (3, "anonymous_id", "b"),
        (3, "anonymous_id", "c"),
        (4, "anonymous_id", "c"),
    ]
    apart = replace(RULES, decisions=Decisions(apart=frozenset({(1, 3)})))
    assert people(links, apart) == [{1, 2}, {3, 4}]
    assert reasons(links, apart) == {"b": ("kept_apart", "")}
    before = resolve(records(links), RULES)
    after = resolve_touched(before, (), apart)
    assert told(after) == told(resolve(records(links), apart))
    assert told(resolve_touched(after, (), RULES)) == told(before)


def test_who_stands_between_two_by_equal_evidence_joins_neither() -> None:
    links = [(1, "email", "a@x.es"), (2, "email", "a@x.es"), (2, "email", "b@x.es"), (3, "email", "b@x.es")]
    assert people(links, replace(RULES, decisions=Decisions(apart=frozenset({(1, 3)})))) == [{1}, {2}, {3}]


def test_by_hand_joined_and_kept_apart_at_once_is_a_contradiction() -> None:
    with pytest.raises(ConflictError, match="1 and 3"):
        Decisions(together=frozenset({(1, 2), (2, 3)}), apart=frozenset({(3, 1)}))


def test_why_two_subjects_are_one() -> None:
    links = [
        *a_customer(1, ("email", "ana@x.es"), ("anonymous_id", "b")),
        (2, "email", "ana@x.es"),
        (2, "anonymous_id", "b"),
        *a_visitor(3, "b"),
        (4, "email", "ana@y.es"),
    ]
    rules = replace(RULES, decisions=Decisions(together=frozenset({(2, 4)})))
    found = resolve(records(links), rules)
    # the e-mail is told of 1 and 2, though they share the browser too
    assert [tuple(row.values()) for row in find_merges(found).to_pylist()] == [
        (1, 2, "email", "ana@x.es"),
        (1, 3, "anonymous_id", "b"),
        (2, 4, DECISION, ""),
    ]
    assert explain_merge(found, 3, 4) == (
        Step(3, 1, "anonymous_id", "b"),
        Step(1, 2, "email", "ana@x.es"),
        Step(2, 4, DECISION, ""),
    )
    assert explain_merge(found, 3, 3) == explain_merge(found, 3, 99) == ()


def test_rows_that_lack_something_say_nothing_and_other_kinds_join_nobody() -> None:
    table = pa.table({"subject_id": [1, 2, None, 3, 4], "kind": ["email", None, "email", "email", "colour"]})
    table = table.append_column("value", pa.array(["a@x.es", "a@x.es", "a@x.es", None, "red"]))
    assert told(resolve(table, RULES)).profiles == {1: 1, 4: 4}
    assert people([(4, "colour", "red"), (5, "colour", "red")]) == [{4}, {5}]


def test_nothing_gives_nothing() -> None:
    found = resolve(records([]), RULES)
    assert told(found).profiles == {}
    assert (told(found).barred, told(found).drops, find_merges(found).num_rows) == ([], [], 0)
    assert told(resolve([], RULES)) == told(found)
    assert told(resolve_touched(found, records([(1, "email", "a@x.es")]), RULES)).profiles == {1: 1}


def test_parquet_files_are_read_as_a_table_is(tmp_path: Path) -> None:
    links = [*a_customer(1, ("email", "ana@x.es")), (2, "email", "ana@x.es"), (10**12, "email", "ñandú@x.es")]
    for place, link in enumerate(links):
        (tmp_path / str(place)).mkdir()
        pq.write_table(records([link]), tmp_path / str(place) / "links.parquet")
    found = resolve(sorted(tmp_path.glob("*/*.parquet")), RULES)
    assert told(found) == told(resolve(records(links), RULES))
    assert found.links() == resolve(records(links), RULES).links()


def test_links_without_a_column_are_refused() -> None:
    with pytest.raises(InputError, match="value"):
        resolve(pa.table({"subject_id": [1], "kind": ["email"]}), RULES)


def test_other_rules_resolve_everything_anew() -> None:
    links = [(1, "phone", "+34600123456"), (2, "phone", "+34600123456")]
    before = resolve(records(links[:1]), RULES)
    emails = replace(RULES, merging=("customer_id", "email"))
    after = resolve_touched(before, records(links[1:]), emails)
    assert told(after) == told(resolve(records(links), emails))
    assert told(after).profiles == {1: 1, 2: 2}


def test_many_small_batches_are_the_whole(tmp_path: Path) -> None:
    engine = DuckDBEngine(tmp_path / "scratch.duckdb")
    links = [(subject % 60, "email", f"e{subject * 37 % 90}@x.es") for subject in range(200)]
    rules = replace(RULES, largest=5)
    found = resolve(records([]), rules, engine=engine)
    for link in links:
        found = resolve_touched(found, records([link]), rules, engine=engine)
    engine.close()
    assert told(found) == told(resolve(records(links), rules))


@pytest.mark.parametrize(
    "make",
    [
        lambda: Block("", "reason"),
        lambda: Block("email", "reason", pattern="("),
        lambda: Limit("customer_id", 0),
        lambda: Decisions(together=frozenset({(1, 1)})),
        lambda: IdentityRules(largest=0),
        lambda: IdentityRules(merging=("email", "email")),
        lambda: IdentityRules(limits=(Limit("customer_id"), Limit("customer_id", 2))),
    ],
)
def test_rules_that_make_no_sense_are_refused(make: object) -> None:
    with pytest.raises(InputError) as refusal:
        make()  # type: ignore[operator]
    assert refusal.value.message("es") != refusal.value.message("en")
