"""What is older than it may be kept leaves the record and the warehouse, the same however often and whenever killed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import tesela as library
from flows import canaries
from flows.canaries import found_in
from flows.command_line import answer, tesela
from flows.killing import chosen, run_killed
from tesela.base import InputError

RETENTION = '\n[retention]\npage_viewed = "3 weeks"\norder_completed = "1 month"\nrejected = "1 day"\n'
AS_OF = "2026-05-23 12:00"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("retention")
    with library.init(folder / "shop", clock=canaries.clock()) as workspace:
        canaries.fill(workspace, folder / "files")
        workspace.imports.run("events", _older(folder))
    with (folder / "shop" / "tesela.toml").open("a", encoding="utf-8") as settings:
        settings.write(RETENTION)
    return folder / "shop"


def _older(folder: Path) -> Path:
    """Page views of three months, the last of them just kept and just not."""
    times = ["2026-02-10 10:00", "2026-03-10 10:00", "2026-03-11 10:00", "2026-05-02 11:59:59", "2026-05-02 12:00"]
    path = folder / "older.csv"
    rows = [f"old{n},page_viewed,{time},luis@example.com,https://shop.example/viejo{n}" for n, time in enumerate(times)]
    path.write_text("id,name,time,email,url\n" + "\n".join(rows) + "\n", "utf-8")
    return path


def facts(workspace: library.Workspace) -> tuple[object, ...]:
    counted = ("received", "stored", "duplicate", "rejected", "reasons")
    loads = [tuple(getattr(load, name) for name in counted) for load in workspace.imports.list()]
    rules = ("did page_viewed", "did order_completed", "count(product_purchased) >= 1", "did form_submitted")
    return loads, [workspace.segments.count(rule, canaries.NOW) for rule in rules]


def test_a_dry_run_says_what_would_go_and_a_run_takes_it_out(shop: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(shop, tmp_path / "shop"))
    asked = ("privacy", "retention", "--workspace", folder, "--as-of", AS_OF)
    told = answer(*asked, "--dry-run")
    expired = {(each["kind"], each["month"]): each["count"] for each in told["expired"]}
    assert expired == {
        ("order_completed", "2026-04"): 13,
        ("page_viewed", "2026-02"): 1,
        ("page_viewed", "2026-03"): 2,
        ("page_viewed", "2026-05"): 3,
        ("rejected", "2026-05"): 3,
    }
    assert told["before"]["order_completed"] == "2026-04-23T10:00:00Z"
    assert told["before"]["page_viewed"] == "2026-05-02T10:00:00Z"
    with library.open(folder, clock=canaries.clock()) as workspace:
        assert workspace.segments.count("did page_viewed", canaries.NOW) == 2
    done = answer(*asked)
    assert (done["expired"], done["is_done"]) == (told["expired"], True)
    assert answer(*asked)["expired"] == [], "run again, it finds nothing"
    assert "0 would go" in tesela(*asked, "--dry-run").stdout
    with library.open(folder, clock=canaries.clock()) as workspace:
        left = facts(workspace)
        assert left[1] == [1, 0, 0, 1]
        for load in workspace.imports.list():
            assert load.received == load.stored + load.duplicate + load.rejected
        workspace.jobs.rebuild()
        assert facts(workspace) == left, "made again, it is the same"
    assert found_in(folder, ("viejo0", "viejo3", "ZULORDER1", "zul rechazo")) == []
    assert found_in(folder, ("viejo4", "zul formulario")) != []


def test_one_that_was_cut_short_is_noticed_at_the_next_opening(shop: Path, tmp_path: Path) -> None:
    whole, cut = (Path(shutil.copytree(shop, tmp_path / name)) for name in ("whole", "cut"))
    answer("privacy", "retention", "--workspace", whole, "--as-of", AS_OF)
    # the record is without them, and the warehouse is still the old one
    shutil.rmtree(cut / ".tesela" / "record")
    shutil.copytree(whole / ".tesela" / "record", cut / ".tesela" / "record")
    with library.open(cut, clock=canaries.clock()) as one, library.open(whole, clock=canaries.clock()) as other:
        assert facts(one) == facts(other)
    assert answer("privacy", "retention", "--workspace", cut, "--as-of", AS_OF)["expired"] == []


@pytest.mark.slow
def test_killed_at_many_points(shop: Path, tmp_path: Path) -> None:
    expire = f'workspace.privacy.expire("{AS_OF}")'
    clean = Path(shutil.copytree(shop, tmp_path / "clean"))
    acts = run_killed(expire, clean)
    assert acts is not None
    assert acts > 10
    with library.open(clean, clock=canaries.clock()) as workspace:
        wanted = facts(workspace)
    for last in chosen(acts):
        folder = Path(shutil.copytree(shop, tmp_path / f"shop{last}"))
        assert run_killed(expire, folder, last) is None, f"it ended before its act {last} of {acts}"
        with library.open(folder, clock=canaries.clock()) as workspace:
            first, then = facts(workspace), workspace.privacy.expire(AS_OF)
            # whatever it was cut short in: all of it is gone, or nothing yet
            assert (first == wanted) == (not then.expired), f"killed before act {last} of {acts}"
            assert facts(workspace) == wanted, f"killed before act {last} of {acts}"
        assert found_in(folder, ("viejo0", "viejo3", "ZULORDER1", "zul rechazo")) == []
        shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('page_viewed = "13 mounths"', "Near it: month"),
        ("page_viewed = 13", "is no time to keep"),
        ('order_refunded = "1 year"', "part of an order"),
    ],
)
def test_settings_that_make_no_sense_are_named(shop: Path, tmp_path: Path, line: str, said: str) -> None:
    shutil.copy(shop / "tesela.toml", tmp_path)
    path = tmp_path / "tesela.toml"
    path.write_text(path.read_text("utf-8").replace('page_viewed = "3 weeks"', line), "utf-8")
    with pytest.raises(InputError, match=said):
        library.open(tmp_path)
