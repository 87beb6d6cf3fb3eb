"""Fixes of findings: the preview says exactly what happens, the score does not fall, and undoing leaves no trace."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import tesela
from flows.command_line import answer
from flows.command_line import tesela as command
from tesela.audit.fixes import Choice
from tesela.base import ConflictError, InputError, NotFoundError
from tesela.events import simulate
from tesela.warehouse import Statement

pytestmark = pytest.mark.slow

TABLES = ("profiles", "attribute_values", "identifiers", "consents", "suppressions", "events", "subject_profiles")
WORDS = {"Wakanda": "España", "Espania y Portugal": "ES", "Narnia": "Madrid"}

# check -> how many of its finding are left by the fix: None is as many as there were
FIXES: dict[str, int | None] = {
    **dict.fromkeys(("email_typo", "region_variants", "duplicates_exact", "duplicates_probable"), 0),
    **dict.fromkeys(
        ("mailed_in_vain", "email_placeholder", "minors", "email_disposable", "mailed_without_permission"), 0
    ),
    **dict.fromkeys(("dormant", "name_placeholder", "empty_email", "consent_unproved", "consent_old"), None),
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("fixes")
    files = folder / "files"
    simulate(files, profiles=900, days=200, seed=5, defects="planted")
    told = json.loads((files / "shop.json").read_text("utf-8"))
    with tesela.init(folder / "shop", timezone=told["time_zone"]) as workspace:
        for each in told["imports"]:
            if each["file"] != "web_events.csv":
                workspace.imports.run(each["kind"], files / each["file"], name=each["source"])
        workspace.matching.find()
        yield workspace


def state(workspace: Any) -> dict[str, list[Any]]:
    """Return what is known of everybody, with the members of a segment."""
    workspace.segments.count("did order_completed")
    asked = (Statement(f"SELECT * FROM {name} ORDER BY ALL") for name in TABLES)
    found = {
        name: workspace._stores.warehouse.query(each).to_pylist() for name, each in zip(TABLES, asked, strict=True)
    }
    found["members"] = workspace.segments.members('region = "Cataluña" and did order_completed').to_pylist()
    return found


@pytest.mark.parametrize("check", FIXES)
def test_a_fix_does_what_its_preview_says_and_undoing_it_leaves_no_trace(shop: Any, check: str) -> None:
    before, known = shop.audit.run(), state(shop)
    preview = shop.audit.fixes.preview(check)
    plan, finding = preview.plan, before.of(check)
    assert finding.count and plan.changes and plan.people <= finding.count
    assert state(shop) == known, "looking changes nothing"
    kept = shop.audit.fixes.apply(preview, actor="ana", note="a test")
    after = shop.audit.run()
    left = FIXES[check]
    assert after.of(check).count == plan.count_after == (finding.count if left is None else left)
    for one, other in zip(before.score.parts, after.score.parts, strict=True):
        assert one.value is None or (other.value is not None and other.value >= one.value), one.key
    assert after.score.value >= before.score.value
    assert preview.is_exact
    assert preview.after == after.score
    # nothing is left of the copy in which merges and values were tried
    assert list((shop.folder / ".tesela" / "tmp").iterdir()) == []
    if left == 0 and finding.check.part:
        assert after.score.value > before.score.value
    shop.audit.fixes.undo(kept.number, actor="ana")
    undone = shop.audit.run()
    assert state(shop) == known
    assert undone.score == before.score
    assert {each.check.key: each.count for each in undone.findings} == {
        each.check.key: each.count for each in before.findings
    }
    with pytest.raises(ConflictError, match=str(kept.number)):
        shop.audit.fixes.undo(kept.number, actor="ana")


def test_what_a_value_means_is_said_by_a_person(shop: Any) -> None:
    with pytest.raises(InputError, match="country_unknown"):
        shop.audit.fixes.preview("country_unknown")
    with pytest.raises(InputError, match="Atlantis"):
        shop.audit.fixes.preview("country_unknown", Choice(words={"wakanda": "Atlantis"}))
    preview = shop.audit.fixes.preview("country_unknown", Choice(words=WORDS))
    befallen = {change.before for change in preview.plan.changes}
    assert befallen == {"Wakanda", "Espania y Portugal"}
    assert {change.after for change in preview.plan.changes} == {"ES"}
    kept = shop.audit.fixes.apply(preview, actor="ana")
    assert shop.audit.run(only=["country_unknown"]).of("country_unknown").count == preview.plan.count_after > 0
    who = preview.plan.changes[0].known_as
    assert shop.profiles.show(who).facts.attributes
    shop.audit.fixes.undo(kept.number, actor="ana")


def test_a_persons_own_word_survives_the_warehouse(shop: Any) -> None:
    preview = shop.audit.fixes.preview("region_variants")
    kept = shop.audit.fixes.apply(preview, actor="ana")
    regions = state(shop)["profiles"]
    assert shop.cleaning.acts()[-1].name == "normalise"
    shop.jobs.rebuild()
    assert state(shop)["profiles"] == regions
    assert shop.audit.run(only=["region_variants"]).of("region_variants").count == 0
    shop.audit.fixes.undo(kept.number, actor="ana")


def test_only_those_are_asked_again_who_may_be(shop: Any) -> None:
    plan = shop.audit.fixes.preview("no_channel").plan
    asked = {change.known_as for change in plan.changes}
    may_not = plan.left["may_not_ask"]
    assert asked and may_not and len(asked) + may_not == shop.audit.run(only=["no_channel"]).of("no_channel").count
    for who in sorted(asked)[:20]:
        said = shop.consents.show(who)
        assert not said.stops
        assert all(row["status"] == "yes" for row in said.standing if row["channel"] in ("email", "any"))


def test_tags_are_listed_and_go_with_whoever_is_erased(shop: Any) -> None:
    kept = shop.audit.fixes.apply(shop.audit.fixes.preview("dormant", Choice(tag="silent")), actor="ana")
    tagged = shop.audit.fixes.tagged("silent")
    assert len(tagged) == kept.people > 1
    with pytest.raises(NotFoundError, match="noisy"):
        shop.audit.fixes.tagged("noisy")
    kind, who = tagged[0]
    assert kind == "customer_id"
    shop.privacy.erase(who, actor="ana")
    assert shop.audit.fixes.tagged("silent") == tagged[1:]


def test_of_whom_somebody_said_that_they_are_two_nothing_is_told_again(shop: Any) -> None:
    before = shop.audit.fixes.preview("duplicates_exact").plan
    [twins, *_] = [each for each in shop.matching.review(200) if each.profiles in before.pairs]
    shop.matching.reject([twins.number], actor="eva")
    after = shop.audit.fixes.preview("duplicates_exact")
    assert set(before.pairs) - set(after.plan.pairs) == {twins.profiles}
    assert after.finding.count == 2 * len(before.pairs) - 2


def test_what_cannot_be_mended_is_refused(shop: Any) -> None:
    with pytest.raises(NotFoundError, match="email_tpyo"):
        shop.audit.fixes.preview("email_tpyo")
    with pytest.raises(InputError, match="rows_rejected"):
        shop.audit.fixes.preview("rows_rejected")
    # none of the planted days is one with day and month swapped: nothing is suggested
    preview = shop.audit.fixes.preview("date_invalid")
    assert (preview.plan.changes, preview.plan.left) == ((), {"no_suggestion": preview.finding.count})
    with pytest.raises(InputError, match="date_invalid"):
        shop.audit.fixes.apply(preview, actor="ana")
    with pytest.raises(NotFoundError, match="999"):
        shop.audit.fixes.undo(999, actor="ana")
    with pytest.raises(InputError, match="is no probability"):
        Choice(above=1.5)


def test_the_command_line_shows_applies_and_takes_back(tmp_path: Path) -> None:
    workspace = tmp_path / "shop"
    rows = [
        f"p{n}@gmail.com,Persona{n},{region}" for n, region in enumerate(["Cataluña"] * 5 + ["Catalunya", "cataluna"])
    ]
    file = tmp_path / "contacts.csv"
    file.write_text("email,first_name,region\n" + "\n".join(rows) + "\n", "utf-8")
    command("init", workspace)
    command("import", "contacts", file, "--workspace", workspace, "--yes")
    shown = command("audit", "fix", "region_variants", "--workspace", workspace).stdout
    assert "'Catalunya' → 'Cataluña'" in shown and "--apply" in shown
    told = answer("audit", "fix", "region_variants", "--workspace", workspace)
    assert (told["count"], told["count_after"], told["people"], told["fix"]) == (2, 0, 2, None)
    done = answer("audit", "fix", "region_variants", "--apply", "--by", "ana", "--workspace", workspace)
    assert done["fix"]["number"] == 1
    assert answer("count", 'region = "Cataluña"', "--workspace", workspace)["count"] == 7
    assert "region_variants" in command("audit", "fixes", "--workspace", workspace).stdout
    answer("audit", "undo", "1", "--workspace", workspace)
    assert answer("count", 'region = "Cataluña"', "--workspace", workspace)["count"] == 5
    refused = command("audit", "fix", "region_variants", "--set", "nothing", "--workspace", workspace, check=False)
    assert refused.returncode and "nothing" in refused.stderr
