"""One person is erased: nothing of her is in any byte of the workspace, and nothing brings her back."""

from __future__ import annotations

import json
import shutil
from fnmatch import fnmatch
from pathlib import Path

import pytest

import tesela as library
from flows import canaries
from flows.canaries import CANARIES, EMAIL, FILES, found_in
from flows.command_line import answer, tesela
from tesela.base import NotFoundError
from tesela.workspace.folder import PLACES, Layout


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace in which everything was used; its files are beside it, and a backup from before."""
    folder = tmp_path_factory.mktemp("erasure")
    with pytest.MonkeyPatch.context() as small:
        # every load lies in several files, as a large one would
        small.setattr("tesela.events.intake._ROWS_A_FILE", 2)
        with library.init(folder / "shop", clock=canaries.clock()) as workspace:
            canaries.fill(workspace, folder / "files")
    library.backup(folder / "shop", folder / "before.tar")
    return folder


@pytest.fixture(scope="module")
def erased(shop: Path) -> Path:
    """A copy in which she has been erased on the command line."""
    folder = shop / "erased"
    shutil.copytree(shop / "shop", folder)
    told = answer("privacy", "erase", EMAIL, "--dry-run", "--workspace", folder)
    done = answer("privacy", "erase", EMAIL, "--yes", "--workspace", folder)
    assert told["rows"] == done["rows"]
    assert done["rows"].keys() >= {"events", "memberships", "consent_ledger", "subject_numbers", "events_rejected"}
    assert done["own_files"] == ["segments/starter.yaml"], "what is the shop's own is named, and left"
    (folder / "segments" / "starter.yaml").write_text("buyers:\n  when: did order_completed\n", "utf-8")
    return folder


def opened(folder: Path) -> library.Workspace:
    return library.open(folder, clock=canaries.clock())


def test_every_canary_was_held_and_none_is_left_in_any_byte(shop: Path, erased: Path) -> None:
    assert {each.rpartition(": ")[2] for each in found_in(shop / "shop")} == set(CANARIES)
    assert found_in(erased) == []


def test_every_file_lies_in_a_place_that_erasure_knows(shop: Path) -> None:
    root = shop / "shop"
    layout = Layout(root)
    places = {place.name: getattr(layout, place.name) for place in PLACES}
    strays = [
        path
        for path in root.rglob("*")
        if path.is_file()
        and not any(path == place or path.is_relative_to(place) for place in places.values())
        and not any(fnmatch(path.name, f"{place.name}[-.]*") for place in places.values())
    ]
    assert strays == []


def test_others_keep_what_is_theirs(erased: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(erased, tmp_path / "shop"))
    with opened(folder) as workspace:
        run = workspace.jobs.run()
        assert workspace.segments.count("did order_completed") == 2
        assert workspace.segments.count('did product_purchased where product_id = "P1"') == 1
        luis = workspace.profiles.show("luis@example.com")
        assert {event["order_id"] for event in luis.facts.events} >= {"A0", "B1"}
        sizes = {slug: kpis.size for slug, kpis in run.kpis.items()}
        workspace.jobs.rebuild()
        assert {slug: kpis.size for slug, kpis in workspace.jobs.run().kpis.items()} == sizes
        with pytest.raises(NotFoundError, match=r"Near it: luis@example\.com"):
            workspace.privacy.preview("luiz@example.com")


def test_nothing_that_comes_in_brings_her_back(shop: Path, erased: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(erased, tmp_path / "shop"))
    with opened(folder) as workspace:
        base = workspace.segments.count("count(page_viewed) >= 0").base
        for kind in FILES:
            name = f"{kind} {EMAIL}.csv" if kind == "contacts" else f"{kind}.csv"
            again = tmp_path / f"{kind}.csv"
            shutil.copy(shop / "files" / name, again)
            done = workspace.imports.run(kind, again)  # type: ignore[arg-type]
            assert done.received == len(FILES[kind]) == done.stored + done.duplicate + done.rejected
            hers = sum("zul" in str(row).lower() for row in FILES[kind])
            assert (done.stored, done.reasons) == (0, {"events.erased": hers}), kind
        # an order that is new, told by its first line alone
        (tmp_path / "late.csv").write_text(
            "order,line,email,date,product,quantity,total\n"
            f"ZULORDER9,1,{EMAIL},2026-05-19 10:00,P1,1,3.00\nZULORDER9,2,,2026-05-19 10:00,P2,1,4.00\n", "utf-8"
        )  # fmt: skip
        late = workspace.imports.run("order-lines", tmp_path / "late.csv")
        assert (late.stored, late.reasons) == (0, {"events.erased": 2})
        for load in workspace.imports.list():
            assert load.received == load.stored + load.duplicate + load.rejected
        workspace.jobs.run()
        assert workspace.segments.count("count(page_viewed) >= 0").base == base == 2
        workspace.imports.undo(1)
        workspace.jobs.rebuild()
        workspace.jobs.run()
        assert workspace.privacy.erase(EMAIL, actor="Marta").was_before
        assert workspace.privacy.preview("699 12 34 56").was_before
    assert found_in(folder, (*CANARIES, "ZULORDER9")) == []


def test_it_asks_and_names_what_is_out_of_reach(shop: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(shop / "shop", tmp_path / "shop"))
    refused = tesela("privacy", "erase", EMAIL, "--workspace", folder, check=False)
    assert refused.returncode == 2
    assert "Would be erased: 1 (people)" in refused.stdout
    assert "backups made before" in refused.stdout
    assert "--yes" in refused.stderr
    with opened(folder) as workspace:
        assert workspace.profiles.show(EMAIL).facts.is_known
        busy = tesela("privacy", "erase", EMAIL, "--yes", "--workspace", folder, check=False)
        assert busy.returncode == 1
        assert "in use" in busy.stderr


def test_she_is_told_everything_that_is_held(shop: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(shop / "shop", tmp_path / "shop"))
    tesela("privacy", "export", EMAIL, "--out", tmp_path / "hers", "--workspace", folder, "--as-of", canaries.NOW)
    told = (tmp_path / "hers" / "person.json").read_text("utf-8")
    everything = told + "".join(path.read_text("utf-8") for path in sorted((tmp_path / "hers").glob("*.csv")))
    assert [word for word in CANARIES if word not in everything] == []
    assert "luis@example.com" not in everything, "nothing of anybody else"
    person = json.loads(told)
    assert {each["segment"]: each["is_member"] for each in person["segments"]} == {
        "buyers": True, "readers": True, "vip": True,
    }  # fmt: skip
    [buyers] = [each for each in person["segments"] if each["segment"] == "buyers"]
    assert buyers["rule"]["es"]
    assert buyers["why"]["events"][0]["order_id"] == "ZULORDER2"
    assert {"identity", "attributes", "consents", "traits", "decided_by_hand", "sources"} <= person.keys()
    assert any(EMAIL in load["origin"] for load in person["sources"])
    assert person["held"].keys() >= {"consent_ledger", "suppression_acts", "events_rejected", "memberships"}
    again = tesela("privacy", "export", EMAIL, "--out", tmp_path / "hers", "--workspace", folder, check=False)
    assert (again.returncode, "exists" in again.stderr) == (1, True)
    told = answer("privacy", "export", EMAIL, "--out", tmp_path / "hers.json", "--workspace", folder)
    assert json.loads((tmp_path / "hers.json").read_text("utf-8"))["profile"] == told["profile_id"]


def test_a_backup_from_before_brings_her_back_only_where_nobody_knows(shop: Path, erased: Path, tmp_path: Path) -> None:
    plain = tesela("restore", shop / "before.tar", tmp_path / "plain")
    assert "--erased" in plain.stderr, "what cannot be known is said"
    assert found_in(tmp_path / "plain", (EMAIL,)) != []
    tesela("restore", shop / "before.tar", tmp_path / "again", "--erased", erased)
    (tmp_path / "again" / "segments" / "starter.yaml").unlink()
    assert found_in(tmp_path / "again") == []
    with opened(tmp_path / "again") as workspace:
        assert workspace.privacy.preview(EMAIL).was_before
        assert workspace.segments.count("did order_completed", canaries.NOW) == 2
    unknown = tesela("restore", shop / "before.tar", tmp_path / "no", "--erased", tmp_path, check=False)
    assert (unknown.returncode, (tmp_path / "no").exists()) == (2, False)
    assert "who was erased" in unknown.stderr


def test_who_stands_in_rejected_rows_and_the_ledger_alone_is_told_and_erased(tmp_path: Path) -> None:
    """No profile has the address: one row could not be read, and a no was written down by hand."""
    folder, her = tmp_path / "shop", "sola.sinficha@example.com"
    (tmp_path / "events.csv").write_text(
        "name,time,email,id\npage_viewed,2026-05-01 09:00,luis@example.com,m1\n"
        f"page_viewed,el viernes,{her},m2\npage_viewed,el sábado,luis@example.com,m3\n",
        "utf-8",
    )
    with library.init(folder, clock=canaries.clock()) as workspace:
        workspace.imports.run("events", tmp_path / "events.csv")
        workspace.jobs.run()
    tesela("consent", "record", her, "--status", "no", "--channel", "email", "--workspace", folder)
    library.backup(folder, tmp_path / "before.tar")
    assert found_in(folder, (her,)) != []
    told = answer("privacy", "export", her, "--out", tmp_path / "hers.json", "--workspace", folder)
    held = json.loads((tmp_path / "hers.json").read_text("utf-8"))["held"]
    assert told["profile_id"] is None
    assert {name: len(rows) for name, rows in held.items()} == told["rows"]
    assert held.keys() >= {"events_rejected", "consent_ledger"}
    assert "luis@example.com" not in (tmp_path / "hers.json").read_text("utf-8")
    tesela("privacy", "export", her, "--out", tmp_path / "hers", "--workspace", folder)
    done = answer("privacy", "erase", her, "--yes", "--workspace", folder)
    assert (done["people"], done["rows"]) == (1, told["rows"])
    assert found_in(folder, (her,)) == []
    assert found_in(folder, ("luis@example.com", "el sábado")) != []
    with opened(folder) as workspace:
        again = workspace.imports.run("events", tmp_path / "events.csv")
        assert (again.stored, again.duplicate, again.rejected) == (0, 1, 2)
        assert workspace.privacy.preview(her).was_before
    assert found_in(folder, (her,)) == []
    tesela("restore", tmp_path / "before.tar", tmp_path / "again", "--erased", folder)
    assert found_in(tmp_path / "again", (her,)) == []
    nobody = tesela("privacy", "erase", "nadie@example.com", "--dry-run", "--workspace", folder, check=False)
    assert nobody.returncode == 2
