"""What holds for every value that anybody can write."""

from __future__ import annotations

import os
import string

import phonenumbers
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rooms.profiles.cleaning import cases
from tesela.profiles.cleaning import (
    FLAGS,
    KINDS,
    LEFT_ALONE,
    RULES,
    Cleaned,
    CleaningSettings,
    Kind,
    clean_column,
    clean_value,
    rules_of,
)

EXAMPLES = int(os.environ.get("TESELA_EXAMPLES", "150"))
COUNTRIES = ("ES", "MX", "AR", "CO", "CL", "PE", "US", "BR", "DE")
WRITTEN: list[tuple[Kind, str]] = [
    *(("email", each) for each in cases.EMAILS),
    *(("phone", each) for _, each in cases.PHONES),
    *(("name", each) for each in (*cases.NAMES, *cases.NAME_FLAGS)),
    *(("date", each) for each in cases.DATES),
    *(("birth_date", each) for each in cases.DATES),
    *(("country", each) for each in cases.COUNTRIES),
    *(("region", each) for each in cases.REGIONS),
    *(("postal_code", each) for _, each in cases.POSTAL_CODES),
    *(("postal_region", each) for _, each in cases.POSTAL_CODES),
    *(("language", each) for each in cases.LANGUAGES),
    *(("gender", each) for each in cases.GENDERS),
    *(("age", each) for each in cases.AGES),
]

some_settings = st.builds(
    CleaningSettings,
    country=st.sampled_from(COUNTRIES),
    day_order=st.sampled_from(["day_first", "month_first"]),
    off=st.frozensets(st.sampled_from([rule.name for rule in RULES]), max_size=12),
)
# any sign there is, halves of surrogate pairs too; and pieces of real values put together at random
anything = st.text(st.characters(), max_size=60)
pieces = st.lists(
    st.one_of(
        st.sampled_from([written for _, written in WRITTEN]), st.text(string.printable + "ÃáñÑªº´’@", max_size=6)
    ),
    max_size=4,
).map("".join)
written = st.one_of(anything, pieces)


def check(kind: Kind, original: str, how: CleaningSettings) -> Cleaned:
    cleaned = clean_value(kind, original, how)
    known = {rule.name: rule for rule in rules_of(kind)}
    assert cleaned.original == original
    assert bool(cleaned.rules) == (cleaned.value != original)
    assert not how.off & set(cleaned.rules)
    assert all(known[name].changes for name in cleaned.rules)
    said = {flag for name, rule in known.items() if name not in how.off for flag in rule.flags}
    assert set(cleaned.flags) <= said
    assert list(cleaned.flags) == sorted(set(cleaned.flags))
    if cleaned.suggestion is not None:
        assert cleaned.suggestion != cleaned.value
        assert any(rule.suggests for name, rule in known.items() if name not in how.off)
    return cleaned


@given(st.sampled_from(KINDS), written, some_settings)
@settings(max_examples=20 * EXAMPLES, deadline=None)
@example("name", "ŉ", CleaningSettings())
@example("name", "ǆ", CleaningSettings())
@example("name", "ΓΙΩΡΓΟΣ", CleaningSettings())
@example("email", "\ud800@x.es", CleaningSettings())
@example("phone", "+" * 50, CleaningSettings())
@example("date", "٣/٣/٢٠٢٠", CleaningSettings())
@example("postal_code", "²8001", CleaningSettings())
@example("age", "٣٤", CleaningSettings())
def test_cleaning_twice_is_cleaning_once(kind: Kind, original: str, how: CleaningSettings) -> None:
    cleaned = check(kind, original, how)
    again = check(kind, cleaned.value, how)
    assert again.value == cleaned.value
    assert again.rules == ()


@pytest.mark.parametrize("kind", KINDS)
def test_real_values_are_at_rest_once_cleaned(kind: Kind) -> None:
    for country in COUNTRIES:
        how = CleaningSettings(country=country)
        for each, original in WRITTEN:
            cleaned = check(kind, original, how)
            assert clean_value(kind, cleaned.value, how).value == cleaned.value, (each, original)


@given(st.sampled_from(KINDS), written)
@settings(max_examples=4 * EXAMPLES, deadline=None)
def test_with_every_rule_off_nothing_happens(kind: Kind, original: str) -> None:
    off = CleaningSettings(off=frozenset(rule.name for rule in RULES))
    assert clean_value(kind, original, off) == Cleaned(original, original)


def test_each_rule_can_be_switched_off_and_is_seen_at_work() -> None:
    """Without a rule nothing carries its name, and the values that it alone touched stay as they came."""
    seen, flagged, suggested = set(), set(), set()
    for kind, original in WRITTEN:
        for country in ("ES", "MX", "CL", "CO"):
            cleaned = clean_value(kind, original, CleaningSettings(country=country))
            seen |= set(cleaned.rules)
            flagged |= set(cleaned.flags)
            for name in cleaned.rules:
                less = check(kind, original, CleaningSettings(country=country).without(name))
                assert name not in less.rules
            if cleaned.suggestion:
                suggested.add(kind)
                off = {rule.name for rule in RULES if rule.suggests}
                assert clean_value(kind, original, CleaningSettings(off=frozenset(off))).suggestion is None
    assert seen == {rule.name for rule in RULES if rule.changes}
    assert flagged >= set(FLAGS) - {LEFT_ALONE, "ambiguous", "unknown", "improbable"}
    assert suggested == {kind for rule in RULES if rule.suggests for kind in rule.kinds}


@given(st.sampled_from(KINDS), written)
@settings(max_examples=2 * EXAMPLES, deadline=None)
def test_a_value_left_alone_is_as_it_came(kind: Kind, original: str) -> None:
    alone = CleaningSettings().leaving(kind, [original])
    assert clean_value(kind, original, alone) == Cleaned(original, original, flags=(LEFT_ALONE,))


@given(st.sampled_from(KINDS), st.lists(st.one_of(st.text(max_size=20), pieces), max_size=8), some_settings)
@settings(max_examples=2 * EXAMPLES, deadline=None)
def test_a_column_says_the_same_as_its_values(kind: Kind, originals: list[str], how: CleaningSettings) -> None:
    column = clean_column(kind, originals, how)
    assert column.table["original"].to_pylist() == list(dict.fromkeys(originals))
    for original in originals:
        assert column.find(original) == clean_value(kind, original, how)


# -- the quick ways say what the careful ones say

signs = st.text("0123456789 .-()+", max_size=18)
mobiles = st.tuples(
    st.sampled_from(["", "+34", "+52", "+54", "+54 9", "+57", "+56", "+51", "0034", "0", "+1", "+44"]),
    st.sampled_from(["6", "7", "9", "3", "55", "11", "9 11", "15", "412", "212"]),
    st.text("0123456789 -", min_size=6, max_size=11),
).map("".join)


@given(st.one_of(signs, mobiles), st.sampled_from(COUNTRIES))
@settings(max_examples=20 * EXAMPLES, deadline=None)
def test_phones_are_what_phonenumbers_makes_of_them(text: str, country: str) -> None:
    bare = text.strip()
    bare = "+" + bare[2:] if bare.startswith("00") else bare
    try:
        number = phonenumbers.parse(bare, country)
        is_valid = phonenumbers.is_valid_number(number)
    except phonenumbers.NumberParseException:
        is_valid = False
    cleaned = clean_value("phone", text, CleaningSettings(country=country).without("phone.legacy"))
    if is_valid:
        assert cleaned.value == phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        is_fixed = phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.FIXED_LINE
        assert ("fixed_line" in cleaned.flags) == is_fixed
    else:
        assert cleaned.value == text


@given(st.from_regex(r"[a-z0-9._+-]{1,20}@[a-z0-9.-]{1,20}\.[a-z]{2,6}", fullmatch=True))
@settings(max_examples=4 * EXAMPLES, deadline=None)
def test_addresses_are_what_email_validator_says(address: str) -> None:
    from email_validator import EmailNotValidError, validate_email

    try:
        normal = validate_email(address, check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError:
        normal = None
    cleaned = clean_value("email", address)
    if normal is None:
        # a point at the end or brackets around it are taken away first
        assert "invalid" in cleaned.flags
    else:
        assert cleaned.value == normal and "invalid" not in cleaned.flags


@given(st.text("abcñáéíóúüAÁÑÜÉªº'- de", max_size=16))
@settings(max_examples=4 * EXAMPLES, deadline=None)
@example("ÁáÉ")
def test_letters_of_spanish_hide_no_others(text: str) -> None:
    assert "name.mojibake" not in clean_value("name", text).rules
