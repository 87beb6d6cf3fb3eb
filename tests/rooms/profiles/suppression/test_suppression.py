"""Stops and exclusion lists: what each does, and what becomes of it."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from rooms.profiles.consent_ledger.a_ledger import ANA, ANAS_WORK, LUIS, PHONE, an_entry, days, imported
from rooms.profiles.suppression.a_suppressed_shop import Shop
from tesela.base import ConflictError, InputError, UnavailableError
from tesela.profiles.suppression import HashKey, list_lists, list_suppressions, open_key
from tesela.profiles.tables import ADDRESS_HASHES, SUPPRESSIONS
from tesela.warehouse import statement


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = Shop.in_folder(tmp_path)
    made.ledger.people({1: {ANA, PHONE, ("customer_id", "7")}, 2: {LUIS}, 3: {ANAS_WORK}})
    made.ledger.say(an_entry(), an_entry(LUIS), an_entry(PHONE, channel="sms"))
    made.project()
    yield made
    made.close()


def suppressed(shop: Shop) -> list[tuple[str, str, str]]:
    asked = "SELECT value, channel, reason FROM {table} ORDER BY ALL"
    found = shop.ledger.engine.query(statement(asked, tables={"table": SUPPRESSIONS})).to_pylist()
    return [(row["value"], row["channel"], row["reason"]) for row in found]


# --- stops --------------------------------------------------------------------------------------------------


def test_who_can_receive(shop: Shop) -> None:
    assert shop.why_not() == {1: None, 2: None, 3: "no_consent"}
    assert shop.why_not("sms") == {1: None, 2: "no_address", 3: "no_address"}


@pytest.mark.parametrize("reason", ["hard_bounce", "complaint", "manual", "erased"])
def test_a_stop_says_why(shop: Shop, reason: str) -> None:
    shop.stop(ANA, reason=reason)
    shop.project()
    assert shop.why_not() == {1: f"suppressed: {reason}", 2: None, 3: "no_consent"}
    assert shop.why_not("sms")[1] is None


def test_the_gravest_stop_is_told(shop: Shop) -> None:
    for reason in ("manual", "complaint", "hard_bounce"):
        shop.stop(ANA, reason=reason)
    shop.project()
    assert shop.why_not()[1] == "suppressed: complaint"


def test_a_stop_counts_from_its_own_time(shop: Shop) -> None:
    shop.stop(ANA, occurred_at=days(5))
    shop.project()
    assert shop.why_not(at=days(3))[1] is None
    assert shop.why_not(at=days(6))[1] == "suppressed: manual"


def test_a_stop_is_lifted_and_set_again(shop: Shop) -> None:
    shop.stop(ANA)
    shop.stop(ANA, is_lifted=True, occurred_at=days(3))
    shop.project()
    assert shop.why_not()[1] is None
    shop.stop(ANA, occurred_at=days(3))
    shop.project()
    assert shop.why_not()[1] == "suppressed: manual", "of two at one time the stop"


def test_lifting_one_reason_leaves_the_others(shop: Shop) -> None:
    shop.stop(ANA, reason="hard_bounce")
    shop.stop(ANA, reason="complaint")
    shop.stop(ANA, reason="hard_bounce", is_lifted=True, occurred_at=days(3))
    shop.project()
    assert shop.why_not()[1] == "suppressed: complaint"


def test_a_repeat_is_no_new_stop(shop: Shop) -> None:
    assert (shop.stop(ANA), shop.stop(ANA)) == (1, 0)


def test_a_person_whom_nothing_but_a_number_names(shop: Shop) -> None:
    shop.ledger.say(an_entry(("customer_id", "7"), channel="onsite"))
    shop.project()
    assert shop.why_not("onsite")[1] is None
    shop.stop(("customer_id", "7"), channel="onsite")
    shop.project()
    assert shop.why_not("onsite")[1] == "suppressed: manual"


def test_an_address_that_comes_later_is_known_at_once(shop: Shop) -> None:
    new = ("email", "new@x.es")
    shop.stop(new)
    shop.project()
    assert suppressed(shop) == []
    shop.ledger.people({1: {new}})
    shop.ledger.say(an_entry(new))
    shop.project()
    assert shop.why_not() == {1: "suppressed: manual"}


def test_projecting_again_changes_nothing(shop: Shop) -> None:
    shop.stop(ANA)
    shop.exclude(LUIS)
    shop.project()
    before = suppressed(shop)
    shop.project()
    assert suppressed(shop) == before == [("ana@x.es", "email", "manual"), ("luis@x.es", "email", "exclusion_list")]


def test_only_those_asked_about(shop: Shop) -> None:
    assert shop.why_not(among=[2, 3]) == {2: None, 3: "no_consent"}
    assert shop.why_not(among=[]) == {}


def test_what_was_objected_to(shop: Shop) -> None:
    shop.ledger.say(an_entry(PHONE, "objection", day=3))
    shop.project()
    assert shop.why_not()[1] == "objected"
    assert shop.why_not(at=days(2))[1] is None


# --- lists --------------------------------------------------------------------------------------------------


def test_a_public_list_spares_who_consented(shop: Shop) -> None:
    shop.ledger.say(an_entry(ANAS_WORK, basis="existing_customer"))
    shop.exclude(ANA, ANAS_WORK, name="Lista Robinson")
    shop.project()
    assert shop.why_not() == {1: None, 2: None, 3: "suppressed: Lista Robinson"}


def test_a_yes_without_proof_is_not_spared(shop: Shop) -> None:
    shop.ledger.say(imported(ANAS_WORK, method=None))
    shop.exclude(ANAS_WORK)
    shop.project()
    assert shop.why_not()[3] == "suppressed: Robinson"
    shop.ledger.say(imported(ANAS_WORK))
    shop.project()
    assert shop.why_not()[3] is None


def test_a_list_may_bind_who_consented(shop: Shop) -> None:
    shop.exclude(ANA, name="Our own", binds_consented=True)
    shop.project()
    assert shop.why_not()[1] == "suppressed: Our own"


def test_the_newest_version_holds(shop: Shop) -> None:
    shop.exclude(ANA, ANA, binds_consented=True)
    shop.exclude(LUIS, day=2, binds_consented=True)
    shop.project()
    assert shop.why_not() == {1: None, 2: "suppressed: Robinson", 3: "no_consent"}
    [held] = list_lists(shop.ledger.control)
    assert (held.dated_on.day, held.addresses) == (2, 1)
    with pytest.raises(ConflictError) as raised:
        shop.exclude(ANA, day=1)
    assert raised.value.code == "profiles.suppression.older_list"


def test_lists_by_channel(shop: Shop) -> None:
    shop.exclude(ANA, PHONE, channels=["sms", "phone"], binds_consented=True)
    shop.project()
    assert shop.why_not()[1] is None
    assert shop.why_not("sms")[1] == "suppressed: Robinson"


# --- the key ------------------------------------------------------------------------------------------------


def test_no_address_stands_in_the_control_store(shop: Shop) -> None:
    stopped = ("email", "secret.person@x.es")
    shop.stop(stopped)
    shop.exclude(stopped)
    shop.ledger.control.close()
    written = b"".join(path.read_bytes() for path in shop.ledger.folder.glob("control.sqlite*"))
    assert b"secret.person" not in written


def test_the_key_is_its_owners_alone(shop: Shop) -> None:
    path = shop.ledger.folder / "suppression.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert open_key(path, shop.ledger.control).hash(*ANA) == shop.key.hash(*ANA)


def test_without_the_key_nothing_goes_on(shop: Shop) -> None:
    path = shop.ledger.folder / "suppression.key"
    written = path.read_text()
    for content, code in ((None, "key_missing"), ("00" * 32, "other_key"), ("no key", "key_unreadable")):
        path.unlink(missing_ok=True)
        if content is not None:
            path.write_text(content)
        with pytest.raises(UnavailableError) as raised:
            open_key(path, shop.ledger.control)
        assert raised.value.code == f"profiles.suppression.{code}"
    path.write_text(written)
    assert open_key(path, shop.ledger.control).fingerprint == shop.key.fingerprint


def test_keys_differ() -> None:
    one, other = HashKey(b"1" * 32), HashKey(b"2" * 32)
    assert one.hash(*ANA) != other.hash(*ANA)
    assert one.hash("email", "7") != one.hash("phone", "7")
    assert len(one.hash(*ANA)) == 32


def test_each_address_is_hashed_once(shop: Shop) -> None:
    hashed = statement("SELECT count(*) AS n, count(DISTINCT hash) AS different FROM {t}", tables={"t": ADDRESS_HASHES})
    # while nobody is stopped nothing needs to be
    assert shop.ledger.engine.query(hashed).to_pylist() == [{"n": 0, "different": 0}]
    shop.stop(ANA)
    shop.project()
    assert shop.ledger.engine.query(hashed).to_pylist() == [{"n": 5, "different": 5}]
    shop.project()
    assert shop.ledger.engine.query(hashed).to_pylist() == [{"n": 5, "different": 5}]


# --- what is refused ------------------------------------------------------------------------------------------


def test_what_cannot_be(shop: Shop) -> None:
    with pytest.raises(InputError, match="fax"):
        shop.stop(ANA, channel="fax")
    with pytest.raises(InputError, match="because"):
        shop.stop(ANA, reason="because")
    with pytest.raises(InputError, match="needs a name"):
        shop.exclude(ANA, name=" ")
    with pytest.raises(InputError, match="fax"):
        shop.exclude(ANA, channels=["fax"])
    with pytest.raises(InputError, match="fax"):
        shop.why_not("fax")


def test_what_holds_of_an_address(shop: Shop) -> None:
    shop.stop(ANA, note="asked by phone")
    shop.stop(LUIS, reason="hard_bounce")
    shop.exclude(ANA)
    found = list_suppressions(shop.ledger.control, [shop.key.hash(*ANA)])
    assert [(each.reason, each.list_name, each.note) for each in found] == [
        ("manual", "", "asked by phone"),
        ("exclusion_list", "Robinson", ""),
    ]
    assert [each.reason for each in list_suppressions(shop.ledger.control)] == ["manual", "hard_bounce"]
