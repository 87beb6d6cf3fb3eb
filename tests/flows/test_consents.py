"""Consents and stops through the whole job: imports, the ledger, merges, who may be written to, crashes.

The everyday suite kills imports of consents at two points; TESELA_KILLS says at how many.
"""

from __future__ import annotations

import os
import random
import shutil
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import tesela
from flows.command_line import Killer, a_workspace, answer
from flows.command_line import tesela as command
from tesela.base import ConflictError, FixedClock, InputError, NotFoundError
from tesela.warehouse import Statement

KILLS = int(os.environ.get("TESELA_KILLS", "2"))
NOW = datetime(2026, 11, 1, 12)
# what is said or stopped now counts from the next moment on
THEN = datetime(2026, 11, 1, 13)
CONTACTS = """customer_id,email,phone,created_at
1,ana@x.es,+34600000001,2026-01-01
2,luis@x.es,+34600000002,2026-01-01
3,eva@x.es,,2026-01-01
4,,+34600000004,2026-01-01
5,teo@x.es,+34600000005,2025-06-01
"""
CONSENTS = """customer_id,email,phone,channel,status,occurred_at,method,wording
1,ana@x.es,,email,yes,2026-02-01,form,v1
2,luis@x.es,,email,yes,2026-02-01,form,v1
3,eva@x.es,,email,yes,2026-02-01,form,v1
5,teo@x.es,,email,no,2026-02-01,form,v1
1,,+34600000001,sms,yes,2026-02-01,form,v1
4,,+34600000004,sms,yes,2026-02-01,form,v1
"""
EVENTS = """event,occurred_at,email,customer_id,bounce_type
unsubscribed,2026-03-01,luis@x.es,2,
email_bounced,2026-03-02,eva@x.es,3,hard
"""


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Any]:
    with tesela.init(tmp_path / "shop", clock=FixedClock(NOW)) as opened:
        (opened.folder / "segments" / "starter.yaml").write_text(
            "mail:\n  when: can_receive(email)\ntext:\n  when: can_receive(sms)\n", "utf-8"
        )
        bring(opened, "contacts", CONTACTS)
        yield opened


def bring(shop: Any, kind: str, rows: str, name: str = "file") -> Any:
    file = shop.folder / f"{name}.csv"
    file.write_text(rows, "utf-8")
    return shop.imports.run(kind, file)


def rows(shop: Any, sql: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = shop._stores.warehouse.query(Statement(sql)).to_pylist()
    return found


def told(shop: Any) -> list[Any]:
    """What holds, and what is stopped."""
    shop.segments.count("true")
    return [rows(shop, f"SELECT * FROM {name} ORDER BY ALL") for name in ("consents", "suppressions")]


def mail(shop: Any) -> list[int]:
    found: list[int] = shop.segments.members("true", THEN, reachable="email").column("customer_id").to_pylist()
    return sorted(int(each) for each in found)


def test_imports_are_told_once_and_follow_undo_rebuild_and_backup(shop: Any, tmp_path: Path) -> None:
    assert mail(shop) == []
    first = bring(shop, "consents", CONSENTS)
    assert (first.consents, first.ignored, first.stops) == (6, 0, 0)
    assert mail(shop) == [1, 2, 3]
    left = bring(shop, "email-events", EVENTS)
    assert (left.consents, left.stops) == (1, 1)
    reach = shop.segments.reach("true", "email", as_of=THEN)
    assert (reach.segment, reach.no_consent, reach.suppressed, reach.no_address, reach.reachable) == (
        *(5, 2, {"hard_bounce": 1}),
        *(1, 1),
    )
    # again: the same rows say nothing new
    assert bring(shop, "consents", CONSENTS).consents == 0
    before = told(shop)
    stamped = rows(shop, "SELECT max(sequence) AS n FROM consents")[0]["n"]
    assert stamped == len(shop._stores.permissions.said(shop._stores.control, every_address(shop))) == 7
    shop.jobs.rebuild()
    assert told(shop) == before
    # a yes of a customer who said no: with no proof it is kept and ignored, with a later one it counts
    unproven = CONTACTS.splitlines()[0] + ",email_consent,updated_at\n2,luis@x.es,,2026-01-01,yes,2026-08-01\n"
    ignored = bring(shop, "contacts", unproven, "again")
    assert (ignored.consents, ignored.ignored) == (1, 1)
    assert mail(shop) == [1]
    proven = "email,channel,status,occurred_at,method\nluis@x.es,email,yes,2026-08-01,form\n"
    assert bring(shop, "consents", proven.replace("2026-08-01", "2026-02-15"), "early").ignored == 0
    assert mail(shop) == [1], "an opt-in from before the no"
    late = bring(shop, "consents", proven, "late")
    assert mail(shop) == [1, 2]
    # an import that is taken back no longer counts, and the ledger still holds what it said
    shop.imports.undo(late.load_id)
    assert mail(shop) == [1]
    assert [e.status for e in shop.consents.show("luis@x.es").entries] == ["yes", "no", "yes", "yes", "yes"]
    shop.imports.undo(left.load_id)
    assert mail(shop) == [1, 2], "whoever bounced stays stopped"
    # a backup has the ledger, the stops and their key
    held = told(shop)
    tesela.backup(shop.folder, tmp_path / "backup.tar")
    with tesela.restore(tmp_path / "backup.tar", tmp_path / "again") as copy:
        assert told(copy) == held
        assert mail(copy) == [1, 2]
        copy.suppression.add("ana@x.es", "email")
        # stopped by its own clock, from now on
        assert copy.segments.members("can_receive(email)").column("profile_id").to_pylist() == [2]


def test_a_backup_knows_what_came_in_while_it_was_made(
    shop: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tesela.workspace import backup as backup_room

    copy_control = backup_room._add_control

    def import_first(*given: Any) -> None:
        bring(shop, "consents", CONSENTS)
        copy_control(*given)

    monkeypatch.setattr(backup_room, "_add_control", import_first)
    tesela.backup(shop.folder, tmp_path / "backup.tar")
    with tesela.restore(tmp_path / "backup.tar", tmp_path / "again") as copy:
        # the ledger tells of a load that the record lacks, and no other load becomes it
        assert mail(copy) == []
        later = bring(copy, "contacts", CONTACTS + "6,leo@x.es,,2026-01-01\n", "later")
        assert later.load_id == 3
        assert mail(copy) == []
        bring(copy, "consents", CONSENTS)
        assert mail(copy) == [1, 2, 3]


def every_address(shop: Any) -> list[tuple[str, str]]:
    return [(row["kind"], row["value"]) for row in rows(shop, "SELECT DISTINCT kind, value FROM identifiers")]


def test_merges_take_the_stricter_and_never_subscribe_anyone(shop: Any) -> None:
    bring(shop, "consents", CONSENTS)
    before = told(shop)
    assert mail(shop) == [1, 2, 3]
    shop.profiles.merge("ana@x.es", "teo@x.es", actor="eva")
    # the no of another address does not spread: what she has now decides
    assert shop.consents.show("ana@x.es").profile_id == shop.consents.show("teo@x.es").profile_id
    emails = shop.segments.members("can_receive(email)", THEN).column("email").to_pylist()
    assert sorted(emails) == ["ana@x.es", "eva@x.es", "luis@x.es"]
    shop.profiles.unmerge("ana@x.es", "teo@x.es", actor="eva")
    assert told(shop) == before
    # an objection to marketing as such does
    shop.consents.record("teo@x.es", status="objection", at="2026-06-01", actor="eva")
    assert mail(shop) == [1, 2, 3]
    merged = shop.profiles.merge("ana@x.es", "teo@x.es", actor="eva")
    assert shop.segments.reach("true", "email", as_of=THEN).objected == 1
    assert mail(shop) == [2, 3]
    shop.profiles.undo(merged.number, actor="eva")
    assert mail(shop) == [1, 2, 3]


def test_by_hand_and_from_lists(shop: Any, tmp_path: Path) -> None:
    bring(shop, "consents", CONSENTS)
    entry = shop.consents.record(
        "#1", channel="sms", status="no", at="2026-06-01", wording="v2", source="call", actor="eva"
    )
    assert (entry.address, entry.sequence, entry.actor) == ("+34600000001", 7, "eva")
    assert shop.segments.reach("true", "sms", as_of=THEN).reachable == 1
    with pytest.raises(InputError, match="no address for sms"):
        shop.consents.record("eva@x.es", channel="sms", status="yes")
    with pytest.raises(InputError, match="fax"):
        shop.consents.record("eva@x.es", channel="fax", status="yes")
    with pytest.raises(NotFoundError):
        shop.segments.reach("true", "fax")
    # somebody who is not here yet
    shop.consents.record("new@x.es", channel="email", status="yes", basis="existing_customer", at="2026-06-01")
    assert shop.consents.show("NEW@x.es").profile_id is None
    bring(shop, "contacts", CONTACTS.splitlines()[0] + "\n9,new@x.es,,2026-07-01\n", "new")
    assert mail(shop) == [1, 2, 3, 9]
    # a list that spares who consented stops whom the shop writes to on another basis
    names = tmp_path / "robinson.csv"
    names.write_text("address\nana@x.es\nnew@x.es\n600 000 004\nnobody\n", "utf-8")
    kept = shop.suppression.import_list("Lista Robinson", names, dated_on="2026-05-01", actor="eva")
    assert (kept.addresses, kept.unreadable) == (3, 1)
    assert mail(shop) == [1, 2, 3]
    assert shop.segments.reach("true", "email", as_of=THEN).suppressed == {"Lista Robinson": 1}
    with pytest.raises(ConflictError, match="older"):
        shop.suppression.import_list("Lista Robinson", names, dated_on="2026-04-01")
    shop.suppression.import_list("Ours", names, dated_on="2026-05-01", binds_consented=True, channels=["email"])
    assert mail(shop) == [2, 3]
    assert shop.suppression.add("luis@x.es", "email", actor="eva", note="asked by phone")
    assert mail(shop) == [3]
    assert shop.suppression.remove("luis@x.es", "email") == 1
    assert mail(shop) == [2, 3]
    assert [each.name for each in shop.suppression.lists()] == ["Lista Robinson", "Ours"]
    stops = shop.profiles.show("ana@x.es").facts.suppressions
    assert [(s["list_name"], s["binds_consented"]) for s in stops] == [("Lista Robinson", False), ("Ours", True)]
    [consent] = [c for c in shop.profiles.show("ana@x.es").facts.consents if c["channel"] == "email"]
    assert (consent["basis"], consent["wording"], consent["sequence"] in (1, 2, 3, 4)) == ("consent", "v1", True)
    # an empty second version lets go of everyone
    names.write_text("nobody@x.es\n", "utf-8")
    shop.suppression.import_list("Ours", names, dated_on="2026-06-01", binds_consented=True)
    assert mail(shop) == [1, 2, 3]
    with pytest.raises(InputError, match="no e-mail"):
        shop.suppression.import_list("Ours", write(names, "x\n"), dated_on="2026-06-01")
    with pytest.raises(InputError, match="no date"):
        shop.suppression.import_list("Ours", names, dated_on="soon")


def write(file: Path, text: str) -> Path:
    file.write_text(text, "utf-8")
    return file


def test_a_refresh_computes_exactly_whom_it_concerns(shop: Any) -> None:
    bring(shop, "consents", CONSENTS)
    shop.jobs.run()
    clock = shop.segments._clock

    def refreshed() -> tuple[int | None, dict[str, list[int]]]:
        done = shop.jobs.refresh()
        stays = rows(shop, "SELECT segment, profile_id FROM memberships WHERE left_at IS NULL ORDER BY ALL")
        inside = {name: [row["profile_id"] for row in stays if row["segment"] == name] for name in ("mail", "text")}
        for slug, members in inside.items():
            assert members == shop.segments.members(slug).column("profile_id").to_pylist(), slug
        return done.computed, inside

    def later(hours: int) -> None:
        object.__setattr__(clock, "moment", datetime(2026, 11, 1, 12 + hours))

    numbers = {row["value"]: row["profile_id"] for row in rows(shop, "SELECT * FROM identifiers")}
    later(1)
    assert refreshed()[0] == 0
    shop.consents.record("ana@x.es", channel="email", status="no", at="2026-06-01")
    assert rows(shop, "SELECT profile_id FROM changed_profiles") == [{"profile_id": numbers["ana@x.es"]}]
    later(2)
    computed, inside = refreshed()
    assert computed == 1
    assert numbers["ana@x.es"] not in inside["mail"]
    shop.suppression.add("luis@x.es", "email")
    assert rows(shop, "SELECT profile_id FROM changed_profiles") == [{"profile_id": numbers["luis@x.es"]}]
    later(3)
    assert refreshed() == (1, {"mail": [numbers["eva@x.es"]], "text": inside["text"]})
    # a stop of its own time, and one of a list that is dated ahead
    shop.suppression.import_list(
        "Ours", write(shop.folder / "list.csv", "eva@x.es\nother@x.es\n"), dated_on="2026-11-02", binds_consented=True
    )
    later(4)
    assert refreshed() == (1, {"mail": [numbers["eva@x.es"]], "text": inside["text"]})
    later(11)
    shop.jobs.refresh()
    object.__setattr__(clock, "moment", datetime(2026, 11, 2, 1))
    assert refreshed()[1] == {"mail": [], "text": inside["text"]}


def test_what_a_crash_leaves_is_followed(shop: Any, tmp_path: Path) -> None:
    bring(shop, "consents", CONSENTS)
    assert mail(shop) == [1, 2, 3]
    stores = shop._stores
    # said, and the process is gone before anything follows
    stores.permissions.outdate(stores.warehouse)
    said = {"channel": "email", "status": "no", "occurred_at": datetime(2026, 6, 1), "source": "call"}
    stores.permissions.say(stores.control, ("email", "ana@x.es"), at=NOW, **said)
    stores.permissions.stop(stores.control, ("email", "luis@x.es"), "email", at=datetime(2026, 6, 1), source="call")
    shop.close()
    with tesela.open(shop.folder, clock=FixedClock(NOW)) as again:
        assert mail(again) == [3]
        # about to be said, and the process is gone before it was
        again._stores.permissions.outdate(again._stores.warehouse)
        again.close()
    with tesela.open(shop.folder, clock=FixedClock(NOW)) as again:
        assert mail(again) == [3]
        assert again._stores.permissions.is_current(again._stores.warehouse)
    # without its key nobody is forgotten by mistake
    key = shop.folder / ".tesela" / "suppression.key"
    key.rename(tmp_path / "key")
    with tesela.open(shop.folder, clock=FixedClock(NOW)) as again:
        with pytest.raises(tesela.TeselaError, match="key"):
            again.suppression.add("eva@x.es", "email")
        (tmp_path / "key").rename(key)
        assert mail(again) == [3]


PEOPLE = 4_000


@pytest.mark.slow
def test_killed_imports_tell_the_ledger_once(tmp_path: Path) -> None:
    shop = a_workspace(tmp_path / "shop")
    lines = [f"p{n}@x.es,email,{'no' if n % 3 else 'yes'},2026-02-{1 + n % 28:02d},form\n" for n in range(PEOPLE)]
    file = write(tmp_path / "consents.csv", "email,channel,status,occurred_at,method\n" + "".join(lines))
    bounces = [f"email_bounced,2026-03-01,p{n}@x.es,hard\n" for n in range(0, PEOPLE, 6)]
    stops = write(tmp_path / "mail.csv", "event,occurred_at,email,bounce_type\n" + "".join(bounces))

    def whole(folder: Path) -> list[Any]:
        answer("import", "consents", file, "--workspace", folder, "--yes")
        answer("import", "email-events", stops, "--workspace", folder, "--yes")
        found = answer("reachable", "true", "--channel", "email", "--workspace", folder)
        with tesela.open(folder) as opened:
            sequence = rows(opened, "SELECT count(*) AS n, max(sequence) AS last FROM consent_entries")
            return [found["segment"], found["suppressed"], found["reachable"], sequence]

    clean = Path(shutil.copytree(shop, tmp_path / "clean"))
    began = time.monotonic()
    expected = whole(clean)
    killer = Killer((time.monotonic() - began) / 3)
    assert expected[1:3] == [{"hard_bounce": 667}, 667]
    rng = random.Random(5)
    for kill in range(KILLS):
        folder = Path(shutil.copytree(shop, tmp_path / f"shop{kill}"))
        share = 0.5 + 0.5 * (kill + rng.random()) / KILLS
        killer.kills(share, "import", "consents", file, "--workspace", folder, "--yes")
        killer.kills(share, "import", "email-events", stops, "--workspace", folder, "--yes")
        killer.kills(share, "count", "can_receive(email)", "--workspace", folder)
        assert whole(folder) == expected
        shutil.rmtree(folder)


def test_the_commands_in_both_languages(shop: Any) -> None:
    bring(shop, "consents", CONSENTS)
    bring(shop, "email-events", EVENTS)
    shop.close()
    here = ("--workspace", shop.folder)
    recorded = answer("consent", "record", "ana@x.es", "--channel", "email", "--status", "no", "--by", "eva", *here)
    assert (recorded["sequence"], recorded["actor"]) == (8, "eva")
    shown = answer("consent", "show", "ana@x.es", *here)
    assert [entry["status"] for entry in shown["entries"]] == ["yes", "yes", "no"]
    assert answer("suppression", "add", "luis@x.es", "--channel", "email", *here) == {"stopped": True}
    said = command("reachable", "did unsubscribed", "--channel", "email", *here, "--lang", "es").stdout
    assert "1  en el segmento" in said
    assert "-1  sin consentimiento" in said
    page = command("profile", "show", "luis@x.es", *here, "--lang", "es").stdout
    assert "email / marketing  luis@x.es: no, por unsubscribed" in page
    assert "email  luis@x.es: a mano" in page
    why = command("explain", "luis@x.es", "can_receive(email)", *here).stdout
    assert "can_receive(email) = no consent" in why
    listed = command("members", "true", "--reachable", "sms", *here)
    assert listed.stdout.splitlines() == ["profile_id,customer_id,email", "1,1,ana@x.es", "4,4,"]
    assert "may be written to (sms, marketing)" in listed.stderr
    refused = command("consent", "record", "ana@x.es", "--status", "yes", *here, check=False)
    assert refused.returncode == 2
    assert "--channel" in refused.stderr
