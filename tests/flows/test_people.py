"""People through the whole job: who is who in the demo shop, and merges by hand with all that follows from them."""

from __future__ import annotations

import json
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import tesela
from flows.command_line import answer
from flows.command_line import tesela as command
from tesela import profiles
from tesela.base import ConflictError
from tesela.profiles.merging import Effect
from tesela.warehouse import Statement

pytestmark = pytest.mark.slow

Shop = tuple[Path, datetime]
NOON = datetime(2026, 6, 1, 12)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    folder = tmp_path_factory.mktemp("demo") / "shop"
    workspace, as_of = tesela.demo(folder, profiles=400, days=200, seed=7)
    workspace.close()
    return folder, as_of


@pytest.fixture
def workspace(shop: Shop) -> Iterator[Any]:
    with tesela.open(shop[0]) as opened:
        yield opened


def rows(workspace: Any, sql: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = workspace._stores.warehouse.query(Statement(sql)).to_pylist()
    return found


def test_who_is_who_against_the_truth(shop: Shop, workspace: Any) -> None:
    """Pairs of identifiers of one person: of those found how many are right, of the right ones how many are found."""
    workspace.segments.count("did order_completed", as_of=shop[1])
    truth = pq.read_table(shop[0] / "files" / "truth" / "identifiers.parquet").to_pylist()
    person = {(row["kind"], row["value"]): row["person_id"] for row in truth if row["person_id"] is not None}
    found: dict[int, list[Any]] = defaultdict(list)
    right: dict[Any, list[int]] = defaultdict(list)
    visits, stitched = 0, 0
    known = {row["profile_id"] for row in rows(workspace, "SELECT profile_id FROM profiles WHERE is_known")}
    for row in rows(workspace, "SELECT kind, value, profile_id FROM identifiers WHERE profile_id IS NOT NULL"):
        key = row["kind"], row["value"]
        if key in person:
            found[row["profile_id"]].append(person[key])
            right[person[key]].append(row["profile_id"])
    for (kind, value), owner in person.items():
        if kind == "anonymous_id" and set(right[owner]) & known:
            visits += 1
            asked = f"SELECT profile_id FROM identifiers WHERE kind = '{kind}' AND value = '{value}'"
            stitched += bool({row["profile_id"] for row in rows(workspace, asked)} & known)
    both = sum(pairs(count) for owners in found.values() for count in Counter(owners).values())
    precision = both / sum(pairs(len(owners)) for owners in found.values())
    recall = both / sum(pairs(len(profiles)) for profiles in right.values())
    print(f"precision {precision:.3f}, recall {recall:.3f}; browsers of known people joined: {stitched} of {visits}")
    assert precision > 0.96
    assert recall > 0.6
    assert stitched > 0.5 * visits


def test_duplicates_over_sources_against_the_truth(shop: Shop, tmp_path: Path) -> None:
    """Identifiers of one person by which she gave her data: what exact ones find, and what other spellings add."""
    shutil.copytree(shop[0], tmp_path / "shop")
    told = pq.read_table(shop[0] / "files" / "truth" / "identifiers.parquet").to_pylist()
    person = {
        (row["kind"], row["value"]): row["person_id"]
        for row in told
        if row["person_id"] is not None and row["kind"] != "anonymous_id"
    }
    with tesela.open(tmp_path / "shop") as workspace:
        workspace.segments.count("did order_completed", as_of=shop[1])
        steps = [("exact identifiers", duplicates_found(workspace, person))]
        workspace.matching.find()
        for above in (0.9, 0.5):
            accepted = len(workspace.matching.accept(above=above, actor="ana"))
            steps.append((f"{accepted} proposals above {above}", duplicates_found(workspace, person)))
    print("; ".join(f"{step}: precision {share:.3f}, recall {found:.3f}" for step, (share, found) in steps))
    (_, exact), (_, sure), (_, likely) = steps
    assert sure[0] >= exact[0]
    assert likely[0] > exact[0] - 0.01
    assert exact[1] < sure[1] < likely[1]


def duplicates_found(workspace: Any, person: dict[Any, Any]) -> tuple[float, float]:
    found: dict[int, list[Any]] = defaultdict(list)
    right: dict[Any, list[int]] = defaultdict(list)
    for row in rows(workspace, "SELECT kind, value, profile_id FROM identifiers WHERE profile_id IS NOT NULL"):
        owner = person.get((row["kind"], row["value"]))
        if owner is not None:
            found[row["profile_id"]].append(owner)
            right[owner].append(row["profile_id"])
    both = sum(pairs(count) for owners in found.values() for count in Counter(owners).values())
    of = [sum(pairs(len(members)) for members in groups) for groups in (found.values(), right.values())]
    return both / of[0], both / of[1]


def pairs(count: int) -> int:
    return count * (count - 1) // 2


# what must not be changed by anything that is taken back, and is the same in parts as whole
FACTS = (
    "SELECT * EXCLUDE (received_at) FROM events ORDER BY ALL",
    "SELECT * FROM profiles ORDER BY ALL",
    "SELECT * FROM identifiers ORDER BY ALL",
    "SELECT * FROM attribute_values ORDER BY ALL",
    "SELECT * EXCLUDE (evidence) FROM consents ORDER BY ALL",
)


def facts(workspace: Any) -> list[Any]:
    return [rows(workspace, sql) for sql in FACTS]


def two_buyers(workspace: Any, as_of: datetime) -> list[int]:
    found: list[int] = workspace.segments.members("count(order_completed) = 1", as_of=as_of).column(0).to_pylist()
    return found[:2]


def test_merged_people_count_once_and_all_is_undone_exactly(shop: Shop, workspace: Any) -> None:
    as_of = shop[1]
    one, other = two_buyers(workspace, as_of)
    before, once = facts(workspace), workspace.segments.count("count(order_completed) = 1", as_of=as_of)
    merged = workspace.profiles.merge(f"#{one}", f"#{other}", actor="ana", note="same family name and street")
    now = workspace.segments.count("count(order_completed) = 1", as_of=as_of)
    assert (int(now), now.base) == (once - 2, once.base - 1)
    bought = [
        e
        for e in workspace.profiles.show(f"#{other}", as_of, newest=9_999).facts.events
        if e["name"] == "order_completed"
    ]
    assert len(bought) == 2
    unmerged = workspace.profiles.unmerge(f"#{one}", f"#{other}", actor="eva")
    assert facts(workspace) == before
    undone = workspace.profiles.undo(unmerged.number, actor="eva")
    assert int(workspace.segments.count("count(order_completed) = 1", as_of=as_of)) == once - 2
    with pytest.raises(ConflictError):
        workspace.profiles.undo(merged.number, actor="eva")
    workspace.profiles.undo(undone.number, actor="eva")
    assert facts(workspace) == before
    acts = workspace.profiles.show(f"#{one}", as_of).acts
    assert [(act.name, act.actor) for act in acts][-4:] == [
        ("merge", "ana"),
        ("unmerge", "eva"),
        ("undo", "eva"),
        ("undo", "eva"),
    ]


def test_what_identifiers_joined_can_be_taken_apart_and_survives_a_rebuild(shop: Shop, workspace: Any) -> None:
    workspace.segments.count("did order_completed", as_of=shop[1])
    before = facts(workspace)
    joined = "SELECT subject_id, with_subject_id FROM identity_merges WHERE unmerged_at IS NULL AND kind = 'email'"
    pair = rows(workspace, f"{joined} ORDER BY ALL LIMIT 1")[0]
    act = workspace.profiles.unmerge(f"#{pair['subject_id']}", f"#{pair['with_subject_id']}", actor="ana")
    apart = facts(workspace)
    assert apart != before
    history = rows(workspace, "SELECT * FROM identity_merges ORDER BY ALL")
    workspace.jobs.rebuild()
    assert facts(workspace) == apart
    assert rows(workspace, "SELECT * FROM identity_merges ORDER BY ALL") == history
    workspace.profiles.undo(act.number, actor="ana")
    assert facts(workspace) == before


def test_a_decision_that_a_crash_left_alone_is_caught_up_with(shop: Shop) -> None:
    folder, as_of = shop
    with tesela.open(folder) as workspace:
        one, other = two_buyers(workspace, as_of)
        before, stores = facts(workspace), workspace._stores
        stores.identity.outdate(stores.warehouse)
        act = profiles.Act("merge", one, other, "ana", NOON, "", (Effect("together", one, other),))
        number = profiles.keep_acts(stores.control, [act])[0].number
    with tesela.open(folder) as workspace:
        assert one not in two_buyers(workspace, as_of)
        assert workspace.profiles.show(f"#{other}").profile_id == one
        workspace.profiles.undo(number, actor="ana")
        assert facts(workspace) == before


def test_other_rules_in_the_settings_are_followed_and_back_again(shop: Shop) -> None:
    folder, as_of = shop
    settings = folder / "tesela.toml"
    written = settings.read_text("utf-8")
    with tesela.open(folder) as workspace:
        base = workspace.segments.count("did order_completed", as_of=as_of).base
        before = facts(workspace)
    settings.write_text(written + '\n[identity]\nmerging = ["customer_id", "email"]\n', "utf-8")
    with tesela.open(folder) as workspace:
        everyone = "never order_completed among everyone"
        assert workspace.segments.count("did order_completed", as_of=as_of).base > base
        assert workspace.settings.identity.merging == ("customer_id", "email")
        assert workspace.segments.count(everyone, as_of=as_of).base > base
        kinds = rows(workspace, "SELECT DISTINCT kind FROM identity_merges WHERE unmerged_at IS NULL")
        assert {row["kind"] for row in kinds} <= {"customer_id", "email"}
    settings.write_text(written, "utf-8")
    with tesela.open(folder) as workspace:
        workspace.segments.count("did order_completed", as_of=as_of)
        assert facts(workspace) == before


# rules that ask nothing of the whole population: a refresh need not compute everybody
SEGMENTS = """
again: {when: "count(order_completed) >= 2"}
once: {when: "count(order_completed) = 1"}
lately: {when: "did email_opened in last 90 days"}
"""


@pytest.fixture(params=["duckdb", "postgres"])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    if request.param == "duckdb":
        yield ""
        return
    from postgres_server import running_postgres

    with running_postgres() as url:
        monkeypatch.setenv("TEST_WAREHOUSE", url)
        yield 'engine = "postgres"\n\n[warehouse]\nurl_from = "TEST_WAREHOUSE"\nschema = "people"\n'


def test_a_refresh_of_whom_merges_touch_is_as_one_of_all(shop: Shop, tmp_path: Path, engine: str) -> None:
    folder, as_of = tmp_path / "shop", shop[1]
    shutil.copytree(shop[0], folder)
    for path in (folder / "segments").glob("*.yaml"):
        path.unlink()
    (folder / "segments" / "own.yaml").write_text(SEGMENTS, "utf-8")
    settings = folder / "tesela.toml"
    if engine:
        kept = [line for line in settings.read_text("utf-8").splitlines() if not line.startswith("engine")]
        settings.write_text("\n".join(kept) + "\n" + engine, "utf-8")
    with tesela.open(folder) as workspace:
        workspace.jobs.run(as_of)
        one, other = two_buyers(workspace, as_of)
        acts = (
            lambda: workspace.profiles.merge(f"#{one}", f"#{other}", actor="ana"),
            lambda: workspace.profiles.unmerge(f"#{one}", f"#{other}", actor="ana"),
        )
        for act in acts:
            act()
            refreshed = workspace.jobs.refresh(as_of)
            assert refreshed.computed is not None
            assert 0 < refreshed.computed < 20
            assert refreshed.entered + refreshed.left > 0
            stays = "SELECT segment, profile_id FROM memberships WHERE left_at IS NULL"
            published = workspace._stores.engine.query(Statement(stays)).to_pylist()
            now = {each.slug: workspace.segments.members(each.slug, as_of) for each in workspace.segments.list()}
            whole = {(slug, profile) for slug, found in now.items() for profile in found.column(0).to_pylist()}
            assert {(each["segment"], each["profile_id"]) for each in published} == whole


def test_the_command_line_shows_merges_and_takes_back(shop: Shop) -> None:
    folder, as_of = shop
    with tesela.open(folder) as workspace:
        one, other = two_buyers(workspace, as_of)
    there = ("--workspace", folder, "--by", "ana")
    made = answer("profile", "merge", f"#{one}", f"#{other}", *there, "--note", "twins")
    assert (made["name"], made["actor"], made["note"]) == ("merge", "ana", "twins")
    page = answer("profile", "show", f"#{other}", "--workspace", folder, "--as-of", as_of.isoformat())
    assert page["profile_id"] == min(one, other)
    assert {"decision"} <= {each["kind"] for each in page["identity"]["merges"]}
    spoken = {
        lang: command("profile", "show", f"#{one}", "--workspace", folder, "--lang", lang).stdout
        for lang in ("es", "en")
    }
    assert "decidido a mano" in spoken["es"]
    assert "decided by hand" in spoken["en"]
    answer("profile", "undo", str(made["number"]), *there)
    assert json.dumps(answer("profile", "acts", "--workspace", folder)[-1]["undoes"]) == str(made["number"])
