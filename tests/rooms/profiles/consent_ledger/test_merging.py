"""Merging what stands for two people: properties, on random histories."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from rooms.profiles.consent_ledger import naive
from rooms.profiles.consent_ledger.a_ledger import LATE, NOON
from tesela.profiles.consent_ledger import ADDRESS_KINDS, CHANNELS, Entry, PersonConsents, gather, merge

ADDRESSES = (
    *(("email", f"{name}@x.es") for name in "abc"),
    *(("phone", "+34600000001"), ("customer_id", "7"), ("customer_id", "8")),
)
TRIED = ("email", "sms", "post")


def entries(addresses: tuple[naive.Address, ...] = ADDRESSES) -> st.SearchStrategy[Entry]:
    return st.builds(_entry, st.sampled_from(addresses), st.sampled_from(("yes", "yes", "no", "objection")), _TOLD)


_TOLD = st.fixed_dictionaries(
    {
        "channel": st.sampled_from(TRIED),
        "purpose": st.sampled_from(("marketing", "marketing", "surveys")),
        "occurred_at": st.integers(0, 6).map(lambda day: NOON + timedelta(days=day)),
        "basis": st.sampled_from((None, "consent", "existing_customer")),
        "load_id": st.sampled_from((None, 1, 1)),
        "is_dated": st.booleans(),
        "method": st.sampled_from((None, "form", "form")),
    }
)


def _entry(address: naive.Address, status: str, told: dict[str, object]) -> Entry:
    channel = {"channel": "any"} if status == "objection" else {}
    return Entry(*address, status=status, source="web", **{**told, **channel})  # type: ignore[arg-type]


def numbered(said: list[Entry]) -> list[Entry]:
    from dataclasses import replace

    return [replace(entry, sequence=place) for place, entry in enumerate(said, 1)]


histories = st.lists(entries(), max_size=12).map(numbered)
owned = st.sets(st.sampled_from(ADDRESSES))


def person(said: list[Entry], addresses: set[naive.Address]) -> PersonConsents:
    return gather(entry for entry in said if (entry.address_kind, entry.address) in addresses)


def asked(addresses: set[naive.Address]) -> list[tuple[naive.Address, str, str]]:
    """Every question that may be asked of a person's addresses."""
    return [
        (address, channel, purpose)
        for address in addresses
        for channel in TRIED
        for purpose in ("marketing", "surveys")
        if ADDRESS_KINDS.get(channel, address[0]) == address[0]
    ]


@given(histories, owned)
def test_it_says_what_the_rules_say(said: list[Entry], hers: set[naive.Address]) -> None:
    stands = person(said, hers)
    for address, channel, purpose in asked(hers):
        expected = naive.allows(said, hers, address, channel, purpose, LATE)
        assert stands.allows(address[1], channel, purpose) == expected


@given(histories, owned, owned)
def test_a_merge_is_the_person_with_both_ones_addresses(
    said: list[Entry], one: set[naive.Address], other: set[naive.Address]
) -> None:
    assert merge([person(said, one), person(said, other)]) == person(said, one | other)


@given(histories, owned, owned)
def test_a_merge_never_subscribes_anyone_again(
    said: list[Entry], one: set[naive.Address], other: set[naive.Address]
) -> None:
    parts = [(one, person(said, one)), (other, person(said, other))]
    merged = merge(stands for _, stands in parts)
    for addresses, before in parts:
        for address, channel, purpose in asked(addresses):
            told = before.decide(address[1], channel, purpose)
            if told is not None and told.status != "yes":
                assert not merged.allows(address[1], channel, purpose)


@given(histories, owned, owned)
def test_a_no_on_another_address_does_not_spread(
    said: list[Entry], one: set[naive.Address], other: set[naive.Address]
) -> None:
    """Without refusals of the person herself a merge leaves every address as it was."""
    plain = [e for e in said if e.status != "objection" and e.channel == "email" and e.address_kind == "email"]
    merged = merge([person(plain, one), person(plain, other)])
    for address, channel, purpose in asked(one):
        if channel == "email":
            assert merged.allows(address[1], channel, purpose) == person(plain, one).allows(
                address[1], channel, purpose
            )


@given(histories, owned, owned)
def test_an_objection_spreads(said: list[Entry], one: set[naive.Address], other: set[naive.Address]) -> None:
    last = Entry("email", "z@x.es", "any", "objection", LATE, "web", sequence=99)
    merged = merge([person(said, one), gather([last]), person(said, other)])
    assert not any(merged.allows(address[1], channel, "marketing") for address, channel, _ in asked(one | other))


@given(histories, st.lists(owned, max_size=4), st.randoms())
def test_the_order_of_merges_plays_no_part(said: list[Entry], sets: list[set[naive.Address]], random: object) -> None:
    parts = [person(said, each) for each in sets]
    whole = merge(parts)
    shuffled = list(parts)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    nested = PersonConsents()
    for each in [*shuffled, *parts]:
        nested = merge([each, nested])
    assert nested == whole
    assert merge([whole, whole]) == whole


@given(histories, owned, st.randoms())
def test_the_order_of_arrival_plays_no_part(said: list[Entry], hers: set[naive.Address], random: object) -> None:
    shuffled = list(said)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert person(shuffled, hers) == person(said, hers)


@given(st.lists(st.builds(PersonConsents, st.just({}), st.just({}))))
def test_nobody_said_anything(people: list[PersonConsents]) -> None:
    assert not any(merge(people).allows("a@x.es", channel, "marketing") for channel in CHANNELS)
